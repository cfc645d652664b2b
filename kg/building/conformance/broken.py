"""Find the changes of the history that no longer conform to the present rules of the gate: its checks, and SHACL."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pyoxigraph import DefaultGraph, Quad, Store

from kg.building.contents import replay
from kg.building.ledger_file import LedgerFile
from kg.findings import Finding
from kg.history import FoldedHistory, Record
from kg.migrations import migrate_records
from kg.names import Names
from kg.rdf import graphs
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of
from kg.rdf.vocabulary import OWL, RDF
from kg.rules import infer
from kg.shacl import ChangeValidation, ValidationResult, Verdict, project_shapes, to_findings, validate_quads
from kg.store import Build, DataFolder
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
        return self._validation.verdict(self._store, self._ledger, record.change())

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
        return [finding for _, finding in violations(record.change(), self._store, self._names)]

    def apply(self, record: Record) -> None:
        """Make a change."""
        change = record.change()
        record.apply_to(self._store)
        self._store.extend(graphs.quad_in(quad, DefaultGraph()) for quad in change.added)
        self._names.follow(change.added | change.removed)


def only_violations(results: Iterable[ValidationResult]) -> list[ValidationResult]:
    """Return the results that are violations."""
    return [result for result in results if result.severity == "Violation"]


MOST_QUADS = 20
MOST_REASONS = 3


@dataclass(frozen=True)
class BrokenChange:
    """A change that no longer conforms, with the findings against it."""

    record: Record
    findings: tuple[Finding, ...]

    def lines(self, *, withheld: bool = False) -> list[str]:
        """Return lines for a terminal: the change, up to twenty of its quads, what they break, and what can be done."""
        record = self.record
        quads = [*(f"- {line}" for line in record.removed), *(f"+ {line}" for line in record.added)]
        more = [f"… and {len(quads) - MOST_QUADS} more"] if len(quads) > MOST_QUADS else []
        return [
            f"Change {record.number}, {record.summary!r} by {record.agent}, no longer conforms"
            f"{' and does not count in the graph' if withheld else ''}. Its statements:",
            *(f"    {line}" for line in [*quads[:MOST_QUADS], *more]),
            "  break:",
            *(f"    {line}" for line in self.reasons()),
            *(self._if_withheld() if withheld else self._if_it_counts()),
        ]

    def _if_withheld(self) -> list[str]:
        number = self.record.number
        return [
            "  It stays in the history, and there is nothing to undo.",
            f"  Let it count nevertheless: citykg exempt {number} --reason TEXT, then citykg build",
        ]

    def _if_it_counts(self) -> list[str]:
        number = self.record.number
        return [
            f"  Take it back: citykg revert {number} --summary TEXT",
            f"  Or let it stand: citykg exempt {number} --reason TEXT",
        ]

    def short_reason(self) -> str:
        """Return up to three reasons why it does not conform, in one line."""
        told = self.reasons()
        more = [f"and {len(told) - MOST_REASONS} more"] if len(told) > MOST_REASONS else []
        return "; ".join([*told[:MOST_REASONS], *more])

    def reasons(self) -> list[str]:
        """Return the reasons why it does not conform, each once."""
        found = (
            f"{one.shape or one.step}: {one.message}" + (f" [{one.focus}]" if one.focus else "")
            for one in self.findings
        )
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Conformance:
    """The changes that no longer conform, in order, and the violations of the files without any change."""

    broken: tuple[BrokenChange, ...] = ()
    of_files: tuple[Finding, ...] = ()


def check_conformance(
    files: Iterable[Quad], stated: Iterable[Quad], records: Sequence[Record], uncurated: Store, conforms: bool
) -> Conformance:
    """Return which of the files and the changes upon them, given in current terms, no longer conform.

    `stated` are the quads of both, `uncurated` is a store of them without the curated graphs, which is modified;
    `conforms` is True if SHACL finds no violation in them. Only faults that are there at the end count, not those that
    a later change corrected.
    """
    by_shapes, of_files = ({}, ()) if conforms else _by_shapes(files, FoldedHistory().unfolded_records(records))
    by_checks = _by_checks(stated, records, uncurated)
    found = {
        record.number: (*by_checks.get(record.number, ()), *by_shapes.get(record.number, ())) for record in records
    }
    return Conformance(
        tuple(BrokenChange(record, found[record.number]) for record in records if found[record.number]), tuple(of_files)
    )


def broken_changes(
    folder: DataFolder, build: Build, files: list[Quad], records: Sequence[Record]
) -> tuple[BrokenChange, ...]:
    """Return the changes of a build that no longer conform but still count, including exempt ones."""
    today = migrate_records(records, build.withheld_numbers)
    stated = replay(files, FoldedHistory().unfolded_records(today))
    ledger = LedgerFile(folder).read(build) or validate_quads(stated).ledger
    return check_conformance(files, stated, today, store_without_curated(stated), ledger.conforms).broken


def store_without_curated(stated: Sequence[Quad], inferred: list[Quad] | None = None) -> Store:
    """Return a store of quads without the curated graphs, with its default graph.

    `inferred` is what follows from all of the quads, if that is known.
    """
    files = [quad for quad in stated if not graphs.is_curated_graph(quad.graph_name)]
    follows = inferred if inferred is not None and len(files) == len(stated) else infer(files)
    store = Store()
    store.bulk_extend(chain(files, follows, graphs.default_graph_quads(chain(files, follows))))
    return store


def _by_shapes(
    files: Iterable[Quad], records: Sequence[Record]
) -> tuple[Mapping[int, Sequence[Finding]], Sequence[Finding]]:
    """Return the violations of SHACL at the end, by the change that caused each, and those of the files.

    Each change is validated upon the ones before it, so that a violation belongs to the change that caused it, even
    if the change is about other nodes.
    """
    steps = ShapeSteps(files)
    came = {0: Counter(steps.of_files)}
    for record in records:
        verdict = steps.judge(record)
        steps.apply(record, verdict)
        came = {number: found - Counter(verdict.fixed) for number, found in came.items()}
        came[record.number] = Counter(only_violations(verdict.new))
    told = {number: to_findings(found, project_shapes()) for number, found in came.items()}
    return told, told[0]


def _by_checks(stated: Iterable[Quad], records: Sequence[Record], store: Store) -> Mapping[int, Sequence[Finding]]:
    """Return the findings of the gate's checks in the curated graphs at the end, by the change that caused each.

    The curated graphs are checked as one change upon the files, which takes away what things were of which only the
    marks of a withdrawal are left. Only if something is found are the changes that may
    have caused it checked again, each upon the ones before it.
    """
    curated = frozenset(quad for quad in stated if graphs.is_curated_graph(quad.graph_name))
    marked = {quad.subject for quad in curated if quad.predicate == OWL.deprecated}
    removed = chain.from_iterable(record.removed_quads() for record in records)
    gone = frozenset(quad for quad in removed if quad.predicate == RDF.type and quad.subject in marked)
    standing = list(violations(Change(curated, gone - curated), store))
    if not standing:
        return {}
    last = {line: record.number for record in records for line in record.added}
    brought = [(last.get(line), finding) for quad, finding in standing for line in lines_of({quad})]
    suspects, wanted = {number for number, _ in brought}, {_key(finding) for _, finding in brought}
    found: dict[int, list[Finding]] = defaultdict(list)
    steps = CheckSteps(store)
    for record in records:
        if record.number in suspects:
            found[record.number] += [finding for finding in steps.find_violations(record) if _key(finding) in wanted]
        steps.apply(record)
    told = {finding.message for findings in found.values() for finding in findings}
    for number, finding in brought:
        if number is not None and finding.message not in told:  # else the change that caused it has it already
            found[number].append(finding)
    return found


def _key(finding: Finding) -> tuple[object, ...]:
    return finding.step, finding.message, finding.focus, finding.path
