"""The ranked index of texts: statements and passages of all works, definitions, and the canned queries, by BM25.

It is a part of the index of names (kg.names.name_index), so it is built and follows changes as that does. SQLite's FTS5
holds it: English by `porter unicode61`, Chinese as overlapping pairs in a column of its own.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from math import log
from typing import Any, NamedTuple
from typing import Literal as OneOf

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.ask.wordings import pairs, wordings, wordings_of_passages
from kg.names.name_index import IndexChange, NameEntry
from kg.queries import canned_queries
from kg.rdf import namespaces as ns
from kg.rdf.lookup import literals_of, match, nodes_of, nodes_with
from kg.rdf.vocabulary import CD, SKOS, XSD

Table = OneOf["texts", "questions", "defined"]
_WEIGHED: Mapping[Table, tuple[str, str]] = {
    "texts": ("rowid", ""),
    "questions": ("name", ", 3.0, 1.0, 1.0, 3.0"),
    "defined": ("iri", ", 3.0, 1.0, 3.0"),
}
"""What the texts of each table are of, and the weights of its columns."""
_MOST_KEPT = 512
"""Expressions whose matches are kept: the words with the most of them are those that most people ask with."""
_SCHEMA = """
CREATE VIRTUAL TABLE texts USING fts5(says, names, things, zh, tokenize = 'porter unicode61');
CREATE VIRTUAL TABLE questions USING fts5(title, description, columns, zh, name UNINDEXED,
    tokenize = 'porter unicode61');
CREATE VIRTUAL TABLE defined USING fts5(names, says, zh, iri UNINDEXED, tokenize = 'porter unicode61');
"""
_OURS = (ns.ID, ns.CD, ns.VOCABULARY)
_DEFINING = (SKOS.definition, CD.explanation)
"""Properties of texts on terms, concepts and the like, which no passage states."""
_UNREAD = (XSD.boolean, XSD.integer)
_LARGE = 5
"""The digits of a number that is looked for by itself; smaller ones say little."""
_SAME_STEM = re.compile(r"\b(author|univers)(?=it)", re.IGNORECASE)
"""The beginnings of words that Porter's stemmer takes for others: an authority for an author."""
_SILENT = {CD.statedIn, CD.position, CD.order, CD.supports, CD.quantifiedBy}
"""Properties that say where a statement stands, and nothing that it states."""


class Stated(NamedTuple):
    """A statement as a passage or another source has it, or the source itself."""

    iri: str
    source: str


class Texts:
    """The texts of a graph; one thread at a time uses it, as `NameIndex` sees to."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self._entries = entries
        self._file = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._file.executescript(_SCHEMA)
        self.places: dict[int, Stated] = {}
        """What the texts are of, by row: a statement, or a source as a whole."""
        self._rows: dict[str, list[int]] = {}
        self._sizes: dict[str, int] = {}
        self._weighed = lru_cache(_MOST_KEPT)(self._weigh)
        self._file.executemany("INSERT INTO questions VALUES (?, ?, ?, ?, ?)", _question_rows())
        statements = defaultdict[str, list[NamedNode]](list)
        for quad in match(store, None, CD.statedIn, None, DefaultGraph()):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                statements[quad.object.value].append(quad.subject)
        self._write(store, statements)
        self._define(store, {node.value for one in _DEFINING for node in nodes_with(store, one)})

    def move(self, store: Store, change: IndexChange) -> None:
        """Write the texts of those sources again whose statements, or the names in them, change, and of definitions."""
        self._file.executemany("DELETE FROM defined WHERE iri = ?", ((iri,) for iri in change.entries))
        self._define(store, change.entries)
        touched = set()
        for iri in change.entries:
            touched |= {self.places[row].source for row in self.weigh(about(iri))}
            touched |= {source.value for source in nodes_of(store, NamedNode(iri), CD.statedIn)}
            touched |= {iri} if _stated_by(store, iri) else set()
        for row in (row for source in touched for row in self._rows.pop(source, ())):
            del self.places[row]
            self._file.execute("DELETE FROM texts WHERE rowid = ?", (row,))
        self._write(store, {source: stated for source in touched if (stated := _stated_by(store, source))})

    def weigh(self, expression: str, table: Table = "texts") -> Mapping[Any, float]:
        """Return what fits an expression of FTS5 in a table, each with its score, of which the best is 1.

        Texts are given by row, questions by name, and what is defined by IRI.
        """
        return self._weighed(expression, table)

    def _weigh(self, expression: str, table: Table) -> Mapping[Any, float]:
        key, weights = _WEIGHED[table]
        query = f"SELECT {key}, -bm25({table}{weights}) FROM {table} WHERE {table} MATCH ?"
        rows = self._file.execute(query, (expression,)).fetchall()
        best = max((score for _, score in rows), default=0.0)
        return {row: score / best if best > 0 else 1.0 for row, score in rows}

    def statements_with(self, *groups: Collection[str]) -> list[Stated]:
        """Return the statements that fit one expression of each group; a group without any is left out."""
        found = self.weigh(" AND ".join(f"({' OR '.join(group)})" for group in groups if group))
        return [one for row in found if (one := self.places[row]).iri != one.source]

    def nearest(self, source: str, words: Iterable[str]) -> dict[str, float]:
        """Return all statements of a passage by how much they have of some words, and how rare; the best has 1."""
        rows = self._rows.get(source, ())
        found = dict.fromkeys((iri for row in rows if (iri := self.places[row].iri) != source), 0.0)
        for weights in (self.weigh(phrase(word)) for word in words):
            for row in weights.keys() & rows:
                if (iri := self.places[row].iri) in found:
                    found[iri] += weights[row] * log(1 + self.size() / len(weights))
        best = max(found.values(), default=0.0) or 1.0
        return {iri: score / best for iri, score in found.items()}

    def has(self, expression: str) -> bool:
        """Return True if a text fits an expression."""
        return bool(self.weigh(expression))

    def size(self, table: Table = "texts") -> int:
        """Return the number of texts."""
        if table not in self._sizes:
            self._sizes[table] = int(self._file.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        return self._sizes[table]

    def is_of(self, source: str) -> bool:
        """Return True if a passage or another source has texts."""
        return source in self._rows

    def _define(self, store: Store, iris: Iterable[str]) -> None:
        for iri in iris:
            told = [text.value for one in _DEFINING for text in literals_of(store, NamedNode(iri), one)]
            entry = self._entries.get(iri, NameEntry())
            if told and not entry.is_hidden:
                says, names = " \n".join(sorted(told)), " \n".join(name.value for name in (*entry.names, *entry.titles))
                row = (*map(_with_own_stems, (names, says)), " ".join(pairs(f"{names} {says}")), iri)
                self._file.execute("INSERT INTO defined VALUES (?, ?, ?, ?)", row)

    def _write(self, store: Store, statements: Mapping[str, Iterable[NamedNode]]) -> None:
        self._sizes = {}
        self._weighed.cache_clear()
        self._file.execute("BEGIN")
        for source, stated in statements.items():
            if not self._entries.get(source, NameEntry()).is_of_data_set:
                self._write_source(store, source, stated)
        self._file.execute("COMMIT")

    def _write_source(self, store: Store, source: str, statements: Iterable[NamedNode]) -> None:
        whole = [_read(store, NamedNode(source)).says]
        things: dict[str, None] = {}
        for statement in statements:
            read = _read(store, statement)
            self._insert(read.says, read.things, Stated(statement.value, source))
            whole.append(read.says)
            things.update(dict.fromkeys((*read.things, statement.value)))
        worded = [one.says for one in wordings_of_passages().get(source, ()) if one.is_answered]
        self._insert(" \n".join((*whole, *worded)), things, Stated(source, source))

    def _insert(self, says: str, things: Iterable[str], of: Stated) -> None:
        names = " \n".join(name for thing in things if (name := self._names_of(thing)))
        says, names = _with_own_stems(says), _with_own_stems(names)
        texts = (says, names, " ".join(map(token, (*things, of.iri))), " ".join(pairs(f"{names} {says}")))
        row = self._file.execute("INSERT INTO texts VALUES (?, ?, ?, ?)", texts).lastrowid or 0
        self.places[row] = of
        self._rows.setdefault(of.source, []).append(row)

    def _names_of(self, thing: str) -> str:
        entry = self._entries.get(thing)
        if entry is None or entry.is_of_data_set:
            return ""
        titles = entry.titles if thing.startswith(ns.CD) else ()
        return " \n".join(name.value for name in (*entry.names, *entry.printed, *titles))


@lru_cache(maxsize=1 << 14)
def token(iri: str) -> str:
    """Return the word that stands for a thing in the column of things, which no text has."""
    return "x" + "".join(char for char in ns.compact(iri).casefold() if char.isalnum())


def phrase(text: str) -> str:
    """Return a text as a phrase of FTS5."""
    return '"' + _with_own_stems(text).replace('"', " ") + '"'


def _with_own_stems(text: str) -> str:
    return _SAME_STEM.sub(r"\1q", text)


def about(iri: str) -> str:
    """Return the expression of FTS5 that fits what is about a thing."""
    return f"things : {phrase(token(iri))}"


def things_of(store: Store, statement: str) -> list[str]:
    """Return the IRIs of what a statement is about, with the parties of its tie."""
    return _read(store, NamedNode(statement)).things


def _question_rows() -> Iterator[tuple[str, str, str, str, str]]:
    for query in canned_queries().values():
        others = wordings().questions.get(query.name, ())
        title = " \n".join((query.summary, *others, query.name.replace("-", " ")))
        columns = " ".join((*query.columns.values(), *query.tags, query.topic.replace("-", " ")))
        title, describes, columns = map(_with_own_stems, (title, query.description, columns))
        yield title, describes, columns, " ".join(pairs(" ".join((query.zh, *others)))), query.name


def _stated_by(store: Store, source: str) -> list[NamedNode]:
    return [*nodes_with(store, CD.statedIn, NamedNode(source))]


class _Read(NamedTuple):
    """The texts of a statement or a passage, and the IRIs of what it is about, with the parties of its tie."""

    says: str
    things: list[str]


def _read(store: Store, thing: NamedNode) -> _Read:
    texts: list[tuple[str, str]] = []
    things: dict[str, None] = {}
    for quad in match(store, thing, None, None, DefaultGraph()):
        predicate, value = quad.predicate, quad.object
        if predicate in _SILENT:
            continue
        if isinstance(value, Literal) and (value.datatype not in _UNREAD or len(value.value) >= _LARGE):
            texts.append((predicate.value, value.value))
        elif isinstance(value, NamedNode) and value.value.startswith(_OURS):
            things[value.value] = None
            if predicate == CD.accountOf:
                parties = (node.value for node in nodes_of(store, value) if node.value.startswith(_OURS))
                things.update(dict.fromkeys(parties))
    return _Read(" \n".join(dict.fromkeys(text for _, text in sorted(texts))), list(things))
