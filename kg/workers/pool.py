"""Queries of strangers, and what is read for them, run in processes that can be killed, never in that of the server.

The engine can neither cancel a query nor bound its memory; some texts end the process that parses them, and on a
damaged file of a snapshot the same may happen to any read. So each task goes to a worker (kg.programs.query) over a
read-only snapshot; one that passes its deadline is killed, one that dies is replaced, and the answer is whole or an
error. See docs/decisions/query-workers.md.
"""

from __future__ import annotations

import json
import math
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg import waiting
from kg.errors import CityKgError
from kg.rdf import namespaces as ns
from kg.sparql import Emptiness, Hint, Query, examine
from kg.workers.jobs import Job, LimitReachedError, Limits, Reading
from kg.workers.process import Ending, WorkerLostError, WorkerProcess
from kg.workers.result import Result, collect

NOWHERE = ns.GRAPH + "none"
"""A graph that does not exist: over it a query shows its mistakes and its columns, and costs little."""

_EXPLAINING = 0.5
"""Seconds after which a worker is ended that looks for the reason why a query has no answer (kg.sparql.emptiness)."""

_PROGRAM = "kg.programs.query"
_START_SECONDS = 30.0

Task = Job | Reading


@dataclass(frozen=True)
class PoolState:
    """What a pool does at a moment: its workers, the busy ones, queries that wait, workers replaced so far."""

    workers: int
    busy: int
    waiting: int
    replaced: int


class BusyError(CityKgError):
    """All workers have work and the queue is full, or the pool is closed; `retry_after` is in seconds."""

    title = "All workers are busy"

    def __init__(self, retry_after: int) -> None:
        super().__init__("The server has as many queries as it can take.", f"Try again in {retry_after} seconds.")
        self.retry_after = retry_after


class _Worker(WorkerProcess):
    """One worker process. After any exception from `run` other than a CityKgError it must be stopped."""

    def __init__(self, program: str, snapshot: Path, memory_bytes: int) -> None:
        super().__init__(program, snapshot, memory_bytes, deadline=time.monotonic() + _START_SECONDS)
        self.snapshot = snapshot
        self.hints: tuple[Hint, ...] = ()
        """What is to be said of its last query."""
        self.objections: tuple[dict[str, str], ...] = ()
        """The objections to the rows of its last answer, where it has looked for them."""
        self.usable = True
        """False once it could not open a snapshot."""
        self._ready = False

    def wait_ready(self) -> None:
        """Wait until the snapshot is open. Raises DataFolderError if it cannot be opened, EOFError if it died."""
        if self._ready:
            return
        message, _ = self.receive()
        if message["kind"] != "ready":
            self.usable = False
            raise CityKgError.rebuilt(message)
        self._ready = True

    def run(self, task: Task, snapshot: Path, limits: Limits, seconds: float) -> Iterator[bytes]:
        """Yield the parts of the answer over a snapshot, to which the worker goes over if it has another one.

        Raises what the worker reports; TimeoutError; EOFError.
        """
        self.wait_ready()
        self.deadline = time.monotonic() + seconds
        most = {"rows": limits.rows, "result_bytes": limits.result_bytes * task.times, "seconds": seconds}
        self.send({"snapshot": str(snapshot), **most, **task.request()}, b"")
        self.snapshot = snapshot
        while True:
            message, body = self.receive()
            if message["kind"] == "end":
                self.hints = tuple(Hint(**hint) for hint in message["hints"])
                self.objections = tuple(message["objections"])
                yield body
                return
            if message["kind"] == "limit":
                raise _limit(task, message["limit"], message["reached"] or _mebibytes(limits.memory_bytes))
            if message["kind"] != "part":
                self.usable = message["kind"] != "failed"
                raise CityKgError.rebuilt(message)
            yield body


class _Place(waiting.Turn):
    """A place in the line of those that wait for a worker; with `worker` once it is theirs."""

    worker: _Worker | None = None


class QueryPool:
    """Workers over the snapshots that their tasks name.

    Safe for use by many threads, and by what runs in an event loop (kg.waiting), which goes on while workers work.
    """

    def __init__(self, snapshot: Path, limits: Limits | None = None, program: str = _PROGRAM) -> None:
        """Start workers over a snapshot, which is read until a task names another one; `program` is what they run."""
        self._program = program
        self.limits = limits or Limits()
        self._changed = threading.Condition()
        self._line: deque[_Place] = deque()
        self._replacements = 0
        self._closed = False
        self._snapshot = snapshot
        self._busy: set[_Worker] = set()
        self._idle = self._started(snapshot)

    def examine(self, text: str) -> Query:
        """Return a query as a job needs it. Raises what kg.sparql.examine raises."""
        return examine(text, self.limits.query_length)

    def check(self, job: Job) -> Result:
        """Return the answer over no data: it raises what `run` raises for mistakes in a query, and costs little."""
        return self.run(replace(job, default_graphs=(NOWHERE,), named_graphs=()))

    def explain(self, job: Job) -> Emptiness | None:
        """Return why a query has no answer, None if that is not found in time. Raises as `run`."""
        try:
            found = json.loads(self.run(replace(job, explain=True, seconds=_EXPLAINING)).whole())
        except LimitReachedError:
            return None
        return Emptiness.of_json(found) if found else None

    def read(self, snapshot: Path, name: str, *arguments: Any, times: int = 1) -> Result:
        """Return what the function of that name in kg.programs.readings reads from a snapshot.

        `arguments` are what JSON can hold; it may take so many `times` the seconds and bytes of a query. Raises what
        `run` raises.
        """
        return self.run(Reading(name, arguments, snapshot, times))

    def run(self, task: Task) -> Result:
        """Return the whole answer.

        Raises QuerySyntaxError, LimitReachedError, QueryError for a media type that does not fit, what a reading
        raises, DataFolderError for a snapshot that cannot be opened, BusyError, and WorkerLostError.
        """
        seconds = task.most_seconds(self.limits)
        snapshot = task.snapshot or self._snapshot
        worker = self._take(snapshot)
        began = time.monotonic()
        finished = False
        try:
            result = collect(worker.run(task, snapshot, self.limits, seconds))
            if worker.hints or worker.objections:
                result = replace(result, hints=worker.hints, objections=worker.objections)
            self._snapshot = snapshot
            finished = True
            return result
        except CityKgError:
            finished = worker.usable
            raise
        except TimeoutError:
            raise _cause(waiting.aside(worker.stop), self.limits, task, seconds, late=True) from None
        except EOFError:
            raise self._cause_of_death(worker, task, seconds) from None
        finally:
            self._give_back(worker, finished)
            task.spent(time.monotonic() - began)

    def state(self) -> PoolState:
        """Return what the pool does now."""
        with self._changed:
            return PoolState(self.limits.workers, len(self._busy), len(self._line), self._replacements)

    def close(self) -> None:
        """End all workers, the running ones too, whose callers get BusyError; remove temporary files."""
        with self._changed:
            self._closed = True
            stopped, self._idle = self._idle, []
            for worker in self._busy:
                worker.kill()
            while self._line:
                self._line.popleft().give()
            self._changed.wait_for(lambda: not self._busy)
        for worker in stopped:
            worker.stop()

    def _started(self, snapshot: Path) -> list[_Worker]:
        workers = [_Worker(self._program, snapshot, self.limits.memory_bytes) for _ in range(self.limits.workers)]
        try:
            for worker in workers:
                worker.wait_ready()
        except (CityKgError, EOFError, TimeoutError) as error:
            said = b" ".join(worker.stop().said for worker in workers)
            if isinstance(error, CityKgError):
                raise
            raise WorkerLostError("The worker processes do not start.", said.decode(errors="replace")) from error
        return workers

    def _take(self, snapshot: Path) -> _Worker:
        """Return a worker that is alive, waiting in line if need be; one that has the snapshot open comes first.

        Raises BusyError.
        """
        with self._changed:
            if self._closed or (not self._idle and len(self._line) >= self.limits.queue):
                raise self._too_busy()
            place = None if self._idle else _Place()
            if place is None:
                fitting = (worker for worker in reversed(self._idle) if worker.snapshot == snapshot)
                worker = next(fitting, self._idle[-1])
                self._idle.remove(worker)
                self._busy.add(worker)
            else:
                self._line.append(place)
        if place is not None:
            worker = self._waited(place)
        try:
            return worker if worker.alive() else waiting.aside(self._replaced, worker, snapshot)
        except BaseException:
            self._give_back(worker, usable=True)  # dead, to be replaced by whoever is the next to take it
            raise

    def _waited(self, place: _Place) -> _Worker:
        """Return the worker for which a place in line waits. Raises BusyError."""
        try:
            place.wait(self.limits.seconds)
        except BaseException:
            self._leave(place)
            if place.worker is not None:
                self._give_back(place.worker, usable=True)
            raise
        if place.worker is None:
            self._leave(place)
        if place.worker is None:
            raise self._too_busy()
        return place.worker

    def _leave(self, place: _Place) -> None:
        """Leave the line, after which no worker comes to a place any more."""
        with self._changed, suppress(ValueError):
            self._line.remove(place)

    def _too_busy(self) -> BusyError:
        return BusyError(max(1, math.ceil(self.limits.seconds)))

    def _give_back(self, worker: _Worker, usable: bool) -> None:
        """Give a worker to the first in line, if any waits; another one in its place if it is of no use any more."""
        if not usable and not self._closed:
            with suppress(OSError):  # there was no room for a new one: whoever takes this one tries again
                worker = waiting.aside(self._replaced, worker, self._snapshot)
        with self._changed:
            if self._closed:
                worker.stop()
                self._busy.discard(worker)
                self._changed.notify_all()
            elif self._line:
                place = self._line.popleft()
                place.worker = worker
                place.give()
            else:
                self._busy.discard(worker)
                self._idle.append(worker)

    def _replaced(self, worker: _Worker, snapshot: Path) -> _Worker:
        """Return a new worker, over a snapshot, in the place of one that is taken and of no use."""
        worker.stop()
        new = _Worker(self._program, snapshot, self.limits.memory_bytes)
        with self._changed:
            self._busy.discard(worker)
            self._busy.add(new)
            self._replacements += 1
            if self._closed:
                new.kill()
        return new

    def _cause_of_death(self, worker: _Worker, task: Task, seconds: float) -> CityKgError:
        if self._closed:
            return BusyError(1)
        return _cause(waiting.aside(worker.stop), self.limits, task, seconds, late=False)


def _cause(ending: Ending, limits: Limits, task: Task, seconds: float, *, late: bool) -> CityKgError:
    """Say why a worker is gone, with a way out."""
    if (lacking := ending.used_up) is not None:
        reached = _mebibytes(limits.memory_bytes) if lacking == "memory" else "as deep as the stack allows"
        return _limit(task, lacking, reached)
    if late or ending.status == -signal.SIGALRM:
        return _limit(task, "seconds", f"{seconds:g} seconds")
    return ending.lost(task.what)


def _limit(task: Task, limit: str, reached: str) -> LimitReachedError:
    return LimitReachedError(limit, reached, task.advice(limit), task.what)


def _mebibytes(size: int) -> str:
    return f"{size >> 20:,} MiB"
