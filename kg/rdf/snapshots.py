"""What functions remember of snapshots, which never change: given up together once a process reads a newer one.

If each function gave up its own by what it was last asked for, a snapshot would stay open as long as the function that
is asked least still knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from pyoxigraph import Store

R = TypeVar("R")

_PRESENT_AND_PAST = 4
"""The present with its scopes, and one that `?at=` asks for."""
_forget: list[Callable[[], None]] = []


def once_per_snapshot(function: Callable[[Store], R]) -> Callable[[Store], R]:
    """Return a function that remembers what it has found in the last few snapshots."""
    remembering = lru_cache(_PRESENT_AND_PAST)(function)
    _forget.append(remembering.cache_clear)
    return remembering


def clear_snapshot_caches() -> None:
    """Give up what functions remember of snapshots, so that those are closed which nobody else has open."""
    for forget in _forget:
        forget()
