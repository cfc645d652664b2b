"""Write the rows of an answer as an SQLite database.

A column has a table of its values in SPARQL's order, each by its place in it, so that sorting and counting compare
integers; a row has the places of its cells. A cell of an answer is one value. The columns `several` of a list have
cells of any number of values: they stand in the order of their first value, then of the next.

    rows(n, c0, c1, …, evidence)                   the rows in the order of the query; evidence by its place
    v0(id, kind, text, mark, name, key, folded)    the values of the first column; v1 … those of the others
    m0(cell, id)                                   the values that each cell has; for those of one value a view of v0
    evidence(id, said)                             what evidence says of rows, in JSON
    result(said)                                   one row: columns, whether all rows are there, what is beside them
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from itertools import chain
from typing import Any, ClassVar

from pyoxigraph import BlankNode, Literal, NamedNode

from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term
from kg.results.order import Key, order_key
from kg.results.terms import kind_and_mark

Cell = Term | tuple[Term, ...]

_OVERHEAD = 60
"""Bytes of a value or a cell besides its text, about."""


class ResultWriter:
    """The rows of an answer, up to a number and to so many bytes of text."""

    MEDIA_TYPE: ClassVar = "application/vnd.citykg.result+sqlite3"
    """The media type by which a worker is asked for a result; it is internal."""
    MOST_ROWS: ClassVar = 100_000
    MOST_BYTES: ClassVar = 24 << 20
    """Bytes of the values, about, after which no more rows are taken."""
    MOST_COLUMNS: ClassVar = 1_000
    """SQLite has no more than 2,000 in a table."""

    def __init__(self, names: Sequence[str], several: Collection[str] = ()) -> None:
        """Take the names of the columns, and which of them have `several` values in a cell, as a tuple."""
        self.names = names
        self.several = several
        self.is_whole = True
        """False if there are more rows."""
        self._places: list[dict[Cell, int]] = [{} for _ in names]
        self._rows: list[tuple[int | None, ...]] = []
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def iris(self) -> list[str]:
        """The IRIs among the values, each once, in the order in which rows first have them."""
        terms = (term for places in self._places for cell in places for term in _terms_in(cell))
        return list(dict.fromkeys(term.value for term in terms if isinstance(term, NamedNode)))

    def take(self, rows: Iterable[Sequence[Cell | None]], may_go_on: Callable[[int], bool] = lambda _: True) -> None:
        """Take rows while there is room and `may_go_on(their number)` is True."""
        for row in rows:
            if len(self._rows) >= self.MOST_ROWS or self._bytes > self.MOST_BYTES or not may_go_on(len(self._rows)):
                self.is_whole = False
                return
            self._bytes += _OVERHEAD + 8 * len(row)
            self._rows.append(tuple(map(self._place, self._places, row)))

    def _place(self, places: dict[Cell, int], cell: Cell | None) -> int | None:
        """Return the place of a cell among those of its column, in the order in which they come."""
        if cell is None:
            return None
        place = places.get(cell)
        if place is None:
            place = places[cell] = len(places)
            self._bytes += sum(_OVERHEAD + len(getattr(term, "value", "") or str(term)) for term in _terms_in(cell))
        return place

    def as_bytes(
        self,
        names: Mapping[str, str],
        beside: Mapping[str, Any] | None = None,
        evidence: Sequence[Mapping[str, Any]] | None = None,
        sort_key: Callable[[Term], Key] = order_key,
    ) -> bytes:
        """Return the database, with names of IRIs, and with the evidence of each row and what is `beside` that.

        Values have the order of `sort_key`.
        """
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
            database.execute("BEGIN")
            database.execute("CREATE TABLE result(said TEXT)")
            is_named = all(iri in names for iri in self.iris)
            said = {"columns": self.names, "is_whole": self.is_whole, "is_named": is_named, "beside": beside}
            said["several"] = list(self.several)
            database.execute("INSERT INTO result VALUES (?)", [json.dumps(said)])
            ranks = [self._write_cells(database, number, names, sort_key) for number in range(len(self.names))]
            told = self._write_evidence(database, evidence)
            cells = "".join(f", c{number} INTEGER" for number in range(len(self.names)))
            database.execute(f"CREATE TABLE rows(n INTEGER PRIMARY KEY{cells}, evidence INTEGER)")
            database.executemany(
                f"INSERT INTO rows VALUES (?{', ?' * (len(self.names) + 1)})",
                (
                    (n, *(None if at is None else of[at] for of, at in zip(ranks, row, strict=True)), told and told[n])
                    for n, row in enumerate(self._rows)
                ),
            )
            database.execute("COMMIT")
            return database.serialize()

    def _write_cells(
        self, database: sqlite3.Connection, number: int, names: Mapping[str, str], sort_key: Callable[[Term], Key]
    ) -> list[int]:
        """Write the cells of a column and their values in order; return the place in it of each cell as they came."""
        cells = list(self._places[number])
        terms = list(dict.fromkeys(chain.from_iterable(map(_terms_in, cells))))
        ranks = self._write_values(database, number, terms, names, sort_key)
        if self.names[number] not in self.several:
            database.execute(f"CREATE VIEW m{number} AS SELECT id AS cell, id FROM v{number}")
            return ranks
        rank_of = dict(zip(terms, ranks, strict=True))
        members = [sorted(map(rank_of.__getitem__, _terms_in(cell))) for cell in cells]
        places = _ranks(members)
        database.execute(f"CREATE TABLE m{number}(cell INTEGER, id INTEGER, PRIMARY KEY (cell, id)) WITHOUT ROWID")
        database.executemany(
            f"INSERT INTO m{number} VALUES (?, ?)",
            ((place, id_) for place, of in zip(places, members, strict=True) for id_ in of),
        )
        return places

    @staticmethod
    def _write_values(
        database: sqlite3.Connection,
        number: int,
        terms: Sequence[Term],
        names: Mapping[str, str],
        sort_key: Callable[[Term], Key],
    ) -> list[int]:
        """Write the values of a column in order; return the place in it of each as they came."""
        ranks = _ranks(list(map(sort_key, terms)))
        short = list(map(_short_key, terms))
        times = Counter(short)
        database.execute(f"CREATE TABLE v{number}(id INTEGER PRIMARY KEY, kind, text, mark, name, key, folded)")
        database.executemany(
            f"INSERT INTO v{number} VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                _described(rank, term, key if times[key] == 1 else str(term), names)
                for rank, term, key in zip(ranks, terms, short, strict=True)
            ),
        )
        return ranks

    def _write_evidence(
        self, database: sqlite3.Connection, evidence: Sequence[Mapping[str, Any]] | None
    ) -> list[int] | None:
        """Write the evidence of the rows, each once; return its place for each row, None if there is none."""
        if evidence is None:
            return None
        database.execute("CREATE TABLE evidence(id INTEGER PRIMARY KEY, said TEXT)")
        ids: dict[str, int] = {}
        told = [ids.setdefault(json.dumps(said, ensure_ascii=False), len(ids)) for said in evidence]
        database.executemany("INSERT INTO evidence VALUES (?, ?)", ((id_, said) for said, id_ in ids.items()))
        return told


def _terms_in(cell: Cell) -> tuple[Term, ...]:
    return cell if isinstance(cell, tuple) else (cell,)


def _ranks(keys: Sequence[Any]) -> list[int]:
    """Return the place of each key in their order."""
    ranks = [0] * len(keys)
    for rank, place in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
        ranks[place] = rank
    return ranks


def _short_key(term: Term) -> str:
    """Return what stands for a value in an address where no other value of its column is written the same way."""
    if isinstance(term, NamedNode):
        return ns.compact(term.value)
    return term.value if isinstance(term, Literal) and term.value else str(term)


def _described(rank: int, term: Term, key: str, names: Mapping[str, str]) -> tuple[int | str | None, ...]:
    kind, text, mark = kind_and_mark(term)
    name = names.get(text) if isinstance(term, NamedNode) else None
    searched = f"{name or ''}\n{ns.compact(text)}\n{text}" if isinstance(term, NamedNode) else text
    return rank, kind, text, mark, name, key, "" if isinstance(term, BlankNode) else searched.casefold()
