"""The latest requests of each client, counted in memory: so many are allowed within some seconds."""

from __future__ import annotations

import time
from threading import Lock

from cachetools import LRUCache

_MOST_CLIENTS = 1 << 14
"""Clients that are remembered, those that asked last."""


class RecentRequests:
    """Requests of one sort, of which each client may have so many within some seconds. Safe for use by many threads."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._lock = Lock()
        self._taken: LRUCache[str, list[float]] = LRUCache(_MOST_CLIENTS)

    def take(self, client: str) -> float:
        """Count a request of a client and return 0; or count none, and return the seconds until it may have one."""
        now = time.monotonic()
        with self._lock:
            taken = [then for then in self._taken.get(client, ()) if then > now - self._seconds]
            is_allowed = len(taken) < self._most
            self._taken[client] = [*taken, now] if is_allowed else taken
        return 0 if is_allowed else taken[0] + self._seconds - now
