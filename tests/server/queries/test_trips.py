"""What is asked of workers for one answer: a table makes one trip; a page one to run its query, and one to read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from kg.queries import find_query
from kg.store.data_folder import DataFolder
from kg.workers import QueryPool
from kg.workers.result import WorkerResult
from kg.workers.worker import Task
from tests.support.serving import client as client_of

pytestmark = pytest.mark.drawn

TWINS = "/queries/twins-of-a-city"
READ = "kg.results.readings.read_rows"
SELECT = "SELECT ?city { ?city a cd:City } LIMIT 3"


@pytest.fixture(scope="module")
def alone(folder: DataFolder) -> Iterator[FlaskClient]:
    with client_of(folder) as client:
        yield client


@pytest.mark.parametrize("suffix", ["csv", "json", "xml", "tsv"])
@pytest.mark.parametrize("more", ["", "&evidence=yes", "&limit=2"])
def test_values_are_checked_by_the_worker_that_answers(
    alone: FlaskClient, trips: list[str], suffix: str, more: str
) -> None:
    assert alone.get(f"{TWINS}.{suffix}?thing=leeds{more}").status_code == 200
    assert trips == ["queries/twins-of-a-city?thing=leeds"]


@pytest.mark.parametrize("more", ["", "&evidence=yes", "&limit=2"])
def test_a_page_makes_two_trips_once_the_values_of_its_fields_are_known_and_one_in_another_order(
    alone: FlaskClient, trips: list[str], more: str
) -> None:
    for city in ("leeds", "london", "Düsseldorf"):
        trips.clear()
        assert alone.get(f"{TWINS}.html?thing={city}{more}").status_code == 200
    assert trips == ["queries/twins-of-a-city?thing=D%C3%BCsseldorf", READ]
    trips.clear()
    assert alone.get(f"{TWINS}.html?thing=D%C3%BCsseldorf{more}&sort=-twin").status_code == 200
    assert trips == [READ]


@pytest.mark.parametrize("more", ["", "&evidence=yes"])
def test_the_page_of_a_query_makes_two_trips_then_one(alone: FlaskClient, trips: list[str], more: str) -> None:
    page = alone.get(f"/sparql?query={SELECT}{more}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert trips == [SELECT, READ]
    trips.clear()
    assert alone.get(f"/sparql?query={SELECT}{more}&sort=-city", headers={"Accept": "text/html"}).status_code == 200
    assert trips == [READ]


def test_a_value_that_does_not_fit_is_refused_in_one_trip_with_what_may_be_meant(
    alone: FlaskClient, trips: list[str]
) -> None:
    answer = alone.get(f"{TWINS}.csv?thing=londn")
    assert answer.status_code == 400
    assert [one["address"] for one in answer.json["suggestions"]] == [f"{TWINS}?thing=city%3Alondon"]
    assert len(trips) == 1


@pytest.mark.parametrize("more", ["", "&evidence=yes"])
def test_the_worker_knows_which_columns_of_a_page_list_passages(
    alone: FlaskClient, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    jobs: list[Task] = []

    def noting(pool: QueryPool, job: Task) -> WorkerResult:
        jobs.append(job)
        return run(pool, job)

    run = QueryPool.run
    monkeypatch.setattr(QueryPool, "run", noting)
    assert alone.get(f"{TWINS}.html?thing=leeds{more}").status_code == 200
    lists = [tuple(job.request()["arguments"][-1]["lists"]) for job in jobs if job.label == READ]
    assert lists == [find_query("twins-of-a-city").passages]
    assert lists[0]
