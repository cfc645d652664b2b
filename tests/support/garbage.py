"""Garbage whose collection stops in the middle."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Cycle:
    """Garbage as soon as nobody else refers to it; calls a function as it goes."""

    def __init__(self, held: object = None, at_end: Callable[[], object] = lambda: None) -> None:
        self.held, self.own, self._at_end = held, self, at_end

    def __del__(self) -> None:
        self._at_end()


@contextmanager
def collecting_elsewhere(held: Callable[[], object] = lambda: None) -> Iterator[threading.Event]:
    """Let another thread find a cycle that holds something, and stop as it calls its end, until the event is set."""
    begun, go_on = threading.Event(), threading.Event()

    def stop() -> None:
        begun.set()
        assert go_on.wait(60)

    Cycle(held(), stop)
    other = threading.Thread(target=gc.collect)
    other.start()
    try:
        assert begun.wait(60)
        yield go_on
    finally:
        go_on.set()
        other.join()
