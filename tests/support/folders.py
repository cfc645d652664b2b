"""Data folders that hold some quads and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Quad

from kg.store import DataFolder
from kg.store.snapshots import UNFINISHED

OF_A_SERVER = shutil.ignore_patterns("running", "results", f"{UNFINISHED}*")
"""What a server writes and removes in its data folder meanwhile, which a copy leaves out."""


def written(path: Path, quads: Iterable[Quad]) -> DataFolder:
    """Make a data folder of quads, the default graph among them."""
    made, held = DataFolder(path), list(quads)
    with made.lock():
        made.write(held, "0" * 64, "0" * 64, (len(held), 0))
    return made
