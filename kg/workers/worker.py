"""A worker of a pool: a process with an open snapshot that runs one task after the other."""

from __future__ import annotations

import logging
import math
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.errors import CityKgError, FaultError
from kg.sparql import Hint
from kg.workers.jobs import QueryJob, ReadingJob
from kg.workers.limits import LimitReachedError, QueryLimits
from kg.workers.process import Ending, WorkerProcess

_LOGGER = logging.getLogger(__name__)
_START_SECONDS = 30.0
"""Seconds for a worker to start, and to fill its caches."""
_LOOK_SECONDS = 0.05
"""Seconds between checks of a task that takes long."""
_OF_WAITING = 2
"""So many seconds of waiting for a processor or a disk count as one second of work."""

_OF_PROCESS = 2
"""The low bits of the id of a process's clock, below those of its process id (clock_getcpuclockid(3))."""

Task = QueryJob | ReadingJob


class Worker(WorkerProcess):
    """A worker process. After any exception from `run` other than a CityKgError it must be stopped."""

    def __init__(self, program: str, snapshot: Path, memory_bytes: int) -> None:
        self._until = time.monotonic() + _START_SECONDS
        super().__init__(program, snapshot, memory_bytes, deadline=self._until)
        self.snapshot = snapshot
        self.has_rules = False
        """True if it has read the rules of inference, for a task of evidence."""
        self.has_assisted = False
        """True if it has the tables by which queries are completed, since it was given such a task."""
        self.began = math.inf
        """The time at which it began its last task."""
        self.hints: tuple[Hint, ...] = ()
        """The hints on its last query."""
        self.objections: tuple[dict[str, str], ...] = ()
        """The objections to the rows of its last answer, where it looked for them."""
        self.prepared: Mapping[str, Any] | None = None
        """The checked values of its last query, if that was a canned question."""
        self.usable = True
        """False once it failed to open a snapshot, or was left in the middle of an answer."""
        self._ready = False
        self._worked = 0.0
        self._look: Callable[[], object] = lambda: None

    def alive(self) -> bool:
        """Return True if it can run another task."""
        return self.usable and super().alive()

    def end(self) -> None:
        """Kill it, and mark it as not usable."""
        self.usable = False
        self.kill()

    def wait_ready(self) -> None:
        """Wait until the snapshot is open. Raises DataFolderError if it cannot be opened, EOFError if it died."""
        if self._ready:
            return
        message, _ = self.receive()
        if message["kind"] != "ready":
            self.usable = False
            raise CityKgError.from_json(message)
        self._ready = True

    def run(
        self, task: Task, snapshot: Path, limits: QueryLimits, seconds: float, look: Callable[[], object]
    ) -> Iterator[bytes]:
        """Yield the parts of the answer over a snapshot, which the worker opens if it has another one.

        `look` is called now and then once the task has taken long. Making what is kept, such as the rules for evidence
        and the index of names, is allowed the seconds of a start; the seconds of the task count only afterwards.

        Raises what the worker reports; TimeoutError; EOFError.
        """
        self.wait_ready()
        self._look = look
        most = {"rows": limits.rows, "result_bytes": limits.result_bytes * task.times, "seconds": seconds}
        request = {"snapshot": str(snapshot), "start_seconds": _START_SECONDS, **most, **task.request()}
        self._begin(_START_SECONDS if request.get("evidence") else seconds)
        self.send(request, b"")
        self.snapshot = snapshot
        while True:
            message, body = self.receive()
            if message["kind"] == "starts":
                self._begin(_START_SECONDS)
                continue
            if message["kind"] == "started":
                self.has_rules = self.has_rules or bool(request.get("evidence"))  # which come first
                self._begin(seconds)
                continue
            if message["kind"] == "end":
                self.hints = tuple(Hint(**hint) for hint in message["hints"])
                self.objections = tuple(message["objections"])
                self.prepared = message["prepared"]
                yield body
                return
            if message["kind"] == "limit":
                raise _limit_error(task, message["limit"], message["reached"] or _mebibytes(limits.memory_bytes))
            if message["kind"] != "part":
                self.usable = message["kind"] != "failed"
                error = CityKgError.from_json(message)
                if isinstance(error, FaultError):
                    _LOGGER.error("%s\n%s\n%s", error.message, task.label, error.trace)
                raise error
            yield body

    def _begin(self, seconds: float) -> None:
        """Start the clock of a task, which may take `seconds`."""
        self.began, self._worked = time.monotonic(), self._processor_seconds()
        self._until = self.began + seconds
        self.deadline = min(self._until, self.began + _LOOK_SECONDS)

    def age(self) -> float:
        """Return the seconds of work on its task, by processor time, so that a busy machine does not count."""
        if self.began == math.inf:
            return 0.0
        waited = (time.monotonic() - self.began) / _OF_WAITING
        return max(waited, self._processor_seconds() - self._worked)

    def _processor_seconds(self) -> float:
        """Return the processor seconds of its process so far; 0 where they are not known."""
        try:
            return time.clock_gettime(~self.pid << 3 | _OF_PROCESS)
        except (OSError, AttributeError):
            return 0.0

    def on_deadline(self) -> None:
        """Check the task, unless its time is over."""
        now = time.monotonic()
        if now >= self._until:
            super().on_deadline()
        self.deadline = min(self._until, now + _LOOK_SECONDS)
        self._look()


def _limit_error(task: Task, limit: str, reached: str) -> LimitReachedError:
    """Return the error of a task that reached a limit, with advice."""
    return LimitReachedError(limit, reached, task.advice(limit), task.what)


def _mebibytes(size: int) -> str:
    """Return a number of bytes in MiB, as text."""
    return f"{size >> 20:,} MiB"


def cause_of(ending: Ending, limits: QueryLimits, task: Task, seconds: float, *, late: bool) -> CityKgError:
    """Return the error of a task whose worker died, with advice."""
    if (lacking := ending.exhausted_resource) is not None:
        reached = _mebibytes(limits.memory_bytes) if lacking == "memory" else "as deep as the stack allows"
        return _limit_error(task, lacking, reached)
    if late or ending.status == -signal.SIGALRM:
        return _limit_error(task, "seconds", f"{seconds:g} seconds")
    return ending.lost_error(task.what)
