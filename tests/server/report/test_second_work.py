"""The notes on Sino-Japanese twinnings beside the report: read as a work, described as things, found, and compared."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kg.store import DataFolder
from tests.support import data_set
from tests.support.serving import client as client_of

pytestmark = pytest.mark.drawn

NOTE = "passage/sino-japanese/kobe-tianjin"


@pytest.fixture(scope="module")
def both(both_works: DataFolder) -> Iterator[FlaskClient]:
    """A client of a service over the report and the notes."""
    with client_of(both_works) as client:
        yield client


def get(client: FlaskClient, path: str, accept: str = "text/html") -> TestResponse:
    return client.get(path, headers={"Accept": accept})


def links(answer: TestResponse) -> set[str]:
    assert answer.status_code == 200
    return set(re.findall(r'href="([^"#]+)', answer.text))


def test_works_are_listed_and_each_leads_to_its_passages(both: FlaskClient) -> None:
    listed = get(both, "/works.json").json
    assert [(work["name"], work["passages"]) for work in listed or []] == [("", 104), ("sino-japanese", 17)]
    assert {"/report", "/works/sino-japanese"} <= links(get(both, "/works"))
    contents = links(get(both, "/works/sino-japanese"))
    assert {
        f"/doc/passage/sino-japanese/{name}" for name in ("introduction", "kobe-tianjin", "twins-of-shanghai")
    } <= contents
    assert {f"/works/sino-japanese?section={number}" for number in (1, 2, 3)} <= contents


def test_a_passage_is_read_in_its_work_and_described_in_the_graph(both: FlaskClient) -> None:
    led = get(both, "/works/sino-japanese/kobe-tianjin")
    assert (led.status_code, led.location) == (301, f"/doc/{NOTE}")
    described = get(both, f"/doc/{NOTE}")
    assert "/works/sino-japanese/kobe-tianjin.json" in links(described)
    assert "<h1>Notes on Sino-Japanese twinnings, Kobe and Tianjin</h1>" in described.text
    turtle = get(both, f"/doc/{NOTE}.ttl")
    assert turtle.mimetype == "text/turtle"
    assert NOTE.replace("passage/sino-japanese/", "passage:sino-japanese\\/") in turtle.text


def test_its_address_leads_to_its_document_and_its_links(both: FlaskClient) -> None:
    seen = get(both, f"/id/{NOTE}", "text/turtle")
    assert (seen.status_code, seen.location) == (303, f"/doc/{NOTE}.ttl")
    other_case = get(both, "/id/passage/sino-japanese/Kobe-Tianjin")
    assert (other_case.status_code, other_case.location) == (301, f"/id/{NOTE}")
    assert get(both, f"/linkset/{NOTE}").status_code == 200
    unknown = get(both, "/doc/passage/sino-japanese/kobe-tianjing")
    assert unknown.status_code == 404
    assert "kobe-tianjin" in unknown.text
    assert get(both, "/doc/city/sino-japanese/kobe").status_code == 404  # things of works other than passages


def test_search_finds_its_cities_and_passages(both: FlaskClient) -> None:
    assert "/doc/city/osaka" in links(get(both, "/search?q=osaka"))
    assert f"/doc/{NOTE}" in links(get(both, "/search?q=kobe+and+tianjin"))


def test_a_passage_of_the_report_leads_to_the_note_that_disagrees(both: FlaskClient) -> None:
    note, passage = "/doc/passage/sino-japanese/twins-of-shanghai", "/doc/passage/section-3.2-p7"
    assert note in links(get(both, passage))
    assert passage in links(get(both, note))


def test_the_page_of_a_tie_has_what_both_works_say(both: FlaskClient) -> None:
    text = get(both, "/doc/twinning/kobe-tianjin").text
    assert "Table 3" in text
    assert "How the tie came to its name" in text


def test_a_data_set_has_entries_that_are_read_and_described_as_passages_are(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with client_of(data_set.folder(tmp_path_factory.mktemp("set") / "data")) as client:
        assert "2 entries" in get(client, "/works").text
        contents = get(client, "/works/atlas")
        assert {"/doc/passage/atlas/q1", "/doc/passage/atlas/q2"} <= links(contents)
        assert "reading order" not in contents.text
        assert ">Entries</a>" in contents.text
        entry = get(client, "/doc/passage/atlas/q1")
        assert "are named as twins" in entry.text
        assert "are named as twins" not in get(client, "/doc/passage/atlas/q2").text  # the graph is of both
        assert "/works/atlas" in links(get(client, "/doc/publication/atlas"))


def test_the_table_of_disagreements_has_those_with_other_works(both: FlaskClient) -> None:
    address = "/queries/disagreements.csv?scope=all"
    assert address in {link.replace("&amp;", "&") for link in links(get(both, "/disagreements"))}
    of_all = both.get(address).text
    assert "sino-japanese" in of_all
    assert "sino-japanese" not in both.get("/queries/disagreements.csv").text
    of_kind = links(get(both, "/disagreements?kind=in-tension"))
    assert "/queries/disagreements.csv?kind=disagreement-kind:in-tension&amp;scope=all" in of_kind
