"""Which changes do not count in the graph: those that no longer conform, and that nobody has exempted.

The history is made again without them. A later change is judged upon what is left: one that needs a withheld change
does not conform without it, and is withheld as well; one that broke something only together with it counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pyoxigraph import Quad

from kg.building import sources
from kg.building.conformance.broken import Broken, Conformance, conformance_of, uncurated
from kg.building.conformance.exemptions import Exemptions
from kg.building.conformance.steps import CheckSteps, ShapeSteps, only_violations
from kg.building.replay import replayed
from kg.history import FoldedHistory, History, Record
from kg.migrations import in_terms_of_today
from kg.shacl import validate_quads
from kg.store import DataFolder


@dataclass(frozen=True)
class Settled:
    """The changes that are withheld, in order, and what of the history does not conform although it counts."""

    withheld: tuple[Broken, ...]
    left: Conformance


def settled(
    files: list[Quad], records: Sequence[Record], may_stand: Collection[int], first: Conformance | None = None
) -> Settled:
    """Return which changes upon the files are to be withheld.

    `records` are as they were written, `may_stand` the numbers of those that count in any case; `first` is what does
    not conform where all of them count, if that is known. Those that are folded into the files are not made again, and
    so not withheld either. In each round what is broken at the end becomes suspect, and the history is made again up to
    the end without those suspects that break something in their turn; one that is broken even so is left out without
    being asked. So there are never more rounds than twice the changes, and two as a rule.
    """
    suspects: dict[int, Broken] = {}
    always, out = set[int](), frozenset[int]()
    folded = len(records) - len(FoldedHistory().not_in(records))
    left = first or _without(files, records, out)
    while True:
        found = {
            one.record.number: one
            for one in left.broken
            if one.record.number > folded and one.record.number not in may_stand
        }
        if not found:
            return Settled(tuple(suspects[number] for number in sorted(out)), left)
        always |= found.keys() & suspects.keys()
        suspects |= found
        out = _to_leave_out(files, records, suspects.keys(), always)
        left = _without(files, records, out)


def broken_in(folder: DataFolder) -> tuple[Broken, ...]:
    """Return the changes of the current build of a folder that no longer conform, whether they count or not.

    Raises DataFolderError where nothing is built, or the history is not whole; CityKgError if a work of the build is no
    longer there.
    """
    build = folder.built()
    records = tuple(History(folder.path).records())[: build.changes]
    if not records:
        return ()
    found = settled(sources.load(sources.folders(build.works)), records, Exemptions(folder.path).covering(records))
    return (*found.withheld, *found.left.broken)


def _without(files: list[Quad], records: Sequence[Record], out: Collection[int]) -> Conformance:
    """Return what does not conform where some changes do not count."""
    today = in_terms_of_today(records, out)
    stated = replayed(files, FoldedHistory().not_in(today))
    return conformance_of(files, stated, today, uncurated(stated), validate_quads(stated, files=[]).conforms)


def _to_leave_out(
    files: list[Quad], records: Sequence[Record], suspects: Collection[int], always: Collection[int]
) -> frozenset[int]:
    """Return which suspects break something, each upon all before it but those that do; and those `always` left out."""
    today = in_terms_of_today(records)
    upon = {record.number for record in FoldedHistory().not_in(today)}
    shapes, checks = ShapeSteps(files), CheckSteps(uncurated(files))
    out = set[int]()
    for record in today:
        if record.number not in upon:
            checks.make(record)
            continue
        verdict = shapes.judged(record)
        is_suspect = record.number in suspects
        if record.number in always or (is_suspect and (only_violations(verdict.new) or checks.found(record))):
            out.add(record.number)
            continue
        shapes.make(record, verdict)
        checks.make(record)
    return frozenset(out)
