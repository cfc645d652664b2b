"""How much of the workers' time one client may take: query-seconds a minute, counted after each query.

A client is an address. Behind a reverse proxy on this machine it is the one that X-Forwarded-For names last.
"""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from kg.errors import CityKgError

_PER_SECOND = 1000  # costs are whole numbers: milliseconds


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
    """The share of each client: so many seconds of queries a minute; 0 sets no limit. Safe for use by many threads."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._share = RateLimitItemPerMinute(max(1, int(seconds * _PER_SECOND)))

    def check(self, client: str) -> None:
        """Raise TooManyQuerySecondsError if a client has used up its share."""
        if self._seconds and not self._limiter.test(self._share, client):
            reset = self._limiter.get_window_stats(self._share, client).reset_time
            raise TooManyQuerySecondsError(self._seconds, max(1, math.ceil(reset - time.time())))

    def charge(self, client: str, seconds: float) -> None:
        """Count the seconds that a worker had a query of a client."""
        if self._seconds:
            self._limiter.hit(self._share, client, cost=max(1, round(seconds * _PER_SECOND)))
