"""A queue of jobs that run one at a time, in the order of their arrival."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kg.history import ConflictError
from kg.jobs.control import Control

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
