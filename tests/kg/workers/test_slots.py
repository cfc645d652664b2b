"""What is long of one kind never holds up what is of another: each kind of task has slots of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.evidence import EvidenceJob, who_says_so
from kg.publish import entities_with
from kg.publish.dataset import checksums
from kg.rdf.formats import RESULT_FORMAT
from kg.rdf.vocabulary import SKOS
from kg.sparql import Query
from kg.store.data_folder import DataFolder
from kg.workers import BusyError, Job, Limits, QueryPool
from kg.workers.jobs import ReadingJob
from kg.workers.pool import Task
from kg.workers.worker import Worker

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
TWINS = "SELECT ?twin { ?tie cd:twin <https://w3id.org/city-diplomacy/id/city/leeds> , ?twin }"
JSON = RESULT_FORMAT["json"].media_type


def job(text: str) -> Job:
    return Job(Query(text, "SELECT"), JSON)


def labelled(snapshot: Path) -> ReadingJob:
    return ReadingJob(entities_with, (SKOS.prefLabel.value,), snapshot)


@pytest.fixture(scope="module")
def snapshot(folder: DataFolder) -> Path:
    return folder.snapshot(folder.built())


@pytest.fixture
def pool(snapshot: Path) -> Iterator[QueryPool]:
    """Workers of which one may have a query of a stranger, and has one that never ends."""
    pool = QueryPool(snapshot, Limits(seconds=600, workers=1))
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
    return sum(isinstance(worker, Worker) for worker in (*pool._lanes.idle, *pool._lanes.busy))


def test_a_query_of_a_stranger_leaves_room_for_our_own_readings(pool: QueryPool, snapshot: Path) -> None:
    assert json.loads(pool.run(labelled(snapshot)).whole())
    assert pool.state().busy == 1


def test_a_query_of_a_stranger_leaves_room_for_evidence_whose_rules_are_read_in_the_sandbox(pool: QueryPool) -> None:
    found, _ = who_says_so(pool, job(TWINS), 10)
    assert found.rows
    assert all(row.sources for row in found.rows)
    assert pool.state().busy == 1


def test_what_goes_over_the_whole_graph_waits_among_the_queries_of_strangers(pool: QueryPool, snapshot: Path) -> None:
    thread = in_background(pool, ReadingJob(checksums, snapshot=snapshot, times=6))
    while not pool.state().waiting:
        time.sleep(0.005)
    assert pool.run(labelled(snapshot))
    assert pool.state().waiting == 1
    pool.close()
    thread.join()


def test_a_process_is_started_once_tasks_come_together(snapshot: Path) -> None:
    pool = QueryPool(snapshot, Limits(seconds=600, workers=1))
    pool.run(labelled(snapshot))
    pool.run(job(TWINS))
    pool.run(EvidenceJob.of(job(TWINS)))
    assert processes(pool) == 1
    thread = in_background(pool, job(ENDLESS))
    while pool.state().busy < 1:
        time.sleep(0.005)
    pool.run(EvidenceJob.of(job(TWINS)))
    pool.run(labelled(snapshot))
    assert processes(pool) == 2
    assert pool.state().replaced == 0
    pool.close()
    thread.join()


def test_objections_to_the_rows_of_one_answer_are_not_those_of_the_next(snapshot: Path) -> None:
    pool = QueryPool(snapshot, Limits(workers=1))
    ties = job("SELECT ?tie { ?tie a cd:Twinning }")
    assert pool.run(EvidenceJob.of(ties)).objections
    assert not pool.run(ties).objections
    pool.close()
