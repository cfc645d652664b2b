"""What tests of curation share: a validation of the real graph, and what takes the place of the process of a job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.curation import gate
from kg.curation.validation import CurrentValidation
from kg.store import DataFolder
from tests.kg.curation.large.conftest import Here


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Here]]:
    """Prepare in this process."""
    Here.meanwhile = []
    monkeypatch.setattr(gate, "JobProcess", Here)
    yield Here
    Here.meanwhile = []


@pytest.fixture(scope="module")
def validation(with_ledger: Path) -> CurrentValidation:
    """The validation of changes of the real graph."""
    return CurrentValidation(DataFolder(with_ledger), progress=lambda step: None)
