"""Snapshots on disk: write them, read their descriptions, and remove old ones with old builds.

<data>/builds/<name>/snapshots/7         the store after seven changes
<data>/builds/<name>/snapshots/7.json    its description: the build that it is of
<data>/builds/<name>/continues           the first build that this one continues, if it was staged for a large change

Snapshots of builds that continue each other count as those of one build. To write or remove one, the folder's lock must
be held.
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
from kg.store.checksums import SUFFIX, write_checksums

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


KEPT_BUILDS = 2
CONTINUES = "continues"
NAMES = "[0-9]*"
"""The pattern of the names of finished builds."""

_DROPPED = ".dropped"
"""The suffix of a snapshot that is being removed, so that the rest of it is not taken for a snapshot."""


def first_build_of(build: Path) -> str:
    """Return the name of the first build that the build in a folder continues; its own if it was made from files."""
    continues = build / CONTINUES
    return continues.read_text(encoding="utf-8") if continues.exists() else build.name


def drop_old_builds(builds: Path, current: str) -> None:
    """Remove all but the newest builds, which readers may still have open, and unfinished ones."""
    finished = list(builds.glob(NAMES))
    others = sorted({first_build_of(path) for path in finished} - {first_build_of(builds / current)})
    gone = others[: len(others) - (KEPT_BUILDS - 1)]
    for path in finished:
        if first_build_of(path) in gone:
            shutil.rmtree(path, ignore_errors=True)
    drop_unfinished(builds)


def drop_unfinished(builds: Path) -> None:
    """Remove builds that a process left unfinished when it died."""
    for left in builds.glob(UNFINISHED + "*"):
        shutil.rmtree(left, ignore_errors=True)


def drop_old_snapshots(builds: Path, current: Build, most: int) -> None:
    """Remove all but the latest snapshots and the last of each day, of the current build and those it continues."""
    first = first_build_of(builds / current.name)
    earlier = [path for path in builds.glob(NAMES) if first_build_of(path) == first]
    others = sorted(
        (build for path in earlier for build in builds_in(path / "snapshots")), key=lambda build: build.changes
    )
    last_of_day = {build.changed[:10]: build.changes for build in others}
    for build in others[:-most]:
        if build.changes != last_of_day[build.changed[:10]]:
            drop_snapshot(builds / build.name / "snapshots" / str(build.changes))
    for path in earlier:
        for pattern in ("*" + _DROPPED, UNFINISHED + "*"):
            for left in (path / "snapshots").glob(pattern):
                shutil.rmtree(left, ignore_errors=True)
        if path.name != current.name and not any(builds_in(path / "snapshots")):
            shutil.rmtree(path, ignore_errors=True)


def drop_snapshot(snapshot: Path) -> None:
    """Remove a snapshot, but not the description of its revision."""
    snapshot.rename(snapshot.with_suffix(_DROPPED))
    snapshot.with_suffix(SUFFIX).unlink(missing_ok=True)
    shutil.rmtree(snapshot.with_suffix(_DROPPED), ignore_errors=True)
