"""Undo a change with all that builds on it: the later changes of what it did, and of the things that it made.

A later change builds on another if it states anew, or removes, what that did, or if it names a thing that the graph has
by that change alone; and so on. What is undone together leaves the graph as it was before the first of them, where any
of them touched it: whatever touched it later is one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.curation.undo import changes_in_force, ends_of
from kg.errors import BadValueError
from kg.history import History, Record
from kg.rdf import graphs
from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.rdf.serialise import quads_of


@dataclass(frozen=True)
class UndoneTogether:
    """A change and the later ones that build on it, in order, and the change that undoes all of them."""

    record: Record
    dependents: Sequence[Record]
    change: Change

    @classmethod
    def of(cls, record: Record, later: Sequence[Record], store: Store) -> UndoneTogether:
        """Return what is undone with a record in a store that has the `later` changes.

        Raises BadValueError if one of them is large: it would take long while others wait.
        """
        found = {record.number: record}
        while True:
            if large := [one.number for one in found.values() if one.is_large]:
                raise BadValueError(
                    f"Change {large[0]} has more than {History.LARGE:,} statements, so it is undone alone.",
                    "Undo the changes one by one, the newest first.",
                )
            touches = _Touches.of(record, later, found.values())
            building = touches.building_on(found, touches.made(store))
            if building.keys() <= found.keys():
                break
            found |= building
        others = [found[number] for number in sorted(found) if number != record.number]
        return cls(record, [one for one in others if one.reverts not in found], touches.as_before(found, store))


@dataclass(frozen=True)
class _Touches:
    """The records in force, in order, that added or removed each statement that matters to what is undone."""

    by_line: Mapping[str, Sequence[Record]]
    added: Mapping[int, frozenset[str]]
    """The statements that each of them added, by its number."""
    subjects: frozenset[str]
    """What is undone has added statements about these."""

    @classmethod
    def of(cls, record: Record, later: Sequence[Record], undone: Iterable[Record]) -> _Touches:
        undone = list(undone)
        lines = {line for one in undone for line in (*one.added, *one.removed)}
        subjects = frozenset(ends_of(line)[0] for one in undone for line in one.added)
        since = changes_in_force(later, lambda line: line in lines or not subjects.isdisjoint(ends_of(line)))
        by_line = {line: records for line, records in since.items() if records}
        for line in (*record.added, *record.removed):
            after = by_line.get(line, [])
            if not after or record.number not in after[0].undoes:
                by_line[line] = [record, *after]
        added = {one.number: frozenset(one.added) for records in by_line.values() for one in records}
        return cls(by_line, added, subjects)

    def made(self, store: Store) -> dict[str, int]:
        """Return the things that the graph has by these records alone, each with the number of the first of them."""
        first: dict[str, list[tuple[int, bool]]] = defaultdict(list)
        for line, records in self.by_line.items():
            first[ends_of(line)[0]].append((records[0].number, line in self.added[records[0].number]))
        return {
            subject: min(number for number, _ in touched)
            for subject, touched in first.items()
            if subject in self.subjects
            and all(is_added for _, is_added in touched)
            and self._has_all_of(NamedNode(subject[1:-1]), store)
        }

    def _has_all_of(self, subject: NamedNode, store: Store) -> bool:
        stated = (one for one in match(store, subject) if one.graph_name not in (*graphs.COMPUTED, DefaultGraph()))
        return all(f"{quad} ." in self.by_line for quad in stated)

    def building_on(self, undone: Collection[int], made: Mapping[str, int]) -> dict[int, Record]:
        """Return by number what is undone, and what changes it, or says something of what it made or with it."""
        found: dict[int, Record] = {}
        for line, records in self.by_line.items():
            names_made = any(made.get(end) in undone for end in ends_of(line))
            for at, one in enumerate(records):
                if one.number in undone or (names_made and line in self.added[one.number]):
                    found |= {each.number: each for each in records[at:]}
                    break
        return found

    def as_before(self, undone: Collection[int], store: Store) -> Change:
        """Return the change that leaves each statement as it was before the first record that is undone."""
        present, absent = set[str](), set[str]()
        for line, records in self.by_line.items():
            if (first := next((one for one in records if one.number in undone), None)) is not None:
                (absent if line in self.added[first.number] else present).add(line)
        added, removed = quads_of(present), quads_of(absent)
        return Change.of((one for one in added if one not in store), (one for one in removed if one in store))
