"""Choose the changes that do not count in the graph: those that no longer conform and are not exempt.

The history is replayed without them. A later change is judged upon the rest: one that depends on a withheld change does
not conform without it, and is withheld as well; one that broke something only together with it counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pyoxigraph import Quad

from kg.building import sources
from kg.building.conformance.broken import (
    BrokenChange,
    CheckSteps,
    Conformance,
    ShapeSteps,
    check_conformance,
    only_violations,
    store_without_curated,
)
from kg.building.conformance.exemptions import Exemptions
from kg.building.contents import replay
from kg.history import FoldedHistory, History, Record
from kg.migrations import migrate_records
from kg.shacl import validate_quads
from kg.store import DataFolder


@dataclass(frozen=True)
class Withholding:
    """The changes that are withheld, in order, and the faults that remain among those that count."""

    withheld: tuple[BrokenChange, ...]
    remaining: Conformance


def choose_withheld(
    files: list[Quad], records: Sequence[Record], may_stand: Collection[int], first: Conformance | None = None
) -> Withholding:
    """Return which changes upon the files are to be withheld.

    `records` are as they were written, `may_stand` the numbers of those that count in any case; `first` is the
    conformance if all of them count, if that is known. Changes that are folded into the files are not replayed, and so
    not withheld. In each round the changes that are broken at the end become suspects, and the history is replayed
    without those suspects that break something at their turn; a suspect that is still broken is left out from then on.
    So there are at most twice as many rounds as changes, and usually two.
    """
    suspects: dict[int, BrokenChange] = {}
    always, out = set[int](), frozenset[int]()
    folded = len(records) - len(FoldedHistory().unfolded_records(records))
    left = first or _conformance_without(files, records, out)
    while True:
        found = {
            one.record.number: one
            for one in left.broken
            if one.record.number > folded and one.record.number not in may_stand
        }
        if not found:
            return Withholding(tuple(suspects[number] for number in sorted(out)), left)
        always |= found.keys() & suspects.keys()
        suspects |= found
        out = _numbers_to_withhold(files, records, suspects.keys(), always)
        left = _conformance_without(files, records, out)


def all_broken_changes(folder: DataFolder) -> tuple[BrokenChange, ...]:
    """Return the changes of the current build of a folder that no longer conform, whether they count or not.

    Raises DataFolderError if nothing is built, or the history is not whole; CityKgError if a work of the build is
    missing.
    """
    build = folder.require_build()
    records = tuple(History(folder.path).records())[: build.changes]
    if not records:
        return ()
    found = choose_withheld(
        sources.load(sources.work_folders(build.works)), records, Exemptions(folder.path).exempt_numbers(records)
    )
    return (*found.withheld, *found.remaining.broken)


def _conformance_without(files: list[Quad], records: Sequence[Record], out: Collection[int]) -> Conformance:
    """Return the conformance of the graph without some changes."""
    today = migrate_records(records, out)
    stated = replay(files, FoldedHistory().unfolded_records(today))
    return check_conformance(
        files, stated, today, store_without_curated(stated), validate_quads(stated, files=[]).conforms
    )


def _numbers_to_withhold(
    files: list[Quad], records: Sequence[Record], suspects: Collection[int], always: Collection[int]
) -> frozenset[int]:
    """Return the suspects that break something upon the changes kept before them, and those to leave out `always`."""
    today = migrate_records(records)
    upon = {record.number for record in FoldedHistory().unfolded_records(today)}
    shapes, checks = ShapeSteps(files), CheckSteps(store_without_curated(files))
    out = set[int]()
    for record in today:
        if record.number not in upon:
            checks.apply(record)
            continue
        verdict = shapes.judge(record)
        is_suspect = record.number in suspects
        if record.number in always or (is_suspect and (only_violations(verdict.new) or checks.find_violations(record))):
            out.add(record.number)
            continue
        shapes.apply(record, verdict)
        checks.apply(record)
    return frozenset(out)
