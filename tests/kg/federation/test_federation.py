from __future__ import annotations

import gzip
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from pyoxigraph import (
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse_query_results,
)

from kg.errors import BadValueError, QueryError
from kg.federation.endpoints import EndpointFailedError, RemoteEndpoints, RemoteQuery
from kg.federation.evaluate import MOST_CLAUSES, FederatedPool, find_clauses
from kg.http_client import check_address
from kg.programs import fetch
from kg.programs.fetch import is_public
from kg.sparql.guard import RefusedQueryError, examine
from kg.sparql.text import QuerySyntaxError
from kg.workers import BusyError, LimitReachedError, QueryJob, QueryLimits, QueryPool, WorkerResult
from tests.support.canary import Canary
from tests.support.tiers import FEW, MANY

pytestmark = pytest.mark.drawn

LONGEST = 100_000
JSON = "application/sparql-results+json"
LOOPBACK = ("127.0.0.0/8", "::1/128")
LOCAL = b"""
<x:a> <x:p> 1 , 2 , "one"@en . <x:b> <x:p> 2 ; <x:q> <x:a> . <x:c> <x:q> <x:b> , <x:c> .
<x:g> { <x:a> <x:p> 1 . <x:d> <x:q> <x:a> }
<x:h> { <x:b> <x:p> 3 }
"""
REMOTE = b'<x:a> <x:p> 1 , 3 , "two\\n\\"2\\"" . <x:b> <x:q> <x:a> , <x:d> . <x:d> <x:p> 2 , 2.50 ; <x:q> <x:d> .'


def loaded(trig: bytes) -> Store:
    store = Store()
    store.load(trig, RdfFormat.TRIG)
    return store


def table(*rows: dict[str, Any], names: tuple[str, ...] = ("a",)) -> bytes:
    return json.dumps({"head": {"vars": names}, "results": {"bindings": rows}}).encode()


class Endpoint:
    """A server on the loopback address: /sparql answers from a store, other paths as `answers` says."""

    def __init__(self) -> None:
        self.store = loaded(REMOTE)
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.requests: list[tuple[str, dict[str, str], str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.take(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def address(self) -> str:
        return self.at("/sparql")

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        is_form = handler.headers["Content-Type"] == "application/x-www-form-urlencoded"
        query = parse_qs(body)["query"][0] if is_form else body
        self.requests.append((handler.path, dict(handler.headers.items()), query))
        if handler.path in self.answers:
            self.answers[handler.path](handler)
        else:
            solutions = self.store.query(query)
            assert isinstance(solutions, QuerySolutions)
            send(handler, solutions.serialize(format=QueryResultsFormat.JSON) or b"")

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in ({"Content-Type": JSON, "Content-Length": str(len(body))} | named).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryPool]:
    folder = tmp_path_factory.mktemp("store")
    store = Store(folder / "live")
    store.load(LOCAL, RdfFormat.TRIG)
    store.backup(folder / "snapshot")
    pool = QueryPool(folder / "snapshot", QueryLimits(seconds=300, workers=1))
    yield pool
    pool.close()


def allowed(*addresses: str) -> RemoteEndpoints:
    return RemoteEndpoints(addresses, also_reachable=LOOPBACK)


def rows(solutions: object) -> tuple[list[str], list[tuple[str, ...]]]:
    """The columns of a table in alphabetical order, and its rows in some order that both sides share."""
    assert isinstance(solutions, QuerySolutions)
    names = sorted(variable.value for variable in solutions.variables)
    return names, sorted(tuple(str(solution[name]) for name in names) for solution in solutions)


def run(text: str, pool: QueryPool, endpoints: RemoteEndpoints, seconds: float | None = None) -> WorkerResult:
    federated = FederatedPool(pool, endpoints)
    return federated.run(QueryJob(federated.examine(text), JSON, seconds=seconds))


def answered(text: str, pool: QueryPool, endpoints: RemoteEndpoints) -> tuple[list[str], list[tuple[str, ...]]]:
    result = run(text, pool, endpoints)
    return rows(parse_query_results(result.body, QueryResultsFormat.JSON))


# The text: which clauses there are


def found(text: str, *addresses: str) -> list[str]:
    """The queries to send, without their declarations."""
    query = find_clauses(text, addresses or ("http://u/s",))
    return [clause.query.partition("SELECT")[2] for clause in query.clauses]


@pytest.mark.parametrize(
    "clause",
    [
        "SERVICE <http://u/s> { ?a ?b ?c }",
        "service<http://u/s>{ ?a ?b ?c }",
        "sErViCe#c }\n <http://u/s> #c {\r{ ?a ?b ?c }",
        "SERVICE SILENT <http://u/s> { ?a ?b ?c }",
        "SERVICE <htt\\u0070://u/\\U00000073> { ?a ?b ?c }",
        "SERVICE u:s { ?a ?b ?c }",
        "SERVICE : { ?a ?b ?c }",
        "SERVICE <s> { ?a ?b ?c }",
        "SERVICE <../s> { ?a ?b ?c }",
        "SERVICE <//u/s> { ?a ?b ?c }",
    ],
)
def test_the_spellings_of_an_address(clause: str) -> None:
    text = f"BASE <http://u/> PREFIX u: </> PREFIX : <s> SELECT * {{ ?s ?p '}} SERVICE' . {clause} ?x ?y <}}> }}"
    assert [query.replace(" ", "") for query in found(text.replace("<}>", ":z"))] == ["*WHERE{?a?b?c}"]


def test_the_group_ends_where_its_brace_closes() -> None:
    inside = "{ ?a ?b '}' , \"}\" , '''}\n''' . # }\n OPTIONAL { ?c :d\\-e ?f } {| :g 1 |} }"
    text = f"PREFIX : <http://x/> ASK {{ {{ SERVICE <http://u/s> {inside} }} }}"
    assert found(text) == [f" * WHERE {inside}"]


def test_declarations_go_along_with_absolute_iris() -> None:
    text = (
        "BASE <https://b/c/> PREFIX x: <../y#> PREFIX unused: <http://z/> PREFIX cd: <http://mine/>\n"
        "ASK { SERVICE <http://u/s> { ?a x:b <d>, cd:e, city:leeds, _:f } }"
    )
    [clause] = find_clauses(text, ["http://u/s"]).clauses
    assert clause.query.splitlines() == [
        "BASE <https://b/c/>",
        "PREFIX x: <https://b/y#>",
        "PREFIX cd: <http://mine/>",
        "PREFIX city: <https://w3id.org/city-diplomacy/id/city/>",
        "SELECT * WHERE { ?a x:b <d>, cd:e, city:leeds, _:f }",
    ]


def test_what_is_left_keeps_lines_and_columns() -> None:
    text = "SELECT *\n{ SERVICE\r\n SILENT <http://u/s>\n{ ?a\n?b ?c } }"
    query = find_clauses(text, ["http://u/s"])
    assert query.local_text == "SELECT *\n{        \r\n                    \n{ ?a\n?b ?c } }"
    assert query.remaining_text == "SELECT *\n{        \r\n                    \n    \n        }"


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("SERVICE ?where { ?a ?b ?c }", "is a variable"),
        ("SERVICE <http://u/s> { SERVICE <http://u/s> { ?a ?b ?c } }", "within another"),
        ("SERVICE <http://u/s> { SELECT * { OPTIONAL { SERVICE <http://u/s> { ?a ?b ?c } } } }", "within another"),
        ("FILTER EXISTS { SERVICE <http://u/s> { ?a ?b ?c } }", "within EXISTS"),
        ("FILTER(1 = 2 || NOT EXISTS { { SELECT * { SERVICE <http://u/s> { ?a ?b ?c } } } })", "within EXISTS"),
        ("FILTERNOTEXISTS { SERVICE <http://u/s> { ?a ?b ?c } }", "within EXISTS"),
        ("LATERAL { SERVICE <http://u/s> { ?a ?b ?c } }", "within LATERAL"),
        ("GRAPH ?g { ?a ?b ?c { SERVICE <http://u/s> { ?a ?b ?c } } }", "within GRAPH"),
        ("GRAPHu:s { SERVICE <http://u/s> { ?a ?b ?c } }", "within GRAPH"),
        ("GRAPH<u>{ SERVICE <http://u/s> { ?a ?b ?c } }", "within GRAPH"),
        ("SERVICE nowhere:s { ?a ?b ?c }", "not an address that can be understood"),
        ("SERVICE 'http://u/s' { ?a ?b ?c }", "not an address that can be understood"),
        ("SERVICE <http://u/s> ?a ?b ?c", "cannot be seen for certain"),
        ("SERVICE <http://u/s>", "cannot be seen for certain"),
        ("SERVICESILENT<http://u/s>{ ?a ?b ?c }", "cannot be seen for certain"),
        ("SERVICE <http://u/s> { ?a ?b 1SERVICEu:s { ?a ?b ?c } }", "cannot be seen for certain"),
        ("SERVICE <http://u/s> { ?a ?b ?c } FILTER(1<2)SERVICE#>\n<http://u/s>{ ?a ?b ?c }", "for certain"),
        ("SERVICE <http://u/s> { ?a ?b ?c FILTER(1<2#>'''\n) } #'''\n", "for certain"),
        ('SERVICE <http://u/s> { ?a ?b """} }" } #\\ud800"""\n', "for certain"),
        ("SERVICE <http://u/s> { ?a ?b ?c } " * 6, "more than 5"),
    ],
)
def test_what_is_refused_and_why(inside: str, said: str) -> None:
    with pytest.raises(RefusedQueryError) as refusal:
        found(f"PREFIX u: <http://u/> SELECT * {{ {inside} }}")
    assert said in refusal.value.message
    assert refusal.value.hint


@pytest.mark.parametrize(
    "address",
    [
        "<http://U/s>",
        "<HTTP://u/s>",
        "<https://u/s>",
        "<http://u/s/>",
        "<http://u/s?>",
        "<http://u/s#>",
        "<http://u./s>",
        "<http://u:80/s>",
        "<http://me@u/s>",
        "<http://u@evil/s>",
        "<http://evil/?http://u/s>",
        "<http://u/%73>",
        "<http://u/t/../s\\u002F>",
        "<s\\u0000>",
        "<//evil/s>",
        "e:vil",
        "<urn:s>",
    ],
)
def test_only_the_very_address_is_on_the_list(address: str) -> None:
    text = f"BASE <http://u/> PREFIX e: <http://e/> SELECT * {{ SERVICE SILENT {address} {{ ?a ?b ?c }} }}"
    with pytest.raises(RefusedQueryError):
        found(text)


PIECES = (
    "SERVICE|SERVICE|<http://u/s>|<http://u/s>|<http://v/>|{ ?s ?p ?o }|{ ?s ?p ?o }|SILENT|ex:|#|>|<|\n|'|'''|"
    '"""|\\x|\\ud800|FILTER(1<2)|FILTER(1<|2)|#>|VALUES ?x {|}|{|.| |EXISTS|GRAPH|?s ?p|1|OPTIONAL|<a#>'
).split("|")


@settings(max_examples=MANY)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join) | st.lists(st.sampled_from(PIECES)).map("".join))
def test_what_a_worker_gets_never_holds_service(inside: str) -> None:
    try:
        query = find_clauses(f"SELECT * {{ {inside} }}", ["http://u/s"])
    except RefusedQueryError:
        return
    assert {clause.address for clause in query.clauses} <= {"http://u/s"}
    examine(query.local_text, LONGEST)
    examine(query.remaining_text, LONGEST)


# The answer: the same as the engine's own, which may call others here

TERMS = st.sampled_from(["?a", "?b", "?c", "<x:a>", "<x:b>", "1", "2"])
SUBJECTS = st.sampled_from(["?a", "?b", "?c", "<x:a>"])
PATTERNS = st.builds("{} {} {} .".format, SUBJECTS, st.sampled_from(["<x:p>", "<x:q>", "?d"]), TERMS)
FILTERS = st.builds("FILTER({} != {})".format, TERMS, TERMS) | st.builds("FILTER(BOUND({}))".format, SUBJECTS)
VALUES = st.just("VALUES (?a ?b) { (<x:a> UNDEF) (<x:b> 1) }")


def groups(parts: st.SearchStrategy[str], most: int = 3) -> st.SearchStrategy[str]:
    return st.lists(parts, min_size=1, max_size=most).map(lambda chosen: f"{{ {' '.join(chosen)} }}")


def nested(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = groups(parts)
    return (
        st.builds("OPTIONAL {}".format, group)
        | st.builds("{} UNION {}".format, group, group)
        | st.builds("MINUS {}".format, group)
        | st.builds("{{ SELECT {} {} }}".format, st.sampled_from(["*", "DISTINCT ?a"]), group)
        | st.builds("{{ SELECT ?a (COUNT(*) AS ?n) {} GROUP BY ?a }}".format, group)
    )


REMOTE_GROUPS = groups(st.recursive(PATTERNS | FILTERS | VALUES, nested, max_leaves=3))
CLAUSES = st.builds("SERVICE <U> {}".format, REMOTE_GROUPS)
GRAPHS = st.builds("GRAPH {} {{ {} }}".format, st.sampled_from(["?g", "<x:g>"]), PATTERNS)
LOCAL_PARTS = st.recursive(
    PATTERNS | GRAPHS | CLAUSES | FILTERS | VALUES | st.just("BIND(<x:a> AS ?e)"),
    nested,
    max_leaves=4,
)


@settings(max_examples=FEW, suppress_health_check=list(HealthCheck))
@given(group=groups(LOCAL_PARTS))
def test_the_answer_is_that_of_the_engine(endpoint: Endpoint, pool: QueryPool, group: str) -> None:
    assume(1 <= group.count("SERVICE") <= MOST_CLAUSES)
    text = f"SELECT * {group.replace('<U>', f'<{endpoint.address}>')}"
    try:
        expected = rows(ENGINE.query(text))
    except SyntaxError:
        assume(False)
    note(text)
    assert answered(text, pool, allowed(endpoint.address)) == expected


ENGINE = loaded(LOCAL)
WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
IRIS = st.from_regex(r"urn:[a-z'()*/é]{1,9}(\?[a-z?]{0,3})?(#[a-z?]{0,3})?", fullmatch=True)
VALUES_OF_ROWS = (
    st.builds(lambda value: {"type": "literal", "value": value}, WORDS)
    | st.builds(lambda value: {"type": "literal", "value": value, "xml:lang": "zh-hans"}, WORDS)
    | st.builds(lambda value, iri: {"type": "literal", "value": value, "datatype": iri}, WORDS, IRIS)
    | st.builds(lambda value: {"type": "uri", "value": value}, IRIS)
    | st.none()
)


@settings(max_examples=FEW)
@given(values=st.lists(st.tuples(VALUES_OF_ROWS, VALUES_OF_ROWS), max_size=5))
def test_every_value_arrives_as_it_was_sent(endpoint: Endpoint, pool: QueryPool, values: list[tuple[Any, Any]]) -> None:
    body = table(
        *({name: value for name, value in zip("ab", row, strict=True) if value} for row in values), names=("a", "b")
    )
    expected = rows(parse_query_results(body, QueryResultsFormat.JSON))
    endpoint.answers["/values"] = lambda handler: send(handler, body)
    text = f"SELECT * {{ SERVICE <{endpoint.at('/values')}> {{ ?a ?p ?b }} }}"
    names, got = answered(text, pool, allowed(endpoint.at("/values")))
    assert names == ["a", "b", "p"]
    assert sorted((a, b) for a, b, _ in got) == expected[1]


def test_silent_goes_on_with_one_empty_solution(endpoint: Endpoint, pool: QueryPool) -> None:
    endpoint.answers["/broken"] = lambda handler: send(handler, b"", 500)
    broken = endpoint.at("/broken")
    text = f"SELECT * {{ <x:b> <x:p> ?v SERVICE SILENT <{broken}> {{ ?a ?b ?c FILTER(?d = 1) }} }}"
    assert answered(text, pool, allowed(broken)) == (
        ["a", "b", "c", "v"],
        [("None", "None", "None", '"2"^^<http://www.w3.org/2001/XMLSchema#integer>')],
    )
    with pytest.raises(EndpointFailedError, match="it answers 500"):
        answered(text.replace("SILENT", ""), pool, allowed(broken))


def test_a_clause_without_variables_counts_its_solutions(endpoint: Endpoint, pool: QueryPool) -> None:
    text = f"SELECT ?v {{ <x:b> <x:p> ?v SERVICE <{endpoint.address}> {{ {{ <x:a> <x:p> 1 }} UNION {{ }} }} }}"
    assert len(answered(text, pool, allowed(endpoint.address))[1]) == 2
    empty = f"SELECT ?v {{ <x:b> <x:p> ?v SERVICE <{endpoint.address}> {{ <x:a> <x:p> <x:nothing> }} }}"
    assert answered(empty, pool, allowed(endpoint.address))[1] == []


@pytest.mark.parametrize("mistake", ["?a ?b }", "?a nowhere:b ?c", "BIND(1 AS ?s)", "FILTER(?s ="])
def test_a_mistake_is_found_before_anybody_is_asked(endpoint: Endpoint, pool: QueryPool, mistake: str) -> None:
    before = len(endpoint.requests)
    with pytest.raises((QuerySyntaxError, RefusedQueryError)):
        answered(
            f"SELECT * {{ SERVICE <{endpoint.address}> {{ ?s ?p ?o }} {mistake} }}", pool, allowed(endpoint.address)
        )
    assert len(endpoint.requests) == before


def test_checking_asks_nobody_and_leaves_no_file(
    endpoint: Endpoint, pool: QueryPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(endpoint.requests)
    large = "VALUES ?v { " + "1 " * 15_000 + "}"
    text = f"SELECT * {{ {large} OPTIONAL {{ SERVICE <{endpoint.address}> {{ ?s ?p ?o }} }} }}"
    results: list[WorkerResult] = []
    run = pool.run
    monkeypatch.setattr(pool, "run", lambda job: results.append(run(job)) or results[-1])
    federated = FederatedPool(pool, allowed(endpoint.address))
    query = federated.examine(text)
    federated.check(QueryJob(query, JSON)).as_file().close()
    assert len(endpoint.requests) == before
    federated.run(QueryJob(query, JSON)).as_file().close()
    assert [result.file is not None and result.file.closed for result in results[:2]] == [True, True]


def test_what_is_asked_counts_against_the_limits(endpoint: Endpoint, pool: QueryPool) -> None:
    pattern = f"SERVICE <{endpoint.address}> {{ ?s <x:p> ?o }}"
    whole = f"SELECT (COUNT(*) AS ?n) {{ {pattern} {pattern} }}"
    once = endpoint.store.query("SELECT * { ?s <x:p> ?o }")
    assert isinstance(once, QuerySolutions)
    size = len(once.serialize(format=QueryResultsFormat.JSON) or b"")
    for limits, limit in ((QueryLimits(rows=9), "rows"), (QueryLimits(result_bytes=size + 9), "result_bytes")):
        normal, pool.limits = pool.limits, limits
        try:
            with pytest.raises(LimitReachedError, match=endpoint.address) as reached:
                run(whole, pool, allowed(endpoint.address))
        finally:
            pool.limits = normal
        assert (reached.value.limit, bool(reached.value.hint)) == (limit, True)


def test_time_that_others_take_is_the_query_s_own(endpoint: Endpoint, pool: QueryPool) -> None:
    stop = threading.Event()
    endpoint.answers["/slow"] = lambda handler: cast(None, stop.wait(60))
    text = f"SELECT * {{ SERVICE <{endpoint.at('/slow')}> {{ ?s ?p ?o }} }}"
    endpoints = allowed(endpoint.at("/slow"))
    try:
        with pytest.raises(EndpointFailedError, match=r"no answer within 0\.\d seconds"):
            run(text, pool, endpoints, seconds=0.8)
        assert run(text.replace("SERVICE", "SERVICE SILENT"), pool, endpoints, seconds=0.8).body
    finally:
        stop.set()


def test_solutions_do_not_count_as_length(endpoint: Endpoint, pool: QueryPool) -> None:
    text = f"ASK {{ SERVICE <{endpoint.address}> {{ ?s ?p ?o }} }}"
    padded = text + " #" + "x" * (pool.limits.query_length - len(text) - 2)
    assert run(padded, pool, allowed(endpoint.address)).body == b'{"head":{},"boolean":true}'


# The fetch: what may be contacted, and what is read


@pytest.mark.parametrize(
    "address",
    """127.0.0.1 127.255.255.254 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.8 192.0.2.1
    198.18.0.1 198.51.100.7 203.0.113.9 192.88.99.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255
    :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 ::8.8.8.8 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::808:808
    100::1 2001::1 2001:db8::1 2002:7f00:1:: 2002:808:808:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%lo
    fec0::1 ff02::1 ff0e::1""".split(),
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "91.198.174.192", "2620:0:862:ed1a::1", "64:ff9b::808:808"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.org",
        "ftp://x/",
        "file:///etc/passwd",
        "http:///x",
        "http://a..b/",
        "http://me@x/",
        "http://me:pw@x/",
        "http://x/#a",
        "http://x:0/",
        "http://x:99999/",
        "http://x:y/",
        "http://x/ y",
        "http://x/\n",
        "http://münchen.de/",
        "//x/y",
        "http://[x",
    ],
)
def test_settings_that_are_no_address(address: str) -> None:
    with pytest.raises(BadValueError, match="not the address of an endpoint"):
        check_address(address)


def question(address: str, **changed: Any) -> RemoteQuery:
    wanted = {"query": "SELECT * { ?a ?b ?c }", "variables": ("a",), "seconds": 20.0, "rows": 10, "size": 10_000}
    return RemoteQuery(address, **wanted | changed)


def test_the_canary_can_be_called(canary: Canary) -> None:
    with pytest.raises(EndpointFailedError):
        allowed(canary.address).ask(question(canary.address, seconds=1.0))
    assert canary.was_called()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[::ffff:127.0.0.1]", "0177.0.0.1"],
)
def test_private_addresses_are_not_contacted_in_any_spelling(canary: Canary, host: str) -> None:
    address = f"http://{host}:{canary.port}/"
    with pytest.raises(EndpointFailedError, match=r"not public|connection failed \(gaierror\)"):
        RemoteEndpoints([address]).ask(question(address))
    assert not canary.was_called()


def test_what_is_not_on_the_list_is_not_asked(canary: Canary) -> None:
    with pytest.raises(ValueError, match="127"):
        allowed("http://u/s").ask(question(canary.address))
    assert not canary.was_called()


def asked_in_this_process(address: str) -> dict[str, Any]:
    limits = {"variables": ["a", "b", "c"], "seconds": 20, "rows": 100, "bytes": 10_000, "also_reachable": LOOPBACK}
    return fetch.answer({"address": address, **limits}, b"SELECT * { ?a ?b ?c }")[0]


def test_a_name_is_resolved_once(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, asked = socket.getaddrinfo, []

    def fake(host: str, *arguments: Any, **options: Any) -> Any:
        asked.append(host)
        return resolve("127.0.0.1" if asked.count("rebinding.example") == 1 else "127.0.0.2", *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", fake)
    port = endpoint.server.server_port
    assert asked_in_this_process(f"http://rebinding.example:{port}/sparql")["kind"] == "rows"
    assert asked == ["rebinding.example", "127.0.0.1"]  # the second call only reads the digits
    assert endpoint.requests[-1][1]["Host"] == f"rebinding.example:{port}"


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 80)) for host in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("it was contacted"))
    assert asked_in_this_process("http://mixed.example/")["reason"] == "its name leads to an address that is not public"


def test_the_request(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, canary: Canary) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, canary.address)
    address = endpoint.at("/sparql?default-graph-uri=x")
    endpoint.answers["/sparql?default-graph-uri=x"] = lambda handler: send(handler, table())
    assert allowed(address).ask(question(address)).rows == ""
    path, headers, query = endpoint.requests[-1]
    assert (path, query) == ("/sparql?default-graph-uri=x", "SELECT * { ?a ?b ?c }")
    assert headers.pop("User-Agent").startswith("city-diplomacy-kg")
    assert int(headers.pop("Content-Length")) > 0
    assert headers == {
        "Host": f"127.0.0.1:{endpoint.server.server_port}",
        "Accept": JSON,
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    assert not canary.was_called()


IRI = {"type": "uri", "value": "x:y"}
FAILING: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], str]] = {
    "an error": (lambda h: send(h, table(), 503), "it answers 503"),
    "another type": (lambda h: send(h, table(), Content_Type="text/html"), "it sends text/html"),
    "a compressed answer": (lambda h: send(h, gzip.compress(table()), Content_Encoding="gzip"), "compressed"),
    "a truth value": (lambda h: send(h, b'{"head":{},"boolean":true}'), "a truth value"),
    "no JSON": (lambda h: send(h, b"<html>"), "not well-formed"),
    "a cut answer": (lambda h: send(h, table({"a": IRI})[:-3]), "not well-formed"),
    "an answer that ends early": (lambda h: send(h, table()[:-3], Content_Length="400"), "not well-formed|failed"),
    "no UTF-8": (lambda h: send(h, table().replace(b'"a"', b'"\xff"')), "not well-formed"),
    "deep nesting": (lambda h: send(h, b'{"head":' + b"[" * 9_000), "not well-formed|cannot be read"),
    "no answer": (lambda h: h.connection.close(), "connection failed"),
    "no HTTP": (lambda h: cast(None, h.wfile.write(b"SSH-2.0\r\n")), "connection failed"),
    "an IRI that ends the query": (
        lambda h: send(h, table({"a": {"type": "uri", "value": "x:y> } SERVICE <http://x"}})),
        "not well-formed",
    ),
    "a language that ends the query": (
        lambda h: send(h, table({"a": {"type": "literal", "value": "", "xml:lang": "en) } SERVICE"}})),
        "not well-formed",
    ),
    "a datatype that ends the query": (
        lambda h: send(h, table({"a": {"type": "literal", "value": "", "datatype": "x:> )"}})),
        "not well-formed",
    ),
    "a variable that was not asked for": (lambda h: send(h, table(names=("a", "z"))), "not asked for"),
    "a variable that ends the query": (lambda h: send(h, table(names=("a) { } } #",))), "not well-formed"),
}


@pytest.mark.parametrize("name", FAILING)
def test_answers_that_count_as_failures(endpoint: Endpoint, name: str) -> None:
    handle, said = FAILING[name]
    endpoint.answers["/failing"] = handle
    with pytest.raises(EndpointFailedError, match=said):
        allowed(endpoint.at("/failing")).ask(question(endpoint.at("/failing")))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(endpoint: Endpoint, canary: Canary, status: int) -> None:
    target = canary.address
    endpoint.answers["/moved"] = lambda handler: send(handler, table(), status, Location=target)
    with pytest.raises(EndpointFailedError, match="redirects are not followed"):
        allowed(endpoint.at("/moved"), target).ask(question(endpoint.at("/moved")))
    assert not canary.was_called()


def many(count: int) -> bytes:
    return table(*({"a": {"type": "literal", "value": "x" * 50}} for _ in range(count)))


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.end_headers()
    for _ in range(1 << 14):
        handler.wfile.write(b" " * (1 << 16))


LIMITED: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], dict[str, int], str]] = {
    "too many rows": (lambda h: send(h, many(11)), {}, "rows"),
    "too many bytes": (lambda h: send(h, many(10)), {"size": 500}, "result_bytes"),
    "too much of what is short in JSON": (
        lambda h: send(h, table(*[{}] * 100)),
        {"size": 600, "rows": 100},
        "result_bytes",
    ),
    "bytes without end": (endless, {"size": 1 << 30}, "result_bytes"),
}


@pytest.mark.parametrize("name", LIMITED)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_answers_that_reach_a_limit(endpoint: Endpoint, name: str) -> None:
    handle, changed, limit = LIMITED[name]
    endpoint.answers["/large"] = handle
    endpoint.server.handle_error = lambda *_: None  # type: ignore[method-assign]
    with pytest.raises(LimitReachedError) as reached:
        allowed(endpoint.at("/large")).ask(question(endpoint.at("/large"), **changed))
    assert reached.value.limit == limit


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"type": "bnode", "value": "b"}, "blank nodes"),
        ({"type": "triple", "value": {"subject": IRI, "predicate": IRI, "object": IRI}}, "triple terms"),
    ],
)
def test_terms_that_cannot_be_written_are_told(endpoint: Endpoint, value: dict[str, Any], said: str) -> None:
    endpoint.answers["/terms"] = lambda handler: send(handler, table({"a": value}))
    with pytest.raises(QueryError, match=said) as refusal:
        allowed(endpoint.at("/terms")).ask(question(endpoint.at("/terms")))
    assert "isBlank" in refusal.value.hint


DRIPS = {"the status line": b"HTTP/1.1 200 OK", "headers": b"HTTP/1.1 200 OK\r\nX: ", "the body": None}


@pytest.mark.parametrize("part", DRIPS)
def test_a_slow_drip_does_not_hold_the_deadline(endpoint: Endpoint, part: str) -> None:
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        beginning = DRIPS[part]
        if beginning is None:
            handler.send_response(200)
            handler.send_header("Content-Type", JSON)
            handler.end_headers()
        else:
            handler.wfile.write(beginning)
        while not stop.wait(0.05):
            handler.wfile.write(b" ")

    endpoint.answers["/drip"] = drip
    try:
        with pytest.raises(EndpointFailedError, match=r"no answer within 0\.7 seconds"):
            allowed(endpoint.at("/drip")).ask(question(endpoint.at("/drip"), seconds=0.7))
    finally:
        stop.set()


def test_few_questions_at_a_time(endpoint: Endpoint) -> None:
    arrived, go_on = threading.Semaphore(0), threading.Event()

    def hold(handler: BaseHTTPRequestHandler) -> None:
        arrived.release()
        go_on.wait(30)
        send(handler, table())

    endpoint.answers["/held"] = hold
    endpoints = allowed(endpoint.at("/held"))
    threads = [threading.Thread(target=endpoints.ask, args=[question(endpoint.at("/held"))]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert arrived.acquire(timeout=20)
    with pytest.raises(BusyError):
        endpoints.ask(question(endpoint.at("/held")))
    go_on.set()
    for thread in threads:
        thread.join()
    assert endpoints.ask(question(endpoint.at("/held"))).count == 0


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run([*command.split(), "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[tuple[int, list[str | None]]]:
    """The port of an endpoint with TLS, and the server names that its callers indicate."""
    endpoint, names = Endpoint(), list[str | None]()
    endpoint.answers["/sparql"] = lambda handler: send(handler, table())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _, name, __: names.append(name)
    endpoint.server.handle_error = lambda *_: None  # type: ignore[method-assign]
    endpoint.server.socket = context.wrap_socket(endpoint.server.socket, server_side=True)
    yield endpoint.server.server_port, names
    endpoint.close()


def test_the_certificate_is_checked_for_the_name(
    secure: tuple[int, list[str | None]], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, names = secure
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    right, wrong = f"https://localhost:{port}/sparql", f"https://127.0.0.1:{port}/sparql"
    with pytest.raises(EndpointFailedError, match="certificate is not valid"):
        allowed(right).ask(question(right))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert allowed(right).ask(question(right)).count == 0
    assert names == ["localhost", "localhost"]
    with pytest.raises(EndpointFailedError, match="certificate is not valid"):
        allowed(wrong).ask(question(wrong))
