"""The workers' time that each client has used: query-seconds a minute, counted after each query, and its lane.

The client that has used least is next (server.turns.queue); one that has used up its share is refused.
"""

from __future__ import annotations

import fcntl
import math
import mmap
import struct
import time
from collections.abc import Callable
from threading import Lock
from typing import IO

from kg.errors import CityKgError
from server.turns import ClientUsage

_MINUTE = 60
_LEAST = 0.001
"""Seconds that the shortest query counts."""

_WINDOW = struct.Struct("=qddd")
"""A row of the table: the client, the end of its minute, the seconds used, and the time until which it is slow."""
_ROW = 8 * _WINDOW.size
"""Clients that share one row; of more than these within a minute, the one whose minute ends first is forgotten."""
_ROWS = 1 << 14


class TooManyQuerySecondsError(CityKgError):
    """A client has used up its share; `retry_after` is in seconds."""

    title = "Too many query seconds"

    def __init__(self, seconds: float, retry_after: int) -> None:
        super().__init__(
            f"Your requests have taken more than {seconds:g} seconds of work within a minute.",
            f"Go on in {retry_after} seconds, or ask for less at a time; dumps are at /dataset.",
        )
        self.retry_after = retry_after


class QuerySeconds:
    """The share of each client: so many seconds of queries a minute; 0 sets no limit. And its lane.

    A client's minute begins with what is first counted. Safe for use by many threads, and by processes that are forked
    once it is made, since they count in the same memory. (`limits` has no storage that processes share without a server
    of its own, and that in memory starts a thread for each query that comes 10 ms after another.)
    """

    def __init__(
        self, seconds: float, now: Callable[[], float] = time.monotonic, lock: IO[bytes] | None = None
    ) -> None:
        """Take a file to be locked, where processes will be forked."""
        self._seconds = seconds
        self._now = now
        self._table = mmap.mmap(-1, _ROWS * _ROW)
        """Memory of which little is in use until clients come."""
        self._lock = _TableLock(lock)

    def check(self, client: str) -> None:
        """Raise TooManyQuerySecondsError if a client has used up its share."""
        if not self._seconds:
            return
        now = self._now()
        with self._lock:
            _, ends, spent, _ = _find_window(self._table, hash(client), now)
        if spent >= self._seconds:
            raise TooManyQuerySecondsError(self._seconds, max(1, math.ceil(ends - now)))

    def charge(self, client: str, seconds: float) -> None:
        """Count the seconds that a worker had a query of a client."""
        self._record(client, max(_LEAST, seconds))

    def mark_slow(self, client: str) -> None:
        """Note that a query of a client takes long: for a minute its queries begin in the slow lane."""
        self._record(client, is_slow=True)

    def usage(self, client: str) -> ClientUsage:
        """Return how a client stands."""
        now = self._now()
        with self._lock:
            _, _, spent, slow_until = _find_window(self._table, hash(client), now)
        return ClientUsage(spent, slow_until > now)

    def _record(self, client: str, seconds: float = 0.0, *, is_slow: bool = False) -> None:
        name = hash(client)  # by a secret of the process, which its forks share: clients cannot choose their row
        now = self._now()
        with self._lock:
            place, ends, spent, slow_until = _find_window(self._table, name, now)
            slow_until = now + _MINUTE if is_slow else slow_until
            _WINDOW.pack_into(self._table, place, name, ends, spent + seconds, slow_until)


def _find_window(table: mmap.mmap, name: int, now: float) -> tuple[int, float, float, float]:
    """Return where a client is noted, when its minute ends, what it has spent, and until when it is slow.

    That is a new minute if none runs.
    """
    start = name % _ROWS * _ROW
    best, earliest = start, math.inf
    for place in range(start, start + _ROW, _WINDOW.size):
        who, ends, spent, slow_until = _WINDOW.unpack_from(table, place)
        if who == name:
            return (place, ends, spent, slow_until) if ends > now else (place, now + _MINUTE, 0.0, slow_until)
        if max(ends, slow_until) < earliest:
            best, earliest = place, max(ends, slow_until)
    return best, now + _MINUTE, 0.0, 0.0


class _TableLock:
    """A lock for threads, and for processes by a lock on a file, which the system releases if a process is killed."""

    def __init__(self, file: IO[bytes] | None) -> None:
        self._threads = Lock()
        self._file = file

    def __enter__(self) -> None:
        self._threads.acquire()
        if self._file is not None:
            fcntl.lockf(self._file, fcntl.LOCK_EX)

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            fcntl.lockf(self._file, fcntl.LOCK_UN)
        self._threads.release()
