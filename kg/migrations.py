"""Migrate changes to current terms: statements with a term that was replaced are read with its successor.

    ontology/migrations/earliest.ru               a SPARQL 1.1 Update that migrates data with cd:earliest
    ontology/migrations/prov-wasDerivedFrom.ru    the same for prov:wasDerivedFrom, a term of another vocabulary
    ontology/migrations/disagreement-kind-tension.ru    the same for a concept

The records themselves stay as they were written. A migration depends only on the statements about one thing in the
curated graphs, so that it need not see them whole; and it is idempotent, so that later changes are left as they are.

See docs/decisions/history.md.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Store

from kg import resources
from kg.history import Record
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match_each
from kg.rdf.serialise import lines_of

Lines = frozenset[str]


def migrations() -> Mapping[str, Path]:
    """Return the files of the migrations by the IRIs of the terms that they replace, in a fixed order."""
    return {_term_iri(path.stem): path for path in sorted((resources.ONTOLOGY / "migrations").glob("*.ru"))}


@cache
def _term_iri(name: str) -> str:
    """Return the IRI of the term in a file name such as `prov-wasDerivedFrom` or `disagreement-kind-tension`."""
    prefixes = [prefix for prefix in ns.PREFIXES if name.startswith(f"{prefix}-")]
    if not prefixes:
        return ns.CD + name
    prefix = max(prefixes, key=len)
    return ns.PREFIXES[prefix] + name.removeprefix(f"{prefix}-")


def migrate_records(records: Iterable[Record], withheld: Collection[int] = ()) -> tuple[Record, ...]:
    """Return all records of a history, in order from the first, with their statements migrated to current terms.

    A record that contains no old term, and no thing that is described with one, is returned as it is. Those whose
    numbers are `withheld` do not count, and are returned without statements.
    """
    records = tuple(_without_statements(record) if record.number in withheld else record for record in records)
    old = tuple(f" <{term}> " for term in migrations())
    subjects = {_subject(line) for record in records for line in _lines(record) if any(term in line for term in old)}
    if not subjects:
        return records
    reading = _Migration(subjects)
    return tuple(map(reading.migrate, records))


def _without_statements(record: Record) -> Record:
    return replace(record, added=(), removed=(), statements=None, file=None)


class _Migration:
    """Migrates records one after the other, and keeps the statements so far about things described with old terms.

    A record that adds statements to migrate, by themselves or beside those before it, or removes migrated ones, is
    older than the new terms. Its effect is the difference between the migrated statements after and before it. Any
    other record is left as it is.
    """

    def __init__(self, subjects: Collection[str]) -> None:
        self._subjects = subjects
        self._updates = {NamedNode(term): path.read_text(encoding="utf-8") for term, path in migrations().items()}
        self._recorded: dict[str, Lines] = defaultdict(frozenset)
        """The statements about a thing, as recorded."""
        self._current: dict[str, Lines] = defaultdict(frozenset)
        """The same statements, migrated."""

    def migrate(self, record: Record) -> Record:
        added, removed = self._affected(record.added), self._affected(record.removed)
        about = {_subject(line) for line in added | removed}
        recorded, today = _lines_about(self._recorded, about), _lines_about(self._current, about)
        after = self._migrate_lines(recorded - removed | added)
        if self._migrate_lines(added) == added <= after and not removed & recorded - today:
            for subject in {_subject(line) for line in removed & today - recorded}:  # as it is by now
                self._recorded[subject] = self._current[subject]
            self._remember(about, _lines_about(self._recorded, about) - removed | added, today - removed | added)
            return record
        before = self._migrate_lines(recorded)
        come = (after - before) | (added & after)
        gone = (before - after) | (removed - recorded - after)
        self._remember(about, recorded - removed | added, today - gone | come)
        return replace(
            record,
            added=tuple(sorted({*record.added} - added | come)),
            removed=tuple(sorted({*record.removed} - removed | gone)),
        )

    def _remember(self, about: Iterable[str], recorded: Lines, today: Lines) -> None:
        for subject in about:
            self._recorded[subject] = frozenset(line for line in recorded if _subject(line) == subject)
            self._current[subject] = frozenset(line for line in today if _subject(line) == subject)

    def _affected(self, lines: Sequence[str]) -> Lines:
        return frozenset(line for line in lines if _subject(line) in self._subjects)

    def _migrate_lines(self, lines: Lines) -> Lines:
        text = "\n".join(lines)
        if not any(f" <{term.value}> " in text for term in self._updates):
            return lines
        store = Store()
        store.load(text, RdfFormat.N_QUADS)
        for term, update in self._updates.items():
            if not _asks_for(term, update) or any(match_each(store, [(None, term), (None, None, term)])):
                store.update(update)
        return frozenset(lines_of(store))


@cache
def _asks_for(term: NamedNode, update: str) -> bool:
    """Return True if each WHERE of an update names a term, so that without the term it does nothing."""
    asked = [part.partition("DELETE")[0] for part in update.split("WHERE")[1:]]
    name = re.compile(rf"(?<![\w-]){re.escape(ns.compact(term.value))}(?![\w-])")
    return all(name.search(part) for part in asked)


def _lines_about(stated: Mapping[str, Lines], things: Iterable[str]) -> Lines:
    return frozenset[str]().union(*(stated[thing] for thing in things))


def _lines(record: Record) -> tuple[str, ...]:
    return (*record.added, *record.removed)


def _subject(line: str) -> str:
    return line.partition(" ")[0]
