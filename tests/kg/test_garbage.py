"""Garbage is collected also where another thread is in the middle of that."""

from __future__ import annotations

import gc
import threading

import pytest

from kg import garbage
from tests.support.garbage import Cycle, collecting_elsewhere


def test_all_garbage_is_collected_once_another_thread_has_finished() -> None:
    gone: list[str] = []
    before = list(gc.callbacks)
    with collecting_elsewhere() as go_on:
        Cycle(at_end=lambda: gone.append("own"))
        gc.collect()
        assert gone == []
        threading.Timer(0.05, go_on.set).start()
        garbage.collect()
        assert gone == ["own"]
    assert gc.callbacks == before


def test_another_thread_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "_MOST_SECONDS", 0.01)
    with collecting_elsewhere():
        garbage.collect()
