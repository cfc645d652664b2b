"""What a hostile stranger may send to the real command: each gets a clear refusal, and leaves nothing behind.

After every test `leaves_nothing_behind` looks whether the next reader is served, and after all what else there is.
"""

from __future__ import annotations

import json
import random
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from kg.queries import catalogue
from kg.queries.catalogue import CannedQuery
from tests.server.conftest import WORKERS
from tests.support.command import Command, Running, Unharmed
from tests.support.http import Answer
from tests.support.tiers import TIER, Tier, by_tier, fresh_random

DEEP = 10_000
LONG = 1_000
BIG = 10_000_000

pytestmark = [pytest.mark.usefixtures("leaves_nothing_behind"), pytest.mark.drawn]

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
PAIRS = "{ ?a ?b ?c . ?d ?e ?f }"


# ---- Queries that take too much ----

BOMBS = {
    "a cross product that is counted": (ENDLESS, {"seconds"}),
    "paths between all things": (
        "SELECT (COUNT(*) AS ?n) { ?a (!cd:x|^!cd:x)* ?b . ?c (!cd:x|^!cd:x)* ?d }",
        {"seconds"},
    ),
    "many VALUES": (
        "SELECT (COUNT(*) AS ?n) {" + " ".join(f"VALUES ?v{n} {{ {'1 ' * 50}}}" for n in range(8)) + "}",
        {"seconds", "memory"},
    ),
    "a sort": (f"SELECT * {PAIRS} ORDER BY ?a ?f", {"seconds", "memory"}),
    "a sort for the sake of one row": (f"SELECT * {PAIRS} ORDER BY ?a OFFSET 999999999 LIMIT 1", {"seconds", "memory"}),
    "a grouping": (f"SELECT ?a ?d (COUNT(*) AS ?n) {PAIRS} GROUP BY ?a ?d", {"seconds", "memory"}),
    "a distinct": (f"SELECT (COUNT(DISTINCT CONCAT(STR(?c), STR(?f))) AS ?n) {PAIRS}", {"seconds", "memory"}),
    "a long string": (f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?f))) AS ?s) {PAIRS}", {"seconds", "memory"}),
    "a doubled string": (
        "SELECT (STRLEN(?x40) AS ?n) { BIND ('xxxxxxxx' AS ?x0) "
        + " ".join(f"BIND (CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
        + "}",
        {"seconds", "memory"},
    ),
    "too many rows": ("SELECT ?a { ?a ?b ?c }", {"rows"}),
    "too many bytes": ("SELECT * { ?a ?b ?c . ?a ?e ?f }", {"result_bytes"}),
    "too many triples": ("CONSTRUCT { ?a cd:x ?f } " + PAIRS, {"seconds", "rows", "result_bytes"}),
    "a description of everything": ("DESCRIBE * " + PAIRS, {"seconds", "memory", "rows", "result_bytes"}),
    "a chain of patterns": (f"SELECT * {{ {' '.join(f'?v{n} cd:x ?v{n + 1} .' for n in range(LONG))} }}", {"seconds"}),
    "a star of patterns": (f"SELECT * {{ {' '.join(f'?v cd:x ?v{n} .' for n in range(LONG))} }}", {"seconds"}),
    "many graphs": (
        f"SELECT * {{ {' '.join(f'GRAPH ?g{n} {{ ?v{n} cd:x ?v{n + 1} }}' for n in range(LONG))} }}",
        {"seconds"},
    ),
}

NESTED = {
    "groups": "SELECT * {" + "{" * DEEP + "}" * DEEP + "}",
    "parentheses": f"ASK {{ FILTER ({'(' * DEEP}1{')' * DEEP}) }}",
    "calls": f"ASK {{ FILTER ({'STR(' * DEEP}1{')' * DEEP}) }}",
    "negations": f"ASK {{ FILTER ({'!' * DEEP}true) }}",
    "sums": f"ASK {{ FILTER (1 = {'1+' * DEEP}1) }}",
    "alternatives": f"ASK {{ FILTER ({'?a||' * DEEP}true) }}",
    "a path": f"ASK {{ ?a {'cd:x/' * DEEP}cd:x ?b }}",
    "lists": f"ASK {{ {'(' * DEEP}{')' * DEEP} cd:x ?b }}",
    "blank nodes": f"ASK {{ ?a cd:x {'[cd:x ' * DEEP}1{']' * DEEP} }}",
    "triple terms": f"ASK {{ {'<<' * DEEP}1{'>>' * DEEP} cd:x 1 }}",
    "exclusions": f"ASK {{ {'MINUS{' * DEEP}{'}' * DEEP} }}",
}


ALWAYS = {"a cross product that is counted", "a sort", "too many rows", "too many bytes"}
"""Bombs of each kind; in the first tier three of the others, drawn anew in each run, go off with them."""
THESE_BOMBS = [name for name in BOMBS if name in ALWAYS or TIER > Tier.QUICK]
OTHER_BOMBS = [name for name in BOMBS if name not in THESE_BOMBS]


def problem(answer: Answer, status: int) -> dict[str, Any]:
    assert (answer.status, answer.type) == (status, "application/problem+json"), answer.body[:300]
    told: dict[str, Any] = json.loads(answer.body)
    assert told["status"] == status
    return told


@pytest.mark.scaled
@pytest.mark.parametrize("name", THESE_BOMBS)
def test_a_bomb_is_refused_with_the_limit_it_ran_into(server: Command, name: str) -> None:
    refused_with_its_limit(server, name)


def test_other_bombs_are_refused_too(server: Command) -> None:
    for name in fresh_random("bombs").sample(OTHER_BOMBS, min(3, len(OTHER_BOMBS))):
        refused_with_its_limit(server, name)


def refused_with_its_limit(server: Command, name: str) -> None:
    query, limits = BOMBS[name]
    told = problem(server.send("/sparql", query.encode()), 503)
    assert told["limit"] in limits
    assert told["reached"]
    assert told["hint"]


@pytest.mark.parametrize("name", NESTED)
def test_deep_nesting_is_refused(server: Command, name: str) -> None:
    told = problem(server.send("/sparql", NESTED[name].encode()), 503)
    assert told["limit"] in ("nesting", "memory")
    assert told["hint"]


def test_a_bomb_in_a_head_request_does_not_go_off(server: Command) -> None:
    command = [
        "curl",
        "-sI",
        "-w",
        "%{http_code}",
        "-o",
        "/dev/null",
        f"{server.address}/sparql?{urlencode({'query': ENDLESS})}",
    ]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == "200"


def test_a_data_set_of_very_many_graphs_is_answered(server: Command) -> None:
    graphs = [("default-graph-uri", f"http://example.org/{number}") for number in range(2_000)]
    form = urlencode([("query", "ASK { ?a ?b ?c }"), *graphs]).encode()
    answer = server.send("/sparql", form, {"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status, answer.body) == (200, b'{"head":{},"boolean":false}')


# ---- Text that is no text ----

BODIES = {
    "bytes that are no UTF-8": b"ASK { ?a ?b '\xff\xfe' }",
    "an overlong encoding": b"ASK { ?a ?b '\xc0\xaf' }",
    "an encoded surrogate": b"ASK { ?a ?b '\xed\xa0\x80' }",
    "a character that is cut off": b"ASK {} #\xe5\x8c",
    "UTF-16": "ASK {}".encode("utf-16"),
    "a NUL behind the query": b"ASK {}\0",
    "a NUL in a keyword": b"AS\0K {}",
    "a NUL in an IRI": b"ASK { <a:\0> ?b ?c }",
    "half of a surrogate pair as an escape": rb"ASK { ?a ?b '\uD800' }",
    "a character beyond Unicode": rb"ASK { ?a ?b '\UFFFFFFFF' }",
    "a string that does not end": b"ASK { ?a ?b 'x",
    "nothing": b"",
    "noise": random.Random(3).randbytes(5_000),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_text_that_is_no_query_is_refused(server: Command, name: str) -> None:
    told = problem(server.send("/sparql", BODIES[name]), 400)
    assert told["detail"]
    for sent in (f"/sparql?query={quote(BODIES[name])}", f"/sparql?{quote(BODIES[name])}=&query="):
        assert server.send(sent).status == 400
    form = server.send(
        "/sparql", b"query=" + quote(BODIES[name]).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert form.status == 400


def test_a_nul_within_a_string_is_a_character_like_others(server: Command) -> None:
    answer = server.send("/sparql", b"SELECT (STRLEN('a\0b') AS ?n) {}")
    assert json.loads(answer.body)["results"]["bindings"][0]["n"]["value"] == "3"


@pytest.mark.parametrize("hesitant", [True, False], ids=["asks before sending", "sends at once"])
@pytest.mark.parametrize("sent_as", ["application/sparql-query", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("size", by_tier([BIG], [BIG, 5 * BIG], [BIG, 5 * BIG]), ids=lambda size: f"{size} bytes")
def test_a_huge_query_is_refused(server: Command, tmp_path: Path, sent_as: str, hesitant: bool, size: int) -> None:
    body = tmp_path / "query"
    body.write_bytes(b"query=ASK%7B%7D%23" + b"x" * size)
    command = ["curl", "-s", "-w", "%{http_code}", "-o", "/dev/null", "-H", f"Content-Type: {sent_as}"]
    command += [
        "-H",
        f"Expect: {'100-continue' if hesitant else ''}",
        "--data-binary",
        f"@{body}",
        f"{server.address}/sparql",
    ]
    assert subprocess.run(command, capture_output=True, check=False, text=True).stdout == "413"


def test_a_client_that_sends_all_before_it_reads_sees_the_refusal(server: Command) -> None:
    size = 5 * BIG
    with server.connect(seconds=20) as client:
        head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\n\r\n"
        client.sendall(head.encode() + b"x" * size)
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_an_endless_body_is_cut_off(server: Command) -> None:
    with server.connect(seconds=20) as client:
        client.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        with pytest.raises(ConnectionError):
            send_chunks_forever(client)


def send_chunks_forever(client: socket.socket) -> None:
    while True:
        client.sendall(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")


# ---- Nobody else is called ----

SERVICES = {
    "plain": "ASK { SERVICE <@> { ?a ?b ?c } }",
    "in mixed case, no spaces, a comment": "SELECT*{sErViCe#x\n<@>{?a ?b ?c}}",
    "silent": "ASK { SERVICE SILENT <@> { } }",
    "in a variable": "ASK { BIND (<@> AS ?s) SERVICE ?s { ?a ?b ?c } }",
    "in a variable of VALUES": "ASK { VALUES ?s { <@> } SERVICE ?s { ?a ?b ?c } }",
    "a prefixed name": "PREFIX x: <@> ASK { SERVICE x: { ?a ?b ?c } }",
    "a prefix called service": "PREFIX service: <@> ASK { SERVICE service: { ?a ?b ?c } }",
    "a prefix called service, run together": "PREFIX service:<@> ASK{SERVICE service:{?a ?b ?c}}",
    "a relative address": "BASE <@> ASK { SERVICE <x> { ?a ?b ?c } }",
    "within a sub-query": "ASK { { SELECT * { SERVICE <@> { ?a ?b ?c } } } }",
    "within OPTIONAL": "ASK { OPTIONAL { SERVICE <@> { ?a ?b ?c } } }",
    "within UNION": "ASK { {} UNION { SERVICE <@> { ?a ?b ?c } } }",
    "within MINUS": "ASK { ?a ?b ?c MINUS { SERVICE <@> { ?a ?b ?c } } }",
    "within EXISTS": "ASK { FILTER EXISTS { SERVICE <@> { ?a ?b ?c } } }",
    "within GRAPH": "ASK { GRAPH ?g { SERVICE <@> { ?a ?b ?c } } }",
    "behind a comparison": "ASK { FILTER(1<2)SERVICE#>\n<@>{ ?a ?b ?c } }",
    "behind a comment that a carriage return ends": "ASK { #x\rSERVICE <@> { ?a ?b ?c } }",
    "behind a string of quotes": "ASK { ?a ?b '''\\'''''' . SERVICE <@> { ?a ?b ?c } }",
    "in a description": "DESCRIBE ?a { SERVICE <@> { ?a ?b ?c } }",
    "in a construction": "CONSTRUCT { ?a ?b ?c } { SERVICE <@> { ?a ?b ?c } }",
    "in a construction without a template": "CONSTRUCT WHERE { SERVICE <@> { ?a ?b ?c } }",
    "by the name of this machine": "ASK { SERVICE <http://localhost:PORT/> { ?a ?b ?c } }",
    "by another number": "ASK { SERVICE <http://2130706433:PORT/> { ?a ?b ?c } }",
    "with a user": "ASK { SERVICE <http://w3id.org@127.0.0.1:PORT/> { ?a ?b ?c } }",
    "a file": "ASK { SERVICE <file:///etc/passwd> { ?a ?b ?c } }",
}

UPDATES = {
    "LOAD": "LOAD <@>",
    "LOAD SILENT": "load silent <@> into graph <g:>",
    "LOAD behind declarations": "BASE <@> PREFIX a: <b> #c\nLOAD <x>",
    "a second operation": "CLEAR ALL ; LOAD <@>",
    "an insertion": "INSERT { ?a ?b ?c } WHERE { SERVICE <@> { ?a ?b ?c } }",
    "a deletion": "DELETE WHERE { ?a ?b ?c }",
    "WITH": "WITH <@> DELETE { ?a ?b ?c } USING <@> WHERE { ?a ?b ?c }",
}

NO_QUERIES = {
    "a keyword in escapes": r"ASK { \u0053ERVICE <@> { ?a ?b ?c } }",
    "LOAD behind a query": "ASK {} ; LOAD <@>",
    "LOAD within a query": "ASK { LOAD <@> }",
    "FROM in the wrong place": "ASK { FROM <@> }",
}

DATA_SETS = {
    "FROM": "ASK FROM <@> { ?a ?b ?c }",
    "FROM NAMED": "ASK FROM NAMED <@> { GRAPH ?g { ?a ?b ?c } }",
    "both": "ASK from<@>from named<@x>{{?a ?b ?c} UNION {GRAPH ?g {?a ?b ?c}}}",
    "a prefixed name": "PREFIX x: <@> ASK FROM x:y { ?a ?b ?c }",
    "a relative address": "BASE <@> ASK FROM <x> { ?a ?b ?c }",
    "a graph": "ASK { GRAPH <@> { ?a ?b ?c } }",
}


def put(query: str, bait: str) -> str:
    return (
        query.replace("@>", f"{bait}>").replace("<@", f"<{bait}").replace("PORT", bait.rstrip("/").rpartition(":")[2])
    )


@pytest.mark.parametrize("name", SERVICES)
def test_no_spelling_of_service_calls_anybody(server: Command, bait: str, name: str) -> None:
    told = problem(server.send("/sparql", put(SERVICES[name], bait).encode()), 403)
    assert "SERVICE" in told["detail"]
    assert told["hint"]


@pytest.mark.parametrize("name", UPDATES)
def test_no_update_calls_anybody(server: Command, bait: str, name: str) -> None:
    update = put(UPDATES[name], bait).encode()
    assert problem(server.send("/sparql", update), 400)["hint"]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    problem(server.send("/sparql", b"update=" + quote(update).encode(), form), 400)
    problem(server.send("/sparql", update, {"Content-Type": "application/sparql-update"}), 415)
    problem(server.send(f"/sparql?update={quote(update)}"), 400)


@pytest.mark.parametrize("name", NO_QUERIES)
def test_what_is_no_query_calls_nobody(server: Command, bait: str, name: str) -> None:
    assert server.send("/sparql", put(NO_QUERIES[name], bait).encode()).status in (400, 403)


@pytest.mark.parametrize("name", DATA_SETS)
def test_no_data_set_is_fetched(server: Command, bait: str, name: str) -> None:
    answer = server.send("/sparql", put(DATA_SETS[name], bait).encode())
    assert (answer.status, answer.body) == (200, b'{"head":{},"boolean":false}')


def test_no_address_is_fetched_because_a_request_names_it(server: Command, bait: str) -> None:
    there = quote(bait, safe="")
    for parameter in ("default-graph-uri", "named-graph-uri"):
        assert server.send(f"/sparql?{parameter}={there}", b"ASK { ?a ?b ?c }").body == b'{"head":{},"boolean":false}'
    assert server.send(f"/graphs?graph={there}").status == 404
    assert server.send(f"/id/city/{there}").status == 404
    assert (
        server.send("/id/city/leeds", headers={"Referer": bait, "Origin": bait, "X-Forwarded-For": bait}).status == 303
    )


# ---- Parameters of canned queries ----

INJECTED = (
    "x } ?s ?p ?o {",
    "x> } UNION { ?s ?p ?o } VALUES ?x { <x:",
    '" } UNION { ?s ?p ?o } #',
    "' } # \n",
    "<x:> } SERVICE <@> { ?s ?p ?o",
    "city:london> } SERVICE <@> { ?s ?p ?o } VALUES ?x { <x:",
    "<@>",
    "@",
    "\\u003e } UNION { ?s ?p ?o",
    "?s",
    "UNDEF } { ?s ?p ?o",
    "_:b",
    "city:london\0",
    "city:london\r\nX-Injected: yes",
    "../../../../etc/passwd",
    "{{ 7 * 7 }}",
    "\ud7ff\uffff",
    "9" * 5_000,
)
WITH_PARAMETERS = [query for query in catalogue.canned_queries().values() if query.parameters and not query.works]


@pytest.fixture(scope="module")
def patient(running: Running, unharmed: Unharmed) -> Iterator[Command]:
    """The command with the seconds that it has by default: half a one may be over before a sound answer is made."""
    with running(workers=WORKERS) as command, unharmed(command):
        yield command


def answered(server: Command, query: CannedQuery, parameter: str, value: str) -> Answer:
    given = {p.name: p.example for p in query.parameters if not p.optional and p.default is None}
    return server.send(f"/queries/{query.name}.json?{urlencode(given | {parameter: value})}")


@pytest.mark.scaled
@pytest.mark.parametrize("query", WITH_PARAMETERS, ids=lambda query: query.name)
def test_a_value_is_a_value_whatever_it_holds(patient: Command, bait: str, query: CannedQuery) -> None:
    assert answered(patient, query, query.parameters[0].name, query.parameters[0].example).status == 200
    drawn = fresh_random("values")
    for parameter in query.parameters:
        nothing = answered(patient, query, parameter.name, "https://example.org/nothing-has-this-name")
        for value in drawn.sample(INJECTED, by_tier(4, 8, len(INJECTED))):
            answer = answered(patient, query, parameter.name, value.replace("@", bait))
            # an address that is an IRI matches nothing; all else is no value
            assert answer.status == 400 or (answer.status, answer.body) == (nothing.status, nothing.body), value


def test_a_parameter_that_a_query_does_not_have_is_refused(server: Command, bait: str) -> None:
    query = WITH_PARAMETERS[0]
    for name in (*INJECTED, f"{query.parameters[0].name} {{ }} SERVICE <{bait}>", "limit", "offset"):
        assert answered(server, query, name, "1 } ?s ?p ?o").status in (400, 404), name
