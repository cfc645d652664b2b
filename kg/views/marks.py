"""The marks of a view: what is drawn for the rows of a table, the largest if there are more than can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, repeat
from typing import Self, TypeVar

from pyoxigraph import Literal

from kg.objections import KINDS, parse_objections
from kg.rdf.lookup import Term
from kg.rdf.rows import Row
from kg.views.columns import Point, days, ends, is_on_the_globe, number
from kg.views.fitting import Roles

MOST = {"map": 150, "pairs": 90, "matrix": 40, "timeline": 80, "bars": 80}
"""Marks that are drawn of each view; of a matrix its rows. Beyond that they run together."""
MOST_COLUMNS = 24
"""Columns of a matrix that are drawn."""
_EMPTY = Literal("")
M = TypeVar("M", bound="Mark")


@dataclass(frozen=True)
class Voices:
    """Who speaks of a mark: objections, as kinds and IRIs of sources, the most serious first; and IRIs of sources."""

    objections: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()

    def __add__(self, other: Voices) -> Voices:
        """Return the voices of both, each once."""
        if self == other:
            return self
        objections = sorted({*self.objections, *other.objections}, key=lambda one: (KINDS.index(one[0]), one[1]))
        return Voices(tuple(objections), tuple(dict.fromkeys((*self.sources, *other.sources))))


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What is drawn for some rows, with those who speak of it."""

    voices: Voices = Voices()
    rows: int = 1

    @property
    def identity(self) -> object:
        """What the marks have in common that are drawn as one; None for a mark of one row."""
        return None

    @property
    def size(self) -> float:
        """The largest are drawn where there are too many."""
        return self.rows

    def merge(self, more: Self) -> Self:
        """Return the mark of the rows of both."""
        return replace(self, voices=self.voices + more.voices, rows=self.rows + more.rows)


@dataclass(frozen=True)
class Bar(Mark):
    """A bar: what it stands for, its number as it is and as it is printed."""

    labels: tuple[Term | None, ...]
    value: float
    printed: Term

    @property
    def size(self) -> float:
        """The number, positive or negative."""
        return abs(self.value)


@dataclass(frozen=True)
class Span(Mark):
    """An event with the first and the last day that it can be (None: it goes on), and its dates as printed."""

    label: Term | None
    printed: tuple[Term, ...]
    earliest: date
    latest: date | None

    @property
    def identity(self) -> object:
        """What happened, and its dates: several sources of one act, or accounts of it, are drawn once."""
        return None if self.label is None else (self.label, self.printed, self.earliest, self.latest)


@dataclass(frozen=True)
class Pair(Mark):
    """Two things that stand beside each other in some rows."""

    one: Term
    other: Term

    @property
    def identity(self) -> object:
        """Both things in their order."""
        return self.one, self.other


@dataclass(frozen=True)
class Cell(Pair):
    """A cell of a matrix: its row, its column, its number if the table has one for it."""

    value: Term | None = None

    def merge(self, more: Self) -> Self:
        """Return the cell of the rows of both, which has no number of its own."""
        return replace(super().merge(more), value=None)


@dataclass(frozen=True)
class Place(Mark):
    """A position with the thing that lies there, and what the rows tell of it, each with its status."""

    at: Point
    label: Term | None
    told: tuple[tuple[Term, Term | None], ...] = ()
    weight: float = 1

    @property
    def identity(self) -> object:
        """The position."""
        return self.at

    @property
    def size(self) -> float:
        """The weight of all rows."""
        return self.weight * self.rows

    def merge(self, more: Self) -> Self:
        """Return the position with what the rows of both tell."""
        told = tuple(dict.fromkeys((*self.told, *more.told)))
        return replace(super().merge(more), told=told, weight=max(self.weight, more.weight))


@dataclass(frozen=True)
class Route(Mark):
    """A line between two positions, what it stands for, and what its ends are."""

    ends: tuple[Point, Point]
    label: Term | None
    one: Term | None
    other: Term | None
    weight: float = 1

    @property
    def identity(self) -> object:
        """The positions in either order, with the things there, else with what the line stands for."""
        return (*sorted(self.ends), self.label if self.one is None else frozenset((self.one, self.other)))

    @property
    def size(self) -> float:
        """The weight of all rows."""
        return self.weight * self.rows


@dataclass(frozen=True)
class Marks:
    """The marks of a view, of `total` in all; and of the rows those that have the values, and those without.

    `rows` and `columns` of a matrix are its headings, of `row_total` and `column_total` in all.
    """

    view: str
    drawn: tuple[Mark, ...]
    total: int
    with_values: int
    without: int
    rows: tuple[Term, ...] = ()
    columns: tuple[Term, ...] = ()
    row_total: int = 0
    column_total: int = 0

    @property
    def is_cut(self) -> bool:
        """True if marks are left out."""
        return len(self.drawn) < self.total

    def of(self, kind: type[M]) -> list[M]:
        """Return the marks of a kind that are drawn."""
        return [mark for mark in self.drawn if isinstance(mark, kind)]


def marks_of(view: str, roles: Roles, rows: Sequence[Row], voices: Iterable[Voices] = ()) -> Marks:
    """Return the marks of the rows in a view; `voices` are those of each row, besides its column of objections."""
    heard = chain(voices, repeat(_NOBODY))
    spoken = [(row, _stated(row, roles) + own) for row, own in zip(rows, heard, strict=False)]
    found = _merge(_READ[view](roles, spoken))
    with_values = sum(mark.rows for mark in found)
    marks = Marks(view, tuple(found), len(found), with_values, len(rows) - with_values)
    return _with_headings(marks) if view == "matrix" else replace(marks, drawn=_largest(found, MOST[view]))


_NOBODY = Voices()
_Spoken = Iterable[tuple[Row, Voices]]


def _stated(row: Row, roles: Roles) -> Voices:
    """Return the objections in the column of a row that has them."""
    stated = None if roles.objections is None else row[roles.objections]
    pairs = parse_objections(stated.value) if isinstance(stated, Literal) else ()
    return Voices(pairs) if pairs else _NOBODY


def _bars(roles: Roles, rows: _Spoken) -> Iterator[Bar]:
    for row, voices in rows:
        printed = row[roles.values[0]]
        value = number(printed)
        if printed is not None and value is not None:
            yield Bar(tuple(row[place] for place in roles.labels), value, printed, voices=voices)


def _spans(roles: Roles, rows: _Spoken) -> Iterator[Span]:
    for row, voices in rows:
        told = {place: days(row[place]) for place in roles.values}
        found = [day for of_one in told.values() for day in of_one]
        if found:
            is_open = roles.is_open and not any(told[place] for place in roles.values[1:])
            label = next((row[place] for place in roles.labels if row[place] not in (None, _EMPTY)), None)
            printed = tuple(dict.fromkeys(term for place in roles.printed if (term := row[place]) is not None))
            yield Span(label, printed, min(found), None if is_open else max(found), voices=voices)


def _pairs(roles: Roles, rows: _Spoken) -> Iterator[Pair]:
    for row, voices in rows:
        one, other = (row[place] for place in roles.ends)
        if one is not None and other is not None:
            yield Pair(one, other, voices=voices)


def _cells(roles: Roles, rows: _Spoken) -> Iterator[Cell]:
    for row, voices in rows:
        one, other = (row[place] for place in roles.ends)
        if one is not None and other is not None:
            value = next((row[place] for place in roles.values), None)
            yield Cell(one, other, value if number(value) is not None else None, voices=voices)


def _positions(roles: Roles, rows: _Spoken) -> Iterator[Place | Route]:
    for row, voices in rows:
        at = [point for columns in roles.positions for point in _points([row[place] for place in columns])]
        label = next((row[place] for place in roles.labels), None)
        named = [row[place] for place in roles.ends]
        weight = next((value for place in roles.values if (value := number(row[place])) is not None), 1.0)
        if len(at) > 1:
            one, other = (*named, None, None)[:2]
            yield Route((at[0], at[1]), label, one, other, weight, voices=voices)
        elif at:
            status = None if roles.status is None else row[roles.status]
            lies = named[0] if named else label
            told = () if lies == label or label is None else ((label, status),)
            yield Place(at[0], lies, told, weight, voices=voices)


_READ: Mapping[str, Callable[[Roles, _Spoken], Iterator[Mark]]] = {
    "bars": _bars,
    "timeline": _spans,
    "pairs": _pairs,
    "matrix": _cells,
    "map": _positions,
}


def _points(values: Sequence[Term | None]) -> tuple[Point, ...]:
    """Return the positions in a geometry, or that of a longitude and a latitude."""
    if len(values) == 1:
        return ends(values[0])
    across, up = (number(value) for value in values)
    return ((across, up),) if across is not None and up is not None and is_on_the_globe((across, up)) else ()


def _merge(marks: Iterable[Mark]) -> list[Mark]:
    """Return the marks, one for all that have the same identity."""
    found: dict[object, Mark] = {}
    for count, mark in enumerate(marks):
        key = count if mark.identity is None else mark.identity
        known = found.get(key)
        found[key] = mark if known is None else known.merge(mark)
    return list(found.values())


def _largest(marks: Sequence[Mark], most: int) -> tuple[Mark, ...]:
    """Return the largest marks in the order of their rows; spans of time are as large as each other, the first stay."""
    if len(marks) <= most:
        return tuple(marks)
    chosen = sorted(range(len(marks)), key=lambda place: (-marks[place].size, place))[:most]
    return tuple(marks[place] for place in sorted(chosen))


def _with_headings(marks: Marks) -> Marks:
    """Return a matrix of the rows and columns that have the most, in the order in which they come."""
    cells = marks.of(Cell)
    if any(cell.rows > 1 for cell in cells):  # a count of rows beside a number of one row would read as its like
        cells = [replace(cell, value=None) for cell in cells]
    rows, columns = Counter(cell.one for cell in cells), Counter(cell.other for cell in cells)
    shown = (
        {term for term, _ in rows.most_common(MOST["matrix"])},
        {term for term, _ in columns.most_common(MOST_COLUMNS)},
    )
    return replace(
        marks,
        drawn=tuple(cell for cell in cells if cell.one in shown[0] and cell.other in shown[1]),
        rows=tuple(term for term in rows if term in shown[0]),
        columns=tuple(term for term in columns if term in shown[1]),
        row_total=len(rows),
        column_total=len(columns),
    )
