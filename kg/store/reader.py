"""The current build and snapshot of a data folder, cached until they change."""

from __future__ import annotations

import threading
from pathlib import Path

from cachetools import LRUCache

from kg.store.builds import Build, Snapshot
from kg.store.data_folder import DataFolder

_MOST_PATHS = 100
"""Paths of snapshots that are cached: one for each scope of each revision in use."""


class FolderReader:
    """The current build and the current snapshot of a folder. Each is read again once another has become current."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._build: tuple[tuple[int, int], Build] | None = None
        self._opening = threading.Lock()  # opening takes too long for the lock of the others
        self._paths: LRUCache[tuple[str, str, int], Path] = LRUCache(_MOST_PATHS)
        self._snapshot: tuple[tuple[int, int], Snapshot] | None = None

    def build(self) -> Build:
        """Return the current build. Raises DataFolderError if there is none."""
        changed_at = self._folder.current_stamp()
        with self._lock:
            if self._build is None or self._build[0] != changed_at:
                self._build = changed_at, self._folder.require_build()
            return self._build[1]

    def snapshot_in(self, scope: str, build: Build) -> Path:
        """Return the path of the snapshot of a scope, as `DataFolder.snapshot_in` does, from the cache if possible."""
        key = scope, build.name, build.changes
        with self._lock:
            if key not in self._paths:
                self._paths[key] = self._folder.snapshot_in(scope, build)
            return self._paths[key]

    def current(self) -> Snapshot:
        """Return the current snapshot, opened once for this process. Raises DataFolderError if there is none."""
        changed_at = self._folder.current_stamp()
        with self._opening:
            if self._snapshot is None or self._snapshot[0] != changed_at:
                self._snapshot = changed_at, self._folder.current_snapshot()
            return self._snapshot[1]
