"""Remove old builds and snapshots of a data folder. The folder's lock must be held.

A build that was staged for a large change continues another one, and names the first of them in a file:

    <data>/builds/<name>/continues

Snapshots of builds that continue each other count as those of one build.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from kg.store.builds import Build
from kg.store.checksums import SUFFIX
from kg.store.snapshots import UNFINISHED, builds_in

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
