"""Build the graph: load, check, infer, validate, write. Either all of it, or the folder stays as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from pyoxigraph import NamedNode, Quad, Store

from kg import loading, snapshots
from kg import namespaces as ns
from kg.checks import Defect, find_defects
from kg.errors import NotConformingError
from kg.inference import infer
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
    NotConformingError with a readable report for facts that break a shape or a check, DataFolderError for a folder
    that cannot be used. In each of these cases the older build stays current.
    """
    with folder.locked():
        fingerprint = loading.fingerprint()
        progress("reading the files")
        stated = loading.load()
        progress("drawing what follows by the rules")
        inferred = infer(stated)
        everything = [*stated, *inferred]
        union = list(loading.set_union(everything))
        progress("running the check queries")
        defects = find_defects(_in_memory(everything, union))
        progress("validating with SHACL")
        report = validate_quads(stated)
        refuse(report, defects)
        progress("writing the store and its snapshot")
        families = _by_family(everything)
        counts = (sum(families.values()), len(inferred))
        made = folder.write(chain(everything, union), content_hash(stated), fingerprint, counts)
        return Summary(made, families, report)


def build_if_needed(folder: snapshots.DataFolder, progress: Progress = lambda step: None) -> Summary | None:
    """Build unless the current build was made from these very files; then return None."""
    current = folder.current()
    if current is not None and current.fingerprint == loading.fingerprint():
        return None
    return build(folder, progress)


def content_hash(quads: Iterable[Quad]) -> str:
    """Return the SHA-256 over the sorted N-Quads of all graphs but inferred and history, as hexadecimal digits.

    The quads go through a scratch store first, because the engine rewrites some literals when it stores them.
    """
    store = Store()
    store.bulk_extend(quad for quad in quads if quad.graph_name not in (ns.INFERRED, ns.HISTORY))
    lines = sorted(f"{quad} .\n" for quad in store)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def refuse(report: Report, defects: list[Defect]) -> None:
    """Raise NotConformingError if there is a violation or a defect."""
    violations = [result for result in report.results if result.severity == "Violation"]
    if not violations and not defects:
        return
    lines = [*map(str, violations), *by_check(defects)]
    raise NotConformingError(
        f"The facts do not conform ({len(violations)} violations, {len(defects)} defects); "
        "the older build, if there is one, stays in use.\n" + "\n".join(lines),
        "Mend the places named above and build again.",
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


def _in_memory(everything: list[Quad], union: list[Quad]) -> Store:
    store = Store()
    store.bulk_extend(chain(everything, union))
    return store


def _by_family(quads: list[Quad]) -> dict[str, int]:
    families: dict[str, int] = {}
    for quad in set(quads):
        assert isinstance(quad.graph_name, NamedNode)
        family = quad.graph_name.value.removeprefix(ns.GRAPH).partition("/")[0]
        families[family] = families.get(family, 0) + 1
    return dict(sorted(families.items()))
