"""What is long of one kind never holds up what is of another: each kind of task has slots of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import DataFolderError
from kg.publish import entities_with
from kg.publish.dataset import checksums
from kg.publish.search import suggestions
from kg.rdf.formats import RESULT_FORMAT
from kg.rdf.vocabulary import SKOS
from kg.sparql import Query
from kg.store.data_folder import DataFolder
from kg.workers import BusyError, LimitReachedError, QueryJob, QueryLimits, QueryPool
from kg.workers.jobs import ReadingJob
from kg.workers.pool import Task
from kg.workers.worker import Worker

pytestmark = pytest.mark.drawn

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
TWINS = "SELECT ?twin { ?tie cd:twin <https://w3id.org/city-diplomacy/id/city/london> , ?twin }"
JSON = RESULT_FORMAT["json"].media_type


PATIENT = """
import os, signal, sys, time
from kg import frames
from kg.evidence import EvidenceFinder
from kg.programs import exchange, query

exchange.GRACE = query.GRACE = 1000.0  # what is left of the alarm says for which seconds it was set
read_rules, answer, held = EvidenceFinder.read_rules, query.OpenSnapshot.answer, []

def left():
    return signal.getitimer(signal.ITIMER_REAL)[0] - query.GRACE

def read_slowly(sources):
    assert left() > 1, "the alarm of the query"
    time.sleep(0.3)
    read_rules(sources)

def answer_in_time(opened, asked, sink):
    assert left() <= asked["seconds"], "the alarm of the rules"
    return answer(opened, asked, sink)

def send_at_once(message, body=b""):
    held.append(frames.pack(message, body))
    if message["kind"] != "started":
        os.write(1, b"".join(held))
        held.clear()

EvidenceFinder.read_rules, query.OpenSnapshot.answer = read_slowly, answer_in_time
frames.send = query.send = send_at_once
sys.exit(query.main())
"""
"""A worker that takes longer for its rules than the query may take, and for the query no time that the pool can see."""

WATCHFUL = """
import signal, sys
from kg.names.name_index import index
from kg.programs import query, reading_table

read_entries, read = index.read_entries, reading_table.read

def left():
    return signal.getitimer(signal.ITIMER_REAL)[0] - query.GRACE

def entries_in_a_start(store):
    assert left() <= 30, "the alarm of the reading"
    return read_entries(store)

def read_as_ever(*given):
    assert left() > 30, "the alarm of a start"
    read(*given)
    assert left() > 30, "the alarm of a start"

index.read_entries, reading_table.read = entries_in_a_start, read_as_ever
sys.exit(query.main())
"""
"""A worker that looks for which seconds its alarm is set, where a reading may take longer than a start."""

ENDLESS_RULES = """
import sys, time
from kg.evidence import EvidenceFinder
from kg.programs import query

EvidenceFinder.read_rules = lambda sources: time.sleep(600)
sys.exit(query.main())
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Write a program of workers, and return the name of its module."""

    def written(text: str) -> str:
        (tmp_path / "program_of_a_test.py").write_text(text, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        return "program_of_a_test"

    return written


def job(text: str) -> QueryJob:
    return QueryJob(Query(text, "SELECT"), JSON)


def labelled(snapshot: Path) -> ReadingJob:
    return ReadingJob(entities_with, (SKOS.prefLabel.value,), snapshot)


@pytest.fixture(scope="module")
def snapshot(small_built: Path) -> Path:
    folder = DataFolder(small_built)
    return folder.snapshot(folder.require_build())


@pytest.fixture
def pool(snapshot: Path) -> Iterator[QueryPool]:
    """Workers of which one may have a query of a stranger, and has one that never ends."""
    pool = QueryPool(snapshot, QueryLimits(seconds=600, workers=1))
    thread = in_background(pool, job(ENDLESS))
    while pool.state().busy < 1:
        time.sleep(0.005)
    yield pool
    pool.close()
    thread.join()


def in_background(pool: QueryPool, task: Task) -> threading.Thread:
    def ask() -> None:
        with pytest.raises(BusyError):  # the pool is closed
            pool.run(task)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def processes(pool: QueryPool) -> int:
    return len([*pool._lanes.idle, *pool._lanes.busy])


def test_a_query_of_a_stranger_leaves_room_for_our_own_readings(pool: QueryPool, snapshot: Path) -> None:
    assert json.loads(pool.run(labelled(snapshot)).read_all())
    assert pool.state().busy == 1


def test_a_query_of_a_stranger_leaves_room_for_evidence_whose_rules_are_read_in_the_sandbox(pool: QueryPool) -> None:
    rows = json.loads(pool.run(replace(job(TWINS), evidence=True)).read_all())["results"]["bindings"]
    assert rows
    assert all(row["evidence"]["value"] for row in rows)
    assert pool.state().busy == 1


def test_that_workers_answer_is_not_tried_out_while_all_are_at_work(pool: QueryPool, snapshot: Path) -> None:
    pool.try_out(snapshot)  # it would wait for ten minutes
    assert (pool.state().busy, pool.state().waiting) == (1, 0)
    with closing(QueryPool(snapshot, QueryLimits(seconds=300, workers=1))) as idle, pytest.raises(DataFolderError):
        idle.try_out(snapshot / "nowhere")


def test_what_goes_over_the_whole_graph_waits_among_the_queries_of_strangers(pool: QueryPool, snapshot: Path) -> None:
    thread = in_background(pool, ReadingJob(checksums, snapshot=snapshot, times=6))
    while not pool.state().waiting:
        time.sleep(0.005)
    assert pool.run(labelled(snapshot))
    assert pool.state().waiting == 1
    pool.close()
    thread.join()


def test_a_process_is_started_once_tasks_come_together(snapshot: Path) -> None:
    pool = QueryPool(snapshot, QueryLimits(seconds=600, workers=1))
    pool.run(labelled(snapshot))
    pool.run(job(TWINS))
    pool.run(replace(job(TWINS), evidence=True))
    assert processes(pool) == 1
    thread = in_background(pool, job(ENDLESS))
    while pool.state().busy < 1:
        time.sleep(0.005)
    pool.run(replace(job(TWINS), evidence=True))
    pool.run(labelled(snapshot))
    assert processes(pool) == 2
    assert pool.state().replaced == 0
    pool.close()
    thread.join()


def test_objections_to_the_rows_of_one_answer_are_not_those_of_the_next(folder: DataFolder) -> None:
    pool = QueryPool(folder.snapshot(folder.require_build()), QueryLimits(seconds=300, workers=1))
    ties = job("SELECT ?tie { ?tie a cd:Twinning }")
    assert pool.run(replace(ties, evidence=True)).objections
    assert not pool.run(ties).objections
    pool.close()


def test_the_seconds_of_a_query_count_once_the_rules_are_read(snapshot: Path, program: Callable[[str], str]) -> None:
    pool = QueryPool(snapshot, QueryLimits(seconds=0.05, workers=1), program(PATIENT))
    try:
        for _ in range(2):
            assert json.loads(pool.run(replace(job(TWINS), evidence=True)).read_all())["results"]["bindings"]
        assert pool.state().replaced == 0
    finally:
        pool.close()


def test_reading_the_rules_takes_no_longer_than_a_start_may(
    snapshot: Path, program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = QueryPool(snapshot, QueryLimits(seconds=600, workers=1), program(ENDLESS_RULES))
    monkeypatch.setattr("kg.workers.worker._START_SECONDS", 0.05)
    try:
        with pytest.raises(LimitReachedError):
            pool.run(replace(job(TWINS), evidence=True))
    finally:
        pool.close()


def test_the_seconds_of_a_reading_count_once_the_names_are_read(
    snapshot: Path, program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[float] = []
    begin = Worker._begin
    monkeypatch.setattr(Worker, "_begin", lambda worker, seconds: (begun.append(seconds), begin(worker, seconds)))
    pool = QueryPool(snapshot, QueryLimits(seconds=600, workers=1), program(WATCHFUL))
    try:
        found = [json.loads(pool.read(snapshot, suggestions, "Londun", ["city"]).read_all()) for _ in range(2)]
    finally:
        pool.close()
    assert found[0] == found[1] != []
    assert begun[:3] == [600, 30, 600]
    assert begun[-2:] == [600, 600]  # what has been made is kept


def test_only_a_worker_that_has_read_the_rules_is_known_to_have_them(snapshot: Path) -> None:
    pool = QueryPool(snapshot, QueryLimits(seconds=300, workers=1))
    pool.run(job(TWINS))
    assert not any(worker.has_rules for worker in pool._lanes.idle)
    pool.run(replace(job(TWINS), evidence=True))
    assert sum(worker.has_rules for worker in pool._lanes.idle) == 1
    pool.close()
