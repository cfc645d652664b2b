"""Validate changes against the current snapshot, for whoever only asks; the gate validates against its live store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from pyoxigraph import Store

from kg.errors import DataFolderError
from kg.kept_ledger import KeptLedger
from kg.snapshots import Build, DataFolder, Reader
from kg.validation import Change, ChangeValidation, Ledger, Verdict, project_shapes

Progress = Callable[[str], None]
VALIDATING = "validating the graph as it stands, once for this revision"


class CurrentValidation:
    """Validates changes against the current snapshot of a data folder; takes no lock of the folder, stores nothing.

    Safe for use by many threads, which wait for each other.
    """

    def __init__(self, folder: DataFolder, progress: Progress = lambda step: None) -> None:
        """Take a folder; `progress` is told of long work in words."""
        self._progress = progress
        self._folder = folder
        self._reader = Reader(folder)
        self._lock = threading.Lock()
        self._validation = ChangeValidation(project_shapes())
        self._kept = KeptLedger(folder)
        self._standing: tuple[str, Ledger] | None = None

    def judge(self, change: Change) -> Verdict:
        """Return what a change would do. Raises DataFolderError if nothing is built.

        The first time for a revision whose ledger was not kept, everything is validated, which takes seconds.
        """
        with self._lock:
            build, store = self._reader.current()
            if self._standing is None or self._standing[0] != build.revision:
                self._standing = build.revision, self._ledger(build, store)
            return self._validation.verdict(store, self._standing[1], change)

    def _ledger(self, build: Build, store: Store) -> Ledger:
        """Return what was kept; else validate everything, and keep that unless somebody else writes to the folder."""
        if (ledger := self._kept.read(build)) is not None:
            return ledger
        self._progress(VALIDATING)
        ledger = self._validation.standing(store)
        with suppress(DataFolderError), self._folder.locked():
            if self._folder.current() == build:
                self._kept.write(build, ledger)
        return ledger
