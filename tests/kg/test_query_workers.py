from __future__ import annotations

import json
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg import namespaces as ns
from kg import query_results, query_rows, query_workers
from kg.errors import CityKgError, DataFolderError, QueryError
from kg.formats import RESULT_FORMATS
from kg.query_guard import Examined, QueryTooLongError
from kg.query_workers import BusyError, Job, LimitReachedError, Limits, QueryPool, WorkerLostError
from kg.querying import QuerySyntaxError

JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
CSV = "text/csv"
TSV = "text/tab-separated-values"
ROWS = 400
SMALL = Limits(
    seconds=1.5, rows=20_000, result_bytes=8 << 20, query_length=100_000, memory_bytes=400 << 20, workers=2, queue=2
)
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
    result = pool.run(Job(text, media_type, **graphs))
    if result.path is not None:
        content = result.path.read_bytes()
        result.path.unlink()
        return content
    assert result.body is not None
    return result.body


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


def workers_of(pool: QueryPool) -> list[int]:
    return [worker.pid for worker in pool._idle]


def check_well(pool: QueryPool) -> None:
    """A plain query answers on each worker, no process and no file is left over."""
    for _ in workers_of(pool):
        assert count(pool) == ROWS
    assert set(workers_of(pool)) <= children()
    assert len(workers_of(pool)) == SMALL.workers
    assert list(pool._spool.folder.iterdir()) == []


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
        pool.run(Job(text, media_type))


def test_a_syntax_error_has_its_place(pool: QueryPool) -> None:
    for graphs in ((), (PASSAGES[0],)):
        with pytest.raises(QuerySyntaxError, match="line 2") as caught:
            pool.run(Job("SELECT * {\n ?s schem:p ?o }", JSON, default_graphs=graphs))
        assert caught.value.line == 2
        assert "Did you mean schema:" in caught.value.hint


def test_relative_iris_resolve_against_the_public_base(pool: QueryPool) -> None:
    assert count(pool, "<id/city/1> ?p ?o") == 1


def test_given_graphs_are_the_data_set(pool: QueryPool) -> None:
    everywhere = "{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }"
    one, two = PASSAGES
    assert count(pool, everywhere, default_graphs=(one,)) == 2
    assert count(pool, everywhere, named_graphs=(one,)) == 2
    assert count(pool, "?s ?p ?o", named_graphs=(one,)) == 0
    assert count(pool, "GRAPH ?g { ?s ?p ?o }", default_graphs=(one,)) == 0
    assert count(pool, everywhere, default_graphs=(one, two), named_graphs=(two,)) == 3 + 2
    assert count(pool, everywhere, f"FROM <{two}> FROM NAMED <{two}>", default_graphs=(ns.GRAPH + "other",)) == 1
    assert count(pool, default_graphs=(ns.GRAPH + "nothing",)) == 0


def test_the_report_is_the_union_of_its_passages(pool: QueryPool) -> None:
    assert count(pool, default_graphs=(ns.GRAPH + "report",)) == 3
    assert count(pool, "GRAPH graph:report { ?s ?p ?o }", named_graphs=(ns.GRAPH + "report",)) == 3
    assert count(pool, dataset="FROM graph:report") == 3


def test_several_from_count_a_triple_once(pool: QueryPool) -> None:
    assert count(pool, dataset="FROM report:table-1 FROM report:table-2") == 3


TRIPLES = st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=6)


@settings(max_examples=6, deadline=None)
@given(st.lists(TRIPLES, min_size=1, max_size=4))
def test_default_graphs_are_a_set_union(
    tmp_path_factory: pytest.TempPathFactory, graphs: list[set[tuple[int, int]]]
) -> None:
    content = (
        Quad(node(f"s{s}"), node("p"), Literal(str(o)), NamedNode(f"{ns.GRAPH}{place}"))
        for place, graph in enumerate(graphs)
        for s, o in graph
    )
    pool = QueryPool(snapshot_of(tmp_path_factory.mktemp("union"), content), Limits(workers=1))
    try:
        names = tuple(f"{ns.GRAPH}{place}" for place in range(len(graphs)))
        assert count(pool, default_graphs=names) == len(set().union(*graphs))
    finally:
        pool.close()


def test_a_large_answer_comes_in_a_file(pool: QueryPool) -> None:
    text = "SELECT ?a ?b { ?a ?p ?x . ?b ?q ?y } LIMIT 20000"
    result = pool.run(Job(text, JSON))
    assert result.body is None
    assert result.path is not None
    assert len(json.loads(result.path.read_bytes())["results"]["bindings"]) == 20_000
    result.path.unlink()


@pytest.mark.parametrize("media_type", [JSON, XML, CSV, TSV])
def test_too_many_rows(pool: QueryPool, media_type: str) -> None:
    text = "SELECT ?a ?o { ?a ?p ?x . ?b ?q ?o } LIMIT "
    assert body(pool, text + "20000", media_type)
    with pytest.raises(LimitReachedError, match="more than 20,000 rows") as caught:
        pool.run(Job(text + "20001", media_type))
    assert caught.value.limit == "rows"
    check_well(pool)


def test_too_many_triples(pool: QueryPool) -> None:
    with pytest.raises(LimitReachedError, match="rows"):
        pool.run(Job("CONSTRUCT { ?a ?q ?o } { ?a ?p ?x . ?b ?q ?o }", "text/turtle"))


def test_too_many_bytes_leave_no_file(pool: QueryPool) -> None:
    with pytest.raises(LimitReachedError) as caught:
        pool.run(Job(f"SELECT ('{'x' * 5000}' AS ?y) {{ ?a ?p ?x . ?b ?q ?o }} LIMIT 3000", CSV))
    assert caught.value.limit == "result_bytes"
    check_well(pool)


def test_xml_with_a_control_character_is_refused(pool: QueryPool) -> None:
    with pytest.raises(QueryError, match="control character"):
        pool.run(Job("SELECT ?o FROM graph:other { ?s ?p ?o }", XML))


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text(alphabet='"\\{},\n\r<>x', max_size=5))), st.data())
@settings(max_examples=200, deadline=None)
def test_rows_are_counted_in_any_cut(rows: list[dict[str, str]], data: st.DataObject) -> None:
    values = " ".join(
        "(" + " ".join(str(Literal(row[name])) if name in row else "UNDEF" for name in "abc") + ")" for row in rows
    )
    for fmt in RESULT_FORMATS:
        text = f"SELECT * {{ VALUES (?a ?b ?c) {{ {values} }} }}"
        content = Store().query(text).serialize(format=fmt.engine)
        assert content is not None
        counter, size, seen = query_rows.counter(fmt.media_type), data.draw(st.integers(1, 9)), 0
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
        pool.run(Job(text, JSON))
    assert caught.value.limit in limits.split()
    assert caught.value.hint
    check_well(pool)
    assert len(children()) == before


def test_memory_is_named_as_the_limit(snapshot: Path) -> None:
    pool = QueryPool(snapshot, Limits(seconds=60, memory_bytes=200 << 20, workers=1))
    with pytest.raises(LimitReachedError) as caught:
        pool.run(Job(HOSTILE["sort bomb"][0], JSON))
    assert (caught.value.limit, caught.value.reached) == ("memory", "200 MiB")
    assert count(pool) == ROWS
    pool.close()


@pytest.mark.parametrize("text", ["SELECT * { ?s ?p ?o \0 }", "SELECT * { \ud800 }", "\0"])
def test_what_is_no_text_is_refused(pool: QueryPool, text: str) -> None:
    with pytest.raises(QueryError):
        pool.run(Job(text, JSON))
    check_well(pool)


def test_ten_megabytes_are_not_read(pool: QueryPool) -> None:
    with pytest.raises(QueryTooLongError):
        pool.run(Job("SELECT * { " + "?s ?p ?o . " * 1_000_000 + "}", JSON))
    check_well(pool)


def test_a_client_may_lower_its_seconds_but_not_raise_them(pool: QueryPool) -> None:
    for asked, reached in ((0.2, "0.2 seconds"), (99.0, "1.5 seconds")):
        with pytest.raises(LimitReachedError) as caught:
            pool.run(Job(ENDLESS, JSON, seconds=asked))
        assert caught.value.reached == reached


def test_a_hidden_service_reaches_nobody(pool: QueryPool, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)
        address = f"http://127.0.0.1:{canary.getsockname()[1]}/"
        text = f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}"
        with pytest.raises(QueryError, match="Federation"):
            pool.run(Job(text, JSON))
        monkeypatch.setattr(query_workers, "examine", lambda *_: Examined("SELECT", False))
        with pytest.raises(QueryError, match="could not evaluate"):
            pool.run(Job(text, JSON))
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


def test_a_killed_worker_is_replaced(pool: QueryPool) -> None:
    for pid in workers_of(pool):
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    check_well(pool)


def in_background(pool: QueryPool, text: str) -> tuple[threading.Thread, list[BaseException]]:
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            pool.run(Job(text, JSON))
        except CityKgError as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, errors


def wait_until_busy(pool: QueryPool, workers: int, waiting: int = 0) -> None:
    while len(pool._busy) < workers or pool._waiting < waiting:
        time.sleep(0.005)


def test_a_worker_killed_at_work_is_an_error(snapshot: Path) -> None:
    pool = QueryPool(snapshot, Limits(seconds=30, workers=1))
    thread, errors = in_background(pool, ENDLESS)
    wait_until_busy(pool, 1)
    os.kill(next(iter(pool._busy)).pid, signal.SIGKILL)
    thread.join()
    assert isinstance(errors[0], WorkerLostError)
    assert count(pool) == ROWS
    pool.close()


def test_a_full_queue_says_when_to_come_again(snapshot: Path) -> None:
    pool = QueryPool(snapshot, Limits(seconds=30, workers=1, queue=1))
    running = in_background(pool, ENDLESS)
    wait_until_busy(pool, 1)
    waiting = in_background(pool, "ASK {}")
    wait_until_busy(pool, 1, waiting=1)
    with pytest.raises(BusyError) as caught:
        pool.run(Job("ASK {}", JSON))
    assert caught.value.retry_after == 30
    before = children()
    pool.close()
    for thread, errors in (running, waiting):
        thread.join()
        assert isinstance(errors[0], BusyError)
    assert not pool._spool.folder.exists()
    assert len(before - children()) == 1


def test_many_threads_each_get_their_own_answer(snapshot: Path) -> None:
    pool = QueryPool(snapshot, Limits(workers=2, queue=50))
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


def test_swap_moves_on_and_lets_running_queries_finish(snapshot: Path, tmp_path: Path) -> None:
    other = snapshot_of(tmp_path, iter([Quad(node("a"), node("p"), Literal("b"), DefaultGraph())]))
    pool = QueryPool(snapshot, Limits(seconds=1, workers=1))
    before = children()
    thread, errors = in_background(pool, ENDLESS)
    wait_until_busy(pool, 1)
    pool.swap(other)
    assert count(pool) == 1
    thread.join()
    assert isinstance(errors[0], LimitReachedError)
    assert count(pool) == 1
    assert len(children()) == len(before)
    with pytest.raises(DataFolderError):
        pool.swap(tmp_path / "nowhere")
    assert count(pool) == 1
    pool.close()


def test_a_snapshot_that_is_not_there(tmp_path: Path) -> None:
    before = children()
    with pytest.raises(DataFolderError, match="citykg build"):
        QueryPool(tmp_path / "nowhere", SMALL)
    assert children() == before


def test_a_worker_ends_itself_when_its_pool_is_gone(snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = QueryPool(snapshot, Limits(seconds=0.2, workers=1))
    monkeypatch.setattr(query_workers._Worker, "_await", lambda *_: None)  # the pool never looks at its deadline
    with pytest.raises(LimitReachedError, match="seconds"):
        pool.run(Job(ENDLESS, JSON))
    pool.close()


def test_what_a_killed_server_left_is_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    living = query_results.Spool()
    left, young = tmp_path / "citykg-results-left", tmp_path / "citykg-results-young"
    left.mkdir()
    (left / "answer").write_text("x")
    young.mkdir()
    for folder in (left, living.folder):
        os.utime(folder, (0, 0))
    query_results.Spool().close()
    assert sorted(tmp_path.iterdir()) == sorted([living.folder, young])
    living.close()
