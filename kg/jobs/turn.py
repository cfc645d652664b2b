"""A queue for what is done one at a time, in the order in which it came."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kg.history import ConflictError
from kg.jobs.control import Control

_POLL_SECONDS = 0.2
"""Seconds after which a job that waits is asked whether it is still wanted."""


@dataclass(eq=False)
class _Ticket:
    """A place in the queue; `what` says to those behind until when they wait."""

    what: str


class JobQueue:
    """The turn, which one job has at a time: each takes a processor and a copy. Safe for use by many threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._line: deque[_Ticket] = deque()

    @contextmanager
    def turn(self, what: str, control: Control, is_held: Callable[[], bool]) -> Iterator[None]:
        """Wait for the turn, and have it until the block ends, which `what` says to those who wait behind.

        Raises CancelledError; ConflictError if the one who would have to wait holds what the others need.
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
        """Return whose turn it is, after a while if it is not that of a ticket."""
        with self._changed:
            self._changed.wait_for(lambda: self._line[0] is ticket, _POLL_SECONDS)
            return self._line[0]
