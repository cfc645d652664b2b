"""Queries of strangers run in processes of their own, which can be killed; the server's process never evaluates one.

The engine can neither cancel a query nor bound its memory, and some texts end the process that parses them. So each
job goes to a worker (kg.query_worker) over a read-only snapshot; one that passes its deadline is killed, one that dies
is replaced, and the answer is whole or an error. See docs/decisions/query-workers.md.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from kg.errors import CityKgError, DataFolderError, QueryError
from kg.hints import on_slow_negation
from kg.query_guard import examine
from kg.query_results import Result, collect
from kg.querying import QuerySyntaxError
from kg.worker_process import DeadlineError, WorkerProcess, used_up

__all__ = [
    "BusyError",
    "Insertion",
    "Job",
    "LimitReachedError",
    "Limits",
    "PoolState",
    "QueryPool",
    "Result",
    "WorkerLostError",
]

_START_SECONDS = 30.0
_HINTS = {
    "seconds": "Ask for less at a time: add patterns that connect its parts, LIMIT, or a sub-SELECT DISTINCT. "
    "The dumps hold everything.",
    "rows": "Ask for pages by ORDER BY, LIMIT and OFFSET, or take a dump.",
    "result_bytes": "Ask for pages by ORDER BY, LIMIT and OFFSET, or take a dump.",
    "memory": "Sort, group or compare fewer rows: add patterns that connect the parts of the query, or take a dump.",
    "nesting": "Write the query with fewer braces and parentheses inside each other.",
}


@dataclass(frozen=True)
class Limits:
    """What one query may use, and how many queries there may be."""

    seconds: float = 10.0
    """Seconds from the start of evaluation to the last byte."""
    rows: int = 1_000_000
    """Rows of a table, or triples of a graph."""
    result_bytes: int = 256 << 20
    """Bytes of a serialised answer."""
    query_length: int = 100_000
    """Characters of a query."""
    memory_bytes: int = 1 << 30
    """Bytes of address space that a worker may take beyond what it has once its snapshot is open."""
    workers: int = 2
    """Worker processes, hence queries at the same time."""
    queue: int = 64
    """Queries that wait for a worker; each waits at most `seconds`."""


@dataclass(frozen=True)
class Insertion:
    """Text of our own that goes into a query at an offset, once the query has been examined."""

    offset: int
    text: str


@dataclass(frozen=True)
class Job:
    """A query and how its answer is wanted.

    `media_type` is one of kg.formats. Given graphs are the data set and replace FROM and FROM NAMED: several default
    graphs are their set union. `seconds` may lower the limit, never raise it; `allowed_seconds` takes the place of the
    limit for somebody who is trusted with more, or with less. Insertions stand in the order of their
    offsets; they are not held against the limit on the length of a query. `spent` is told how many seconds a worker
    had the query, whatever came of it.
    """

    text: str
    media_type: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    seconds: float | None = None
    insertions: tuple[Insertion, ...] = ()
    spent: Callable[[float], None] = lambda seconds: None
    allowed_seconds: float | None = None

    def most_seconds(self, limits: Limits) -> float:
        """Return how many seconds it may take."""
        allowed = limits.seconds if self.allowed_seconds is None else self.allowed_seconds
        return min(self.seconds or allowed, allowed)

    def whole_text(self) -> str:
        """Return the text with what is inserted."""
        text = self.text
        for insertion in reversed(self.insertions):
            text = text[: insertion.offset] + insertion.text + text[insertion.offset :]
        return text


@dataclass(frozen=True)
class PoolState:
    """What a pool does at a moment: its workers, the busy ones, queries that wait, workers replaced so far."""

    workers: int
    busy: int
    waiting: int
    replaced: int


class LimitReachedError(QueryError):
    """A query used up a limit: `limit` is seconds, rows, result_bytes, memory or nesting; `reached` says how much."""

    def __init__(self, limit: str, reached: str, hint: str = "") -> None:
        super().__init__(f"The query reached the limit of {limit.replace('_', ' ')}: {reached}.", hint)
        self.limit = limit
        self.reached = reached


class BusyError(CityKgError):
    """All workers have work and the queue is full, or the pool is closed; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("The server has as many queries as it can take.", f"Try again in {retry_after} seconds.")
        self.retry_after = retry_after


class WorkerLostError(CityKgError):
    """A worker ended while it had a query, for a reason that lies outside the query as far as can be seen."""


class _Worker(WorkerProcess):
    """One worker process. After any exception from `run` other than a CityKgError it must be stopped."""

    def __init__(self, snapshot: Path, memory_bytes: int) -> None:
        super().__init__("kg.query_worker", snapshot, memory_bytes, deadline=time.monotonic() + _START_SECONDS)
        self.snapshot = snapshot
        self.memory_bytes = memory_bytes
        self._ready = False

    def wait_ready(self) -> None:
        """Wait until the snapshot is open. Raises DataFolderError if it cannot be opened, EOFError if it died."""
        if self._ready:
            return
        message, _ = self.receive()
        if message["kind"] != "ready":
            raise DataFolderError(f"The snapshot cannot be opened: {message['message']}", "Run `citykg build`.")
        self._ready = True

    def move(self, snapshot: Path) -> None:
        """Go over to another snapshot. Raises what `wait_ready` raises, and DeadlineError."""
        self.wait_ready()
        self.deadline = time.monotonic() + _START_SECONDS
        self._ready = False
        self.send({"snapshot": str(snapshot)}, b"")
        self.wait_ready()
        self.snapshot = snapshot

    def run(self, job: Job, limits: Limits, seconds: float) -> Iterator[bytes]:
        """Yield the parts of the answer. Raises QueryError that the worker reports; DeadlineError; EOFError."""
        self.wait_ready()
        self.deadline = time.monotonic() + seconds
        request = {
            "media_type": job.media_type,
            "default_graphs": job.default_graphs,
            "named_graphs": job.named_graphs,
            "rows": limits.rows,
            "result_bytes": limits.result_bytes,
            "seconds": seconds,
        }
        self.send(request, job.whole_text().encode())
        while True:
            message, body = self.receive()
            if message["kind"] == "end":
                return
            if message["kind"] != "part":
                _raise(message, self.memory_bytes)
            yield body


class QueryPool:
    """Workers over one snapshot at a time. Safe for use by many threads."""

    def __init__(self, snapshot: Path, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._changed = threading.Condition()
        self._waiting = 0
        self._replacements = 0
        self._closed = False
        self._snapshot = snapshot
        self._busy: set[_Worker] = set()
        self._idle = self._started(snapshot)

    def run(self, job: Job) -> Result:
        """Return the whole answer.

        Raises what kg.query_guard.examine raises, QuerySyntaxError, LimitReachedError, QueryError for a media type
        that does not fit, BusyError, and WorkerLostError.
        """
        examine(job.text, self.limits.query_length)
        if any("\ud800" <= character <= "\udfff" for character in job.text):
            raise QueryError("The query holds half of a surrogate pair, which is no character.", "Send UTF-8.")
        seconds = job.most_seconds(self.limits)
        worker = self._take()
        began = time.monotonic()
        finished = False
        try:
            if worker.snapshot != self._snapshot:
                worker.move(self._snapshot)
            result = replace(collect(worker.run(job, self.limits, seconds)), snapshot=worker.snapshot)
            finished = True
            return result
        except CityKgError:
            finished = True
            raise
        except DeadlineError:
            raise _cause(*worker.stop(), self.limits, job.text, seconds, late=True) from None
        except EOFError:
            raise self._cause_of_death(worker, job.text, seconds) from None
        finally:
            self._give_back(worker, finished)
            job.spent(time.monotonic() - began)

    def swap(self, snapshot: Path) -> None:
        """Move to another snapshot, each worker when it next has a query; queries that run finish on the old one.

        Raises DataFolderError, and stays with the old one, if the new one is not there.
        """
        if not (snapshot / "CURRENT").exists():  # a file that every store has
            raise DataFolderError(f"There is no snapshot in {snapshot}.", "Run `citykg build`.")
        self._snapshot = snapshot

    def state(self) -> PoolState:
        """Return what the pool does now."""
        with self._changed:
            return PoolState(self.limits.workers, len(self._busy), self._waiting, self._replacements)

    def close(self) -> None:
        """End all workers, the running ones too, whose callers get BusyError; remove temporary files."""
        with self._changed:
            self._closed = True
            stopped, self._idle = self._idle, []
            for worker in self._busy:
                worker.kill()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._busy)
        for worker in stopped:
            worker.stop()

    def _started(self, snapshot: Path) -> list[_Worker]:
        workers = [_Worker(snapshot, self.limits.memory_bytes) for _ in range(self.limits.workers)]
        try:
            for worker in workers:
                worker.wait_ready()
        except (CityKgError, EOFError, DeadlineError) as error:
            said = b" ".join(worker.stop()[1] for worker in workers)
            if isinstance(error, CityKgError):
                raise
            raise WorkerLostError("The worker processes do not start.", said.decode(errors="replace")) from error
        return workers

    def _take(self) -> _Worker:
        """Return a worker that is alive, waiting in the queue if need be. Raises BusyError."""
        with self._changed:
            if not self._idle:
                self._wait()
            if self._closed or not self._idle:
                raise BusyError(max(1, math.ceil(self.limits.seconds)))
            worker = self._idle.pop()
            if not worker.alive():
                worker = self._replaced(worker)
            self._busy.add(worker)
            return worker

    def _wait(self) -> None:
        if self._waiting >= self.limits.queue or self._closed:
            return
        self._waiting += 1
        try:
            self._changed.wait_for(lambda: self._idle or self._closed, timeout=self.limits.seconds)
        finally:
            self._waiting -= 1

    def _give_back(self, worker: _Worker, usable: bool) -> None:
        with self._changed:
            self._busy.discard(worker)
            if self._closed:
                worker.stop()
            else:
                self._idle.append(worker if usable else self._replaced(worker))
            self._changed.notify_all()

    def _replaced(self, worker: _Worker) -> _Worker:
        """Return a new worker in the place of one that is of no use; the lock must be held."""
        worker.stop()
        self._replacements += 1
        return _Worker(self._snapshot, self.limits.memory_bytes)

    def _cause_of_death(self, worker: _Worker, text: str, seconds: float) -> CityKgError:
        if self._closed:
            return BusyError(1)
        return _cause(*worker.stop(), self.limits, text, seconds, late=False)


def _cause(status: int, said: bytes, limits: Limits, text: str, seconds: float, *, late: bool) -> CityKgError:
    """Say why a worker is gone, from its exit status (negative: the signal) and its last words, with a way out."""
    if (lacking := used_up(status, said)) is not None:
        return _limit(lacking, _reached(lacking, limits.memory_bytes))
    if late or status == -signal.SIGALRM:
        return LimitReachedError("seconds", f"{seconds:g} seconds", _faster(text))
    return WorkerLostError(f"The process that had the query ended (status {status}).", "Try again.")


def _reached(limit: str, memory_bytes: int) -> str:
    return f"{memory_bytes >> 20:,} MiB" if limit == "memory" else "as deep as the stack allows"


def _faster(text: str) -> str:
    return " ".join(filter(None, (on_slow_negation(text), _HINTS["seconds"])))


def _limit(limit: str, reached: str) -> LimitReachedError:
    return LimitReachedError(limit, reached, _HINTS[limit])


def _raise(message: dict[str, Any], memory_bytes: int) -> NoReturn:
    """Raise the error that a worker reports."""
    if message["kind"] == "syntax":
        raise QuerySyntaxError(message["message"], message["line"], message["column"], message["hint"])
    if message["kind"] == "limit":
        raise _limit(message["limit"], message["reached"] or f"{memory_bytes >> 20:,} MiB")
    raise QueryError(message["message"], message["hint"])
