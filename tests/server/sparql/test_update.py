"""POST /update: SPARQL 1.1 Protocol, section 2.2, and the gate behind it."""

from __future__ import annotations

import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from SPARQLWrapper import POST, SPARQLWrapper

from tests.support.curated import Curated
from tests.support.http import Answer
from tests.support.tiers import by_tier

pytestmark = pytest.mark.drawn

UPDATES = by_tier(1, 3, 20)
"""How often two are sent beside other writers."""
WRITERS = by_tier(2, 4, 4)

B = "https://w3id.org/city-diplomacy/"
GRAPH = f"<{B}graph/curated/updates>"
FACTS = f"""<{B}id/source/atlas> a cd:Source ; skos:prefLabel "Atlas"@en ; dcterms:title "Atlas"@en ;
    dcterms:rights "not known"@en ."""
INSERT = f"INSERT DATA {{ GRAPH {GRAPH} {{ {FACTS} }} }}"
DELETE = f"DELETE WHERE {{ GRAPH {GRAPH} {{ <{B}id/source/atlas> ?p ?o }} }}"
DIRECT = ("-H", "Content-Type: application/sparql-update")
ASK = f"/sparql?query={quote(f'ASK {{ GRAPH {GRAPH} {{ ?s ?p ?o }} }}')}&format=json"


SOURCE = "https://example.org/atlas"
WHY = f"/update?summary=An+atlas&source={SOURCE}"


def send(curated: Curated, text: str, *options: str, path: str = WHY, by: str = "Ann") -> Answer:
    return curated.ask("--data-binary", text, *DIRECT, *options, path, by=by)


def told(answer: Answer) -> dict[str, Any]:
    return dict(json.loads(answer.body))


def is_there(curated: Curated) -> bool:
    return bool(told(curated.ask(ASK))["boolean"])


def test_an_update_is_a_change_with_author_reason_and_source(curated: Curated) -> None:
    made = send(curated, INSERT)
    assert made.status == 201, made.body
    change = told(made)
    assert (change["kind"], change["agent"], change["summary"]) == ("update", "Ann", "An atlas")
    assert (change["source"], change["added"]) == (SOURCE, 4)
    assert is_there(curated)
    assert send(curated, INSERT).status == 204
    assert send(curated, DELETE).status == 201
    assert not is_there(curated)
    assert curated.ask("/graph/curated/updates").status == 404


def test_as_a_form_and_by_a_client(curated: Curated) -> None:
    said = [f"update={INSERT}", "summary=An atlas", f"source={SOURCE}"]
    form = [word for field in said for word in ("--data-urlencode", field)]
    assert curated.ask(*form, "/update", by="Ann").status == 201
    client = SPARQLWrapper(f"{curated.address}/sparql", f"{curated.address}{WHY}")
    client.addCustomHttpHeader("Authorization", f"Bearer {curated.tokens['Ann']}")
    client.setMethod(POST)
    client.setQuery(DELETE)
    client.query()
    assert not is_there(curated)


def test_operations_see_what_earlier_ones_did(curated: Curated) -> None:
    everything = f"{{ GRAPH {GRAPH} {{ ?s ?p ?o }} }}"
    both = f"{INSERT} ; {DELETE} ; {INSERT} ; DELETE {everything} WHERE {everything}"
    assert send(curated, both).status == 204


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ((), 405),
        (("-X", "PUT", "--data-binary", INSERT, *DIRECT), 405),
        (("--data-binary", INSERT, "-H", "Content-Type:"), 400),
        (("--data-binary", INSERT, "-H", "Content-Type: text/plain"), 415),
        (("--data-binary", INSERT, "-H", "Content-Type: application/sparql-update; charset=utf-16"), 415),
        (("--data-binary", "INSERT DATA {", *DIRECT), 400),
        (("--data-urlencode", "query=ASK {}"), 400),
        (("--data-urlencode", f"update={INSERT}", "--data-urlencode", f"update={INSERT}"), 400),
        (("--data-urlencode", f"update={INSERT}", "--data-urlencode", "query=ASK {}"), 400),
        (("--data-urlencode", f"update={INSERT}", "--data-urlencode", "using-graph-uri=no iri"), 400),
    ],
)
def test_what_the_protocol_refuses(curated: Curated, options: tuple[str, ...], status: int) -> None:
    answer = curated.ask(*options, WHY, by="Ann")
    assert answer.status == status, answer.body
    if status == 405:
        assert "POST" in answer.headers["allow"]
    assert not is_there(curated)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (f"INSERT DATA {{ {FACTS} }}", 422),
        ("CLEAR ALL", 403),
        ("CLEAR DEFAULT", 403),
        ("DROP ALL", 403),
        (f"CLEAR GRAPH <{B}graph/gazetteer>", 403),
        (f"INSERT DATA {{ GRAPH <{B}graph/report/table-1> {{ {FACTS} }} }}", 403),
        ("LOAD <http://127.0.0.1:9/>", 403),
        (f"INSERT {{ GRAPH {GRAPH} {{ ?s ?p ?o }} }} WHERE {{ SERVICE <http://127.0.0.1:9/> {{ ?s ?p ?o }} }}", 403),
        (f"INSERT {{ GRAPH {GRAPH} {{ ?s a cd:Nonsense }} }} WHERE {{ ?s a cd:City }}", 422),
    ],
)
def test_what_the_gate_refuses(curated: Curated, text: str, status: int) -> None:
    answer = send(curated, text)
    assert (answer.status, answer.type) == (status, "application/problem+json"), answer.body
    assert not is_there(curated)


def test_the_default_graph_is_named_in_the_rewritten_update(curated: Curated) -> None:
    hint = told(send(curated, f"INSERT DATA {{ {FACTS} }}"))["hint"]
    assert "graph/curated/" in hint
    assert "INSERT DATA" in hint


def test_an_unknown_function_in_where_is_an_error_of_its_expression(curated: Curated) -> None:
    call = "<https://example.org/no-function>(?source)"
    there = "?source a cd:Source . FILTER({})"
    into = f"INSERT {{ GRAPH {GRAPH} {{ {FACTS} }} }} WHERE"
    assert send(curated, f"{into} {{ {there.format(call)} }}").status == 204  # as with a filter that is false
    assert not is_there(curated)
    assert send(curated, f"{into} {{ {there.format(f'COALESCE({call}, true)')} }}").status == 201
    assert is_there(curated)
    assert send(curated, DELETE).status == 201


def test_using_in_the_protocol_and_in_the_update_do_not_go_together(curated: Curated) -> None:
    text = f"WITH {GRAPH} INSERT {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}"
    assert send(curated, text, path=f"{WHY}&using-graph-uri={B}graph/gazetteer").status == 400


def test_a_repeated_update_is_the_same_change(curated: Curated) -> None:
    made = [send(curated, INSERT, "-H", "Idempotency-Key: update-1") for _ in range(2)]
    assert [answer.status for answer in made] == [201, 201]
    assert told(made[0]) == told(made[1])
    gone = [send(curated, f"CLEAR GRAPH {GRAPH}", "-H", "Idempotency-Key: update-2") for _ in range(2)]
    assert [answer.status for answer in gone] == [201, 201]


def test_only_curators_update(curated: Curated) -> None:
    assert send(curated, INSERT, by="Carl").status == 403
    assert send(curated, INSERT, by="").status == 401


def test_a_passed_revision_is_not_updated(curated: Curated) -> None:
    assert send(curated, INSERT, "-H", 'If-Match: "000000000000"').status == 412
    assert not is_there(curated)


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("", "no summary and no source"),
        ("?summary=An+atlas", "no source"),
        (f"?source={SOURCE}&summary=%20", "no summary"),
    ],
)
@pytest.mark.parametrize("text", [INSERT, f"MOVE GRAPH {GRAPH} TO GRAPH <{B}graph/curated/other>"])
def test_an_update_says_why_and_from_which_source(curated: Curated, said: str, missing: str, text: str) -> None:
    answer = send(curated, text, path=f"/update{said}")
    assert answer.status == 400
    assert missing in told(answer)["detail"]
    assert "/update?summary=" in told(answer)["hint"]


def test_an_update_of_two_graphs_is_one_change(curated: Curated) -> None:
    other = f"<{B}graph/curated/other>"
    assert send(curated, INSERT).status == 201
    moved = send(curated, f"MOVE GRAPH {GRAPH} TO GRAPH {other}")
    assert (moved.status, told(moved)["added"], told(moved)["removed"]) == (201, 4, 4)
    both = f"VALUES ?g {{ {GRAPH} {other} }}"
    template = f"{{ GRAPH ?g {{ {FACTS} }} }}"
    assert told(send(curated, f"INSERT {template} WHERE {{ {both} }}"))["added"] == 4
    assert told(send(curated, f"DELETE {template} WHERE {{ {both} }}"))["removed"] == 8


@pytest.mark.scaled
def test_beside_other_writers_every_update_is_made(curated: Curated) -> None:
    """Each writer changes the graph again and again; whoever is overtaken is evaluated at last with the gate shut."""
    over = threading.Event()

    def write(name: str) -> set[int]:
        triples = FACTS.replace("source/atlas", f"source/{name}").replace("Atlas", name)
        seen = set()
        for sign in itertools.cycle(("INSERT", "DELETE")):
            text = f"{sign} DATA {{ GRAPH <{B}graph/curated/{name}> {{ {triples} }} }}"
            seen.add(send(curated, text, by="Rita").status)
            if over.is_set():
                return seen
        raise AssertionError

    with ThreadPoolExecutor() as threads:
        writers = [threads.submit(write, f"writer-{place}") for place in range(WRITERS)]
        made = [send(curated, text).status for _ in range(UPDATES) for text in (INSERT, DELETE)]
        over.set()
    assert set(made) == {201}
    assert {status for writer in writers for status in writer.result()} == {201}
