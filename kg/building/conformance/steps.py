"""Step through the changes of the history, and judge each upon the ones before it: by SHACL, and by the checks."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import DefaultGraph, Quad, Store

from kg.findings import Finding
from kg.history import Record
from kg.names import Names
from kg.rdf.change import Change
from kg.shacl import ChangeValidation, ValidationResult, Verdict
from kg.submissions.checks import violations


class ShapeSteps:
    """The files with the changes so far, validated by SHACL."""

    def __init__(self, files: Iterable[Quad]) -> None:
        """Validate the files alone."""
        self._store = Store()
        self._store.bulk_extend(files)
        self._validation = ChangeValidation()
        self._ledger = self._validation.full_ledger(self._store)
        self.of_files = only_violations(self._ledger)

    def judge(self, record: Record) -> Verdict:
        """Return the verdict of SHACL on a change here."""
        return self._validation.verdict(self._store, self._ledger, change_of(record))

    def apply(self, record: Record, verdict: Verdict) -> None:
        """Make a change that was judged."""
        record.apply_to(self._store)
        self._ledger = verdict.ledger


class CheckSteps:
    """The store for the checks of the gate with the changes so far, at first without curated graphs."""

    def __init__(self, uncurated: Store) -> None:
        """Take the store, which is modified."""
        self._store = uncurated
        self._names = Names(uncurated)

    def find_violations(self, record: Record) -> list[Finding]:
        """Return the violations of the checks by a change here."""
        return [finding for _, finding in violations(change_of(record), self._store, self._names)]

    def apply(self, record: Record) -> None:
        """Make a change."""
        change = change_of(record)
        record.apply_to(self._store)
        self._store.extend(Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()) for quad in change.added)
        self._names.follow(change.added | change.removed)


def change_of(record: Record) -> Change:
    """Return the quads that a record adds and removes."""
    return Change(record.added_quads(), record.removed_quads())


def only_violations(results: Iterable[ValidationResult]) -> list[ValidationResult]:
    """Return the results that are violations."""
    return [result for result in results if result.severity == "Violation"]
