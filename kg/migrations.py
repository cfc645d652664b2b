"""Changes in the terms of today: what a record states with a term that was replaced is read in its successor.

    ontology/migrations/earliest.ru               how data with cd:earliest is mended, one SPARQL 1.1 Update
    ontology/migrations/prov-wasDerivedFrom.ru    the same of prov:wasDerivedFrom, a term of others

The records themselves stay as they were written. A migration looks at what the curated graphs state of one thing, so
that it need not see them whole; and it finds nothing to do where it has been, so that changes made since are as they
say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from kg import resources
from kg.history import Record
from kg.rdf import namespaces as ns
from kg.rdf.serialise import lines_of

Lines = frozenset[str]


def migrations() -> Mapping[str, Path]:
    """Return the files of the migrations in a fixed order, each with the IRI of the term that it replaces."""
    found = {path.stem: path for path in sorted((resources.ONTOLOGY / "migrations").glob("*.ru"))}
    return {ns.expand(name.replace("-", ":", 1)) or ns.CD + name: path for name, path in found.items()}


def in_terms_of_today(records: Iterable[Record]) -> tuple[Record, ...]:
    """Return all records of a history, in order from the first, each with what it states in the terms of today.

    A record that names none of the old terms, nor anything that one is used of, is returned as it is.
    """
    records = tuple(records)
    old = tuple(f" <{term}> " for term in migrations())
    subjects = {_subject(line) for record in records for line in _lines(record) if any(term in line for term in old)}
    if not subjects:
        return records
    reading = _Reading(subjects)
    return tuple(map(reading.of, records))


class _Reading:
    """Reads records one after the other; knows what is stated by then of the things that old terms are used of."""

    def __init__(self, subjects: Collection[str]) -> None:
        self._subjects = subjects
        self._updates = [path.read_text(encoding="utf-8") for path in migrations().values()]
        self._stated: dict[str, set[str]] = defaultdict(set)
        self._came_as: dict[str, Lines] = {}
        """Of each statement that was migrated, all that was stated of the thing right before."""

    def of(self, record: Record) -> Record:
        added, removed = self._ours(record.added), self._ours(record.removed)
        about = {_subject(line) for line in added | removed}
        if not about:
            return record
        before = frozenset(line for subject in about for line in self._stated[subject])
        gone = (removed & before - added) | self._came_of(removed - added - before)
        stated = (before - gone) | added
        after = self._migrated(stated)
        self._came_as.update(dict.fromkeys(stated - after, stated))
        for subject in about:
            self._stated[subject] = {line for line in after if _subject(line) == subject}
        come = (after - before) | (added & after)
        go = (gone | (before - after)) - after
        return replace(
            record,
            added=tuple(sorted({*record.added} - added | come)),
            removed=tuple(sorted({*record.removed} - removed | go)),
        )

    def _ours(self, lines: Sequence[str]) -> Lines:
        return frozenset(line for line in lines if _subject(line) in self._subjects)

    def _came_of(self, lines: Lines) -> Lines:
        """Return what came of statements that were migrated, and any other as it is."""
        by_context: dict[Lines, set[str]] = defaultdict(set)
        for line in lines:
            by_context[self._came_as.get(line, frozenset())].add(line)
        as_they_are = by_context.pop(frozenset(), set())
        came = (self._migrated(stated) - self._migrated(stated - these) for stated, these in by_context.items())
        return frozenset(as_they_are).union(*came)

    def _migrated(self, lines: Lines) -> Lines:
        store = Store()
        store.load("\n".join(lines), RdfFormat.N_QUADS)
        for update in self._updates:
            store.update(update)
        return frozenset(lines_of(store))


def _lines(record: Record) -> tuple[str, ...]:
    return (*record.added, *record.removed)


def _subject(line: str) -> str:
    return line.partition(" ")[0]
