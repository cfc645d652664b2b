"""Validate changes, knowing what is found in the graph already.

`Validation` serves the gate upon its live store, and `CurrentValidation` those who only ask, upon the current snapshot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from pyoxigraph import Store

from kg.building import LedgerFile
from kg.curation.check_queries import findings_in, names_at
from kg.curation.judging import refuse_missing, report_on
from kg.curation.report import SubmissionReport
from kg.errors import DataFolderError
from kg.findings import Finding, has_too_many_violations
from kg.rdf.change import Change
from kg.shacl import ChangeValidation, Ledger, Verdict
from kg.store import Build, DataFolder, FolderReader, Snapshot
from kg.submissions import Submission

Progress = Callable[[str], None]


class Validation:
    """Validates changes to a store of which `ledger` has what is found already. Serves one thread at a time."""

    def __init__(self, folder: DataFolder, progress: Progress = lambda step: None) -> None:
        """Take the folder in which the ledger is kept; `progress` gets what takes long, in words."""
        self.ledger = Ledger()
        self._progress = progress
        self._shapes = ChangeValidation()
        self._file = LedgerFile(folder)
        self._revision = ""

    def load_ledger(self, build: Build) -> bool:
        """Whether the ledger is, or can be read as, that of a revision."""
        if self._revision != build.revision:
            kept = self._file.read(build)
            if kept is None:
                return False
            self._revision, self.ledger = build.revision, kept
        return True

    def rebuild_ledger(self, build: Build, store: Store) -> None:
        """Make the ledger of a revision by validating everything, which takes seconds."""
        self._progress("validating the graph as it stands, once for this revision")
        self._revision, self.ledger = build.revision, self._shapes.full_ledger(store)

    def ensure_ledger(self, build: Build, store: Store) -> None:
        """Have the ledger of a revision, and on disk for the next one. The folder's lock must be held."""
        if not self.load_ledger(build):
            self.rebuild_ledger(build, store)
            self.write_ledger(build, self.ledger)

    def write_ledger(self, build: Build, ledger: Ledger) -> None:
        """Go on from the ledger of a revision, and keep it on disk. The folder's lock must be held."""
        self._revision, self.ledger = build.revision, ledger
        self._file.write(build, ledger)

    def verdict(self, store: Store, change: Change, findings: Sequence[Finding]) -> Verdict | None:
        """Return what SHACL finds in a change; None if the `findings` of what it says are so many already."""
        return None if has_too_many_violations(findings) else self._shapes.verdict(store, self.ledger, change)


class CurrentValidation:
    """Validates submissions upon the current snapshot of a data folder; takes no lock of the folder, stores nothing.

    Safe for use by many threads, which wait for each other. The first time for a revision whose ledger was not kept,
    everything is validated, which takes seconds.
    """

    def __init__(self, folder: DataFolder, progress: Progress, reader: FolderReader | None = None) -> None:
        """Take a folder, and what reads it, if somebody does; `progress` gets what takes long, in words."""
        self._folder = folder
        self._reader = reader or FolderReader(folder)
        self._lock = threading.Lock()
        self._validation = Validation(folder, progress)

    def report(self, submission: Submission) -> SubmissionReport:
        """Return what a submission would do.

        Raises ConflictError for removals of what is not there, DataFolderError if nothing is built.
        """
        with self._lock:
            current = self._current()
            store, names = current.store, names_at(self._folder, current.build, current.store)
            refuse_missing(store, submission.change)
            findings = findings_in(submission, store, names)
            verdict = self._validation.verdict(store, submission.change, findings)
            is_there = all(quad in store for quad in submission.change.added)
        changes_nothing = is_there and not submission.change.removed - submission.change.added
        return replace(report_on(submission, findings, verdict), changes_nothing=changes_nothing)

    def _current(self) -> Snapshot:
        """Return the current snapshot, its ledger known; a new one is kept unless another process writes."""
        current = self._reader.current()
        if not self._validation.load_ledger(current.build):
            self._validation.rebuild_ledger(current.build, current.store)
            with suppress(DataFolderError), self._folder.lock():
                if self._folder.current() == current.build:
                    self._validation.write_ledger(current.build, self._validation.ledger)
        return current
