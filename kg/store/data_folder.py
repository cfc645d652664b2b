"""The data folder: immutable built stores, the one that is current, and the lock that a writer holds.

    <data>/current.json      which build is current, and how many changes it has; replaced atomically
    <data>/builds/<name>/    one build: the writable store, and under snapshots/<changes>/ what readers open
    <data>/lock              held (flock) by the process that writes

A build with works beyond the report has its parts (kg.rdf.scopes) below `builds/<name>/scopes/<scope>/`, each laid out
as the data folder is.

A build is made aside and named in `current.json` last, so that a build that dies leaves the older one in use. The same
goes for the snapshot that each change makes.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from pyoxigraph import Quad, Store

from kg.errors import DataFolderError
from kg.rdf.scopes import EVERYTHING, REPORT, WORLD, ScopeContent
from kg.shortage import write_synced
from kg.store.builds import LAYOUT_VERSION, Build, RevisionGoneError, Snapshot, Withheld, nearest_revision
from kg.store.checksums import SUFFIX
from kg.store.integrity import Integrity
from kg.store.lock import hold_lock
from kg.store.retention import (
    CONTINUES,
    NAMES,
    drop_old_builds,
    drop_old_snapshots,
    drop_unfinished,
    first_build_of,
)
from kg.store.snapshots import (
    ENGINE_ERRORS,
    UNFINISHED,
    build_json,
    builds_in,
    has_build_file,
    read_build,
    write_snapshot,
    write_store,
)

SCOPES = "scopes"
NOTHING_WITHHELD: Mapping[int, str] = MappingProxyType({})


class DataFolder:
    """The folder given by `--data`."""

    ENGINE_ERRORS: ClassVar = ENGINE_ERRORS
    """What the engine raises for a store that is not there, or damaged."""
    KEPT_SNAPSHOTS: ClassVar = 20

    def __init__(self, path: Path, kept_snapshots: int = KEPT_SNAPSHOTS) -> None:
        """Take a folder, of which the writer keeps so many of the latest snapshots, besides the last of each day."""
        self.path = path
        self._kept_snapshots = kept_snapshots
        self._builds = path / "builds"
        self._current = path / "current.json"
        self.switching = path / "switching"
        """Is there while a backup takes the place of what was there."""
        self.integrity = Integrity(self.snapshots_with_checksums, self._snapshots_of_scopes)
        """Says which of its files are not as they were written, to all who ask in this process."""

    def current(self) -> Build | None:
        """Return the current build, None if there is none yet. Raises DataFolderError if it is not ours to read."""
        if self.switching.exists():
            raise DataFolderError(
                "A backup is being restored into {place}, or was when that broke off.",
                "Wait a moment. If nobody restores it now, do it again: citykg restore FILE --force",
                place=self.path,
            )
        try:
            stated = json.loads(self._current.read_text(encoding="utf-8"))
            layout = int(stated["layout"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise self._unreadable_error("it does not say which layout it has", error) from error
        if layout > LAYOUT_VERSION:
            raise self._newer_version_error(f"layout {layout}, this one knows {LAYOUT_VERSION}")
        if Build.is_too_old(layout):
            return None
        if unknown := Build.unknown_fields(stated):
            raise self._newer_version_error(f"it says {', '.join(unknown)}, which this one does not know")
        if missing := Build.missing_fields(stated):
            raise self._unreadable_error(f"it lacks {', '.join(missing)}")
        try:
            return Build.from_json(stated)
        except TypeError as error:
            raise self._unreadable_error("a value is not of its kind") from error

    def _unreadable_error(self, why: str, error: Exception | None = None) -> DataFolderError:
        return DataFolderError(
            "{place} cannot be read: {cause}.",
            "Remove it and run `citykg build`, which makes the store anew from the files and the history.",
            place=self._current,
            cause=error if isinstance(error, OSError | json.JSONDecodeError) else why,
        )

    def _newer_version_error(self, how: str) -> DataFolderError:
        return DataFolderError(
            "{place} was written by a newer version of citykg ({how}).",
            "Update citykg, or name another folder with --data. To go on with this version, remove current.json there "
            "and run `citykg build`, which makes the store anew from the files and the history.",
            place=self.path,
            how=how,
        )

    def require_build(self) -> Build:
        """Return the current build. Raises DataFolderError if there is none yet."""
        build = self.current()
        if build is None:
            raise DataFolderError("{place} holds no built graph.", "Run `citykg build` first.", place=self.path)
        return build

    def current_stamp(self) -> tuple[int, int]:
        """Return what differs whenever another build, or a change of it, has become current."""
        try:
            stated = self._current.stat()
        except FileNotFoundError:
            return 0, 0
        return stated.st_mtime_ns, stated.st_ino  # two changes may come within one tick of the clock

    def build_of(self, snapshot: Path) -> Build:
        """Return which build with how many changes a snapshot is of; that is known longer than the snapshot is kept."""
        return read_build(snapshot.with_suffix(".json"))

    def find(self, revision: str) -> Build:
        """Return a revision whose snapshot is there. Raises BadValueError for no revision, RevisionGoneError."""
        kept = self.available_builds()
        for build in reversed(kept):
            if build.revision == revision:
                return build
        raise RevisionGoneError(revision, nearest_revision(revision, kept))

    def open(self) -> Store:
        """Open the current snapshot for reading. Raises DataFolderError if there is none."""
        return self.current_snapshot().store

    def current_snapshot(self) -> Snapshot:
        """Open the snapshot of the current build for reading. Raises DataFolderError if there is none."""
        while True:
            build = self.require_build()
            try:
                return Snapshot(build, Store.read_only(str(self.snapshot(build))))
            except DataFolder.ENGINE_ERRORS as error:
                if self.current() == build:  # else a writer has replaced and removed it meanwhile
                    self.integrity.refuse_damaged(build)
                    raise DataFolderError(
                        "The snapshot of {revision} cannot be opened: {cause}",
                        "Run `citykg build`: it makes the store anew from the files and the history.",
                        place=self.snapshot(build),
                        cause=error,
                        revision=build.revision,
                    ) from error

    def scope(self, name: str, build: Build | None = None) -> DataFolder:
        """Return the folder of a scope (kg.rdf.scopes) of a build, the current one; this very folder if that is all.

        Raises DataFolderError if nothing is built, WorkNotLoadedError for a work that the build has not.
        """
        build = build or self.require_build()
        if name == EVERYTHING or (name == REPORT and not build.works):
            return self
        if name != REPORT:
            build.require_works([name])
        # one more than here, where a change arrives last: what is current here is kept there
        return DataFolder(self._builds / build.name / SCOPES / name, self._kept_snapshots + 1)

    def scopes(self, build: Build) -> dict[str, DataFolder]:
        """Return the folders of those scopes of a build that have stores of their own."""
        apart = (name for name in (REPORT, WORLD) if build.works and name in (REPORT, *build.works))
        return {name: self.scope(name, build) for name in apart}

    def snapshot_in(self, scope: str, build: Build) -> Path:
        """Return where the read-only snapshot of a scope of a build with its changes is.

        Raises WorkNotLoadedError, RevisionGoneError, and DataFolderError if the scope's store is not there.
        """
        folder = self.scope(scope, build)
        if folder is self:
            return self.snapshot(build)
        newest = folder.require_build()
        if scope == WORLD or newest.changes == build.changes:  # no change comes to the world
            return folder.snapshot(newest)
        of_the_change = [kept for kept in folder.available_builds() if kept.changes == build.changes]
        if not of_the_change:
            raise RevisionGoneError(build.revision, None)
        return folder.snapshot(of_the_change[-1])

    def snapshot(self, build: Build) -> Path:
        """Return where the read-only snapshot of a build with its changes is."""
        return self._snapshots_folder(build) / str(build.changes)

    def has_snapshot(self, build: Build) -> bool:
        """Tell whether the snapshot of a build with its changes is there, and it is stated what it is of."""
        snapshot = self.snapshot(build)
        return snapshot.is_dir() and has_build_file(snapshot)

    def live_store_path(self, build: Build) -> Path:
        """Return where the writable store of a build is; only the holder of the lock may open it."""
        return self._builds / build.name / "store"

    def documents_path(self, build: Build) -> Path:
        """Return where the ready documents of a build are (kg.publish.ready), which go with it."""
        return self._builds / build.name / "documents.sqlite"

    def available_builds(self) -> list[Build]:
        """Return the revisions whose snapshots are there, oldest first."""
        kept = (build for folder in self._builds.glob(f"{NAMES}/snapshots") for build in builds_in(folder))
        return sorted(kept, key=lambda build: (build.name, build.changes))

    def change_count(self) -> int:
        """Return the number of changes in the store that has most of them, whichever build it is of."""
        return max((build.changes for build in self.available_builds()), default=0)

    def snapshots_with_checksums(self) -> list[Path]:
        """Return the snapshots that can be compared with their checksums, those of scopes among them.

        Those of older versions have none.
        """
        of_snapshots = f"snapshots/*{SUFFIX}"
        lists = sorted(
            (
                *self._builds.glob(f"{NAMES}/{of_snapshots}"),
                *self._builds.glob(f"{NAMES}/{SCOPES}/*/builds/{NAMES}/{of_snapshots}"),
            )
        )
        return [path.with_suffix("") for path in lists if path.with_suffix("").is_dir() and has_build_file(path)]

    @contextmanager
    def lock(self, address: str = "") -> Iterator[None]:
        """Hold the folder's lock; `address` is that of the server that does, told to whoever finds the lock held.

        Raises DataFolderError when the folder is not writable, or another process writes.
        """
        with hold_lock(self.path, self._builds, address):
            yield

    def write(
        self,
        quads: Iterable[Quad],
        content_hash: str,
        fingerprint: str,
        counts: tuple[int, int],
        changes: int = 0,
        *,
        works: Sequence[str] = (),
        measured: str = "",
        parts: Iterable[ScopeContent] = (),
        withheld: Mapping[int, str] = NOTHING_WITHHELD,
    ) -> Build:
        """Write a store aside, make its snapshot, make it current, and drop builds that are too old.

        `counts` is the number of quads in named graphs and how many of them are inferred; `changes` how many changes
        of the history are among them; `works` the works beside the report, with which there are `parts`, each written
        as it is yielded; `measured` the revision of which measures are among the quads; `withheld` the numbers of
        changes that are not, each with why. The lock must be held.
        """
        name = f"{self._next_stamp()}-{content_hash[:12]}"
        built = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        build = Build(
            *(name, LAYOUT_VERSION, content_hash, fingerprint, *counts, built, changes, built),
            works=tuple(works),
            measured=measured,
            withheld=tuple(Withheld(number, why) for number, why in sorted(withheld.items())),
        )
        aside, place = self._builds / f"{UNFINISHED}{name}", self._builds / name
        try:
            write_store(aside, quads, build)
            for part in parts:
                _write_part(aside / SCOPES / part.scope, part, fingerprint, withheld)
            aside.rename(place)
            write_synced(self._current, build_json(build))
        except DataFolder.ENGINE_ERRORS:
            shutil.rmtree(aside, ignore_errors=True)
            shutil.rmtree(place, ignore_errors=True)
            raise
        drop_old_builds(self._builds, name)
        return build

    def _next_stamp(self) -> int:
        """Return nanoseconds, above those of all builds, which stand in this order: a clock may be set back."""
        stamps = (path.name.partition("-")[0] for path in self._builds.iterdir())
        return max(time.time_ns(), *(int(stamp) + 1 for stamp in stamps if stamp.isdigit()), 0)

    def publish_snapshot(self, store: Store, build: Build) -> None:
        """Make a snapshot of the writable store, as which a build with more changes is known, and make it current.

        The lock must be held. What is there of the same snapshot is replaced, once this one is whole.
        """
        before = self.current()
        linked = self.snapshot(before) if before and before.changes < build.changes else None
        write_snapshot(store, self._snapshots_folder(build), build, linked)
        write_synced(self._current, build_json(build))
        with suppress(OSError):  # the change is there; what is too old goes at another one
            drop_old_snapshots(self._builds, build, self._kept_snapshots)

    def _snapshots_of_scopes(self, build: Build) -> list[Path]:
        return [self.snapshot(build), *(self.snapshot_in(scope, build) for scope in self.scopes(build))]

    def _snapshots_folder(self, build: Build) -> Path:
        return self._builds / build.name / "snapshots"

    def unfinished_path(self, base: Build) -> Path:
        """Return where a build can be made aside that goes on from another one. The lock must be held."""
        return self._builds / f"{UNFINISHED}{self._next_stamp()}-{base.content_hash[:12]}"

    def switch(self, aside: Path, base: Build, build: Build) -> None:
        """Make a build current that was made aside and goes on from another one. The lock must be held."""
        (aside / CONTINUES).write_text(first_build_of(self._builds / base.name), encoding="utf-8")
        aside.rename(self._builds / build.name)
        write_synced(self._current, build_json(build))
        with suppress(OSError):
            drop_old_snapshots(self._builds, build, self._kept_snapshots)

    def drop_unfinished(self) -> None:
        """Remove builds that a process which died was about to make. The lock must be held."""
        drop_unfinished(self._builds)


def _write_part(place: Path, part: ScopeContent, fingerprint: str, withheld: Mapping[int, str]) -> None:
    (place / "builds").mkdir(parents=True)
    without = withheld if part.changes else NOTHING_WITHHELD
    DataFolder(place).write(part.quads, part.content_hash, fingerprint, part.counts, part.changes, withheld=without)
