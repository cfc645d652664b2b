"""Collect garbage for certain, or not for a while.

The engine closes a store once nothing refers to it, and frames in cycles may. `gc.collect` does nothing while another
thread collects. That thread may stop in the middle, in what is called when an object goes, and then holds what it has
found to be garbage: a store is still open.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_MOST_SECONDS = 10.0
"""Seconds that the collection of another thread is waited for, which may itself wait for what this thread holds."""
_PAUSE = 0.001
_OLDEST = 2
"""The generation of a collection that visits all objects, but those of a gc.freeze()."""


@contextmanager
def paused() -> Iterator[None]:
    """Collect none meanwhile: work that holds very many objects would have them looked through again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def collect() -> None:
    """Collect all garbage, once another thread that does so has finished."""
    has_run = False

    def note(phase: str, info: dict[str, int]) -> None:
        nonlocal has_run
        is_own = threading.get_ident() == this_thread
        has_run = has_run or (is_own and phase == "stop" and info["generation"] == _OLDEST)

    this_thread, until = threading.get_ident(), time.monotonic() + _MOST_SECONDS
    gc.callbacks.append(note)
    try:
        gc.collect()
        while not has_run and time.monotonic() < until:
            time.sleep(_PAUSE)
            gc.collect()
    finally:
        gc.callbacks.remove(note)
