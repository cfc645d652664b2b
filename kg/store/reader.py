"""The current build and snapshot of a data folder, and what was found in that, cached until they change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from cachetools import LRUCache

from kg.store.builds import Build, Snapshot
from kg.store.data_folder import DataFolder

_MOST_PATHS = 100
"""Paths of snapshots that are cached: one for each scope of each revision in use."""
_MOST_KEPT = 5_000
"""Statements of changes of which it is cached what was found, all together: some five kB each."""

R = TypeVar("R")


class _Kept(NamedTuple):
    """A value that was found, and the number of statements of which."""

    value: Any
    size: int


_KeptOfSnapshot = LRUCache[Hashable, _Kept]


class FolderReader:
    """The current build and the current snapshot of a folder. Each is read again once another has become current."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._build: tuple[tuple[int, int], Build] | None = None
        self._opening = threading.Lock()  # opening takes too long for the lock of the others
        self._paths: LRUCache[tuple[str, str, int], Path] = LRUCache(_MOST_PATHS)
        self._snapshot: tuple[tuple[int, int], Snapshot, _KeptOfSnapshot] | None = None

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
        return self._current()[0]

    def once(self, key: Hashable, size: int, find: Callable[[Snapshot], R]) -> R:
        """Return what is found in the current snapshot, cached by a key until another has become current.

        The key is all that it depends on beside the snapshot, `size` the number of statements of the change that it is
        of. It must not be changed. Raises DataFolderError if nothing is built, and what `find` raises.
        """
        snapshot, kept = self._current()
        with self._lock:
            found = kept.get(key)
        if found is None:
            found = _Kept(find(snapshot), max(size, 1))  # a text without statements takes room as well
            if size <= _MOST_KEPT:
                with self._lock:
                    kept[key] = found
        value: R = found.value
        return value

    def _current(self) -> tuple[Snapshot, _KeptOfSnapshot]:
        """Return the current snapshot, and what was found in it."""
        changed_at = self._folder.current_stamp()
        with self._opening:
            if self._snapshot is None or self._snapshot[0] != changed_at:
                kept = _KeptOfSnapshot(_MOST_KEPT, getsizeof=attrgetter("size"))
                self._snapshot = changed_at, self._folder.current_snapshot(), kept
            return self._snapshot[1:]
