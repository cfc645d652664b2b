"""Wrong tokens, counted by client address; imported only when one comes, since `limits` takes 60 ms to load."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from kg.errors import CityKgError

ATTEMPTS_A_MINUTE = 10


class TooManyAttemptsError(CityKgError):
    """Too many wrong tokens came from one address; `retry_after` is in seconds."""

    title = "Too many wrong tokens"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            f"More than {ATTEMPTS_A_MINUTE} wrong tokens came from your address within a minute.",
            f"Go on in {retry_after} seconds. A right token is accepted meanwhile.",
        )
        self.retry_after = retry_after


class Attempts:
    """The number of wrong tokens from each address within a minute. Safe for use by many threads."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._share = RateLimitItemPerMinute(ATTEMPTS_A_MINUTE)

    def check(self, client: str) -> None:
        """Raise TooManyAttemptsError if an address has used up its attempts."""
        if not self._limiter.test(self._share, client):
            reset = self._limiter.get_window_stats(self._share, client).reset_time
            raise TooManyAttemptsError(max(1, math.ceil(reset - time.time())))

    def count(self, client: str) -> None:
        """Count an attempt from an address."""
        self._limiter.hit(self._share, client)
