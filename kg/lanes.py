"""The lanes of a pool: which tasks have a worker and which wait, so that long ones never hold up short ones.

Each kind of task has slots of its own (Slots), and queries of clients two lanes: those in the slow one may have all
slots of its kind but one. A query begins in the fast lane; after FAST_SECONDS it goes on in the slow one if there is
room, else it is stopped as soon as another waits for the fast lane, to begin anew in the slow one. See
docs/decisions/query-workers.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from kg import greenlets

FAST_SECONDS = 0.2
"""Seconds of work on a query in the fast lane, while another waits for it."""


class Lane(StrEnum):
    """The lane in which a request waits; it decides what may run beside it."""

    FAST = "fast"
    SLOW = "slow"
    ASIDE = "aside"
    """For work that needs no worker for queries, or not all the time, such as the validation of submissions."""
    OWN = "own"
    """For pages, documents, and whatever else is not a query."""
    ASSIST = "assist"
    """For help to an editor of queries: it is short, and of no use if it comes late."""


class Slots(StrEnum):
    """The kinds of slots of a pool. There are as many of each kind, and a task takes only slots of its own kind."""

    QUERIES = "queries"
    """For the queries of clients, and for our own tasks that read the whole graph."""
    OWN = "own"
    """For our other functions, and for canned queries."""
    EVIDENCE = "evidence"
    """For queries whose rows say who says so."""
    ASSIST = "assist"
    """For completion, checks and the like, so that nothing else delays them, and they delay nothing else."""


class OtherLaneError(BaseException):
    """A query is to be asked anew in another lane. Not an Exception, which handlers would answer."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        self.lane = lane


class ClientGoneError(BaseException):
    """The client has closed the connection, so no one waits. Not an Exception, which handlers would answer."""


@dataclass(frozen=True)
class ClientTurn:
    """The turn of a client in a lane, for one query.

    `mark` notes that the query takes long, so that the next ones of the client begin in the slow lane for a while;
    `is_marked` says whether they do, and `is_gone` whether the client has closed the connection.
    """

    client: str
    lane: Lane
    mark: Callable[[], object] = lambda: None
    is_marked: Callable[[], bool] = lambda: False
    is_gone: Callable[[], bool] = lambda: False


class LaneTask(Protocol):
    """A task as lanes see it; one without a turn is our own, and is never stopped."""

    @property
    def turn(self) -> ClientTurn | None: ...  # noqa: D102
    @property
    def slots(self) -> Slots: ...  # noqa: D102
    @property
    def is_slow(self) -> bool:
        """True if it needs a place in the slow lane from the start."""

    @property
    def label(self) -> str: ...  # noqa: D102


class LaneWorker(Protocol):
    """A worker as lanes see it."""

    snapshot: Path
    has_rules: bool
    """True if it has read the rules of inference, for a task of evidence."""
    has_assisted: bool
    """True if it has the tables by which queries are completed, since it was given such a task."""
    began: float
    """The time at which it began its task, by time.monotonic; infinite until then."""

    def age(self) -> float:
        """Return the seconds that it has worked on its task, 0 before it begins."""

    def kill(self) -> None:
        """Kill it; the thread that waits for its answer gets an EOFError."""


W = TypeVar("W", bound=LaneWorker)


@dataclass(eq=False)
class RunningTask:
    """A task that a worker has. It is not stopped once it is over."""

    task: LaneTask
    is_slow: bool
    is_old: bool = False
    interrupt: BaseException | None = None
    """The error for its caller, once its worker has been killed for it."""
    is_over: bool = False
    query_id: str = ""
    """The id under which the operator sees it (kg.running)."""


class QueueEntry(greenlets.WakeUp, Generic[W]):
    """A task in the queue for a worker; `worker` is set once it has one."""

    def __init__(self, task: LaneTask, snapshot: Path) -> None:
        super().__init__()
        self.task, self.snapshot = task, snapshot
        self.worker: W | None = None


class Lanes(Generic[W]):
    """The tasks that have a worker, and those that wait for one. Not safe for use by threads: its pool has the lock."""

    def __init__(self, workers: Iterable[W], slots: int, start: Callable[[Path], W]) -> None:
        """Begin with idle workers, and so many `slots` of each kind; `start` starts another over a snapshot."""
        self.idle = list(workers)
        self.busy: dict[W, RunningTask] = {}
        self.queue: list[QueueEntry[W]] = []
        self._start = start
        self._slots = slots
        self._most_slow = max(1, slots - 1)

    def busy_in(self, slots: Slots) -> int:
        """Return the number of busy slots of a kind."""
        return sum(running.task.slots is slots for running in self.busy.values())

    def waiting_for(self, slots: Slots) -> int:
        """Return the number of tasks that wait for slots of a kind."""
        return sum(place.task.slots is slots for place in self.queue)

    def take(self, task: LaneTask, snapshot: Path) -> W | None:
        """Return a worker for a task, None if it has to wait.

        A worker that has the snapshot open is preferred; for evidence, one that has the rules, and for an editor one
        that has helped before. Other tasks leave those free if they can. If all are at work another is started, which
        may raise OSError.
        """
        if self.busy_in(task.slots) >= self._slots:
            return None
        if task.is_slow and not self._has_slow_room(task.slots):
            return None

        def fits(one: W) -> tuple[bool, bool, bool]:
            has_it_open = one.snapshot == snapshot
            if task.slots is Slots.EVIDENCE:
                return one.has_rules, has_it_open, not one.has_assisted
            if task.slots is Slots.ASSIST:
                return one.has_assisted, has_it_open, not one.has_rules
            return has_it_open, not one.has_rules, not one.has_assisted

        if self.idle:
            worker = max(reversed(self.idle), key=fits)
            self.idle.remove(worker)
        else:
            worker = self._start(snapshot)
        worker.began = math.inf
        worker.has_assisted = worker.has_assisted or task.slots is Slots.ASSIST
        self.busy[worker] = RunningTask(task, task.is_slow)
        return worker

    def wait(self, place: QueueEntry[W]) -> None:
        """Add a task to the queue; tasks too old for the fast lane make room."""
        self.queue.append(place)
        for worker in self.busy:
            self._make_room(worker)

    def look_at(self, worker: W) -> RunningTask:
        """Look at a task that takes long; one too old for the fast lane marks its client, and may be stopped.

        One whose client is gone is.
        """
        running = self.busy[worker]
        if running.task.turn is not None and running.task.turn.is_gone():
            self.stop(worker, ClientGoneError())
        if not running.is_old and worker.age() >= FAST_SECONDS:
            running.is_old = True
            if running.task.turn is not None:
                running.task.turn.mark()
        self._make_room(worker)
        return running

    def stop(self, worker: W, interrupt: BaseException) -> None:
        """Kill the worker of a task, whose caller gets an error."""
        self.busy[worker].interrupt = interrupt
        worker.kill()

    def end(self, worker: W) -> bool:
        """Note that the task of a worker is over; return True if the worker was killed for it."""
        running = self.busy[worker]
        running.is_over = True
        return running.interrupt is not None

    def replace(self, worker: W, new: W) -> None:
        """Replace a busy worker by a new one."""
        self.busy[new] = self.busy.pop(worker)
        new.began = math.inf

    def give_back(self, worker: W) -> None:
        """Take a worker back, and give idle workers to the first tasks in the queue that may have them."""
        del self.busy[worker]
        self.idle.append(worker)
        for place in list(self.queue):
            place.worker = self.take(place.task, place.snapshot)
            if place.worker is not None:
                self.queue.remove(place)
                place.set()

    def _make_room(self, worker: W) -> None:
        """Let a task that is too old for the fast lane go on in the slow one, or stop it if others wait."""
        running = self.busy[worker]
        turn = running.task.turn
        if turn is None or turn.lane is not Lane.FAST or running.is_slow or running.interrupt or running.is_over:
            return
        if worker.age() < FAST_SECONDS:
            return
        if self._has_slow_room(running.task.slots):
            running.is_slow = True
        elif any(not place.task.is_slow and place.task.slots is running.task.slots for place in self.queue):
            turn.mark()
            self.stop(worker, OtherLaneError(Lane.SLOW))

    def _has_slow_room(self, slots: Slots) -> bool:
        slow = sum(running.is_slow and running.task.slots is slots for running in self.busy.values())
        return slow < self._most_slow
