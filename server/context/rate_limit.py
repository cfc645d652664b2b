"""How much of the workers' time one client may take: query-seconds a minute, counted after each query.

A client is an address. Behind a reverse proxy on this machine it is the one that X-Forwarded-For names last.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from cachetools import TTLCache

from kg.errors import CityKgError

_WINDOW = 60
"""Seconds."""
_LEAST = 0.001
"""Seconds that the shortest query counts."""
_MOST_CLIENTS = 100_000
"""Of more than these within a minute the first are forgotten."""


class TooManyQuerySecondsError(CityKgError):
    """A client has used up its share; `retry_after` is in seconds."""

    title = "Too many query seconds"

    def __init__(self, seconds: float, retry_after: int) -> None:
        super().__init__(
            f"Your requests have taken more than {seconds:g} seconds of work within a minute.",
            f"Go on in {retry_after} seconds, or ask for less at a time; dumps are at /dataset.",
        )
        self.retry_after = retry_after


@dataclass
class _Window:
    ends: float
    spent: float = 0.0


class QuerySeconds:
    """The share of each client: so many seconds of queries a minute; 0 sets no limit. Safe for use by many threads.

    A client's minute begins with what is first counted. It is counted here, since the storage in memory of `limits`
    starts a thread for each query that comes 10 ms after another.
    """

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._windows: TTLCache[str, _Window] = TTLCache(_MOST_CLIENTS, _WINDOW, now)
        self._lock = Lock()

    def check(self, client: str) -> None:
        """Raise TooManyQuerySecondsError if a client has used up its share."""
        if self._seconds:
            with self._lock:
                window = self._windows.get(client)
            if window is not None and window.spent >= self._seconds:
                raise TooManyQuerySecondsError(self._seconds, max(1, math.ceil(window.ends - self._now())))

    def charge(self, client: str, seconds: float) -> None:
        """Count the seconds that a worker had a query of a client."""
        if self._seconds:
            with self._lock:
                window = self._windows.setdefault(client, _Window(self._now() + _WINDOW))
                window.spent += max(_LEAST, seconds)
