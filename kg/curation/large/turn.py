"""Whose turn it is among what is made aside: one after the other, since each takes a processor and a copy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kg.curation.advance import Advance, Cancelled, CancelledError
from kg.history import ConflictError

_ASKED_EACH = 0.2
"""Seconds after which what waits for another one is asked whether it is still wanted."""


class Turn:
    """The turn, which one has at a time. Safe for use by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = ""

    @contextmanager
    def of(self, what: str, progress: Advance, cancelled: Cancelled, is_held: Callable[[], bool]) -> Iterator[None]:
        """Wait until nothing else is made aside, and keep others waiting until the block ends.

        `what` says to those until when they wait. Raises CancelledError; ConflictError if the one who waits
        holds what the other needs.
        """
        while not self._lock.acquire(timeout=_ASKED_EACH):
            if cancelled():
                raise CancelledError
            if is_held():
                raise ConflictError(f"This has to wait until {self._until}.", "Send it again then.")
            if until := self._until:
                progress(f"waiting until {until}", 0, 1)
        try:
            self._until = what
            yield
        finally:
            self._until = ""
            self._lock.release()
