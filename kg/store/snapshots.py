"""Snapshots as they lie on disk: what is stated of each, how one is written, and which are there.

<data>/builds/<name>/snapshots/7         the store after seven changes
<data>/builds/<name>/snapshots/7.json    of which build it is
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from pyoxigraph import Quad, Store

from kg.shortage import write_synced
from kg.store.builds import Build
from kg.store.checksums import write_checksums

UNFINISHED = "unfinished-"
"""What the name of a build or a snapshot begins with until it is whole."""
_AT_ONCE = 200_000
ENGINE_ERRORS = (OSError, RuntimeError)
"""What the engine raises for a store that is not there, or damaged."""


def write_snapshot(store: Store, snapshots: Path, build: Build, linked: Path | None = None) -> None:
    """Make the snapshot of a store, as which a build is known; `linked` is one with which it shares tables."""
    snapshot = snapshots / str(build.changes)
    stated, aside = snapshot.with_suffix(".json"), snapshot.with_name(f"{UNFINISHED}{build.changes}")
    snapshot.parent.mkdir(exist_ok=True)
    shutil.rmtree(aside, ignore_errors=True)
    try:
        store.backup(str(aside))
    except ENGINE_ERRORS:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    shutil.rmtree(snapshot, ignore_errors=True)
    stated.unlink(missing_ok=True)
    aside.rename(snapshot)
    write_synced(stated, build_json(build))
    write_checksums(snapshot, linked)


def builds_in(folder: Path) -> Iterator[Build]:
    """Yield what the snapshots in a folder are of; one that a writer was about to make when it died is of nothing."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        snapshots = [entry for entry in entries if entry.name.isdigit() and entry.is_dir()]
        for snapshot in snapshots:
            with suppress(OSError, ValueError, TypeError):
                yield read_build(Path(snapshot.path + ".json"))


def has_build_file(path: Path) -> bool:
    """Whether it is stated of which build a snapshot is; a writer that died may have left one of which it is not."""
    return path.with_suffix(".json").exists()


def read_build(path: Path) -> Build:
    """Return the build that a file says."""
    return Build.from_json(json.loads(path.read_text(encoding="utf-8")))


def build_json(build: Build) -> str:
    """Return what a file says of a build."""
    return json.dumps(asdict(build), indent=2)


def write_store(aside: Path, quads: Iterable[Quad], build: Build) -> None:
    """Write the store of a build and its snapshot into a folder of their own."""
    aside.mkdir()
    store = Store(str(aside / "store"))
    rest = iter(quads)
    while some := list(islice(rest, _AT_ONCE)):  # in one piece, a million quads take a gigabyte more
        store.bulk_extend(some)
    store.optimize()
    write_snapshot(store, aside / "snapshots", build)
