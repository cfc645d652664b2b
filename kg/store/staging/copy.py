"""A private copy of a snapshot with a change in it, for what is asked of the graph before the change is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pyoxigraph import Store

from kg.rdf.change import Change
from kg.store.data_folder import DataFolder
from kg.store.snapshots import UNFINISHED


@contextmanager
def changed_copy(folder: DataFolder, store: Store, change: Change) -> Iterator[Path]:
    """Yield the path of a copy of an open snapshot in which a change is made, with all that follows from it.

    It consists of hard links where files never change, and lies beside the builds under a name that a build removes,
    should it be left behind. Raises OSError.
    """
    with TemporaryDirectory(dir=folder.path / "builds", prefix=f"{UNFINISHED}copy-") as place:
        copy = Path(place) / "store"
        store.backup(str(copy))
        writable = Store(str(copy))
        for quad in change.removed:
            writable.remove(quad)
        writable.extend(change.added)
        del writable  # closes it: others open it to read
        yield copy
