"""The columns of a table by what their values are: things, numbers, dates, positions, names."""

from __future__ import annotations

import math
import re
from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from pyoxigraph import Literal, NamedNode

from kg.objections import parse_objections
from kg.rdf.literals import NUMBERS
from kg.rdf.lookup import Term
from kg.rdf.rows import Row
from kg.rdf.vocabulary import RDF, XSD

Point = tuple[float, float]
"""Longitude and latitude in degrees."""

THING, NUMBER, DATE, SHAPE, NAME = "thing", "number", "date", "shape", "name"
LATITUDE, LONGITUDE, OBJECTIONS, OTHER = "latitude", "longitude", "objections", "other"

_SAMPLE = 2_000
"""Rows by which the kind of a column is decided."""
_LONGEST_NAME = 120  # characters; longer texts are prose
_TEXTS = {XSD.string, RDF.langString}
_DATES = {XSD.gYear, XSD.gYearMonth, XSD.date, XSD.dateTime}
_WHEN = {"earliest", "latest", "begin", "end", "time"}
"""Names of columns whose words can be dates, as "1980s"."""
_NO_MEASURES = {"order", "position", "rank", "page"}
"""Names of columns whose numbers say where something stands, not how much of it there is."""
_COORDINATE = re.compile(r"^(?P<stem>.*?)_?(?:(?P<up>lat|latitude)|(?P<across>long|lng|lon|longitude))$", re.IGNORECASE)
_NUMBER = r"(-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)"
_POINT = re.compile(rf"\s*(?:<[^<>]*>\s*)?POINT\s*\(\s*{_NUMBER}\s+{_NUMBER}\s*\)\s*", re.IGNORECASE)
_LINE = re.compile(
    rf"\s*(?:<[^<>]*>\s*)?LINESTRING\s*\(\s*{_NUMBER}\s+{_NUMBER}\s*,\s*{_NUMBER}\s+{_NUMBER}\s*\)\s*", re.IGNORECASE
)
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T[\d:.]+)?)?|(s))?(?:Z|[-+]\d{2}:\d{2})?")


@dataclass(frozen=True)
class Column:
    """A column: its name, its place, what it holds, and how many different values it has among the first rows.

    `stem` is what the name of a coordinate has besides: `one` of `oneLat`.
    """

    name: str
    place: int
    kind: str
    different: int
    stem: str = ""


def read_columns(names: Sequence[str], rows: Sequence[Row]) -> list[Column]:
    """Return the columns of a table but for labels that stand beside their things; the first rows decide."""
    sample = list(islice(rows, _SAMPLE))
    shown = [place for place, name in enumerate(names) if not _is_label(name, place, names)]
    return [_column(names[place], place, [row[place] for row in sample]) for place in shown]


def _is_label(name: str, place: int, names: Sequence[str]) -> bool:
    """Return True for a column of labels beside that of the things; `label` alone names what stands first."""
    if name == "label":
        return place != 0
    return name.endswith("Label") and name.removesuffix("Label") in names


def _column(name: str, place: int, values: Sequence[Term | None]) -> Column:
    bound = [value for value in values if value is not None]
    kinds = Counter(_kind(value, name) for value in bound)
    kind, count = kinds.most_common(1)[0] if kinds else (OTHER, 0)
    kind = kind if 2 * count >= len(bound) else OTHER
    if kind == NUMBER and (coordinate := _COORDINATE.match(name)):
        return Column(name, place, LATITUDE if coordinate["up"] else LONGITUDE, len(set(bound)), coordinate["stem"])
    if kind == NUMBER and name.lower() in _NO_MEASURES:
        kind = OTHER
    stem = name[: -len("wkt")].rstrip("_") if kind == SHAPE and name.lower().endswith("wkt") else ""
    return Column(name, place, kind, len(set(bound)), stem)


def _kind(value: Term, name: str) -> str:
    if isinstance(value, NamedNode):
        return THING
    if not isinstance(value, Literal):
        return OTHER
    if number(value) is not None:
        return NUMBER
    if (value.datatype in _DATES or name in _WHEN) and days(value):
        return DATE
    return SHAPE if ends(value) else _kind_of_text(value)


def _kind_of_text(value: Literal) -> str:
    if parse_objections(value.value):
        return OBJECTIONS
    return NAME if value.datatype in _TEXTS and len(value.value) <= _LONGEST_NAME else OTHER


def number(value: Term | None) -> float | None:
    """Return the number that a literal is; None for any other value, and for what is not finite."""
    if not isinstance(value, Literal) or value.datatype not in NUMBERS:
        return None
    try:
        found = float(value.value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def ends(value: Term | None) -> tuple[Point, ...]:
    """Return the position of a point of well-known text, or both ends of a line; nothing for any other value."""
    text = value.value if isinstance(value, Literal) else ""
    match = _POINT.fullmatch(text) or _LINE.fullmatch(text)
    found = tuple(map(float, match.groups())) if match else ()
    points = tuple(zip(found[::2], found[1::2], strict=True))
    return points if all(is_on_the_globe(point) for point in points) else ()


def is_on_the_globe(point: Point) -> bool:
    """Return True if longitude and latitude are degrees that there are."""
    return -180 <= point[0] <= 180 and -90 <= point[1] <= 90


def days(value: Term | None) -> tuple[date, ...]:
    """Return the first and the last day that a date can mean: 2015-03-01, 2015-03, 2015 or 1980s; else nothing."""
    found = _DAY.fullmatch(value.value) if isinstance(value, Literal) else None
    if not found:
        return ()
    year, month, day = (int(found[place] or 0) for place in (1, 2, 3))
    last_year, last_month = year + 9 if found[4] else year, month or 12
    try:
        first = date(year, month or 1, day or 1)
        return first, date(last_year, last_month, day or monthrange(last_year, last_month)[1])
    except (ValueError, IndexError):
        return ()
