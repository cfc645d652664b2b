"""Large changes that are small: whatever has more than five statements is prepared aside."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Iterator
from types import TracebackType

import pytest

from kg.curation import gate
from kg.curation.advance import Advance, Cancelled, CancelledError
from kg.curation.draft import Draft
from kg.curation.large.preparation import Made, Preparation
from kg.history import History
from kg.store import Build
from kg.store.aside import Aside

Meanwhile = Callable[[], object]


class Here:
    """Prepares a change in this process, which takes a tenth of the time; what happens `meanwhile` can be given."""

    meanwhile: list[Meanwhile]

    def __init__(self, aside: Aside, draft: Draft, progress: Advance) -> None:
        self.followed = aside.base.changes
        self._preparation = Preparation(aside, draft, progress)

    def __enter__(self) -> Here:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        del self._preparation
        while error is not None:  # the frames hold the store, which another process would have let go
            traceback.clear_frames(error.__traceback__)
            error = error.__cause__
        gc.collect()

    def prepare(self, cancelled: Cancelled) -> None:
        self._preparation.prepare()
        for happens in self.meanwhile:
            happens()
        if cancelled():
            raise CancelledError

    def follow(self, last: int, cancelled: Cancelled) -> None:
        self._preparation.follow(last)
        self.followed = last

    def finish(self, current: Build) -> Made:
        return self._preparation.finish(current)


@pytest.fixture(autouse=True)
def five_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(History, "LARGE", 5)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Here]]:
    """Prepare in this process."""
    Here.meanwhile = []
    monkeypatch.setattr(gate, "PreparingProcess", Here)
    yield Here
    Here.meanwhile = []
