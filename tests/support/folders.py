"""Data folders that hold some quads and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Quad

from kg.store import DataFolder


def written(path: Path, quads: Iterable[Quad]) -> DataFolder:
    """Make a data folder of quads, the default graph among them."""
    made, held = DataFolder(path), list(quads)
    with made.lock():
        made.write(held, "0" * 64, "0" * 64, (len(held), 0))
    return made
