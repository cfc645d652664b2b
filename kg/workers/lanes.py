"""The lanes of a pool (kg.lanes): which tasks have a worker, and which wait for one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from kg import greenlets
from kg.lanes import FAST_SECONDS, ClientGoneError, Lane, OtherLaneError, Slots
from kg.workers.worker import Task, Worker


@dataclass(eq=False)
class RunningTask:
    """A task that a worker has. It is not stopped once it is over."""

    task: Task
    is_slow: bool
    is_old: bool = False
    interrupt: BaseException | None = None
    """The error for its caller, once its worker has been killed for it."""
    is_over: bool = False
    query_id: str = ""
    """The id under which the operator sees it (kg.running)."""


class QueueEntry(greenlets.WakeUp):
    """A task in the queue for a worker; `worker` is set once it has one."""

    def __init__(self, task: Task, snapshot: Path) -> None:
        super().__init__()
        self.task, self.snapshot = task, snapshot
        self.worker: Worker | None = None


class Lanes:
    """The tasks that have a worker, and those that wait for one. Not safe for use by threads: its pool has the lock."""

    def __init__(self, workers: Iterable[Worker], slots: int, start: Callable[[Path], Worker]) -> None:
        """Begin with idle workers, and so many `slots` of each kind; `start` starts another over a snapshot."""
        self.idle = list(workers)
        self.busy: dict[Worker, RunningTask] = {}
        self.queue: list[QueueEntry] = []
        self._start = start
        self._slots = slots
        self._most_slow = max(1, slots - 1)

    def busy_in(self, slots: Slots) -> int:
        """Return the number of busy slots of a kind."""
        return sum(running.task.slots is slots for running in self.busy.values())

    def waiting_for(self, slots: Slots) -> int:
        """Return the number of tasks that wait for slots of a kind."""
        return sum(place.task.slots is slots for place in self.queue)

    def take(self, task: Task, snapshot: Path) -> Worker | None:
        """Return a worker for a task, None if it has to wait.

        A worker that has the snapshot open is preferred; for evidence, one that has the rules, and for an editor one
        that has helped before. Other tasks leave those free if they can. If all are at work another is started, which
        may raise OSError.
        """
        if self.busy_in(task.slots) >= self._slots:
            return None
        if task.is_slow and not self._has_slow_room(task.slots):
            return None

        def fits(one: Worker) -> tuple[bool, bool, bool]:
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

    def wait(self, place: QueueEntry) -> None:
        """Add a task to the queue; tasks too old for the fast lane make room."""
        self.queue.append(place)
        for worker in self.busy:
            self._make_room(worker)

    def look_at(self, worker: Worker) -> RunningTask:
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

    def stop(self, worker: Worker, interrupt: BaseException) -> None:
        """Kill the worker of a task, whose caller gets an error."""
        self.busy[worker].interrupt = interrupt
        worker.kill()

    def end(self, worker: Worker) -> bool:
        """Note that the task of a worker is over; return True if the worker was killed for it."""
        running = self.busy[worker]
        running.is_over = True
        return running.interrupt is not None

    def replace(self, worker: Worker, new: Worker) -> None:
        """Replace a busy worker by a new one."""
        self.busy[new] = self.busy.pop(worker)
        new.began = math.inf

    def give_back(self, worker: Worker) -> None:
        """Take a worker back, and give idle workers to the first tasks in the queue that may have them."""
        del self.busy[worker]
        self.idle.append(worker)
        for place in list(self.queue):
            place.worker = self.take(place.task, place.snapshot)
            if place.worker is not None:
                self.queue.remove(place)
                place.set()

    def _make_room(self, worker: Worker) -> None:
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
