"""Which changes of the history no longer conform, by what the gate asks of a change today: its checks, and SHACL."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.building import sources
from kg.building.ledger_file import LedgerFile
from kg.building.replay import replayed
from kg.findings import Finding
from kg.history import FoldedHistory, History, Record
from kg.migrations import in_terms_of_today
from kg.names import Names
from kg.rdf import graphs
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of
from kg.rules import infer
from kg.shacl import ChangeValidation, Result, in_words, project_shapes, validate_quads
from kg.store import Build, DataFolder
from kg.submissions.checks import violations

SHOWN_QUADS = 20


@dataclass(frozen=True)
class Broken:
    """A change that no longer conforms, and what is wrong with it."""

    record: Record
    findings: tuple[Finding, ...]

    def lines(self) -> list[str]:
        """Return in words the change, its quads, up to twenty of them, what they break, and the two ways out."""
        record = self.record
        quads = [*(f"- {line}" for line in record.removed), *(f"+ {line}" for line in record.added)]
        more = [f"… and {len(quads) - SHOWN_QUADS} more"] if len(quads) > SHOWN_QUADS else []
        return [
            f"Change {record.number}, {record.summary!r} by {record.agent}, no longer conforms. Its statements:",
            *(f"    {line}" for line in [*quads[:SHOWN_QUADS], *more]),
            "  break:",
            *(f"    {line}" for line in self.told()),
            f"  Take it back: citykg revert {record.number} --summary TEXT",
            f"  Or let it stand: citykg exempt {record.number} --reason TEXT",
        ]

    def told(self) -> list[str]:
        """Return what is wrong, each thing once."""
        found = (
            f"{one.shape or one.step}: {one.message}" + (f" [{one.focus}]" if one.focus else "")
            for one in self.findings
        )
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Conformance:
    """What no longer conforms: the changes, in order, and the violations that the files have without any change."""

    broken: tuple[Broken, ...] = ()
    of_files: tuple[Finding, ...] = ()


def conformance_of(
    files: Iterable[Quad], stated: Iterable[Quad], records: Sequence[Record], uncurated: Store, conforms: bool
) -> Conformance:
    """Return what no longer conforms of files and the changes upon them, which are in the terms of today.

    `stated` is what comes of both, `uncurated` a store of it without the curated graphs, which is used up; `conforms`
    says whether SHACL finds no violation in it. Only what is wrong at the end counts, so that what a later change has
    mended does not.
    """
    by_shapes, of_files = ({}, ()) if conforms else _by_shapes(files, FoldedHistory().not_in(records))
    by_checks = _by_checks(stated, records, uncurated)
    found = {
        record.number: (*by_checks.get(record.number, ()), *by_shapes.get(record.number, ())) for record in records
    }
    return Conformance(
        tuple(Broken(record, found[record.number]) for record in records if found[record.number]), tuple(of_files)
    )


def broken_of(folder: DataFolder, build: Build, files: list[Quad], records: Sequence[Record]) -> tuple[Broken, ...]:
    """Return the changes of a build that no longer conform, exempted ones among them."""
    today = in_terms_of_today(records)
    stated = replayed(files, FoldedHistory().not_in(today))
    ledger = LedgerFile(folder).read(build) or validate_quads(stated).ledger
    return conformance_of(files, stated, today, uncurated(stated), ledger.conforms).broken


def broken_in(folder: DataFolder) -> tuple[Broken, ...]:
    """Return the changes of the current build of a folder that no longer conform, exempted ones among them.

    Raises DataFolderError where nothing is built, or the history is not whole; CityKgError if a work of the build is no
    longer there.
    """
    build = folder.built()
    records = tuple(History(folder.path).records())[: build.changes]
    return broken_of(folder, build, sources.load(sources.folders(build.works)), records) if records else ()


def uncurated(stated: Sequence[Quad], inferred: list[Quad] | None = None) -> Store:
    """Return a store without the curated graphs; `inferred` is what follows from all that is stated, if that is known.

    It has the default graph.
    """
    files = [quad for quad in stated if not _is_curated(quad)]
    follows = inferred if inferred is not None and len(files) == len(stated) else infer(files)
    store = Store()
    store.bulk_extend(chain(files, follows, graphs.in_union(chain(files, follows))))
    return store


def _by_shapes(
    files: Iterable[Quad], records: Sequence[Record]
) -> tuple[Mapping[int, Sequence[Finding]], Sequence[Finding]]:
    """Return the violations of SHACL at the end by the change that each came with, and those of the files.

    Each change is validated upon the ones before it, so that a violation is that of the change that brought it, even
    where that names other nodes.
    """
    store = Store()
    store.bulk_extend(files)
    validation = ChangeValidation()
    ledger = validation.standing(store)
    came: dict[int, Counter[Result]] = {0: _violations(ledger)}
    for record in records:
        verdict = validation.verdict(store, ledger, Change(record.added_quads(), record.removed_quads()))
        record.make_in(store)
        ledger = verdict.ledger
        came = {number: found - Counter(verdict.mended) for number, found in came.items()}
        came[record.number] = _violations(verdict.new)
    told = {number: in_words(found, project_shapes()) for number, found in came.items()}
    return told, told[0]


def _violations(results: Iterable[Result]) -> Counter[Result]:
    return Counter(result for result in results if result.severity == "Violation")


def _by_checks(stated: Iterable[Quad], records: Sequence[Record], store: Store) -> Mapping[int, Sequence[Finding]]:
    """Return what the checks of the gate find at the end in the curated graphs, by the change that brought it.

    All of them is checked as one change upon the files. Only if something is found are the changes that may have
    brought it checked again, each upon the ones before it.
    """
    standing = list(violations(Change(frozenset(filter(_is_curated, stated)), frozenset()), store))
    if not standing:
        return {}
    last = {line: record.number for record in records for line in record.added}
    brought = [(last.get(line), finding) for quad, finding in standing for line in lines_of({quad})]
    suspects, wanted = {number for number, _ in brought}, {_key(finding) for _, finding in brought}
    found: dict[int, list[Finding]] = defaultdict(list)
    names = Names(store)
    for record in records:
        change = Change(record.added_quads(), record.removed_quads())
        if record.number in suspects:
            brought_here = (finding for _, finding in violations(change, store, names))
            found[record.number] += [finding for finding in brought_here if _key(finding) in wanted]
        record.make_in(store)
        store.extend(Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()) for quad in change.added)
        names.follow(change.added | change.removed)
    told = {finding.message for findings in found.values() for finding in findings}
    for number, finding in brought:
        if number is not None and finding.message not in told:  # as it is of the one that made it so, if both are wrong
            found[number].append(finding)
    return found


def _key(finding: Finding) -> tuple[object, ...]:
    return finding.step, finding.message, finding.focus, finding.path


def _is_curated(quad: Quad) -> bool:
    return isinstance(quad.graph_name, NamedNode) and graphs.is_curated(quad.graph_name.value)
