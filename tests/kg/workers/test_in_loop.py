"""The pool as it is used by a server: from the thread of an event loop, which goes on while workers work."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.errors import CityKgError
from kg.greenlets import run_in_loop
from kg.sparql import examine
from kg.workers import BusyError, LimitReachedError, QueryJob, QueryLimits, QueryPool
from kg.workers.process import WorkerLostError
from tests.support.loops import in_own_loop

pytestmark = pytest.mark.drawn

CSV = "text/csv"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph")
    store = Store(str(folder / "store"))
    store.extend(Quad(NamedNode(f"x:{n}"), NamedNode("x:p"), Literal("y" * 99), DefaultGraph()) for n in range(400))
    store.backup(str(folder / "snapshot"))
    return folder / "snapshot"


@pytest.fixture
def pool(snapshot: Path) -> Iterator[QueryPool]:
    pool = QueryPool(snapshot, QueryLimits(seconds=300, workers=2, queue=50, memory_bytes=400 << 20))
    yield pool
    assert pool.state().busy == pool.state().waiting == 0
    pool.close()


def body(pool: QueryPool, text: str, seconds: float | None = None) -> bytes:
    return pool.run(QueryJob(examine(text, 100_000), CSV, seconds=seconds)).read_all()


def outcome(ask: Callable[[], bytes]) -> bytes | str:
    try:
        return ask()
    except CityKgError as error:
        return f"{type(error).__name__} {error}"


def numbered(number: int) -> str:
    return f"SELECT ({number} AS ?n) {{}}"


def test_each_gets_its_own_answer_in_the_loop_and_in_threads_at_once(pool: QueryPool) -> None:
    in_threads: dict[int, bytes] = {}

    def ask(number: int) -> None:
        in_threads[number] = body(pool, numbered(number))

    async def main() -> list[bytes]:
        return await asyncio.gather(*(run_in_loop(partial(body, pool, numbered(number))) for number in range(40)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    answers = in_own_loop(main)
    for thread in threads:
        thread.join()
    assert answers == [f"n\r\n{number}\r\n".encode() for number in range(40)]
    assert in_threads == {number: f"n\r\n{number}\r\n".encode() for number in range(8)}


TEXTS = [
    "ASK {}",
    "SELECT * { ?s ?p ?o } ORDER BY ?s",
    "SELECT * { ?s ?p ?o . ?t ?p ?u } LIMIT 10000",  # in a file
    "SELECT * {",
    "SELECT (<x:f>() AS ?x) {}",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",  # not in this format
    f"SELECT * {{ FILTER({'(' * 10_000}1{')' * 10_000}) }}",  # ends the process
]


@settings(max_examples=12)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=6))
def test_what_comes_of_queries_is_the_same_in_the_loop_as_in_a_thread(pool: QueryPool, texts: list[str]) -> None:
    async def main() -> list[bytes | str]:
        return await asyncio.gather(*(run_in_loop(partial(outcome, partial(body, pool, text))) for text in texts))

    assert in_own_loop(main) == [outcome(partial(body, pool, text)) for text in texts]


def test_the_loop_goes_on_while_all_workers_work_and_a_late_one_is_ended(pool: QueryPool) -> None:
    async def main() -> None:
        late = [asyncio.ensure_future(run_in_loop(partial(body, pool, ENDLESS, 0.5))) for _ in range(2)]
        waiting = asyncio.ensure_future(run_in_loop(partial(body, pool, "SELECT (1 AS ?n) {}")))
        turns = 0
        while not late[0].done():
            await asyncio.sleep(0.001)
            turns += 1
        assert turns > 10
        for one in late:
            with pytest.raises(LimitReachedError, match="seconds"):
                await one
        assert await waiting == b"n\r\n1\r\n"

    in_own_loop(main)


def test_a_worker_that_dies_at_work_is_an_error_and_another_takes_its_place(pool: QueryPool) -> None:
    async def main() -> None:
        asked = asyncio.ensure_future(run_in_loop(partial(body, pool, ENDLESS)))
        while not any(worker.age() >= 0.05 for worker in pool._lanes.busy):  # one that dies before is replaced
            await asyncio.sleep(0.001)
        os.kill(next(iter(pool._lanes.busy)).pid, signal.SIGKILL)
        with pytest.raises(WorkerLostError):
            await asked
        assert await run_in_loop(partial(body, pool, "SELECT (1 AS ?n) {}")) == b"n\r\n1\r\n"

    in_own_loop(main)


def test_dead_workers_are_replaced_before_they_are_asked(pool: QueryPool) -> None:
    for worker in pool._lanes.idle:
        os.kill(worker.pid, signal.SIGKILL)
        os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)
    assert in_own_loop(partial(run_in_loop, partial(body, pool, "SELECT (1 AS ?n) {}"))) == b"n\r\n1\r\n"


def test_who_is_cancelled_leaves_the_pool_as_it_was(pool: QueryPool) -> None:
    async def main() -> None:
        asked = [asyncio.ensure_future(run_in_loop(partial(body, pool, ENDLESS))) for _ in range(4)]
        while pool.state().waiting < 2:
            await asyncio.sleep(0.001)
        for one in asked:
            one.cancel()
        came = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(one) for one in came} == {asyncio.CancelledError}
        again = [run_in_loop(partial(body, pool, numbered(number))) for number in range(4)]
        assert await asyncio.gather(*again) == [f"n\r\n{number}\r\n".encode() for number in range(4)]

    in_own_loop(main)
    assert pool.state().replaced == 2


def test_a_full_line_and_a_closing_pool_are_told_to_all(snapshot: Path) -> None:
    pool = QueryPool(snapshot, QueryLimits(seconds=300, workers=1, queue=1))

    async def main() -> None:
        asked = [asyncio.ensure_future(run_in_loop(partial(body, pool, ENDLESS))) for _ in range(3)]
        with pytest.raises(BusyError):
            await asked[2]
        closing = threading.Thread(target=pool.close)
        closing.start()
        for one in asked[:2]:
            with pytest.raises(BusyError):
                await one
        closing.join()
        with pytest.raises(BusyError):
            await run_in_loop(partial(body, pool, "ASK {}"))

    in_own_loop(main)


def test_where_no_process_can_be_started_the_next_one_tries_again(
    pool: QueryPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no more processes")

    with monkeypatch.context() as patched:
        patched.setattr("kg.workers.pool.Worker", fail)
        for _ in range(3):
            with pytest.raises((LimitReachedError, BusyError)):
                in_own_loop(partial(run_in_loop, partial(body, pool, ENDLESS, 0.1)))
        assert pool.state().busy == 0
    for number in range(4):
        assert body(pool, numbered(number)) == f"n\r\n{number}\r\n".encode()
    assert json.loads(pool.run(QueryJob(examine("ASK {}", 99), "application/sparql-results+json")).read_all())[
        "boolean"
    ]
