"""Build the graph: load, replay the changes, check, infer, validate, write. Either all of it, or nothing happens.

The check queries look only at the files, since the gate does not apply them to changes; SHACL looks at everything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from pyoxigraph import NamedNode, Quad, QuerySolution, Store

from kg import garbage
from kg.building import sources
from kg.building.conformance import BrokenChange, Exemptions, check_conformance, choose_withheld, store_without_curated
from kg.building.contents import (
    ConceptOfTheSameName,
    TwinnedBodies,
    WorkCounts,
    content_hash,
    count_by_work,
    count_twinned_bodies,
    replay,
    same_names,
    scope_parts,
)
from kg.building.ledger_file import LedgerFile
from kg.building.policy import policy_violations
from kg.errors import NotConformingError
from kg.findings import Finding
from kg.history import FoldedHistory, History, Record, provenance_of
from kg.measures import measures
from kg.migrations import migrate_records
from kg.queries import CannedQuery, check_queries
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import display_term
from kg.rdf.positions import PlacedFile, Positions
from kg.rules import infer
from kg.shacl import Report, validate_quads
from kg.shortage import translating_shortage
from kg.sparql.evaluation import select
from kg.store import Build, DataFolder, LiveStore

_STEPS = 5
MOST_ROWS = 20

Progress = Callable[[str, int], None]
Places = Sequence[Path | PlacedFile]


@dataclass(frozen=True)
class BuildSummary:
    """The outcome of a build: the build, quads by family of graphs, what each work has, what is not known of twinned
    bodies, and the validation report.

    `withheld` are the changes that no longer conform, and do not count; `broken` those that do not conform but count,
    since they are folded into the files, and have no exemption; `migrated` the numbers of those that used terms which
    were replaced later; `same_names` the concepts that changes have added and the files may have taken over.
    """

    build: Build
    quads_by_family: dict[str, int]
    works: list[WorkCounts]
    twinned: TwinnedBodies
    report: Report
    withheld: tuple[BrokenChange, ...] = ()
    broken: tuple[BrokenChange, ...] = ()
    migrated: tuple[int, ...] = ()
    same_names: tuple[ConceptOfTheSameName, ...] = ()


def check_build(folder: DataFolder, progress: Progress = lambda step, steps: None, works: Sequence[str] = ()) -> Report:
    """Return the report on what `build` would write into a data folder, and write nothing. Raises as `build` does."""
    of_works = sources.work_folders(works)
    progress("reading the files and the changes", _STEPS)
    files, places = _load_files(of_works)
    records = _read_records(folder, History(folder.path))
    records = (*records, *FoldedHistory().records_missing_from(records))
    return _replay_and_validate(folder, files, records, places, progress).report


@dataclass(frozen=True)
class _ReplayedGraph:
    """The graph of the files and the history, the number of its inferred quads, and the findings."""

    quads: list[Quad]
    inferred: int
    report: Report
    withheld: tuple[BrokenChange, ...]
    broken: tuple[BrokenChange, ...]
    migrated: tuple[int, ...]


def build(
    folder: DataFolder,
    progress: Progress = lambda step, steps: None,
    works: Sequence[str] = (),
    *,
    measured: bool = False,
) -> BuildSummary:
    """Build the graph into the data folder: the report, other works (named as in `Build.works`), and measures.

    `progress` gets each step in words, and the number of steps. Raises UnreadableError for files that are not
    well-formed; NotConformingError, with a readable report, for facts that break a shape or a check; DataFolderError
    for a folder that cannot be used or has no room, or a history that is not whole; CityKgError for a work that is
    missing or states something in the graph of another. In each of these cases the older build stays current. A change
    of the history that no longer conforms, and has no exemption, does not count in the graph, and is listed.
    """
    with folder.lock(), translating_shortage(folder.path), garbage.paused():
        of_works = sources.work_folders(works)
        fingerprint = sources.fingerprint(of_works)
        progress("reading the files and the changes", _STEPS)
        files, places = _load_files(of_works)
        history = History(folder.path)
        known = _read_records(folder, history)
        folded = FoldedHistory().records_missing_from(known)
        records = (*known, *folded)
        made_again = _replay_and_validate(folder, files, records, places, progress)
        report = made_again.report
        progress("writing the store and its snapshot", _STEPS)
        everything = [*made_again.quads, *(quad for record in records for quad in provenance_of(record))]
        withheld = {one.record.number: one.short_reason() for one in made_again.withheld}
        hashed = content_hash(files, withheld)
        revision = Build.revision_name(hashed, len(records)) if measured else ""
        everything += measures(everything, revision) if measured else []
        families = _count_by_family(everything)
        counts = (sum(families.values()), made_again.inferred)
        quads = chain(everything, graphs.default_graph_quads(everything))
        history.adopt(folded)
        apart = scope_parts(works, records, revision, withheld.keys())
        made = folder.write(
            *(quads, hashed, fingerprint, counts, len(records)),
            works=works,
            measured=revision,
            parts=apart,
            withheld=withheld,
        )
        LedgerFile(folder).write(made, report.ledger)
        folder.integrity.drop_damaged()
        alike = same_names(made_again.quads) if records else ()
        numbers_and_names = (made_again.withheld, made_again.broken, made_again.migrated, alike)
        by_work, twinned = count_by_work(everything), count_twinned_bodies(everything)
        return BuildSummary(made, families, by_work, twinned, report, *numbers_and_names)


def _replay_and_validate(
    folder: DataFolder, files: list[Quad], records: Sequence[Record], places: Places, progress: Progress
) -> _ReplayedGraph:
    """Replay the changes upon the files, without those to withhold, and infer what follows."""
    stated, today = _replay(files, records)
    progress("drawing what follows by the rules", _STEPS)
    inferred = infer(stated)
    progress("running the check queries", _STEPS)
    of_files = store_without_curated(stated, inferred)
    found = run_checks(of_files)
    progress("validating with SHACL", _STEPS)
    report = validate_quads(stated, files=places)
    conformance = check_conformance(files, stated, today, of_files, report.conforms)
    refuse_violations(_with_places(conformance.of_files, report), with_places_of_things(found, places))
    may_stand = Exemptions(folder.path).exempt_numbers(records)
    end = choose_withheld(files, records, may_stand, conformance)
    refuse_violations(end.remaining.of_files, ())
    without = {one.record.number for one in end.withheld}
    if without:
        stated, today = _replay(files, records, without)
        inferred, report = infer(stated), validate_quads(stated, files=places)
    return _ReplayedGraph(
        [*stated, *inferred],
        len(inferred),
        report,
        end.withheld,
        tuple(one for one in end.remaining.broken if one.record.number not in may_stand),
        tuple(
            record.number
            for record, as_read in zip(records, today, strict=True)
            if record != as_read and record.number not in without
        ),
    )


def _replay(
    files: list[Quad], records: Sequence[Record], without: Collection[int] = ()
) -> tuple[list[Quad], Sequence[Record]]:
    """Replay the history without some changes; return the quads, and the records in current terms."""
    today = migrate_records(records, without)
    changes = FoldedHistory().unfolded_records(today)
    return replay(files, changes) if changes else files, today


def refuse_violations(violations: Sequence[Finding], found: Sequence[Finding]) -> None:
    """Raise NotConformingError if the files have violations, or a check query found defects."""
    if not violations and not found:
        return
    lines = [*map(str, violations), *lines_by_check(found)]
    raise NotConformingError(
        f"The facts do not conform ({len(violations)} violations, {len(found)} defects); "
        "the older build, if there is one, stays in use.\n" + "\n".join(lines),
        "Mend the places named above and build again.",
    )


def _load_files(works: Sequence[Path]) -> tuple[list[Quad], Places]:
    """Return the quads and places of the files. Raises NotConformingError for statements that a work may not make."""
    loaded = sources.load_files(works)
    refuse_violations(policy_violations(loaded), ())
    return loaded.quads, loaded.places


def _with_places(findings: Sequence[Finding], report: Report) -> list[Finding]:
    """Return findings with their places in files, as far as a report on the same graph has them."""
    placed = {replace(result, file="", line=None, column=None): result for result in report.results}
    return [placed.get(finding, finding) for finding in findings]


def with_places_of_things(found: Sequence[Finding], places: Places) -> list[Finding]:
    """Return findings of checks with the place that first describes their thing, in a file of a work if one does."""
    if not found:
        return []
    positions = Positions(reversed(list(places)))  # the files of works come last
    at = [positions.find(ns.expand(finding.focus or "") or "") or ("", None) for finding in found]
    return [replace(finding, file=file, line=line) for finding, (file, line) in zip(found, at, strict=True)]


def lines_by_check(findings: Sequence[Finding]) -> list[str]:
    """Return lines for a terminal: each check with its rows below it, at most twenty, and what to do."""
    lines: list[str] = []
    for check in dict.fromkeys(finding.component for finding in findings):
        found = [finding for finding in findings if finding.component == check]
        lines.append(f"{check}: {found[0].message}")
        for finding in found[:MOST_ROWS]:
            place = f"{finding.file}:{finding.line}: " if finding.line else ""
            lines.append(f"    {place}{finding.value}")
        if len(found) > MOST_ROWS:
            lines.append(f"    … and {len(found) - MOST_ROWS} more: citykg query checks/{check}")
        lines += [f"    {found[0].hint}"] if found[0].hint else []
    return lines


def _read_records(folder: DataFolder, history: History) -> tuple[Record, ...]:
    """Return the changes of a data folder. Raises DataFolderError if a store in it has more changes."""
    current = folder.current()
    LiveStore.refuse_missing_records(folder, max(current.changes if current else 0, folder.change_count()), history)
    return tuple(history.records())


def _count_by_family(quads: list[Quad]) -> dict[str, int]:
    families: dict[str, int] = {}
    for quad in set(quads):
        assert isinstance(quad.graph_name, NamedNode)
        family = quad.graph_name.value.removeprefix(ns.GRAPH).partition("/")[0]
        families[family] = families.get(family, 0) + 1
    return dict(sorted(families.items()))


def run_checks(store: Store) -> list[Finding]:
    """Run all checks on a store and return what they find."""
    return [finding for check in check_queries().values() for finding in run_check(store, check)]


def run_check(store: Store, check: CannedQuery) -> list[Finding]:
    """Run one check: each row is a finding, with the row as its value. Raises QueryError if it is not a SELECT."""
    answer = select(store, check.text)
    names = [variable.value for variable in answer.variables]
    hint = " ".join((check.gate.hint if check.gate else check.description).split())
    return [
        Finding(
            *("checks", "Violation", check.summary),
            focus=_thing(names, row),
            value=", ".join(f"{name} {display_term(row[name])}" for name in names if row[name] is not None),
            hint=hint,
            component=check.name,
        )
        for row in answer
    ]


def _thing(names: list[str], row: QuerySolution) -> str | None:
    """Return the first thing of ours in a row."""
    things = (row[name] for name in names)
    return next((ns.compact(t.value) for t in things if isinstance(t, NamedNode) and ns.kind_of(t.value)), None)
