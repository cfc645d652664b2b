"""Jobs in threads of their own, for work that takes longer than a request should, and a queue for them.

A job runs once at a time, with progress and cancellation. Its progress is known as long as the process lives. A job
that is interrupted has changed nothing; one that is to be resumed has a folder (kg.jobs.folder), from which it is begun
again.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg.errors import CityKgError, unexpected_end
from kg.history import ConflictError

Advance = Callable[[str, int, int], object]
"""A callback that gets a step in words, the amount done, and the total."""


class CancelledError(CityKgError):
    """A change was cancelled; nothing was changed."""

    title = "The change was cancelled"

    def __init__(self) -> None:
        super().__init__("The change was cancelled.", "Send it again if it is wanted after all.")


def _ignore(step: str, done: int, of: int) -> None:
    """Ignore a step."""


@dataclass(frozen=True)
class Control:
    """Progress and cancellation of a job: `advance` gets each step, `is_cancelled` is asked between steps."""

    advance: Advance = _ignore
    is_cancelled: Callable[[], bool] = lambda: False

    def check(self) -> None:
        """Raise CancelledError if the job is cancelled."""
        if self.is_cancelled():
            raise CancelledError

    def step(self, name: str, done: int, of: int) -> None:
        """Report a step. Raises CancelledError if the job is cancelled."""
        self.check()
        self.advance(name, done, of)


Work = Callable[[Control], object]

Name = str | int

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobProgress:
    """The progress of a job: who began it, its step, how much is done, or its error."""

    by: str
    step: str = "waiting for its turn"
    done: int = 0
    of: int = 0
    error: CityKgError | None = None

    def as_dict(self, data: Path) -> dict[str, Any]:
        """Return the progress for JSON; the path of the data folder (`data`) is left out of messages."""
        if self.error is None:
            return {"step": self.step, "done": self.done, "of": self.of}
        described = {"title": self.error.title, "detail": self.error.public_message(data), "hint": self.error.hint}
        return {"error": described | self.error.details()}


class Jobs:
    """The jobs of a process, by name or number. Safe for use by many threads; must be closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._progress: dict[Name, JobProgress] = {}
        self._threads: dict[Name, threading.Thread] = {}
        self._again: set[Name] = set()
        self._closing = threading.Event()

    def find(self, name: Name | None) -> JobProgress | None:
        """Return the progress of a job, or its error; None if it was not begun, or is done."""
        return None if name is None else self._progress.get(name)

    def begin(self, name: Name, work: Work, by: str = "", *, again: bool = False) -> JobProgress:
        """Begin a job, unless it is running; return its progress. An earlier error is forgotten.

        If it is running, and `again` is True, it runs once more after that.
        """
        with self._lock:
            if name in self._threads:
                if again:
                    self._again.add(name)
                return self._progress[name]
            thread = threading.Thread(target=self._run, args=(name, work), daemon=True)
            self._progress[name] = JobProgress(by)
            try:
                thread.start()
            except RuntimeError:  # there are too many
                del self._progress[name]
                raise
            self._threads[name] = thread
            return self._progress[name]

    def close(self) -> None:
        """Cancel the running jobs, and wait for them."""
        self._closing.set()
        for thread in [*self._threads.values()]:
            thread.join()

    def _run(self, name: Name, work: Work) -> None:
        def advance(step: str, done: int, of: int) -> None:
            self._progress[name] = replace(self._progress[name], step=step, done=done, of=of)

        while True:
            error = self._run_once(name, work, Control(advance, self._closing.is_set))
            with self._lock:
                if name in self._again and not self._closing.is_set():
                    self._again.discard(name)
                    continue
                del self._threads[name]
                known = self._progress.pop(name)
                if error is not None:
                    self._progress[name] = replace(known, error=error)
                return

    @staticmethod
    def _run_once(name: Name, work: Work, control: Control) -> CityKgError | None:
        """Do the work, and return its error, if any."""
        try:
            work(control)
        except CityKgError as error:
            return error
        except Exception:
            _LOGGER.exception("The work on %s has broken off.", name)
            return unexpected_end("It")
        return None


_POLL_SECONDS = 0.2
"""Seconds between checks whether a waiting job is cancelled."""


@dataclass(eq=False)
class _Ticket:
    """A place in the queue; `what` describes the job for those who wait behind it."""

    what: str


class JobQueue:
    """Lets one job run at a time, since each takes a processor and a copy of the store. Safe for many threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._line: deque[_Ticket] = deque()

    @contextmanager
    def turn(self, what: str, control: Control, is_held: Callable[[], bool]) -> Iterator[None]:
        """Wait for the turn, and keep it until the block ends; `what` describes the job for those who wait behind it.

        Raises CancelledError; ConflictError if the caller would have to wait while it holds the gate (`is_held`).
        """
        ticket = _Ticket(what)
        with self._changed:
            if self._line and is_held():
                raise ConflictError(f"This has to wait until {self._line[0].what}.", "Send it again then.")
            self._line.append(ticket)
        try:
            while (first := self._first(ticket)) is not ticket:
                control.check()
                control.advance(f"waiting until {first.what}", 0, 1)
            yield
        finally:
            with self._changed:
                self._line.remove(ticket)
                self._changed.notify_all()

    def _first(self, ticket: _Ticket) -> _Ticket:
        """Return the first ticket, after a while if it is not this one."""
        with self._changed:
            self._changed.wait_for(lambda: self._line[0] is ticket, _POLL_SECONDS)
            return self._line[0]
