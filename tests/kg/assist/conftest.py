"""What the tests of help for editors share: asking at the place that a text marks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import Store

from kg.assist import Completion, complete, completing
from kg.assist.offsets import to_editor

At = Callable[..., Completion]


@pytest.fixture
def at(store: Store, monkeypatch: pytest.MonkeyPatch) -> At:
    """Complete a text at the place of its `|`, however long the engine takes."""
    monkeypatch.setattr(completing, "SECONDS", 300.0)

    def completed(marked: str, **how: bool) -> Completion:
        before, _, behind = marked.partition("|")
        return complete(store, before + behind, to_editor(before + behind, len(before)), **how)

    return completed
