"""Build the graph: load, replay the changes, check, infer, validate, write. Either all of it, or nothing happens.

The check queries look at what only files state, since the gate does not ask them of a change; SHACL looks at all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from pyoxigraph import NamedNode, Quad

from kg.building import sources
from kg.building.check_queries import run_checks
from kg.building.conformance import Broken, Exemptions, conformance_of, settled, uncurated
from kg.building.contents import content_hash, parts
from kg.building.ledger_file import LedgerFile
from kg.building.policy import policy_of
from kg.building.replay import replayed
from kg.errors import NotConformingError
from kg.findings import Finding
from kg.history import FoldedHistory, History, Record, provenance_of
from kg.measures import measures
from kg.migrations import in_terms_of_today
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rules import infer
from kg.shacl import Report, validate_quads
from kg.shortage import shortage_told
from kg.store import Build, DataFolder, LiveStore

_STEPS = 5
SHOWN_ROWS = 20

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Summary:
    """What a build made: the build itself, quads by family of graphs, and the warnings that stand.

    `withheld` are the changes that no longer conform, and do not count; `broken` those that do not conform and count,
    since they are folded into the files, and that nobody has exempted; `migrated` the numbers of those whose terms were
    replaced since.
    """

    build: Build
    quads_by_family: dict[str, int]
    report: Report
    withheld: tuple[Broken, ...] = ()
    broken: tuple[Broken, ...] = ()
    migrated: tuple[int, ...] = ()


@dataclass(frozen=True)
class _MadeAgain:
    """What the files, the history and the rules come to, how many of the quads are inferred, and what was found."""

    quads: list[Quad]
    inferred: int
    report: Report
    withheld: tuple[Broken, ...]
    broken: tuple[Broken, ...]
    migrated: tuple[int, ...]


def build(
    folder: DataFolder,
    progress: Progress = lambda step, steps: None,
    works: Sequence[str] = (),
    *,
    measured: bool = False,
) -> Summary:
    """Build the graph into the data folder: the report, works beside it, as `Build.works` names them, and measures.

    `progress` gets each step in words, and how many there are in all. Raises UnreadableError for files that are not
    well-formed, NotConformingError with a readable report for facts that break a shape or a check; DataFolderError for
    a folder that cannot be used or has no room, or a history that is not whole; CityKgError for a work that is not
    there or speaks in the place of another. In each of these cases the older build stays current. A change of the
    history that does not conform by now, and that nobody has exempted, does not count in the graph, and is listed.
    """
    with folder.locked(), shortage_told(folder.path):
        of_works = sources.folders(works)
        fingerprint = sources.fingerprint(of_works)
        progress("reading the files and the changes", _STEPS)
        files = _files(of_works)
        history = History(folder.path)
        known = _known(folder, history)
        folded = FoldedHistory().beyond(known)
        records = (*known, *folded)
        made_again = _made_again(folder, files, records, sources.places(of_works), progress)
        report = made_again.report
        progress("writing the store and its snapshot", _STEPS)
        everything = [*made_again.quads, *(quad for record in records for quad in provenance_of(record))]
        withheld = {one.record.number: one.why() for one in made_again.withheld}
        hashed = content_hash(files, withheld)
        revision = Build.named(hashed, len(records)) if measured else ""
        everything += measures(everything, revision) if measured else []
        families = _by_family(everything)
        counts = (sum(families.values()), made_again.inferred)
        quads = chain(everything, graphs.default_graph_quads(everything))
        history.take_over(folded)
        apart = parts(works, records, revision, withheld.keys())
        made = folder.write(
            *(quads, hashed, fingerprint, counts, len(records)),
            works=works,
            measured=revision,
            parts=apart,
            withheld=withheld,
        )
        LedgerFile(folder).write(made, report.ledger)
        folder.integrity.drop_damaged()
        return Summary(made, families, report, made_again.withheld, made_again.broken, made_again.migrated)


def _made_again(
    folder: DataFolder, files: list[Quad], records: Sequence[Record], places: Iterable[Path], progress: Progress
) -> _MadeAgain:
    """Make the changes again upon the files, without those that are to be withheld, and draw what follows."""
    stated, today = _stated(files, records)
    progress("drawing what follows by the rules", _STEPS)
    inferred = infer(stated)
    progress("running the check queries", _STEPS)
    of_files = uncurated(stated, inferred)
    found = run_checks(of_files)
    progress("validating with SHACL", _STEPS)
    report = validate_quads(stated, files=places)
    conformance = conformance_of(files, stated, today, of_files, report.conforms)
    refuse(_placed(conformance.of_files, report), found)
    may_stand = Exemptions(folder.path).covering(records)
    end = settled(files, records, may_stand, conformance)
    refuse(end.left.of_files, ())
    without = {one.record.number for one in end.withheld}
    if without:
        stated, today = _stated(files, records, without)
        inferred, report = infer(stated), validate_quads(stated, files=places)
    return _MadeAgain(
        [*stated, *inferred],
        len(inferred),
        report,
        end.withheld,
        tuple(one for one in end.left.broken if one.record.number not in may_stand),
        tuple(
            record.number
            for record, as_read in zip(records, today, strict=True)
            if record != as_read and record.number not in without
        ),
    )


def _stated(
    files: list[Quad], records: Sequence[Record], without: Collection[int] = ()
) -> tuple[list[Quad], Sequence[Record]]:
    """Return what is stated without some changes, and the records as they then count."""
    today = in_terms_of_today(records, without)
    changes = FoldedHistory().not_in(today)
    return replayed(files, changes) if changes else files, today


def refuse(violations: Sequence[Finding], found: Sequence[Finding]) -> None:
    """Raise NotConformingError for violations of the files, or what a check query found."""
    if not violations and not found:
        return
    lines = [*map(str, violations), *by_check(found)]
    raise NotConformingError(
        f"The facts do not conform ({len(violations)} violations, {len(found)} defects); "
        "the older build, if there is one, stays in use.\n" + "\n".join(lines),
        "Mend the places named above and build again.",
    )


def _files(works: Sequence[Path]) -> list[Quad]:
    """Return what the files state. Raises NotConformingError for what a work may not state; and as sources.load."""
    files = sources.load(works)
    refuse(policy_of(works, files), ())
    return files


def _placed(findings: Sequence[Finding], report: Report) -> list[Finding]:
    """Return findings with their places in files, where a report on the same graph has them."""
    placed = {replace(result, file="", line=None, column=None): result for result in report.results}
    return [placed.get(finding, finding) for finding in findings]


def by_check(findings: Sequence[Finding]) -> list[str]:
    """Return a readable list: each check once, with its rows below it, at most twenty."""
    lines: list[str] = []
    for check in dict.fromkeys(finding.component for finding in findings):
        found = [finding for finding in findings if finding.component == check]
        lines.append(f"{check}: {found[0].message}")
        lines += [f"    {finding.value}" for finding in found[:SHOWN_ROWS]]
        if len(found) > SHOWN_ROWS:
            lines.append(f"    … and {len(found) - SHOWN_ROWS} more: citykg query checks/{check}")
    return lines


def _known(folder: DataFolder, history: History) -> tuple[Record, ...]:
    """Return the changes of a data folder. Raises DataFolderError if a store in it has more of them."""
    current = folder.current()
    LiveStore.refuse_missing_records(folder, max(current.changes if current else 0, folder.applied()), history)
    return tuple(history.records())


def _by_family(quads: list[Quad]) -> dict[str, int]:
    families: dict[str, int] = {}
    for quad in set(quads):
        assert isinstance(quad.graph_name, NamedNode)
        family = quad.graph_name.value.removeprefix(ns.GRAPH).partition("/")[0]
        families[family] = families.get(family, 0) + 1
    return dict(sorted(families.items()))
