"""The data folder: immutable builds, the current one, and the lock of the writer.

    <data>/current.json      the current build and its number of changes; replaced atomically
    <data>/builds/<name>/    a build: the writable store, and the snapshots for readers in snapshots/<changes>/
    <data>/lock              locked (flock) by the process that writes

A build with works besides the report has a data folder for each scope (kg.rdf.scopes) in
`builds/<name>/scopes/<scope>/`.

A build is written aside and named in `current.json` last, so that a build that is interrupted leaves the older one in
use. The same holds for the snapshot of each change.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from pyoxigraph import Quad, Store

from kg.errors import DataFolderError
from kg.rdf.scopes import EVERYTHING, REPORT, ScopeContent, scopes_of_works
from kg.shortage import translating_shortage, write_synced
from kg.store.builds import LAYOUT_VERSION, Build, RevisionGoneError, Snapshot, Withheld, nearest_revision
from kg.store.checksums import SUFFIX
from kg.store.integrity import Integrity
from kg.store.snapshots import (
    CONTINUES,
    ENGINE_ERRORS,
    NAMES,
    UNFINISHED,
    build_json,
    builds_in,
    drop_old_builds,
    drop_old_snapshots,
    drop_unfinished,
    first_build_of,
    has_build_file,
    read_build,
    write_snapshot,
    write_store,
)


class LockedError(DataFolderError):
    """Another process writes to the data folder."""

    title = "Another process writes"


@contextmanager
def hold_lock(path: Path, builds: Path, address: str) -> Iterator[None]:
    """Hold the lock of a data folder, and make the folder of its builds if it is missing.

    `address` is the server's, shown to others who want the lock. Raises DataFolderError if the folder is not writable,
    LockedError if another process holds the lock.
    """
    try:
        with translating_shortage(path):
            builds.mkdir(parents=True, exist_ok=True)
            file = (path / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise DataFolderError(
            "{place} cannot be written: {cause}.",
            "Name another folder with --data or CITYKG_DATA.",
            place=path,
            cause=error,
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder, _, server = file.read().partition("\n")
            raise LockedError(
                "{place} is locked by {holder}.",
                f"Send your command to that server (--server {server}), or stop it."
                if server
                else "Wait until it has finished, or stop it.",
                place=path,
                holder=holder or "another process",
            ) from None
        file.truncate(0)
        who = f"the server at {address}" if address else "citykg"
        with suppress(OSError):  # a full disk; the lock needs no text
            os.write(
                file.fileno(),
                f"{who}, process {os.getpid()}, since {time.strftime('%H:%M:%S')}\n{address}".encode(),
            )
        yield


SCOPES = "scopes"
NOTHING_WITHHELD: Mapping[int, str] = MappingProxyType({})


class DataFolder:
    """The folder given by `--data`."""

    ENGINE_ERRORS: ClassVar = ENGINE_ERRORS
    """The exceptions of the engine for a store that is missing or damaged."""
    KEPT_SNAPSHOTS: ClassVar = 20

    def __init__(self, path: Path, kept_snapshots: int = KEPT_SNAPSHOTS) -> None:
        """Take a folder in which the writer keeps this many of the latest snapshots, and the last of each day."""
        self.path = path
        self._kept_snapshots = kept_snapshots
        self._builds = path / "builds"
        self._current = path / "current.json"
        self.switching = path / "switching"
        """A file that exists while a restored backup replaces the contents of the folder."""
        self.integrity = Integrity(self.snapshots_with_checksums, self._snapshots_of_scopes)
        """Knows the damaged files, for the whole process."""

    def current(self) -> Build | None:
        """Return the current build, None if there is none yet.

        Raises DataFolderError if its description is damaged or from a newer version, or if a backup is being restored.
        """
        if self.switching.exists():
            raise DataFolderError(
                "A backup is being restored into {place}, or was when that broke off.",
                "Wait a moment. If no restore is running now, repeat it: citykg restore FILE --force",
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
        """Return a stamp that changes whenever `current.json` is replaced."""
        try:
            stated = self._current.stat()
        except FileNotFoundError:
            return 0, 0
        return stated.st_mtime_ns, stated.st_ino  # two changes may come within one tick of the clock

    def build_of(self, snapshot: Path) -> Build:
        """Return the build that a snapshot is of; its description is kept longer than the snapshot."""
        return read_build(snapshot.with_suffix(".json"))

    def find(self, revision: str) -> Build:
        """Return the build at a revision whose snapshot is there.

        Raises BadValueError for a text that is not the name of a revision, RevisionGoneError if its snapshot is gone.
        """
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
        """Return the data folder of a scope (kg.rdf.scopes) of a build, by default the current one.

        It is this folder for the whole graph. Raises DataFolderError if nothing is built, and what
        `Build.require_scope` raises.
        """
        build = build or self.require_build()
        if name == EVERYTHING or (name == REPORT and not build.works):
            return self
        build.require_scope(name)
        # one more than here, since a change arrives here last: the current revision here is still kept there
        return DataFolder(self._builds / build.name / SCOPES / name, self._kept_snapshots + 1)

    def scopes(self, build: Build) -> dict[str, DataFolder]:
        """Return the data folders of the scopes of a build that have a store of their own, by scope."""
        apart = (REPORT, *scopes_of_works(build.works)) if build.works else ()
        return {name: self.scope(name, build) for name in apart}

    def snapshot_in(self, scope: str, build: Build) -> Path:
        """Return the path of the read-only snapshot of a scope of a build.

        Raises WorkNotLoadedError, RevisionGoneError, and DataFolderError if the scope's store is not there.
        """
        folder = self.scope(scope, build)
        if folder is self:
            return self.snapshot(build)
        newest = folder.require_build()
        if scope != REPORT or newest.changes == build.changes:  # no change comes to another work
            return folder.snapshot(newest)
        of_the_change = [kept for kept in folder.available_builds() if kept.changes == build.changes]
        if not of_the_change:
            raise RevisionGoneError(build.revision, None)
        return folder.snapshot(of_the_change[-1])

    def snapshot(self, build: Build) -> Path:
        """Return the path of the read-only snapshot of a build."""
        return self._snapshots_folder(build) / str(build.changes)

    def has_snapshot(self, build: Build) -> bool:
        """Return True if the snapshot of a build is there, with its description."""
        snapshot = self.snapshot(build)
        return snapshot.is_dir() and has_build_file(snapshot)

    def live_store_path(self, build: Build) -> Path:
        """Return the path of the writable store of a build; only the holder of the lock may open it."""
        return self._builds / build.name / "store"

    def documents_path(self, build: Build) -> Path:
        """Return the path of the ready documents of a build (kg.publish.ready_documents), removed with it."""
        return self._builds / build.name / "documents.sqlite"

    def available_builds(self) -> list[Build]:
        """Return the builds at the revisions whose snapshots are there, oldest first."""
        kept = (build for folder in self._builds.glob(f"{NAMES}/snapshots") for build in builds_in(folder))
        return sorted(kept, key=lambda build: (build.name, build.changes))

    def change_count(self) -> int:
        """Return the largest number of changes that any store of the folder has."""
        return max((build.changes for build in self.available_builds()), default=0)

    def snapshots_with_checksums(self) -> list[Path]:
        """Return the paths of the snapshots that have checksums, those of scopes included.

        Snapshots of older versions have none.
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
        """Hold the folder's lock; `address` is the server's, shown to others who want the lock.

        Raises DataFolderError if the folder is not writable, LockedError if another process holds the lock.
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
        """Write a build aside, with its snapshot, make it current, and drop builds that are too old.

        `counts` is the number of quads in named graphs and how many of them are inferred; `changes` the number of
        changes of the history among them; `works` the works besides the report, with which there are `parts`, each
        written as it is yielded; `measured` the revision whose measures are among the quads; `withheld` the numbers of
        the changes left out, with the reasons. The lock must be held.
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
        """Return the time in nanoseconds, or a later one if a build has that: builds are sorted by it."""
        stamps = (path.name.partition("-")[0] for path in self._builds.iterdir())
        return max(time.time_ns(), *(int(stamp) + 1 for stamp in stamps if stamp.isdigit()), 0)

    def publish_snapshot(self, store: Store, build: Build) -> None:
        """Make a snapshot of the writable store, described by a build with more changes, and make it current.

        An incomplete snapshot of the same build is replaced. The lock must be held.
        """
        before = self.current()
        linked = self.snapshot(before) if before and before.changes < build.changes else None
        write_snapshot(store, self._snapshots_folder(build), build, linked)
        write_synced(self._current, build_json(build))
        with suppress(OSError):  # the change is made; the next one drops what is too old
            drop_old_snapshots(self._builds, build, self._kept_snapshots)

    def _snapshots_of_scopes(self, build: Build) -> list[Path]:
        return [self.snapshot(build), *(self.snapshot_in(scope, build) for scope in self.scopes(build))]

    def _snapshots_folder(self, build: Build) -> Path:
        return self._builds / build.name / "snapshots"

    def unfinished_path(self, base: Build) -> Path:
        """Return a new path for a build that continues another one. The lock must be held."""
        return self._builds / f"{UNFINISHED}{self._next_stamp()}-{base.content_hash[:12]}"

    def switch(self, aside: Path, base: Build, build: Build) -> None:
        """Make a build current that was written aside and continues another one. The lock must be held."""
        (aside / CONTINUES).write_text(first_build_of(self._builds / base.name), encoding="utf-8")
        aside.rename(self._builds / build.name)
        write_synced(self._current, build_json(build))
        with suppress(OSError):
            drop_old_snapshots(self._builds, build, self._kept_snapshots)

    def drop_unfinished(self) -> None:
        """Remove builds that a process left unfinished when it died. The lock must be held."""
        drop_unfinished(self._builds)


def _write_part(place: Path, part: ScopeContent, fingerprint: str, withheld: Mapping[int, str]) -> None:
    (place / "builds").mkdir(parents=True)
    without = withheld if part.changes else NOTHING_WITHHELD
    DataFolder(place).write(part.quads, part.content_hash, fingerprint, part.counts, part.changes, withheld=without)
