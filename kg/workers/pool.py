"""The pool of workers: queries and readings run in processes that can be killed, never in that of the server.

The engine can neither cancel a query nor bound its memory; some texts end the process that parses them, and on a
damaged file of a snapshot the same may happen to any read. So each task goes to a worker (kg.programs.query) over a
read-only snapshot; one that passes its deadline is killed, one that dies is replaced, and the answer is whole or an
error. See docs/decisions/query-workers.md.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from kg import greenlets
from kg.errors import CityKgError
from kg.lanes import FAST_SECONDS, ClientGoneError, ClientTurn, Lane, OtherLaneError, Slots
from kg.messages import quantity
from kg.rdf import namespaces as ns
from kg.rdf.formats import RESULT_FORMAT
from kg.readings import Reading, WrittenReading
from kg.running import EndedError, RunningQueries
from kg.sparql import Emptiness, Query, examine
from kg.workers.jobs import AssistJob, QueryJob, ReadingJob, UpdateJob
from kg.workers.lanes import Lanes, QueueEntry
from kg.workers.limits import LimitReachedError, QueryLimits
from kg.workers.process import WorkerLostError
from kg.workers.result import WorkerResult, collect
from kg.workers.worker import Task, Worker, cause_of

NOWHERE = ns.GRAPH + "none"
"""A graph that does not exist: over it a query shows its mistakes and its columns, and costs little."""

_EXPLAINING = 0.5
"""Seconds after which a search for the reason of an empty answer is killed (kg.sparql.hints)."""

_PROGRAM = "kg.programs.query"
_JSON = RESULT_FORMAT["json"].media_type


@dataclass(frozen=True)
class PoolState:
    """The state of a pool, as to queries of clients.

    `workers` is the number of slots, `busy` of those in use, `waiting` of queries in the queue, `replaced` of workers
    replaced so far.
    """

    workers: int
    busy: int
    waiting: int
    replaced: int


class BusyError(CityKgError):
    """All workers have work and the queue is full, or the pool is closed; `retry_after` is in seconds."""

    title = "All workers are busy"

    def __init__(self, retry_after: int, words: str = "The server has as many queries as it can take.") -> None:
        super().__init__(words, f"Try again in {quantity(retry_after, 'second')}.")
        self.retry_after = retry_after


class _AllAtWorkError(BusyError):
    """All slots are in use, and the task does not wait."""


class QueryPool:
    """A pool of workers over the snapshots that tasks name.

    Safe for use by many threads, and by what runs in an event loop (kg.greenlets), which goes on while workers work.
    """

    def __init__(
        self,
        snapshot: Path,
        limits: QueryLimits | None = None,
        program: str = _PROGRAM,
        *,
        spare: bool = False,
        queries: RunningQueries | None = None,
    ) -> None:
        """Start workers over a snapshot, which is read until a task names another one; `program` is what they run.

        There is one for each slot for queries of clients; others are started once more tasks come together, of all
        kinds (kg.lanes.Slots). With a `spare` there is one more, which takes the place of one that is killed, so that
        no task waits for a start. What takes long is noted among `queries`, by which the operator ends it.
        """
        self._program = program
        self.limits = limits or QueryLimits()
        self._changed = threading.Condition()
        self._replacements = 0
        self._closed = False
        self._snapshot = snapshot
        self._lanes: Lanes = Lanes(self._start_workers(snapshot), self.limits.workers, self._spare_or_new)
        self._queries = queries
        self._has_spare = spare and self.limits.workers > 1
        self._spare: Worker | None = None
        self._is_spare_coming = False

    def examine(self, text: str) -> Query:
        """Return a query for a job. Raises as kg.sparql.examine."""
        return examine(text, self.limits.query_length)

    def check(self, job: QueryJob) -> WorkerResult:
        """Return the answer over no data, which costs little: raises as `run` for mistakes in a query."""
        return self.run(replace(job, default_graphs=(NOWHERE,), named_graphs=()))

    def explain(self, job: QueryJob) -> Emptiness | None:
        """Return why a query has no answer, None if that is not found in time. Raises as `run`."""
        turn = job.turn and ClientTurn(job.turn.client, Lane.FAST)  # of its own: it is short, or given up
        try:
            found = json.loads(self.run(replace(job, explain=True, seconds=_EXPLAINING, turn=turn)).read_all())
        except (LimitReachedError, OtherLaneError):
            return None
        return Emptiness.from_json(found) if found else None

    def try_out(self, snapshot: Path) -> None:
        """Run a small query on a worker, unless all are busy. Raises as `run`."""
        with suppress(_AllAtWorkError):
            self.run(QueryJob(Query("ASK {}", "ASK"), _JSON, snapshot=snapshot, waits=False))

    def read(
        self,
        snapshot: Path,
        reading: Reading[..., Any] | WrittenReading[...],
        *arguments: Any,
        times: int = 1,
        turn: ClientTurn | None = None,
        spent: Callable[[float], None] = lambda seconds: None,
    ) -> WorkerResult:
        """Return the reading of a function from a snapshot, within `times` the seconds and bytes of a query.

        Raises what `run` raises.
        """
        return self.run(ReadingJob(reading, arguments, snapshot, times, turn, spent))

    def assist(
        self, snapshot: Path, reading: Reading[..., Any], *arguments: Any, spent: Callable[[float], None]
    ) -> WorkerResult:
        """Return the reading of a function for an editor, within the seconds for that. Raises what `run` does."""
        return self.run(AssistJob(reading, arguments, snapshot, report_seconds=spent))

    def update(
        self, snapshot: Path, reading: Reading[..., Any], *arguments: Any, seconds: float, hint: str
    ) -> WorkerResult:
        """Return the reading of a function for an update, within the seconds left for that. Raises what `run` does."""
        return self.run(UpdateJob(reading, arguments, snapshot, seconds=seconds, hint=hint))

    def run(self, task: Task) -> WorkerResult:
        """Run a task on a worker; return the whole answer.

        Raises QuerySyntaxError, LimitReachedError, QueryError for a media type that does not fit, what a reading
        raises, DataFolderError for a snapshot that cannot be opened, BusyError, WorkerLostError, and what ends the turn
        of a client: EndedError, OtherLaneError, and ClientGoneError.
        """
        seconds = task.most_seconds(self.limits)
        snapshot = task.snapshot or self._snapshot
        worker = self._take(task, snapshot)
        began = time.monotonic()
        finished = False
        try:
            result = collect(worker.run(task, snapshot, self.limits, seconds, partial(self._look_at, worker)))
            if worker.hints or worker.objections or worker.prepared:
                result = replace(result, hints=worker.hints, objections=worker.objections, prepared=worker.prepared)
            self._snapshot = snapshot
            finished = True
            return result
        except CityKgError:
            finished = worker.usable
            raise
        except TimeoutError:
            raise cause_of(greenlets.run_outside_loop(worker.stop), self.limits, task, seconds, late=True) from None
        except EOFError:
            raise self._cause_of_death(worker, task, seconds) from None
        finally:
            self._give_back(worker, finished)
            task.report_seconds(time.monotonic() - began)

    def state(self) -> PoolState:
        """Return the state of the pool now."""
        with self._changed:
            busy, waiting_ones = self._lanes.busy_in(Slots.QUERIES), self._lanes.waiting_for(Slots.QUERIES)
            return PoolState(self.limits.workers, busy, waiting_ones, self._replacements)

    def close(self) -> None:
        """Stop all workers, also busy ones, whose callers get BusyError; remove temporary files."""
        with self._changed:
            self._closed = True
            stopped, self._lanes.idle = self._lanes.idle, []
            for worker in self._lanes.busy:
                worker.kill()
            while self._lanes.queue:
                self._lanes.queue.pop().set()
            self._changed.wait_for(lambda: not self._lanes.busy)
        for worker in (*stopped, *([self._spare] if self._spare else [])):
            worker.stop()

    def _start_worker(self, snapshot: Path) -> Worker:
        return Worker(self._program, snapshot, self.limits.memory_bytes)

    def _start_workers(self, snapshot: Path) -> list[Worker]:
        workers = [self._start_worker(snapshot) for _ in range(self.limits.workers)]
        try:
            for worker in workers:
                worker.wait_ready()
        except (CityKgError, EOFError, TimeoutError) as error:
            said = b" ".join(worker.stop().stderr for worker in workers)
            if isinstance(error, CityKgError):
                raise
            raise WorkerLostError("The worker processes do not start.", said.decode(errors="replace")) from error
        return workers

    def _take(self, task: Task, snapshot: Path) -> Worker:
        """Return a live worker, after waiting in the queue if needed.

        Raises BusyError, OtherLaneError, ClientGoneError.
        """
        try:
            return self._take_or_wait(task, snapshot)
        except OSError as error:
            raise BusyError(1, "No worker process can be started now.") from error

    def _take_or_wait(self, task: Task, snapshot: Path) -> Worker:
        with self._changed:
            worker = None if self._closed else self._lanes.take(task, snapshot)
            if worker is None:
                if not self._closed and not task.waits:
                    raise _AllAtWorkError(1)
                if self._closed or self._lanes.waiting_for(task.slots) >= self.limits.queue:
                    raise self._too_busy()
                place: QueueEntry = QueueEntry(task, snapshot)
                self._lanes.wait(place)
        if worker is None:
            worker = self._await_worker(place)
        try:
            if not worker.alive():
                dead, worker = worker, self._replace(worker, snapshot)
                greenlets.run_outside_loop(dead.stop)
            return worker
        except BaseException:
            self._give_back(worker, usable=True)  # if it is dead, the next task that takes it replaces it
            raise

    def _await_worker(self, place: QueueEntry) -> Worker:
        """Wait for the worker of a queue entry, and return it. Raises BusyError, OtherLaneError, ClientGoneError."""
        try:
            place.wait(self.limits.seconds)
            self._leave_queue(place)
            if place.worker is None:
                raise self._too_busy()
            turn = place.task.turn
            if turn is not None and turn.is_gone():
                raise ClientGoneError
            if turn is not None and turn.lane is Lane.FAST and turn.is_marked():  # by another query, meanwhile
                raise OtherLaneError(Lane.SLOW)
        except BaseException:
            self._leave_queue(place)
            if place.worker is not None:
                self._give_back(place.worker, usable=True)
            raise
        return place.worker

    def _leave_queue(self, place: QueueEntry) -> None:
        """Remove an entry from the queue, after which it gets no worker any more."""
        with self._changed, suppress(ValueError):
            self._lanes.queue.remove(place)

    def _look_at(self, worker: Worker) -> None:
        """Check a task that takes long: it may have to leave its lane, or to end."""
        with self._changed:
            running = self._lanes.look_at(worker)
        if self._queries is None:
            return
        seconds = time.monotonic() - worker.began
        if not running.query_id and seconds >= FAST_SECONDS:
            turn = running.task.turn
            client = turn.client if turn is not None else ""
            running.query_id = self._queries.add(time.time() - seconds, client, running.task.label)
        elif running.query_id and self._queries.is_to_end(running.query_id):
            with self._changed:
                self._lanes.stop(worker, EndedError())

    def _too_busy(self) -> BusyError:
        return BusyError(max(1, math.ceil(self.limits.seconds)))

    def _give_back(self, worker: Worker, usable: bool) -> None:
        """Give a worker to the next task in the queue, or its replacement if it is not usable."""
        dead = None
        with self._changed:
            usable = not self._lanes.end(worker) and usable
            noted = self._lanes.busy[worker].query_id
        if noted and self._queries is not None:
            self._queries.remove(noted)
        try:
            if not usable and not self._closed:
                worker.end()  # its pipe may still hold an answer, which no other task may get
                with suppress(OSError):  # there is no room for a new one: the next task that takes this one tries again
                    dead, worker = worker, self._replace(worker, self._snapshot)
        finally:
            with self._changed:
                if self._closed:
                    worker.stop()
                    del self._lanes.busy[worker]
                    self._changed.notify_all()
                else:
                    self._lanes.give_back(worker)
        self._want_spare()
        if dead is not None:
            greenlets.run_outside_loop(dead.stop)

    def _replace(self, worker: Worker, snapshot: Path) -> Worker:
        """Replace a busy worker that is not usable by the spare one or a new one, and return that."""
        made: list[Worker] = []
        try:
            greenlets.run_outside_loop(lambda: made.append(self._spare_or_new(snapshot)))
        except BaseException:
            for one in made:
                one.stop()
            raise
        with self._changed:
            self._lanes.replace(worker, made[0])
            self._replacements += 1
            if self._closed:
                made[0].kill()
        return made[0]

    def _spare_or_new(self, snapshot: Path) -> Worker:
        with self._changed:
            spare, self._spare = self._spare, None
        return spare if spare is not None and spare.alive() else self._start_worker(snapshot)

    def _want_spare(self) -> None:
        """Start the spare worker in the background, if there is to be one and is none."""
        with self._changed:
            if not self._has_spare or self._spare is not None or self._is_spare_coming or self._closed:
                return
            self._is_spare_coming = True
        try:
            threading.Thread(target=self._start_spare, daemon=True, name="spare worker").start()
        except RuntimeError:  # there is no room for a thread either: the next task tries again
            self._is_spare_coming = False

    def _start_spare(self) -> None:
        try:
            new = self._start_worker(self._snapshot)
        except OSError:  # there is no room for one
            self._is_spare_coming = False
            return
        with self._changed:
            self._is_spare_coming = False
            if not self._closed:
                self._spare = new
                return
        new.stop()

    def _cause_of_death(self, worker: Worker, task: Task, seconds: float) -> BaseException:
        if self._closed:
            return BusyError(1)
        interrupt = self._lanes.busy[worker].interrupt
        return interrupt or cause_of(greenlets.run_outside_loop(worker.stop), self.limits, task, seconds, late=False)
