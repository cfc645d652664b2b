"""Build the graph: load, replay the changes, check, infer, validate, write. Either all of it, or nothing happens.

The check queries look at what only files state, since the gate does not ask them of a change; SHACL looks at all of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from pyoxigraph import NamedNode, Quad, Store

from kg import folding, loading, provenance, snapshots
from kg import namespaces as ns
from kg.checks import Defect, find_defects
from kg.errors import NotConformingError
from kg.history import History, Record
from kg.inference import infer
from kg.live_store import finish, refuse_missing_records
from kg.replay import Broken, broken_changes, replayed
from kg.validation import Report, validate_quads

STEPS = 5
SHOWN_ROWS = 20

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Summary:
    """What a build made: the build itself, quads by family of graphs, and the warnings that stand."""

    build: snapshots.Build
    quads_by_family: dict[str, int]
    report: Report


def build(folder: snapshots.DataFolder, progress: Progress = lambda step: None) -> Summary:
    """Build the graph into the data folder.

    `progress` is told each step in words. Raises UnreadableError for files that are not well-formed,
    NotConformingError with a readable report for facts that break a shape or a check, and for a change of the history
    that does so by now; DataFolderError for a folder that cannot be used, or a history that is not whole. In each of
    these cases the older build stays current.
    """
    with folder.locked():
        fingerprint = loading.fingerprint()
        progress("reading the files and the changes")
        files = loading.load()
        history = History(folder.path)
        known = _known(folder, history)
        folded = folding.to_take_over(known)
        records = (*known, *folded)
        changes = folding.not_folded(records)
        stated = replayed(files, changes) if changes else files
        progress("drawing what follows by the rules")
        inferred = infer(stated)
        progress("running the check queries")
        checked = [quad for quad in stated if not folding.is_curated(quad)]
        defects = find_defects(_in_memory(checked, inferred if len(checked) == len(stated) else infer(checked)))
        progress("validating with SHACL")
        report = validate_quads(stated)
        refuse(report, defects, [] if report.conforms else broken_changes(files, changes))
        progress("writing the store and its snapshot")
        everything = [*stated, *inferred, *(quad for record in records for quad in provenance.quads_of(record))]
        families = _by_family(everything)
        counts = (sum(families.values()), len(inferred))
        quads = chain(everything, loading.set_union(everything))
        history.take_over(folded)
        made = folder.write(quads, content_hash(files), fingerprint, counts, len(records))
        return Summary(made, families, report)


def build_if_needed(folder: snapshots.DataFolder, progress: Progress = lambda step: None) -> Summary | None:
    """Build unless the current build was made from these very files; then do what a writer that died has left undone.

    Returns None where nothing was built. Raises what `build` does.
    """
    current = folder.current()
    if current is None or current.fingerprint != loading.fingerprint():
        return build(folder, progress)
    finish(folder, current)
    return None


def content_hash(quads: Iterable[Quad]) -> str:
    """Return the SHA-256 over the sorted N-Quads of all graphs but inferred and history, as hexadecimal digits.

    The quads go through a scratch store first, because the engine rewrites some literals when it stores them.
    """
    store = Store()
    store.bulk_extend(quad for quad in quads if quad.graph_name not in (ns.INFERRED, ns.HISTORY))
    lines = sorted(f"{quad} .\n" for quad in store)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def refuse(report: Report, defects: list[Defect], broken: Sequence[Broken] = ()) -> None:
    """Raise NotConformingError if there is a violation or a defect, and say which changes brought the violations."""
    violations = [result for result in report.results if result.severity == "Violation"]
    if not violations and not defects:
        return
    lines = [*map(str, violations), *by_check(defects), *(line for change in broken for line in change.lines())]
    raise NotConformingError(
        f"The facts do not conform ({len(violations)} violations, {len(defects)} defects); "
        "the older build, if there is one, stays in use.\n" + "\n".join(lines),
        "Mend the places named above and build again." + _way_back(broken),
    )


def by_check(defects: list[Defect]) -> list[str]:
    """Return a readable list: each check once, with its rows below it, at the most twenty."""
    lines: list[str] = []
    for check in dict.fromkeys(defect.check for defect in defects):
        found = [defect for defect in defects if defect.check == check]
        lines.append(f"{check}: {found[0].summary}")
        lines += [f"    {defect.shown_row}" for defect in found[:SHOWN_ROWS]]
        if len(found) > SHOWN_ROWS:
            lines.append(f"    … and {len(found) - SHOWN_ROWS} more: citykg query checks/{check}")
    return lines


def _way_back(broken: Sequence[Broken]) -> str:
    if not broken:
        return ""
    numbers = ", ".join(str(change.record.number) for change in broken)
    return (
        f" Or mend what came of the changes ({numbers}): take it back in the older build, citykg revert "
        f"{broken[-1].record.number} --summary TEXT; or write it as files, citykg history --export kg/facts/curated, "
        "and mend those."
    )


def _known(folder: snapshots.DataFolder, history: History) -> tuple[Record, ...]:
    """Return the changes of a data folder. Raises DataFolderError if a store in it has more of them."""
    current = folder.current()
    refuse_missing_records(folder, max(current.changes if current else 0, folder.applied()), history)
    return tuple(history.records())


def _in_memory(files: list[Quad], inferred: list[Quad]) -> Store:
    store = Store()
    store.bulk_extend(chain(files, inferred, loading.set_union([*files, *inferred])))
    return store


def _by_family(quads: list[Quad]) -> dict[str, int]:
    families: dict[str, int] = {}
    for quad in set(quads):
        assert isinstance(quad.graph_name, NamedNode)
        family = quad.graph_name.value.removeprefix(ns.GRAPH).partition("/")[0]
        families[family] = families.get(family, 0) + 1
    return dict(sorted(families.items()))
