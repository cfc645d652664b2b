"""What is current in a data folder, read again when it has changed."""

from __future__ import annotations

import threading
from pathlib import Path

from cachetools import LRUCache

from kg.store.builds import Build, Snapshot
from kg.store.data_folder import DataFolder

_KNOWN = 100
"""Places of snapshots that are remembered: of the scopes of the revisions that are asked."""


class Reader:
    """What is current in a folder: the build, read again when another has become so, and its snapshot, once opened."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._read: tuple[tuple[int, int], Build] | None = None
        self._opening = threading.Lock()  # takes longer than the others may be kept waiting
        self._places: LRUCache[tuple[str, str, int], Path] = LRUCache(_KNOWN)
        self._opened: tuple[tuple[int, int], Snapshot] | None = None

    def build(self) -> Build:
        """Return the current build. Raises DataFolderError if there is none."""
        changed_at = self._folder.changed_at()
        with self._lock:
            if self._read is None or self._read[0] != changed_at:
                self._read = changed_at, self._folder.built()
            return self._read[1]

    def snapshot_in(self, scope: str, build: Build) -> Path:
        """Return where the snapshot of a scope is, as DataFolder.snapshot_in does, which reads a file for some."""
        key = scope, build.name, build.changes
        with self._lock:
            if key not in self._places:
                self._places[key] = self._folder.snapshot_in(scope, build)
            return self._places[key]

    def current(self) -> Snapshot:
        """Return the current snapshot, open in this process. Raises DataFolderError if there is none."""
        changed_at = self._folder.changed_at()
        with self._opening:
            if self._opened is None or self._opened[0] != changed_at:
                self._opened = changed_at, self._folder.current_snapshot()
            return self._opened[1]
