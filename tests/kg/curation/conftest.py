"""What takes the place of the process of a large change, or of measures, where no test is about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kg.curation import gate
from tests.kg.curation.large.conftest import Here


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Here]]:
    """Prepare in this process."""
    Here.meanwhile = []
    monkeypatch.setattr(gate, "JobProcess", Here)
    yield Here
    Here.meanwhile = []
