from __future__ import annotations

import errno
import gc
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg import greenlets
from kg.errors import BadValueError, CityKgError, DataFolderError, QueryError
from kg.programs import row_counters
from kg.publish.questions import prepare
from kg.queries import Question, find_query
from kg.rdf import namespaces as ns
from kg.rdf import xml_escape
from kg.rdf.formats import RESULT_FORMATS
from kg.rdf.graphs import REPORT_UNION
from kg.rdf.rows import FirstRows
from kg.rdf.vocabulary import SKOS
from kg.sparql.evaluation import Dataset
from kg.sparql.evaluation.datasets import MOST_UNIONS, Unions
from kg.sparql.guard import Query, QueryTooLongError, examine
from kg.sparql.text import QuerySyntaxError
from kg.store.data_folder import DataFolder
from kg.workers import BusyError
from kg.workers.pool import LimitReachedError, QueryJob, QueryLimits, QueryPool
from kg.workers.process import WorkerLostError
from kg.workers.worker import Worker

pytestmark = pytest.mark.drawn

JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
CSV = "text/csv"
TSV = "text/tab-separated-values"
ROWS = 400
SMALL = QueryLimits(
    seconds=1.5, rows=20_000, result_bytes=8 << 20, query_length=100_000, memory_bytes=400 << 20, workers=2, queue=2
)


def job(text: str, media_type: str, **more: Any) -> QueryJob:
    return QueryJob(examine(text, SMALL.query_length), media_type, **more)


ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
PASSAGES = [ns.REPORT + name for name in ("table-1", "table-2")]


def node(name: str) -> NamedNode:
    return NamedNode(ns.ID + name)


def quads() -> Iterator[Quad]:
    """Rows in the default graph; two passages that share one triple, and a graph that is no passage."""
    for number in range(ROWS):
        yield Quad(node(f"city/{number}"), node("p"), Literal(f'"{number}"\n}},{{'), DefaultGraph())
    for graph in PASSAGES:
        yield Quad(node("city/shared"), node("p"), Literal("shared"), NamedNode(graph))
        yield Quad(node("city/own"), node("p"), Literal(graph), NamedNode(graph))
    yield Quad(node("city/other"), node("p"), Literal("\x01"), NamedNode(ns.GRAPH + "other"))


def snapshot_of(folder: Path, content: Iterator[Quad]) -> Path:
    store = Store(str(folder / "store"))
    store.bulk_extend(content)
    store.backup(str(folder / "snapshot"))
    return folder / "snapshot"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return snapshot_of(tmp_path_factory.mktemp("graph"), quads())


@pytest.fixture(scope="module")
def pool(snapshot: Path) -> Iterator[QueryPool]:
    pool = QueryPool(snapshot, SMALL)
    yield pool
    pool.close()


def body(pool: QueryPool, text: str, media_type: str = JSON, **graphs: tuple[str, ...]) -> bytes:
    result = pool.run(job(text, media_type, **graphs))
    with result.as_file() as content:
        return content.read()


def count(pool: QueryPool, pattern: str = "?s ?p ?o", dataset: str = "", **graphs: tuple[str, ...]) -> int:
    answer = json.loads(body(pool, f"SELECT (COUNT(*) AS ?n) {dataset} {{ {pattern} }}", **graphs))
    return int(answer["results"]["bindings"][0]["n"]["value"])


def children() -> set[int]:
    """Processes whose parent is this one, zombies too."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == os.getpid():
            found.add(int(path.parent.name))
    return found


def open_temporary_files() -> int:
    """Files without a name that this process holds."""
    targets = []
    for path in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            targets.append(os.readlink(path))
    return sum(target.endswith("(deleted)") for target in targets) - HELD


HELD = 0


@pytest.fixture(autouse=True)
def _held_by_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests before this one left open in the same process is not the pool's."""
    gc.collect()
    monkeypatch.setitem(globals(), "HELD", open_temporary_files())


def idle_in(pool: QueryPool) -> list[Worker]:
    return [worker for worker in pool._lanes.idle if isinstance(worker, Worker)]


def workers_of(pool: QueryPool) -> list[int]:
    return [worker.pid for worker in idle_in(pool)]


def check_well(pool: QueryPool) -> None:
    """A plain query answers on each worker, no process and no file is left over."""
    for _ in workers_of(pool):
        assert count(pool) == ROWS
    assert set(workers_of(pool)) <= children()
    assert len(workers_of(pool)) == SMALL.workers
    assert open_temporary_files() == 0


def test_answers_in_every_format(pool: QueryPool) -> None:
    assert len(json.loads(body(pool, "SELECT * { ?s ?p ?o }"))["results"]["bindings"]) == ROWS
    assert body(pool, "SELECT ?s { ?s ?p ?o }", TSV).count(b"\n") == ROWS + 1
    assert json.loads(body(pool, "ASK { ?s ?p ?o }"))["boolean"] is True
    assert b"city:1 " in body(pool, "CONSTRUCT WHERE { city:1 ?p ?o }", "text/turtle")
    assert body(pool, "CONSTRUCT WHERE { ?s ?p ?o }", "application/n-triples").count(b" .\n") == ROWS


@pytest.mark.parametrize(
    ("text", "media_type"),
    [("SELECT * {}", "text/turtle"), ("ASK {}", CSV), ("CONSTRUCT WHERE {?s ?p ?o}", JSON), ("ASK {}", "x/y")],
)
def test_a_media_type_that_does_not_fit(pool: QueryPool, text: str, media_type: str) -> None:
    with pytest.raises(QueryError, match="does not fit"):
        pool.run(job(text, media_type))


def test_a_syntax_error_has_its_place(pool: QueryPool) -> None:
    for graphs in ((), (PASSAGES[0],)):
        with pytest.raises(QuerySyntaxError, match="line 2") as caught:
            pool.run(job("SELECT * {\n ?s schem:p ?o }", JSON, default_graphs=graphs))
        assert caught.value.line == 2
        assert "Did you mean schema:" in caught.value.hint


def test_a_syntax_error_says_what_is_missing(pool: QueryPool) -> None:
    for text, hint in (
        ("SELECT * { ?s :p ?o }", "The prefix : is not declared."),
        ("SELECT * { ?s ?p 'x: y', exx:b }", "The prefix exx: is not declared."),
        ("PREFIX abc: <x:y> SELECT * { ?s abd:p ?o }", "Did you mean abc:"),
        ("SELECT * { ?s ?p ?o } ORDER ?s", "BY"),
        ("SELECT * { ?s ?p }", "/queries"),
    ):
        with pytest.raises(QuerySyntaxError) as caught:
            pool.run(job(text, JSON))
        assert hint in caught.value.hint, text
        assert caught.value.column > 1


TRIPLES = st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=6)


GRAPH_NAMES = [f"{ns.GRAPH}{place}" for place in range(3)] + [ns.REPORT + "a", ns.REPORT + "b"]
DATASETS = st.tuples(
    st.lists(st.sampled_from([*GRAPH_NAMES, REPORT_UNION, "x:none"]), max_size=4),
    st.lists(st.sampled_from([*GRAPH_NAMES, REPORT_UNION]), max_size=3),
)


@given(
    st.dictionaries(st.sampled_from(GRAPH_NAMES), TRIPLES),
    st.lists(DATASETS, min_size=1, max_size=25),
    st.integers(0, 30),
)
def test_kept_unions_stay_the_set_union_within_their_bounds(
    content: dict[str, set[tuple[int, int]]], asked: list[tuple[list[str], list[str]]], most: int
) -> None:
    store = Store()
    for name, triples in content.items():
        store.extend(Quad(node(f"s{s}"), node("p"), Literal(str(o)), NamedNode(name)) for s, o in triples)
    stated = {name: {quad.triple for quad in store if quad.graph_name == NamedNode(name)} for name in GRAPH_NAMES}
    stated[REPORT_UNION] = stated[ns.REPORT + "a"] | stated[ns.REPORT + "b"]
    unions = Unions(store, most)
    for default_graphs, named_graphs in asked:
        united = unions.of(Dataset(tuple(default_graphs), tuple(named_graphs)))
        wanted = {(t, DefaultGraph()) for name in default_graphs for t in stated.get(name, ())}
        wanted |= {(t, NamedNode(name)) for name in named_graphs for t in stated[name]}
        assert {(quad.triple, quad.graph_name) for quad in united} == wanted
        assert unions.quad_count <= most
        assert unions.union_count <= MOST_UNIONS


def test_a_union_is_made_once() -> None:
    store = Store()
    store.extend(quads())
    unions, passages = Unions(store, 10), Dataset((REPORT_UNION,), ())
    assert unions.of(passages) is unions.of(passages)
    assert unions.of(Dataset(tuple(PASSAGES), ())) is unions.of(Dataset(tuple(reversed(PASSAGES)), ()))
    assert unions.of(passages) is not unions.of(Dataset((), (REPORT_UNION,)))
    too_small = Unions(store, 2)
    assert too_small.of(passages) is not too_small.of(passages)


def test_a_large_answer_comes_in_a_file(pool: QueryPool) -> None:
    text = "SELECT ?a ?b { ?a ?p ?x . ?b ?q ?y } LIMIT 20000"
    result = pool.run(job(text, JSON))
    assert result.body is None
    assert result.file is not None
    assert open_temporary_files() == 1
    with result.file as file:
        assert len(json.load(file)["results"]["bindings"]) == 20_000
    assert open_temporary_files() == 0


@pytest.mark.parametrize("media_type", [JSON, XML, CSV, TSV])
def test_too_many_rows(pool: QueryPool, media_type: str) -> None:
    text = "SELECT ?a ?o { ?a ?p ?x . ?b ?q ?o } LIMIT "
    assert body(pool, text + "20000", media_type)
    with pytest.raises(LimitReachedError, match="more than 20,000 rows") as caught:
        pool.run(job(text + "20001", media_type))
    assert caught.value.limit == "rows"
    check_well(pool)


def test_too_many_triples(pool: QueryPool) -> None:
    with pytest.raises(LimitReachedError, match="rows"):
        pool.run(job("CONSTRUCT { ?a ?q ?o } { ?a ?p ?x . ?b ?q ?o }", "text/turtle"))


def test_too_many_bytes_leave_no_file(pool: QueryPool) -> None:
    with pytest.raises(LimitReachedError) as caught:
        pool.run(job(f"SELECT ('{'x' * 5000}' AS ?y) {{ ?a ?p ?x . ?b ?q ?o }} LIMIT 3000", CSV))
    assert caught.value.limit == "result_bytes"
    check_well(pool)


@pytest.mark.parametrize("text", ["SELECT", "CONSTRUCT"])
def test_xml_with_a_control_character_is_refused(pool: QueryPool, text: str) -> None:
    what, media_type = ("?o", XML) if text == "SELECT" else ("{ ?s ?p ?o }", "application/rdf+xml")
    with pytest.raises(QueryError, match="control character") as caught:
        pool.run(job(f"{text} {what} FROM graph:other {{ ?s ?p ?o }}", media_type))
    assert "REPLACE" in caught.value.hint
    mended = r'SELECT (REPLACE(?o, "\\p{Cc}", "") AS ?p) FROM graph:other { ?s ?p1 ?o }'
    assert b"<literal></literal>" in body(pool, mended, XML)


IN_XML = st.characters(codec="utf-8")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@given(st.lists(st.text(IN_XML, max_size=8), min_size=1, max_size=5))
@example(["a\r\nb\rc\td\n"])
@example(["]]>&<\x85\u2028\U0001f600"])
@example(["\ufffe"])
@example(["\x7f\x9f"])
def test_xml_is_well_formed_and_holds_the_values_or_is_refused(pool: QueryPool, values: list[str]) -> None:
    text = f"SELECT ?x {{ VALUES ?x {{ {' '.join(str(Literal(value)) for value in values)} }} }}"
    if any(NOT_IN_XML.search(value) for value in values):
        with pytest.raises(QueryError, match="XML cannot hold"):
            pool.run(job(text, XML))
        return
    written = body(pool, text, XML)
    names = "{http://www.w3.org/2005/sparql-results#}"
    literals = ElementTree.fromstring(written).iter(f"{names}literal")
    assert [literal.text or "" for literal in literals] == values


@given(st.text(IN_XML, min_size=1, max_size=8), st.integers(1, 3))
@example("\ufffe", 1)
@example("\uffff", 2)
def test_what_xml_cannot_hold_is_seen_in_any_cut(text: str, size: int) -> None:
    content = text.encode()
    whole, cut = xml_escape.XmlText(), xml_escape.XmlText()

    def taken(parts: list[bytes], out: xml_escape.XmlText) -> bytes | None:
        try:
            return b"".join(map(out.escape, parts))
        except QueryError:
            return None

    parts = [content[start : start + size] for start in range(0, len(content), size)]
    assert taken(parts, cut) == taken([content], whole)


def test_a_timeout_with_not_exists_says_how_to_be_faster(pool: QueryPool) -> None:
    slow = ENDLESS.replace("{ ", "{ FILTER NOT /* */ EXISTS { ?a ?x ?a } ", 1).replace("/* */", "#\n")
    for text, told in ((slow, True), (ENDLESS, False), (ENDLESS.replace("{", "{ # NOT EXISTS\n", 1), False)):
        with pytest.raises(LimitReachedError) as caught:
            pool.run(job(text, JSON, seconds=0.1))
        assert caught.value.limit == "seconds"
        assert ("MINUS" in caught.value.hint) is told
        assert "LIMIT" in caught.value.hint


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text(alphabet='"\\{},\n\r<>x', max_size=5))), st.data())
def test_rows_are_counted_in_any_cut(rows: list[dict[str, str]], data: st.DataObject) -> None:
    values = " ".join(
        "(" + " ".join(str(Literal(row[name])) if name in row else "UNDEF" for name in "abc") + ")" for row in rows
    )
    for fmt in (fmt for fmt in RESULT_FORMATS if fmt.engine):
        text = f"SELECT * {{ VALUES (?a ?b ?c) {{ {values} }} }}"
        content = Store().query(text).serialize(format=fmt.engine)
        assert content is not None
        counter, size, seen = row_counters.counter(fmt.media_type), data.draw(st.integers(1, 9)), 0
        for start in range(0, len(content), size):
            seen = counter(content[start : start + size])
        assert seen == len(rows), fmt.name


HOSTILE = {
    "cross product": (ENDLESS, "seconds"),
    "sort bomb": ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i", "seconds memory"),
    "group bomb": (
        "SELECT ?a ?d ?g (SAMPLE(?c) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } GROUP BY ?a ?d ?g",
        "seconds memory",
    ),
    "deep parentheses": (f"SELECT * {{ FILTER({'(' * 10_000}1{')' * 10_000}) }}", "nesting seconds"),
    "deep groups": ("SELECT * " + "{" * 10_000 + "}" * 10_000, "nesting seconds"),
    "long chain": ("ASK { " + " . ".join(f"?v{n} ?p{n} ?v{n + 1}" for n in range(1_000)) + " }", "seconds memory"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_is_an_error_and_nothing_else(pool: QueryPool, name: str) -> None:
    before = len(children())
    text, limits = HOSTILE[name]
    with pytest.raises(LimitReachedError) as caught:
        pool.run(job(text, JSON, seconds=0.4))
    assert caught.value.limit in limits.split()
    assert caught.value.hint
    check_well(pool)
    assert len(children()) == before


def test_memory_is_named_as_the_limit(snapshot: Path) -> None:
    pool = QueryPool(snapshot, QueryLimits(seconds=300, memory_bytes=200 << 20, workers=1))
    with pytest.raises(LimitReachedError) as caught:
        pool.run(job(HOSTILE["sort bomb"][0], JSON))
    assert (caught.value.limit, caught.value.reached) == ("memory", "200 MiB")
    assert count(pool) == ROWS
    pool.close()


@pytest.mark.parametrize("text", ["SELECT * { ?s ?p ?o \0 }", "SELECT * { \ud800 }", "\0"])
def test_what_is_no_text_is_refused(pool: QueryPool, text: str) -> None:
    with pytest.raises(QueryError):
        pool.run(job(text, JSON))
    check_well(pool)


def test_ten_megabytes_are_not_read(pool: QueryPool) -> None:
    with pytest.raises(QueryTooLongError):
        pool.run(job("SELECT * { " + "?s ?p ?o . " * 1_000_000 + "}", JSON))
    check_well(pool)


def test_a_client_may_lower_its_seconds_but_not_raise_them(pool: QueryPool) -> None:
    for asked, reached in ((0.2, "0.2 seconds"), (99.0, "1.5 seconds")):
        with pytest.raises(LimitReachedError) as caught:
            pool.run(job(ENDLESS, JSON, seconds=asked))
        assert caught.value.reached == reached


def test_a_hidden_service_reaches_nobody(pool: QueryPool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)
        address = f"http://127.0.0.1:{canary.getsockname()[1]}/"
        text = f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}"
        with pytest.raises(QueryError, match="Federation"):
            pool.run(job(text, JSON))
        with pytest.raises(QueryError, match="could not evaluate"):
            pool.run(QueryJob(Query(text, "SELECT"), JSON))
        with pytest.raises(BlockingIOError):
            canary.accept()
        with pytest.raises(ConnectionError):  # the canary sings when a query can reach it
            connect_unhindered(canary, text)


def accept_once(canary: socket.socket) -> None:
    connection, _ = canary.accept()
    connection.close()


def connect_unhindered(canary: socket.socket, text: str) -> None:
    canary.setblocking(True)
    thread = threading.Thread(target=accept_once, args=(canary,))
    thread.start()
    try:
        list(Store().query(text))
    finally:
        thread.join(10)
        assert not thread.is_alive()


def test_a_worker_that_is_left_in_the_middle_of_an_answer_gives_the_rest_to_nobody(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more_files(*_: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    large, small = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 15000", "SELECT (52 AS ?answer) {}"
    with closing(QueryPool(snapshot, replace(SMALL, workers=1))) as pool:
        with monkeypatch.context() as full:
            full.setattr("tempfile.TemporaryFile", no_more_files)
            full.setattr(pool, "_start_worker", no_more_files)
            with pytest.raises(OSError, match="Too many open files"):
                pool.run(job(large, JSON))
            with pytest.raises(BusyError, match="No worker process can be started"):
                pool.run(job(small, JSON))
        assert b'"52"' in pool.run(job(small, JSON)).read_all()


def test_a_killed_worker_is_replaced(pool: QueryPool) -> None:
    for pid in workers_of(pool):
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    check_well(pool)


def in_background(
    pool: QueryPool, text: str, seconds: float | None = None
) -> tuple[threading.Thread, list[BaseException]]:
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            pool.run(job(text, JSON, seconds=seconds))
        except CityKgError as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, errors


def wait_until_busy(pool: QueryPool, workers: int, waiting: int = 0) -> None:
    while (state := pool.state()).busy < workers or state.waiting < waiting:
        time.sleep(0.005)


def test_a_worker_killed_at_work_is_an_error(snapshot: Path) -> None:
    pool = QueryPool(snapshot, QueryLimits(seconds=300, workers=1))
    thread, errors = in_background(pool, ENDLESS)
    wait_until_busy(pool, 1)
    (worker,) = pool._lanes.busy
    assert isinstance(worker, Worker)
    while worker.age() < 0.05:  # one that dies before it has begun is replaced, and nobody notices
        time.sleep(0.005)
    os.kill(worker.pid, signal.SIGKILL)
    thread.join()
    assert isinstance(errors[0], WorkerLostError)
    assert count(pool) == ROWS
    pool.close()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SELECT (<x:f>(1) AS ?y) {}", [{}]),
        ("SELECT ?y { BIND(<x:f>(1) AS ?y) }", [{}]),
        ("SELECT (COALESCE(<x:f>(), 2) AS ?y) {}", [{"y": "2"}]),
        ("SELECT (IF(<x:f>(1), 1, 2) AS ?y) {}", [{}]),
        ("SELECT ?y { VALUES ?y { 1 2 } FILTER (<x:f>(?y)) }", []),
        ("SELECT ?y { VALUES ?y { 1 2 } FILTER (!<x:f>(?y)) }", []),
        ("SELECT ?y { VALUES ?y { 1 2 } FILTER (?y = 2 || <x:f>(?y)) }", [{"y": "2"}]),
        ("SELECT ?y { VALUES ?y { 1 2 } FILTER EXISTS { FILTER (<x:f>(?y)) } }", []),
        ("SELECT ?y { VALUES ?y { 1 } FILTER NOT EXISTS { FILTER (<x:f>(<x:g>(?y))) } }", [{"y": "1"}]),
        ("SELECT ?y { VALUES ?y { 2 1 } } ORDER BY <x:f>(?y) ?y", [{"y": "1"}, {"y": "2"}]),
        ("SELECT ?y { { SELECT (<x:f>(1) AS ?x) {} } BIND(3 AS ?y) }", [{"y": "3"}]),
    ],
)
def test_a_call_of_an_unknown_function_is_an_error_of_its_expression(
    pool: QueryPool, text: str, rows: list[dict[str, str]]
) -> None:
    """SPARQL 1.1, section 17.6."""
    for graphs in ({}, {"default_graphs": ("x:1", "x:2")}):
        result = pool.run(job(text, JSON, **graphs))
        found = json.loads(result.body or b"")["results"]["bindings"]
        assert [{name: term["value"] for name, term in row.items()} for row in found] == rows
        said = " ".join(hint.sentence for hint in result.hints)
        assert {name for name in ("x:f", "x:g") if name in said} == {name for name in ("x:f", "x:g") if name in text}


def test_a_full_queue_says_when_to_come_again(snapshot: Path) -> None:
    pool = QueryPool(snapshot, QueryLimits(seconds=30, workers=1, queue=1))
    running = in_background(pool, ENDLESS)
    wait_until_busy(pool, 1)
    waiting = in_background(pool, "ASK {}")
    wait_until_busy(pool, 1, waiting=1)
    with pytest.raises(BusyError) as caught:
        pool.run(job("ASK {}", JSON))
    assert caught.value.retry_after == 30
    before = children()
    pool.close()
    for thread, errors in (running, waiting):
        thread.join()
        assert isinstance(errors[0], BusyError)
    assert len(before - children()) == 1


def test_many_threads_each_get_their_own_answer(snapshot: Path) -> None:
    pool = QueryPool(snapshot, QueryLimits(seconds=300, workers=2, queue=50))
    answers: dict[int, bytes] = {}

    def ask(number: int) -> None:
        answers[number] = body(pool, f"SELECT ({number} AS ?n) {{}}", CSV)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: f"n\r\n{number}\r\n".encode() for number in range(30)}
    pool.close()


def test_a_job_names_its_snapshot_and_running_queries_finish_on_theirs(snapshot: Path, tmp_path: Path) -> None:
    other = snapshot_of(tmp_path, iter([Quad(node("a"), node("p"), Literal("b"), DefaultGraph())]))
    pool = QueryPool(snapshot, QueryLimits(seconds=300, workers=2))
    before = children()
    thread, errors = in_background(pool, ENDLESS, seconds=1)
    wait_until_busy(pool, 1)
    asked = job("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", CSV)
    assert pool.run(replace(asked, snapshot=other)).body == b"n\r\n1\r\n"
    assert pool.run(replace(asked, snapshot=snapshot)).body == f"n\r\n{ROWS}\r\n".encode()
    thread.join()
    assert isinstance(errors[0], LimitReachedError)
    assert len(children()) == len(before)
    with pytest.raises(DataFolderError, match="citykg build"):
        pool.run(replace(asked, snapshot=tmp_path / "nowhere"))
    assert pool.run(replace(asked, snapshot=other)).body == b"n\r\n1\r\n"
    pool.close()


def test_a_worker_that_has_the_snapshot_open_comes_first(snapshot: Path, tmp_path: Path) -> None:
    other = snapshot_of(tmp_path, iter([Quad(node("a"), node("p"), Literal("b"), DefaultGraph())]))
    pool = QueryPool(snapshot, QueryLimits(seconds=300, workers=2))
    asked = job("ASK {}", JSON)
    for place in (other, snapshot, other, snapshot):
        pool.run(replace(asked, snapshot=place))
    assert {worker.snapshot for worker in idle_in(pool)} == {snapshot, other}
    pool.close()


def test_entries_of_data_sets_that_a_column_lists_come_named_with_a_page(tmp_path: Path) -> None:
    entry, label = node("passage/list/1"), "List of places 1"
    stated = Quad(entry, SKOS.prefLabel, Literal(label, language="en"), DefaultGraph())
    pool = QueryPool(snapshot_of(tmp_path, iter([stated])), QueryLimits(seconds=300, workers=1))
    rows = job(f"SELECT ('{label}; table 1' AS ?listed) {{}}", FirstRows.MEDIA_TYPE)
    assert FirstRows.from_json(pool.run(replace(rows, lists=("listed",))).read_all()).display_names == {label: label}
    assert not FirstRows.from_json(pool.run(rows).read_all()).display_names
    pool.close()


def test_what_a_reading_raises_arrives(folder: DataFolder) -> None:
    build = folder.current()
    assert build
    place = folder.snapshot(build)
    pool = QueryPool(place, QueryLimits(seconds=300, workers=1))
    query = find_query("twins-of-a-city")
    found = json.loads(pool.read(place, prepare, Question(query, {"thing": "leeds"}).as_json()).read_all())
    assert found["values"] == {"thing": "city:leeds"}
    with pytest.raises(BadValueError, match="Did you mean 'city:leeds'") as caught:
        pool.read(place, prepare, Question(query, {"thing": "leedss"}).as_json())
    assert caught.value.hint.startswith("For example")
    pool.close()


def test_a_snapshot_that_is_not_there(tmp_path: Path) -> None:
    before = children()
    with pytest.raises(DataFolderError, match="citykg build"):
        QueryPool(tmp_path / "nowhere", SMALL)
    assert children() == before


def test_a_worker_ends_itself_when_its_pool_is_gone(snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = QueryPool(snapshot, QueryLimits(seconds=0.2, workers=1))
    # the pool never looks at its deadline
    until_ready = greenlets.wait_until_ready

    def patient(pipe: int, seconds: float, **how: bool) -> bool:
        return until_ready(pipe, 60, **how) or pytest.fail("the worker goes on")

    monkeypatch.setattr(greenlets, "wait_until_ready", patient)
    with pytest.raises(LimitReachedError, match="seconds"):
        pool.run(job(ENDLESS, JSON))
    pool.close()


def test_an_empty_answer_is_explained_in_a_worker(pool: QueryPool) -> None:
    found = pool.explain(job("SELECT * { ?s ?p ?o . ?s <urn:nothing> ?o }", JSON))
    assert found is not None
    assert found.sentence == "Nothing matches ?s <urn:nothing> ?o."
    assert pool.explain(job("SELECT * { ?s ?p ?o }", JSON)) is None


def test_an_explanation_that_takes_long_is_given_up(pool: QueryPool) -> None:
    never = "FILTER(CONCAT(STR(?a), STR(?d), STR(?g)) = 'x')"
    assert pool.explain(job(f"SELECT * {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i {never} }}", JSON)) is None
    assert body(pool, "ASK {}") == b'{"head":{},"boolean":true}'
