"""Which views fit a table, and which of its columns each of them draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.rdf.rows import Row
from kg.views.columns import (
    DATE,
    LATITUDE,
    LONGITUDE,
    NAME,
    NUMBER,
    OBJECTIONS,
    SHAPE,
    THING,
    Column,
    read_columns,
)

VIEWS = {"map": "Map", "pairs": "Pairs", "matrix": "Matrix", "timeline": "Timeline", "bars": "Bars"}
"""The views with their titles, in the order in which they are offered."""

_PERIOD = ("earliest", "latest")
_PRINTED = ("begin", "end", "time")
_LINE_ENDS = ("one", "other")
_WEIGHTS = ("twins", "twinnings")
_FEWEST_IN_MATRIX = 2


@dataclass(frozen=True)
class Roles:
    """The places of the columns that a view draws.

    `labels` name a mark, `ends` are what it joins or lies at, `values` its dates or its number, which is the weight of
    what has no other; `positions` are columns of geometries, or pairs of longitude and latitude.
    """

    labels: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    values: tuple[int, ...] = ()
    positions: tuple[tuple[int, ...], ...] = ()
    printed: tuple[int, ...] = ()
    status: int | None = None
    objections: int | None = None
    is_open: bool = False
    """True if the table has a column `latest`: what has no end there goes on."""


def fitting_views(names: Sequence[str], rows: Sequence[Row]) -> dict[str, Roles]:
    """Return the views that fit a table, in the order of VIEWS, each with the columns that it draws."""
    columns = read_columns(names, rows)
    found = {
        "map": _map(columns),
        "pairs": _pairs(columns),
        "matrix": _matrix(columns),
        "timeline": _timeline(columns),
        "bars": _bars(columns),
    }
    return {view: roles for view, roles in found.items() if roles is not None}


def _of(columns: Iterable[Column], *kinds: str) -> list[Column]:
    return [column for column in columns if column.kind in kinds]


def _named(columns: Iterable[Column]) -> Mapping[str, int]:
    return {column.name: column.place for column in columns}


def _objections(columns: Sequence[Column]) -> int | None:
    stated = _of(columns, OBJECTIONS)
    return stated[0].place if stated else _named(columns).get("objections")


def _bars(columns: Sequence[Column]) -> Roles | None:
    """Choose the first column of numbers behind the first, and the links before it; else what names rows at all."""
    numbers = [column for column in _of(columns, NUMBER) if column.place > 0] or _of(columns, NUMBER)
    if not numbers:
        return None
    value = numbers[0].place
    before = [column for column in columns if column.place < value]
    labels = [column.place for column in before if column.place == 0 or column.kind == THING]
    labels = labels or [column.place for column in _of(columns, THING, NAME)][:1]
    return Roles(tuple(labels), values=(value,), objections=_objections(columns)) if labels else None


def _timeline(columns: Sequence[Column]) -> Roles | None:
    """Choose `earliest` and `latest` with what is printed of them, else the first two columns of dates.

    The event is in the column `says`, where that is empty in the first thing, else in the first column of other values.
    """
    dates = _of(columns, DATE)
    if not dates:
        return None
    at = {column.name: column.place for column in dates}
    first_two = tuple(column.place for column in dates[:2])
    values = tuple(at[name] for name in (*_PERIOD, *_PRINTED) if name in at) or first_two
    printed = tuple(column.place for name in _PRINTED for column in columns if column.name == name)
    says = [column.place for column in columns if column.name == "says"]
    others = [*_of(columns, THING), *(column for column in columns if column.kind not in (DATE, OBJECTIONS, THING))]
    labels = (*says, *(column.place for column in others))[:2]
    return Roles(
        labels,
        values=values,
        printed=printed or first_two,
        objections=_objections(columns),
        is_open="latest" in _named(columns),
    )


def _map(columns: Sequence[Column]) -> Roles | None:
    """Choose one or two columns of geometries, else of longitudes and latitudes whose names have the same stem."""
    shapes: list[tuple[int, ...]] = [(column.place,) for column in _of(columns, SHAPE)[:2]]
    stems = [column.stem for column in _of(columns, SHAPE)][:2]
    if not shapes:
        up = {column.stem: column.place for column in _of(columns, LATITUDE)}
        across = [column for column in _of(columns, LONGITUDE) if column.stem in up][:2]
        shapes = [(column.place, up[column.stem]) for column in across]
        stems = [column.stem for column in across]
    if not shapes:
        return None
    named = _named(columns)
    weights = [named[name] for name in _WEIGHTS if name in named] or [column.place for column in _of(columns, NUMBER)]
    return Roles(
        labels=tuple(column.place for column in _of(columns, THING, NAME))[:1],
        ends=_ends(columns, stems),
        values=tuple(weights[:1]),
        positions=tuple(shapes),
        status=named.get("status"),
        objections=_objections(columns),
    )


def _ends(columns: Sequence[Column], stems: Sequence[str]) -> tuple[int, ...]:
    """Return the columns that name the positions: by their stems, as `one` and `other`, as `place`, else in order."""
    things, named = _of(columns, THING, NAME), _named(columns)
    if all(name in named for name in _LINE_ENDS):
        return tuple(named[name] for name in _LINE_ENDS)
    by_stem = [named[stem] for stem in stems if stem in named]
    if by_stem and len(by_stem) == len(stems):
        return tuple(by_stem)
    if len(stems) == 1 and "place" in named:
        return (named["place"],)
    return tuple(column.place for column in things)[:2]


def _pairs(columns: Sequence[Column]) -> Roles | None:
    """Choose `one` and `other`, else the first two columns of things."""
    things, named = _of(columns, THING), _named(_of(columns, THING))
    ends = (
        [named[name] for name in _LINE_ENDS]
        if all(name in named for name in _LINE_ENDS)
        else [column.place for column in things[:2]]
    )
    return Roles(ends=tuple(ends), objections=_objections(columns)) if len(ends) == len(_LINE_ENDS) else None


def _matrix(columns: Sequence[Column]) -> Roles | None:
    """Choose the first two columns of things or short names that differ, and the first number."""
    kinds = [column for column in _of(columns, THING, NAME) if column.different >= _FEWEST_IN_MATRIX][:2]
    if len(kinds) < len(_LINE_ENDS):
        return None
    numbers = tuple(column.place for column in _of(columns, NUMBER))[:1]
    return Roles(ends=tuple(column.place for column in kinds), values=numbers, objections=_objections(columns))
