"""Read a result that `ResultWriter` wrote: rows that are selected, counts of values, columns."""

from __future__ import annotations

import json
import sqlite3
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from pyoxigraph import Literal, NamedNode

from kg.errors import CityKgError
from kg.rdf.rows import FirstRows
from kg.results.columns import ColumnType
from kg.results.comparing import EVERY_SIZE, Comparison, OrderedValues
from kg.results.rows import ColumnValues, ResultRows, ValueCount
from kg.results.selection import Selection, check_column
from kg.results.terms import as_term

_Clause = tuple[str, list[str]]
_INLINE = "data:;base64,"


class DamagedResultError(CityKgError):
    """The file of a result is gone or cannot be read: the query is to be run again."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"A kept result cannot be read: {cause}.", "Ask again: the query is run anew.")


@dataclass(frozen=True)
class ResultDatabase:
    """A result, open for reading; `columns` are the names of its columns.

    Rows are selected, sorted and counted by columns of `several` values in a cell as by others, but come without them.
    """

    SHOWN_VALUES: ClassVar = 50
    """Values of a column that are counted one by one."""
    NO_VALUE: ClassVar = ""
    """The key of the rows that have no value in a column."""

    database: sqlite3.Connection
    columns: tuple[str, ...]
    is_whole: bool
    is_named: bool
    beside: dict[str, Any] | None
    several: tuple[str, ...]

    @classmethod
    @contextmanager
    def open(cls, place: str) -> Iterator[Self]:
        """Open a result in its `place`. Raises DamagedResultError, in the block as well, if it cannot be read."""
        try:
            database = _connect(place)
            try:
                database.execute("PRAGMA temp_store = MEMORY")
                said = json.loads(database.execute("SELECT said FROM result").fetchone()[0])
                whole, named, beside = said["is_whole"], said["is_named"], said["beside"]
                yield cls(database, tuple(said["columns"]), whole, named, beside, tuple(said["several"]))
            finally:
                database.close()
        except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
            raise DamagedResultError(str(error)) from error

    def rows(
        self, selection: Selection, start: int = 0, most: int = FirstRows.MOST, longest: int | None = None
    ) -> ResultRows:
        """Return up to `most` of the rows that match, from the place `start` on; literals up to `longest` characters.

        Hidden columns are left out. Raises BadValueError for a column that there is not.
        """
        selection.check(self.columns)
        shown = self._shown(selection)
        matching, given = self._matching(selection)
        ids = self.database.execute(
            f"SELECT evidence{''.join(f', c{number}' for number in shown)} FROM rows{matching}"
            f" ORDER BY {self._order(selection)} LIMIT ? OFFSET ?",
            [*given, most, start],
        ).fetchall()
        names: dict[str, str] = {}
        terms = [self._terms(number, {row[at] for row in ids}, names) for at, number in enumerate(shown, start=1)]
        rows = tuple(tuple(of.get(at) for of, at in zip(terms, row[1:], strict=True)) for row in ids)
        total = self._count("", [])
        found = FirstRows(
            tuple(self.columns[number] for number in shown),
            rows if longest is None else tuple(FirstRows.cut(row, longest) for row in rows),
            self._count(matching, given) if matching else total,
            display_names=names,
        )
        evidence = self._evidence([row[0] for row in ids])
        chosen = {name: self._texts(self.columns.index(name), keys) for name, keys in selection.values.items()}
        sized = [name for at, name in enumerate(self.columns) if OrderedValues(self.database, at).have_size]
        return ResultRows(
            found,
            total,
            self.is_whole,
            self.is_named,
            self.columns,
            start,
            chosen,
            evidence,
            self.beside,
            sized=sized,
            without_size=self._without_size(selection),
        )

    def values(self, column: str, selection: Selection, containing: str = "") -> ColumnValues:
        """Return the most frequent values of a column among the rows that match, whatever is chosen of this column.

        Only values that have `containing` within them are counted. Raises BadValueError for a column that there is not.
        """
        check_column(column, self.columns)
        selection.check(self.columns)
        number = self.columns.index(column)
        matching, given = self._matching(selection.without_values_of(column))
        cells = f"SELECT c{number} AS cell, count(*) AS times FROM rows{matching} GROUP BY c{number}"
        counted = (
            f"SELECT m.id AS id, sum(times) AS times FROM ({cells}) LEFT JOIN m{number} AS m USING (cell) GROUP BY m.id"
        )
        if containing:
            counted = f"SELECT * FROM ({counted}) WHERE id IN (SELECT id FROM v{number} WHERE instr(folded, ?))"
            given = [*given, containing.casefold()]
        distinct = self.database.execute(f"SELECT count(*) FROM ({counted})", given).fetchone()[0]
        values = self.database.execute(
            f"SELECT kind, v.text, mark, name, key, times FROM ({counted}) LEFT JOIN v{number} AS v USING (id)"
            " ORDER BY times DESC, id LIMIT ?",
            [*given, self.SHOWN_VALUES],
        ).fetchall()
        counts = [ValueCount(row[4] or self.NO_VALUE, _text(row), row[5]) for row in values]
        return ColumnValues(column, counts, distinct)

    def types(self, selection: Selection) -> list[ColumnType]:
        """Return what all values of each column have in common in the rows that match; hidden columns are left out.

        Nothing is known of the values of a result that is not whole. Raises BadValueError for a column that there is
        not.
        """
        selection.check(self.columns)
        shown = self._shown(selection)
        if not self.is_whole:
            return [ColumnType(self.columns[number]) for number in shown]
        return [self._type(number, self.columns[number], self._matching(selection)) for number in shown]

    def _shown(self, selection: Selection) -> list[int]:
        """Return the numbers of the columns that rows come with."""
        left_out = {*selection.hidden, *self.several}
        return [number for number, name in enumerate(self.columns) if name not in left_out]

    def _type(self, number: int, name: str, matching: _Clause) -> ColumnType:
        condition, given = matching
        of_column = f"FROM v{number} WHERE id IN (SELECT c{number} FROM rows{condition})"
        kinds = self.database.execute(f"SELECT DISTINCT kind, mark {of_column} LIMIT 2", given)
        return ColumnType.of(name, kinds, (row[0] for row in self.database.execute(f"SELECT text {of_column}", given)))

    def _matching(self, selection: Selection) -> _Clause:
        """Return the condition of the rows that match a selection, with its values."""
        conditions: list[str] = []
        given: list[str] = []
        for name, text in selection.contains.items():
            number = self.columns.index(name)
            condition, of_text = self._fits(number, text)
            conditions.append(_has_cell(number, condition))
            given += of_text
        for name, keys in selection.values.items():
            condition, of_column = self._has_value(self.columns.index(name), keys)
            conditions.append(condition)
            given += of_column
        return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), given

    def _fits(self, number: int, text: str) -> _Clause:
        """Return the condition that a value fits a filter: in size, if the column has one and the filter states one."""
        values = OrderedValues(self.database, number)
        comparison = Comparison.read(text) if values.have_size else None
        if comparison is None:
            return "instr(folded, ?)", [text.casefold()]
        return _compares(comparison, values), []

    def _without_size(self, selection: Selection) -> dict[str, int]:
        """Return how many rows each comparison leaves out whose values are neither numbers nor dates, by column."""
        found = {}
        for name, text in selection.contains.items():
            number = self.columns.index(name)
            values = OrderedValues(self.database, number)
            if values.have_size and Comparison.read(text):
                matching, given = self._matching(selection.without_filter_of(name))
                sized = _has_cell(number, _compares(EVERY_SIZE, values))
                joint = " AND" if matching else " WHERE"
                found[name] = self._count(f"{matching}{joint} c{number} IS NOT NULL AND NOT {sized}", given)
        return {name: count for name, count in found.items() if count}

    def _has_value(self, number: int, keys: Sequence[str]) -> _Clause:
        """Return the condition that a row has one of some values in a column, by their keys or texts."""
        bound = [key for key in keys if key != self.NO_VALUE]
        places = ", ".join("?" * len(bound))
        condition = _has_cell(number, f"key IN ({places}) OR text IN ({places})")
        return (f"({condition} OR c{number} IS NULL)" if len(bound) < len(keys) else condition), [*bound, *bound]

    def _order(self, selection: Selection) -> str:
        if not selection.sort:
            return "n DESC" if selection.descending else "n"
        return f"c{self.columns.index(selection.sort)}{' DESC' if selection.descending else ''}, n"

    def _count(self, matching: str, given: Sequence[str]) -> int:
        count: int = self.database.execute(f"SELECT count(*) FROM rows{matching}", given).fetchone()[0]
        return count

    def _terms(self, number: int, ids: set[int | None], names: dict[str, str]) -> dict[int | None, Any]:
        """Return the values of a column by their places; those of IRIs that have names are added to `names`."""
        wanted = json.dumps([id_ for id_ in ids if id_ is not None])
        found: dict[int | None, Any] = {}
        for id_, kind, text, mark, name in self.database.execute(
            f"SELECT id, kind, text, mark, name FROM v{number} WHERE id IN (SELECT value FROM json_each(?))", [wanted]
        ):
            found[id_] = as_term(kind, text, mark)
            if name is not None:
                names[text] = name
        return found

    def _texts(self, number: int, keys: Sequence[str]) -> dict[str, str]:
        """Return what people read in place of values of a column, by key."""
        places = ", ".join("?" * len(keys))
        found = self.database.execute(
            f"SELECT kind, text, mark, name, key FROM v{number} WHERE key IN ({places})", list(keys)
        )
        return {row[4]: _text(row) for row in found}

    def _evidence(self, ids: Sequence[int | None]) -> list[dict[str, Any]] | None:
        """Return the evidence of rows, None if the result has none."""
        if self.beside is None:
            return None
        wanted = json.dumps(sorted({id_ for id_ in ids if id_ is not None}))
        said = self.database.execute(
            "SELECT id, said FROM evidence WHERE id IN (SELECT value FROM json_each(?))", [wanted]
        ).fetchall()
        found = {id_: json.loads(one) for id_, one in said}
        return [found[id_] for id_ in ids if id_ is not None]


def _compares(comparison: Comparison, values: OrderedValues) -> str:
    """Return the condition that a value of a column is among those of a comparison."""
    return " OR ".join(f"id >= {low} AND id < {high}" for low, high in comparison.places(values)) or "0"


def _has_cell(number: int, condition: str) -> str:
    """Return the condition that a row has a value in a column for which a condition holds."""
    return f"c{number} IN (SELECT cell FROM m{number} JOIN v{number} USING (id) WHERE {condition})"


def place_of(result: Path | bytes) -> str:
    """Return the text by which a worker finds a result: the path of its file, or the bytes themselves."""
    return _INLINE + b64encode(result).decode() if isinstance(result, bytes) else str(result.absolute())


def _connect(place: str) -> sqlite3.Connection:
    if not place.startswith(_INLINE):
        return sqlite3.connect(f"{Path(place).as_uri()}?mode=ro&immutable=1", uri=True)
    database = sqlite3.connect(":memory:")
    database.deserialize(b64decode(place.removeprefix(_INLINE)))
    return database


def _text(value: Sequence[Any]) -> str:
    """Return what people read in place of a value; nothing if there is none."""
    kind, text, mark, name, *_ = value
    if kind is None:
        return ""
    term = as_term(kind, text, mark)
    return name or (term.value if isinstance(term, Literal | NamedNode) else str(term))
