"""Snapshots on disk: write one, and read their descriptions.

<data>/builds/<name>/snapshots/7         the store after seven changes
<data>/builds/<name>/snapshots/7.json    its description: the build that it is of
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
"""The prefix of the name of a build or a snapshot until it is whole."""
_AT_ONCE = 200_000
ENGINE_ERRORS = (OSError, RuntimeError)
"""The exceptions of the engine for a store that is missing or damaged."""


def write_snapshot(store: Store, snapshots: Path, build: Build, linked: Path | None = None) -> None:
    """Write a snapshot of a store, described by a build; `linked` is one with which it shares tables."""
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
    """Yield the builds that describe the snapshots in a folder; an unfinished snapshot has no description."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        snapshots = [entry for entry in entries if entry.name.isdigit() and entry.is_dir()]
        for snapshot in snapshots:
            with suppress(OSError, ValueError, TypeError):
                yield read_build(Path(snapshot.path + ".json"))


def has_build_file(path: Path) -> bool:
    """Return True if a snapshot has a description; one that a writer left unfinished has none."""
    return path.with_suffix(".json").exists()


def read_build(path: Path) -> Build:
    """Return the build that a file describes."""
    return Build.from_json(json.loads(path.read_text(encoding="utf-8")))


def build_json(build: Build) -> str:
    """Return the description of a build, as JSON."""
    return json.dumps(asdict(build), indent=2)


def write_store(aside: Path, quads: Iterable[Quad], build: Build) -> None:
    """Write the store of a build and its snapshot into a new folder."""
    aside.mkdir()
    store = Store(str(aside / "store"))
    rest = iter(quads)
    while some := list(islice(rest, _AT_ONCE)):  # in one piece, a million quads take a gigabyte more
        store.bulk_extend(some)
    store.optimize()
    write_snapshot(store, aside / "snapshots", build)
