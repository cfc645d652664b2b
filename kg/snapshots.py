"""The data folder: immutable built stores, the one that is current, and the lock that a writer holds.

    <data>/current.json      which build is current; replaced atomically
    <data>/builds/<name>/    one build: a writable store and the read-only snapshot that readers open
    <data>/lock              held (flock) by the process that writes

A build is made aside and named in `current.json` last, so that a build that dies leaves the older one in use.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pyoxigraph import Quad, Store

from kg.errors import DataFolderError

LAYOUT_VERSION = 1
KEPT_BUILDS = 2


@dataclass(frozen=True)
class Build:
    """What `current.json` says of a build. `quads` counts those in named graphs, inferred ones included."""

    name: str
    layout: int
    content_hash: str
    fingerprint: str
    quads: int
    inferred: int
    built: str

    @property
    def revision(self) -> str:
        """A short name of the content, for people and headers."""
        return self.content_hash[:12]


class DataFolder:
    """The folder given by `--data`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._builds = path / "builds"
        self._current = path / "current.json"

    def current(self) -> Build | None:
        """Return the current build, None if there is none yet. Raises DataFolderError if it is not ours to read."""
        try:
            stated = json.loads(self._current.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise DataFolderError(
                f"{self._current} cannot be read: {error}", "Remove it and run `citykg build` again."
            ) from error
        if stated["layout"] > LAYOUT_VERSION:
            raise DataFolderError(
                f"{self.path} was written by a newer version of citykg (layout {stated['layout']}, "
                f"this one knows {LAYOUT_VERSION}).",
                "Update citykg, or name another folder with --data.",
            )
        return Build(**stated)

    def changed_at(self) -> int:
        """Return a number that differs whenever another build has become current; 0 if there is none."""
        try:
            return self._current.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def open(self) -> Store:
        """Open the current snapshot for reading. Raises DataFolderError if there is none."""
        build = self.current()
        if build is None:
            raise DataFolderError(f"{self.path} holds no built graph.", "Run `citykg build` first.")
        return Store.read_only(str(self.snapshot(build)))

    def snapshot(self, build: Build) -> Path:
        """Return where the read-only snapshot of a build is."""
        return self._builds / build.name / "snapshot"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder's lock. Raises DataFolderError when it is not writable, or another process writes."""
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
                holder = file.read().strip() or "another process"
                raise DataFolderError(
                    f"{self.path} is locked by {holder}.", "Wait until it has finished, or stop it."
                ) from None
            file.truncate(0)
            file.write(f"citykg, process {os.getpid()}, since {time.strftime('%H:%M:%S')}")
            file.flush()
            yield

    def write(self, quads: Iterable[Quad], content_hash: str, fingerprint: str, counts: tuple[int, int]) -> Build:
        """Write a store aside, make its snapshot, make it current, and drop builds that are too old.

        `counts` is the number of quads in named graphs and how many of them are inferred. The lock must be held.
        """
        name = f"{time.time_ns()}-{content_hash[:12]}"
        aside = self._builds / f"unfinished-{name}"
        aside.mkdir()
        store = Store(str(aside / "store"))
        store.bulk_extend(quads)
        store.optimize()
        store.backup(str(aside / "snapshot"))
        del store
        aside.rename(self._builds / name)
        built = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        build = Build(name, LAYOUT_VERSION, content_hash, fingerprint, *counts, built)
        self._make_current(build)
        self._drop_old(name)
        return build

    def _make_current(self, build: Build) -> None:
        draft = self._current.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(asdict(build), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._current)

    def _drop_old(self, current: str) -> None:
        """Keep the newest builds, for readers that still have one open; what died unfinished goes too."""
        finished = sorted(p for p in self._builds.iterdir() if not p.name.startswith("unfinished-"))
        others = [path for path in finished if path.name != current]
        unfinished = self._builds.glob("unfinished-*")
        for path in [*others[: len(others) - (KEPT_BUILDS - 1)], *unfinished]:
            shutil.rmtree(path, ignore_errors=True)


class Reader:
    """The current snapshot, opened once and again when another build has become current."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._opened: tuple[int, Build, Store] | None = None

    def current(self) -> tuple[Build, Store]:
        """Return the current build and its store. Raises DataFolderError if there is none."""
        changed_at = self._folder.changed_at()
        with self._lock:
            if self._opened is None or self._opened[0] != changed_at:
                build = self._folder.current()
                store = self._folder.open()
                assert build is not None
                self._opened = (changed_at, build, store)
            return self._opened[1], self._opened[2]
