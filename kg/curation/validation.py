"""Validate changes, given the ledger of findings in the graph.

`Validation` serves the gate on its live store, `CurrentValidation` serves reports on the current snapshot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from pyoxigraph import Store

from kg.building import LedgerFile
from kg.curation.check_queries import findings_in, names_at
from kg.curation.effects import Effects, effects_of
from kg.curation.judging import report_on
from kg.curation.refusals import refuse_missing
from kg.curation.report import UNCLEAR, SubmissionReport
from kg.errors import CityKgError, DataFolderError
from kg.findings import Finding, has_too_many_violations
from kg.history import History
from kg.messages import bilingual
from kg.names import Names
from kg.rdf.change import Change
from kg.shacl import ChangeValidation, Ledger, Verdict
from kg.store import Build, DataFolder, FolderReader, Snapshot
from kg.submissions import Submission

Progress = Callable[[str], None]
_MOST_FOLLOWED = 20_000
"""Statements of a change up to which it is said what it would mean: some two milliseconds each."""


class Validation:
    """Validates changes to a store whose findings are in `ledger`. Serves one thread at a time."""

    def __init__(self, folder: DataFolder, progress: Progress = lambda step: None) -> None:
        """Take the folder that holds the ledger; `progress` gets slow steps, in words."""
        self.ledger = Ledger()
        self._progress = progress
        self._shapes = ChangeValidation()
        self._file = LedgerFile(folder)
        self._revision = ""

    def load_ledger(self, build: Build) -> bool:
        """Use the ledger of a revision, read from disk if necessary; return False if there is none."""
        if self._revision != build.revision:
            kept = self._file.read(build)
            if kept is None:
                return False
            self._revision, self.ledger = build.revision, kept
        return True

    def rebuild_ledger(self, build: Build, store: Store) -> None:
        """Compute the ledger of a revision by validating everything, which takes seconds."""
        self._progress("validating the graph as it stands, once for this revision")
        self._revision, self.ledger = build.revision, self._shapes.full_ledger(store)

    def ensure_ledger(self, build: Build, store: Store) -> None:
        """Load the ledger of a revision, or compute and write it. The folder's lock must be held."""
        if not self.load_ledger(build):
            self.rebuild_ledger(build, store)
            self.write_ledger(build, self.ledger)

    def write_ledger(self, build: Build, ledger: Ledger) -> None:
        """Use a ledger as that of a revision, and write it to disk. The folder's lock must be held."""
        self._revision, self.ledger = build.revision, ledger
        self._file.write(build, ledger)

    def verdict(self, store: Store, change: Change, findings: Sequence[Finding]) -> Verdict | None:
        """Return the verdict of SHACL on a change, None if the `findings` of the checks are too many already."""
        return None if has_too_many_violations(findings) else self._shapes.verdict(store, self.ledger, change)


class CurrentValidation:
    """Validates submissions upon the current snapshot of a data folder, without its lock and without storing anything.

    Safe for use by many threads, which wait for each other. For a revision without a ledger on disk, everything is
    validated once, which takes seconds.
    """

    def __init__(self, folder: DataFolder, progress: Progress, reader: FolderReader | None = None) -> None:
        """Take a folder, and its reader, if there is one; `progress` gets slow steps, in words."""
        self._folder = folder
        self._reader = reader or FolderReader(folder)
        self._lock = threading.Lock()
        self._validation = Validation(folder, progress)

    def names(self) -> tuple[Build, Names]:
        """Return the current build, and the names in its snapshot. Raises DataFolderError if nothing is built."""
        current = self._reader.current()
        return current.build, names_at(self._folder, current.build, current.store)

    def report(self, submission: Submission) -> SubmissionReport:
        """Return the report on a submission: the same again until the graph moves, so that it must not be changed.

        Raises ConflictError for removals of missing statements, DataFolderError if nothing is built.
        """
        with self._lock:  # another thread that asks for the same waits for it
            return self._reader.once(submission.key, submission.size, lambda current: self._report(submission, current))

    def _report(self, submission: Submission, current: Snapshot) -> SubmissionReport:
        self._load_ledger(current)
        store, names = current.store, names_at(self._folder, current.build, current.store)
        refuse_missing(store, submission.change, History(self._folder.path))
        findings = findings_in(submission, store, names)
        verdict = self._validation.verdict(store, submission.change, findings)
        is_there = all(quad in store for quad in submission.change.added)
        is_readable, is_followed = _is_readable(findings, verdict), submission.size <= _MOST_FOLLOWED
        effects = _effects(store, submission.change) if is_readable and is_followed else None
        changes_nothing = is_there and not submission.change.removed - submission.change.added
        report = replace(
            report_on(submission, findings, verdict),
            changes_nothing=changes_nothing,
            effects=effects,
            snapshot=current,
        )
        return report if effects is not None else replace(report, no_effects=_why_none(is_readable, is_followed))

    def _load_ledger(self, current: Snapshot) -> None:
        """Load the ledger of the current snapshot; a computed one is written unless the folder is locked."""
        if not self._validation.load_ledger(current.build):
            self._validation.rebuild_ledger(current.build, current.store)
            with suppress(DataFolderError), self._folder.lock():
                if self._folder.current() == current.build:
                    self._validation.write_ledger(current.build, self._validation.ledger)


def _effects(store: Store, change: Change) -> Effects | None:
    """Return what a change would mean; None for one whose effect is not known, such as one of terms."""
    try:
        return effects_of(store, change)
    except CityKgError:
        return None


def _why_none(is_readable: bool, is_followed: bool) -> tuple[str, str]:
    if is_readable and not is_followed:
        return bilingual("What this would change is not said of more than {most:,} statements.", most=_MOST_FOLLOWED)
    if is_readable:
        return bilingual("What this would change cannot be said of a change of terms, from which rules are made.")
    return UNCLEAR


def _is_readable(findings: Sequence[Finding], verdict: Verdict | None) -> bool:
    """Return True if statements mean something: names are spelt, and nothing is missing that sentences are made of."""
    return (
        verdict is not None
        and not any(one.step == "vocabulary" and one.severity == "Violation" for one in findings)
        and not any(result.severity == "Violation" for result in verdict.new)
    )
