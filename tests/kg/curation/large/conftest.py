"""Large changes that are small: whatever has more than five statements is prepared aside."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, ClassVar

import pytest

from kg.history import History
from kg.jobs import Control

Meanwhile = Callable[[], object]


class Here:
    """Takes the place of a child: works in this process, in a tenth of the time, and lets things happen `meanwhile`."""

    meanwhile: ClassVar[list[Meanwhile]] = []

    def __init__(self, control: Control, make: Callable[..., object], *arguments: Any, **bounds: float) -> None:
        self._control = control
        self._made = make(*arguments, control.advance)

    def __enter__(self) -> Here:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        del self._made
        while error is not None:  # the frames hold the store, which another process would have let go
            traceback.clear_frames(error.__traceback__)
            error = error.__cause__
        gc.collect()

    def call(self, method: str, *arguments: Any, nicely: bool = False, to_the_end: bool = False) -> Any:
        result = getattr(self._made, method)(*arguments)
        if nicely:
            for happens in self.meanwhile:
                happens()
        if not to_the_end:
            self._control.check()
        return result

    def stop(self) -> None:
        """Do nothing: there is no process to end."""


@pytest.fixture(autouse=True)
def five_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(History, "LARGE", 5)
