"""docs/notebooks: each is executed, and prints what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.store import DataFolder
from tests.docs import notebooks, pages


@pytest.mark.slow
@pytest.mark.parametrize("path", notebooks.NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_prints_what_is_in_it(path: Path, both_reports: DataFolder) -> None:
    stated = notebooks.read(path)
    found = notebooks.executed(path, both_reports.path)
    assert [(kind, pages.neutral(str(text))) for kind, text in notebooks.outputs(found)] == [
        (kind, pages.neutral(str(text))) for kind, text in notebooks.outputs(stated)
    ], "python -m tests.docs.notebooks writes it anew"


def test_each_cell_has_been_executed() -> None:
    assert notebooks.NOTEBOOKS
    for path in notebooks.NOTEBOOKS:
        cells = [cell for cell in notebooks.read(path).cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
        assert {kind for kind, _ in notebooks.outputs(notebooks.read(path))} >= {"image/png", "text/html", "text/plain"}
