"""Writing by the Graph Store Protocol: each case of its sections 5.3 to 5.6, through the gate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.server.curation.test_curators_day import SOURCE, twinning
from tests.support.curated import Curated
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

GRAPH = "/graph/curated/store"
TEXT = PREFIXES + SOURCE + twinning("jinan", "york")
TABLE = """city_a,city_b,status,character,source,source_title,source_url,source_licence
jinan,york,current,cultural;economic,council-list,Sister cities,,not known
"""
TURTLE = ("-H", "Content-Type: text/turtle")


@pytest.fixture
def text(tmp_path: Path) -> str:
    (tmp_path / "graph.ttl").write_text(TEXT, encoding="utf-8")
    return f"@{tmp_path / 'graph.ttl'}"


def put(curated: Curated, data: str, *options: str, path: str = GRAPH, by: str = "Ann") -> int:
    return curated.ask("-X", "PUT", "--data-binary", data, *TURTLE, *options, path, by=by).status


def test_a_graph_is_put_read_replaced_added_to_and_deleted(curated: Curated, text: str) -> None:
    assert curated.ask(GRAPH).status == 404
    new = curated.ask("-X", "PUT", "--data-binary", text, *TURTLE, GRAPH, by="Ann")
    assert (new.status, new.headers["location"]) == (201, GRAPH), new.body
    assert "content-type" not in new.headers
    first = curated.ask("-H", "Accept: application/n-triples", GRAPH).body
    assert b"jinan-york" in first
    assert put(curated, text) == 204  # the same again
    assert put(curated, PREFIXES + SOURCE) == 204
    assert b"jinan-york" not in curated.ask("-H", "Accept: application/n-triples", GRAPH).body
    added = curated.ask("--data-binary", text, *TURTLE, GRAPH, by="Ann")
    assert (added.status, "content-type" in added.headers) == (204, False)
    assert curated.ask("-H", "Accept: application/n-triples", GRAPH).body == first
    assert curated.ask("-X", "DELETE", GRAPH, by="Ann").status == 204
    assert curated.ask(GRAPH).status == 404
    assert curated.ask("-X", "DELETE", GRAPH, by="Ann").status == 404
    kinds = [change["kind"] for change in json.loads(curated.ask("/changes.json").body)["changes"]]
    assert kinds == ["graph-store"] * 4


def test_a_table_is_put_with_all_that_it_states_also_the_second_time(curated: Curated, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    table = ("--data-binary", f"@{tmp_path / 'table.csv'}", "-H", "Content-Type: text/csv")
    made = [curated.ask("-X", "PUT", *table, GRAPH, by="Ann") for _ in range(2)]
    assert [answer.status for answer in made] == [201, 204], made[0].body
    assert "link" not in made[1].headers  # since nothing is changed
    stated = curated.ask("-H", "Accept: application/n-triples", GRAPH).body
    assert b"tie-status/current" in stated
    assert b"Twinning of Jinan and York" in stated
    assert curated.ask("-X", "DELETE", GRAPH, by="Ann").status == 204


def test_a_body_that_cannot_be_taken_never_empties_a_graph(curated: Curated, text: str) -> None:
    assert put(curated, text) == 201
    before = curated.ask("-H", "Accept: application/n-triples", GRAPH).body
    assert put(curated, "this is no Turtle") == 400
    assert put(curated, TEXT.replace("cd:accountOf", "cd:acountOf")) == 422
    assert put(curated, "# nothing") == 400
    assert (
        curated.ask("-X", "PUT", "--data-binary", text, "-H", "Content-Type: text/plain", GRAPH, by="Ann").status == 415
    )
    assert curated.ask("-H", "Accept: application/n-triples", GRAPH).body == before
    assert curated.ask("-X", "DELETE", GRAPH, by="Ann").status == 204


def test_a_form_with_a_file_adds_it(curated: Curated, text: str) -> None:
    form = ("-F", f"mine={text};type=text/turtle")
    assert curated.ask(*form, GRAPH, by="Ann").status == 201
    assert b"jinan-york" in curated.ask("-H", "Accept: application/n-triples", GRAPH).body
    assert curated.ask(*form, *form, GRAPH, by="Ann").status == 400
    assert curated.ask("-X", "DELETE", GRAPH, by="Ann").status == 204


def test_a_patch_is_no_graph(curated: Curated) -> None:
    york = '<https://w3id.org/city-diplomacy/id/city/york> <http://www.w3.org/2004/02/skos/core#prefLabel> "York"@en'
    patch = f"TX .\nD {york} .\nTC .\n"
    for method in ("POST", "PUT"):
        sent = ("-X", method, "--data-binary", patch, "-H", "Content-Type: application/rdf-patch")
        assert curated.ask(*sent, GRAPH, by="Ann").status == 400


def test_conditions_of_a_graph(curated: Curated, text: str) -> None:
    """RFC 9110, 13.1.1 and 13.1.2: for one that is not there yet, for one that is, and for the one that was read."""
    assert put(curated, text, "-H", "If-Match: *") == 412
    assert put(curated, text, "-H", "If-None-Match: *") == 201
    assert put(curated, text, "-H", "If-None-Match: *") == 412
    read = curated.ask("-H", "Accept: text/turtle", GRAPH)
    assert put(curated, PREFIXES + SOURCE, "-H", f"If-Match: {read.headers['etag']}") == 204
    assert put(curated, text, "-H", f"If-Match: {read.headers['etag']}") == 412
    assert curated.ask("-X", "DELETE", "-H", "If-Match: *", GRAPH, by="Ann").status == 204


def test_a_repeated_request_is_done_once_and_another_method_is_another_request(curated: Curated, text: str) -> None:
    key = ("-H", "Idempotency-Key: graph-1")
    assert [put(curated, text, *key) for _ in range(2)] == [201, 204]
    assert curated.ask("--data-binary", text, *TURTLE, *key, GRAPH, by="Ann").status == 422
    gone = [curated.ask("-X", "DELETE", "-H", "Idempotency-Key: graph-2", GRAPH, by="Ann").status for _ in range(2)]
    assert gone == [204, 204]


def test_indirect_addresses(curated: Curated, text: str) -> None:
    iri = "https://w3id.org/city-diplomacy/graph/curated/store"
    assert put(curated, text, path=f"/graphs?graph={iri}") == 201
    assert curated.ask(f"/graphs?graph={iri}").status == 200
    assert curated.ask("-X", "DELETE", f"/graphs?graph={iri}", by="Ann").status == 204
    refused = curated.ask("-X", "PUT", "--data-binary", text, *TURTLE, "/graphs?default", by="Ann")
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert put(curated, text, path="/graphs") == 400
    assert put(curated, text, path=f"/graphs?default&graph={iri}") == 400


@pytest.mark.parametrize("name", ["report/table-1", "gazetteer", "inferred", "history", "ontology", "shapes"])
def test_graphs_of_files_and_rules_are_not_written(curated: Curated, text: str, name: str) -> None:
    assert put(curated, text, path=f"/graph/{name}") == 403
    assert curated.ask("-X", "DELETE", f"/graph/{name}", by="Ann").status == 403


def test_writing_is_for_curators(curated: Curated, text: str) -> None:
    assert put(curated, text, by="Carl") == 403
    assert put(curated, text, by="") == 401
    assert curated.ask("-X", "DELETE", GRAPH).status == 401


def test_a_graph_that_has_changed_since_it_was_read_is_not_replaced(curated: Curated, text: str) -> None:
    old = curated.ask("/healthz").headers["x-revision"]
    assert put(curated, text) == 201
    assert put(curated, PREFIXES + SOURCE, "-H", f'If-Match: "{old}"') == 412
    current = curated.ask("/healthz").headers["x-revision"]
    assert put(curated, PREFIXES + SOURCE, "-H", f'If-Match: "{current}"') == 204
    assert curated.ask("-X", "DELETE", GRAPH, by="Ann").status == 204
