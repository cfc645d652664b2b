"""The data folder: immutable built stores, the one that is current, and the lock that a writer holds.

    <data>/current.json      which build is current, and how many changes it has; replaced atomically
    <data>/builds/<name>/    one build: the writable store, and under snapshots/<changes>/ what readers open
    <data>/lock              held (flock) by the process that writes

A build is made aside and named in `current.json` last, so that a build that dies leaves the older one in use. The same
goes for the snapshot that each change makes.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from pyoxigraph import Quad, Store

from kg.errors import BadValueError, CityKgError, DataFolderError

LAYOUT_VERSION = 2
KEPT_BUILDS = 2
KEPT_SNAPSHOTS = 20

ENGINE_ERRORS = (OSError, RuntimeError)
"""What the engine raises for a store that is not there, or damaged."""

_DROPPED = ".dropped"
"""What the name of a snapshot ends in once it is being removed: nobody takes what is left of it for a snapshot."""


@dataclass(frozen=True)
class Build:
    """What `current.json` says of a build. `quads` counts those in named graphs, inferred ones included.

    `built` is when the files were read, `changed` when the last change came upon them; both xsd:dateTime in UTC.
    """

    name: str
    layout: int
    content_hash: str
    fingerprint: str
    quads: int
    inferred: int
    built: str
    changes: int = 0
    changed: str = ""

    @property
    def revision(self) -> str:
        """A short name of the content, for people and headers: of the files, and how many changes came upon them."""
        return self.revision_of(self.changes)

    def revision_of(self, changes: int) -> str:
        """Return the name of the content with so many changes upon the files."""
        return self.content_hash[:12] + (f".{changes}" if changes else "")


class LockedError(DataFolderError):
    """Another process writes to the data folder."""


class DataFolder:
    """The folder given by `--data`."""

    def __init__(self, path: Path, kept_snapshots: int = KEPT_SNAPSHOTS) -> None:
        """Take a folder, of which the writer keeps so many of the latest snapshots, besides the last of each day."""
        self.path = path
        self._kept_snapshots = kept_snapshots
        self._builds = path / "builds"
        self._current = path / "current.json"
        self.switching = path / "switching"
        """Is there while a backup takes the place of what was there."""

    def current(self) -> Build | None:
        """Return the current build, None if there is none yet. Raises DataFolderError if it is not ours to read."""
        if self.switching.exists():
            raise DataFolderError(
                f"A backup is being restored into {self.path}, or was when that broke off.",
                "Wait a moment. If nobody restores it now, do it again: citykg restore FILE --force",
            )
        try:
            stated = json.loads(self._current.read_text(encoding="utf-8"))
            layout = int(stated["layout"])
            if layout == LAYOUT_VERSION:
                return Build(**stated)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataFolderError(
                f"{self._current} cannot be read: {error}",
                "Remove it and run `citykg build`, which makes the store anew from the files and the history.",
            ) from error
        if layout < LAYOUT_VERSION:
            return None  # what an older version built is built again
        raise DataFolderError(
            f"{self.path} was written by a newer version of citykg (layout {layout}, this one knows {LAYOUT_VERSION}).",
            "Update citykg, or name another folder with --data.",
        )

    def changed_at(self) -> tuple[int, int]:
        """Return what differs whenever another build, or a change of it, has become current."""
        try:
            stated = self._current.stat()
        except FileNotFoundError:
            return 0, 0
        return stated.st_mtime_ns, stated.st_ino  # two changes may come within one tick of the clock

    def build_of(self, snapshot: Path) -> Build:
        """Return which build with how many changes a snapshot is of; that is known longer than the snapshot is kept."""
        return _stated(snapshot.with_suffix(".json"))

    def find(self, revision: str) -> Build:
        """Return a revision whose snapshot is there. Raises BadValueError for no revision, RevisionGoneError."""
        if not re.fullmatch(r"[0-9a-f]{12}(\.[1-9][0-9]{0,8})?", revision):
            raise BadValueError(
                f"{revision!r} is no revision.", "A revision is what X-Revision says, such as 0123456789ab.7"
            )
        kept = self.kept()
        for build in reversed(kept):
            if build.revision == revision:
                return build
        raise RevisionGoneError(revision, _nearest(revision, kept))

    def open_at(self, build: Build) -> Store:
        """Open the snapshot of a build for reading. Raises RevisionGoneError if it has been dropped meanwhile."""
        try:
            return Store.read_only(str(self.snapshot(build)))
        except ENGINE_ERRORS as error:
            raise RevisionGoneError(build.revision, _nearest(build.revision, self.kept())) from error

    def open(self) -> Store:
        """Open the current snapshot for reading. Raises DataFolderError if there is none."""
        return self.current_store()[1]

    def current_store(self) -> tuple[Build, Store]:
        """Return the current build and its snapshot, opened for reading. Raises DataFolderError if there is none."""
        while True:
            build = self.current()
            if build is None:
                raise DataFolderError(f"{self.path} holds no built graph.", "Run `citykg build` first.")
            try:
                return build, Store.read_only(str(self.snapshot(build)))
            except ENGINE_ERRORS as error:
                if self.current() == build:  # else a writer has replaced and removed it meanwhile
                    raise DataFolderError(
                        f"The snapshot of {build.revision} cannot be opened: {error}",
                        "Run `citykg build`: it makes the store anew from the files and the history.",
                    ) from error

    def snapshot(self, build: Build) -> Path:
        """Return where the read-only snapshot of a build with its changes is."""
        return self._snapshots(build) / str(build.changes)

    def live(self, build: Build) -> Path:
        """Return where the writable store of a build is; only the holder of the lock may open it."""
        return self._builds / build.name / "store"

    def kept(self) -> list[Build]:
        """Return the revisions whose snapshots are there, oldest first."""
        kept = (build for folder in self._builds.glob("*/snapshots") for build in _kept_in(folder))
        return sorted(kept, key=lambda build: (build.name, build.changes))

    def applied(self) -> int:
        """Return the number of changes in the store that has most of them, whichever build it is of."""
        return max((build.changes for build in self.kept()), default=0)

    @contextmanager
    def locked(self, address: str = "") -> Iterator[None]:
        """Hold the folder's lock; `address` is that of the server that does, told to whoever finds the lock held.

        Raises DataFolderError when the folder is not writable, or another process writes.
        """
        try:
            self._builds.mkdir(parents=True, exist_ok=True)
            file = (self.path / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise DataFolderError(
                f"{self.path} cannot be written: {error.strerror}.",
                "Name another folder with --data or CITYKG_DATA.",
            ) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder, _, server = file.read().partition("\n")
                raise LockedError(
                    f"{self.path} is locked by {holder or 'another process'}.",
                    f"Act through it: --server {server}" if server else "Wait until it has finished, or stop it.",
                ) from None
            file.truncate(0)
            who = f"the server at {address}" if address else "citykg"
            file.write(f"{who}, process {os.getpid()}, since {time.strftime('%H:%M:%S')}\n{address}")
            file.flush()
            yield

    def write(
        self, quads: Iterable[Quad], content_hash: str, fingerprint: str, counts: tuple[int, int], changes: int = 0
    ) -> Build:
        """Write a store aside, make its snapshot, make it current, and drop builds that are too old.

        `counts` is the number of quads in named graphs and how many of them are inferred; `changes` how many changes
        of the history are among them. The lock must be held.
        """
        name = f"{time.time_ns()}-{content_hash[:12]}"
        aside = self._builds / f"unfinished-{name}"
        aside.mkdir()
        store = Store(str(aside / "store"))
        store.bulk_extend(quads)
        store.optimize()
        built = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        build = Build(name, LAYOUT_VERSION, content_hash, fingerprint, *counts, built, changes, built)
        (aside / "snapshots").mkdir()
        store.backup(str(aside / "snapshots" / str(changes)))
        del store
        _write_synced(aside / "snapshots" / f"{changes}.json", build)
        aside.rename(self._builds / name)
        _write_synced(self._current, build)
        self._drop_old(name)
        return build

    def advance(self, store: Store, build: Build) -> None:
        """Make a snapshot of the writable store, as which a build with more changes is known, and make it current.

        The lock must be held. What a writer that died left of the same snapshot is replaced.
        """
        snapshot, stated = self.snapshot(build), self.snapshot(build).with_suffix(".json")
        snapshot.parent.mkdir(exist_ok=True)
        stated.unlink(missing_ok=True)
        shutil.rmtree(snapshot, ignore_errors=True)
        store.backup(str(snapshot))
        _write_synced(stated, build)
        _write_synced(self._current, build)
        self._drop_old_snapshots(build)

    def _snapshots(self, build: Build) -> Path:
        return self._builds / build.name / "snapshots"

    def _drop_old_snapshots(self, current: Build) -> None:
        """Keep the latest snapshots, and the last one of each day."""
        others = sorted(_kept_in(self._snapshots(current)), key=lambda build: build.changes)
        last_of_day = {build.changed[:10]: build.changes for build in others}
        for build in others[: -self._kept_snapshots]:
            if build.changes != last_of_day[build.changed[:10]]:
                self.snapshot(build).rename(self.snapshot(build).with_suffix(_DROPPED))
        for dropped in self._snapshots(current).glob("*" + _DROPPED):
            shutil.rmtree(dropped, ignore_errors=True)

    def _drop_old(self, current: str) -> None:
        """Keep the newest builds, for readers that still have one open; what died unfinished goes too."""
        finished = sorted(p for p in self._builds.iterdir() if not p.name.startswith("unfinished-"))
        others = [path for path in finished if path.name != current]
        unfinished = self._builds.glob("unfinished-*")
        for path in [*others[: len(others) - (KEPT_BUILDS - 1)], *unfinished]:
            shutil.rmtree(path, ignore_errors=True)


class RevisionGoneError(CityKgError):
    """The snapshot of a revision is not kept, or never was; `nearest` is the revision that comes closest and is."""

    def __init__(self, revision: str, nearest: str | None) -> None:
        hint = f"The nearest one that is kept: {nearest}" if nearest else "None is kept."
        super().__init__(f"Revision {revision} is not kept.", hint)
        self.nearest = nearest


def _nearest(revision: str, kept: list[Build]) -> str | None:
    """Return the revision with the number of changes that comes closest, of the same files if there are any."""
    content, _, changes = revision.partition(".")
    of_same_files = [build for build in kept if build.content_hash.startswith(content)] or kept
    distances = [(abs(build.changes - int(changes or 0)), build.revision) for build in of_same_files]
    return min(distances)[1] if distances else None


def _kept_in(folder: Path) -> Iterator[Build]:
    """Yield what the snapshots in a folder are of; one that a writer was about to make when it died is of nothing."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        snapshots = [entry for entry in entries if entry.name.isdigit() and entry.is_dir()]
        for snapshot in snapshots:
            with suppress(OSError, ValueError, TypeError):
                yield _stated(Path(snapshot.path + ".json"))


def _stated(path: Path) -> Build:
    return Build(**json.loads(path.read_text(encoding="utf-8")))


def _write_synced(path: Path, build: Build) -> None:
    """Write what is known of a build in the place of what was there; a reader finds the one or the other, whole."""
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(build), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class Reader:
    """The current snapshot, opened once and again when another build has become current."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._opened: tuple[tuple[int, int], Build, Store] | None = None

    def current(self) -> tuple[Build, Store]:
        """Return the current build and its store. Raises DataFolderError if there is none."""
        changed_at = self._folder.changed_at()
        with self._lock:
            if self._opened is None or self._opened[0] != changed_at:
                self._opened = (changed_at, *self._folder.current_store())
            return self._opened[1], self._opened[2]
