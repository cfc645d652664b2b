"""Caches by snapshot, which never changes: cleared together once a process reads a newer one.

If each function cleared its own cache by use, a snapshot would stay open for as long as the function that is called
least still remembered it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from pyoxigraph import Store

R = TypeVar("R")

_PRESENT_AND_PAST = 4
"""The present revision with its scopes, and one that `?at=` asks for."""
_forget: list[Callable[[], None]] = []


def once_per_snapshot(function: Callable[[Store], R]) -> Callable[[Store], R]:
    """Cache the results of a function for the last few snapshots."""
    remembering = lru_cache(_PRESENT_AND_PAST)(function)
    _forget.append(remembering.cache_clear)
    return remembering


def clear_snapshot_caches() -> None:
    """Clear all caches, so that snapshots without other users are closed."""
    for forget in _forget:
        forget()
