"""The operator sees which queries take long, and ends one; a client that goes away ends its own. Others never know."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.cli.main import cli
from kg.errors import CityKgError
from kg.lanes import ClientGoneError, ClientTurn, Lane, OtherLaneError
from kg.running import EndedError, RunningQueries
from kg.sparql import examine
from kg.workers import QueryJob, QueryLimits, QueryPool

pytestmark = pytest.mark.drawn

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
CSV = "text/csv"


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[QueryPool]:
    store = Store(str(tmp_path / "store"))
    store.extend(Quad(NamedNode(f"x:{n}"), NamedNode("x:p"), Literal("y"), DefaultGraph()) for n in range(400))
    store.backup(str(tmp_path / "snapshot"))
    pool = QueryPool(
        tmp_path / "snapshot", QueryLimits(seconds=300, workers=2), spare=True, queries=RunningQueries(tmp_path)
    )
    yield pool
    assert pool.state().busy == pool.state().waiting == 0
    pool.close()


def job(text: str, client: str = "", lane: Lane = Lane.FAST) -> QueryJob:
    return QueryJob(examine(text, 10_000), CSV, turn=ClientTurn(client, lane) if client else None)


class Asked:
    """What comes of a query, in a thread of its own."""

    def __init__(self, pool: QueryPool, job: QueryJob) -> None:
        self.outcome: BaseException | bytes | None = None
        self._ask: Callable[[], bytes] = lambda: pool.run(job).read_all()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.outcome = self._ask()
        except BaseException as error:
            self.outcome = error

    def whole(self) -> BaseException | bytes | None:
        self._thread.join()
        return self.outcome


def listed(tmp_path: Path, count: int) -> list[str]:
    """Return the ids of the running queries once there are so many."""
    while len(found := RunningQueries(tmp_path).all()) != count:
        threading.Event().wait(0.01)
    return [query.id for query in found]


def command(tmp_path: Path, *words: str) -> str:
    return CliRunner().invoke(cli, ["queries", *words, "--data", str(tmp_path)]).output


def test_the_operator_ends_a_query_and_no_other(pool: QueryPool, tmp_path: Path) -> None:
    one = Asked(pool, job(ENDLESS, "192.0.2.7"))
    listed(tmp_path, 1)
    other = Asked(pool, job(f"{ENDLESS}\n# \x1b[31m", "192.0.2.8"))
    first, second = listed(tmp_path, 2)
    shown = command(tmp_path, "running")
    for words in (first, second, "192.0.2.7", "192.0.2.8", "COUNT(*)"):
        assert words in shown
    assert "\x1b[31m" not in shown
    assert command(tmp_path, "end", first) == f"Query {first} ends in a moment.\n"
    assert isinstance(one.whole(), EndedError)
    assert listed(tmp_path, 1) == [second]
    assert "There is no running query" in command(tmp_path, "end", first)
    RunningQueries(tmp_path).end(second)
    assert isinstance(other.whole(), EndedError)
    assert command(tmp_path, "running") == "No query has been running for long.\n"
    assert list((tmp_path / "running").iterdir()) == []
    assert pool.run(job("SELECT (1 AS ?n) {}")).read_all() == b"n\r\n1\r\n"


def test_a_query_that_makes_room_is_to_be_asked_anew_and_its_place_is_taken_at_once(
    pool: QueryPool, tmp_path: Path
) -> None:
    one, other = Asked(pool, job(ENDLESS, "a")), Asked(pool, job(ENDLESS, "b"))
    listed(tmp_path, 2)
    assert pool.run(job("SELECT (1 AS ?n) {}", "c")).read_all() == b"n\r\n1\r\n"
    (left,) = listed(tmp_path, 1)
    moved = next(asked.outcome for asked in (one, other) if asked.outcome is not None)
    assert isinstance(moved, OtherLaneError)
    assert moved.lane is Lane.SLOW
    again = Asked(pool, job("SELECT (2 AS ?n) {}", "b", Lane.SLOW))
    assert pool.run(job("SELECT (3 AS ?n) {}", "c")).read_all() == b"n\r\n3\r\n"
    assert again.outcome is None  # the slow lane has one of two workers
    RunningQueries(tmp_path).end(left)
    assert again.whole() == b"n\r\n2\r\n"
    for asked in (one, other):
        asked.whole()


def test_a_client_that_is_gone_ends_its_query_and_no_other(pool: QueryPool, tmp_path: Path) -> None:
    leaves = threading.Event()
    gone = Asked(pool, QueryJob(examine(ENDLESS, 10_000), CSV, turn=ClientTurn("a", Lane.FAST, is_gone=leaves.is_set)))
    listed(tmp_path, 1)
    other = Asked(pool, job(ENDLESS, "b"))
    listed(tmp_path, 2)
    leaves.set()
    assert isinstance(gone.whole(), ClientGoneError)
    (left,) = listed(tmp_path, 1)
    assert other.outcome is None
    RunningQueries(tmp_path).end(left)
    assert isinstance(other.whole(), EndedError)
    assert pool.run(job("SELECT (1 AS ?n) {}")).read_all() == b"n\r\n1\r\n"


def test_a_query_whose_client_has_left_the_queue_is_not_begun(pool: QueryPool, tmp_path: Path) -> None:
    both = [Asked(pool, job(ENDLESS, "a", Lane.SLOW)), Asked(pool, job(ENDLESS, "b"))]
    listed(tmp_path, 2)
    waiting = Asked(
        pool, QueryJob(examine("ASK {}", 10_000), CSV, turn=ClientTurn("c", Lane.FAST, is_gone=lambda: True))
    )
    assert isinstance(waiting.whole(), ClientGoneError)
    for query in listed(tmp_path, 1):
        RunningQueries(tmp_path).end(query)
    assert {type(asked.whole()) for asked in both} == {EndedError, OtherLaneError}


def test_queries_of_a_process_that_is_gone_do_not_count(tmp_path: Path) -> None:
    queries = RunningQueries(tmp_path)
    own = queries.add(0.0, "192.0.2.7", "ASK {}")
    child = os.fork()
    if not child:
        queries.add(0.0, "192.0.2.8", "ASK {}")
        os._exit(0)
    os.waitpid(child, 0)
    assert [query.id for query in queries.all()] == [own]
    assert len(list((tmp_path / "running").iterdir())) == 1


def test_where_nothing_can_be_written_nothing_is_noted(tmp_path: Path) -> None:
    (tmp_path / "running").write_text("in the way")
    queries = RunningQueries(tmp_path)
    assert queries.add(0.0, "192.0.2.7", "ASK {}") == ""
    assert queries.all() == []
    with pytest.raises(CityKgError, match="no running query 1-1"):
        queries.end("1-1")
