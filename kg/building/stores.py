"""Inspect stores that may be damaged: damage is found before it is read.

Tables that have no checksum yet are read along every index, in a worker: reading a damaged table may hang, take all
memory, or abort.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Store

from kg.errors import CityKgError
from kg.rdf.digest import walk
from kg.shortage import has_room
from kg.store import Build, DataFolder
from kg.workers import QueryLimits, QueryPool

_MEMORY_BYTES, _MEMORY_A_BYTE = 1 << 30, 16
_SECONDS, _SECONDS_A_MEGABYTE = 60.0, 10.0
"""Limits of a walk, fixed and by size: several times what it needs on a busy machine."""


@dataclass(frozen=True)
class StoreInspection:
    """The number of quads in a store, their digest (kg.rdf.digest) if it was walked, or its `fault`."""

    quads: int = 0
    digest: str = ""
    fault: str = ""


def inspect_store(store: Path) -> StoreInspection:
    """Read a store along every index; it must not be written meanwhile."""
    if not store.is_dir():
        return StoreInspection(fault="it is not there")
    size = sum(path.stat().st_size for path in store.iterdir())
    seconds, memory = _SECONDS + _SECONDS_A_MEGABYTE * size / 1e6, _MEMORY_BYTES + _MEMORY_A_BYTE * size
    try:
        with closing(QueryPool(store, QueryLimits(seconds, memory_bytes=memory, workers=1))) as pool:
            found = json.loads(pool.read(store, walk).read_all())
    except CityKgError as error:
        return StoreInspection(fault=error.message)
    other = f"along the index by {', '.join(found['other'])} it holds other statements" if found["other"] else ""
    return StoreInspection(found["quads"], found["digest"], other)


def inspect_live_store(folder: DataFolder, build: Build) -> StoreInspection:
    """Inspect the live store of a build; it is walked if one of its tables has no checksum in the snapshot."""
    live = folder.live_store_path(build)
    if not (live / "CURRENT").is_file():
        return StoreInspection(fault="it is not there")
    with _frozen_copy(live) as copy:
        damaged, has_same_tables = folder.integrity.compare_live(copy, build)
        if damaged:
            return StoreInspection(fault=f"not as they were written: {', '.join(damaged)}")
        if not has_same_tables:
            return inspect_store(copy)
        try:
            return StoreInspection(len(Store.read_only(str(copy))))
        except DataFolder.ENGINE_ERRORS as error:
            return StoreInspection(fault=f"it cannot be opened: {error}")


@contextmanager
def _frozen_copy(live: Path) -> Iterator[Path]:
    """Make a temporary copy of a store as it is at this moment, even if a writer has it open.

    Tables never change and are linked if possible; files that a writer appends to are copied, and first, since they
    name the tables.
    """
    writable = os.access(live.parent, os.W_OK) and has_room(live.parent)
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=live.parent if writable else None) as beside:
        copy = Path(beside) / "store"
        copy.mkdir()
        for path in sorted(live.iterdir(), key=lambda path: path.suffix == ".sst"):
            with suppress(FileNotFoundError):  # the engine removes files that it no longer needs
                if path.suffix == ".sst":
                    _link(path, copy / path.name)
                elif not path.name.startswith(("LOCK", "LOG")):
                    shutil.copyfile(path, copy / path.name)
        yield copy


def _link(table: Path, link: Path) -> None:
    try:
        os.link(table, link)
    except FileNotFoundError:
        raise
    except OSError:
        link.symlink_to(table.absolute())
