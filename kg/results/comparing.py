"""Filter numbers and dates by size: `> 1`, `<= 2000`, `1990..2000`, `>= 2001-05`.

The values of a column have numbers by their order (kg.results.order), so those that match are between two places, of
numbers and of each type of date.
"""

from __future__ import annotations

import re
import sqlite3
from bisect import bisect_left, bisect_right
from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from pyoxigraph import Literal

from kg.errors import BadValueError, shorten
from kg.rdf.vocabulary import XSD
from kg.results.order import CALENDAR, DAY, LITERALS, NUMBERS, Key, order_key
from kg.results.terms import as_term

_COMPARISON = re.compile(r"(?P<sign>[<>]=?)(?P<stated>.*)|(?P<least>[\d+-].*?)\.\.(?P<most>.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?", re.ASCII)


@dataclass(frozen=True)
class OrderedValues:
    """The sort keys of the values of a column by their places, read from a result as they are needed."""

    database: sqlite3.Connection
    column: int

    def __len__(self) -> int:
        count: int = self.database.execute(f"SELECT coalesce(max(id) + 1, 0) FROM v{self.column}").fetchone()[0]
        return count

    def __getitem__(self, place: int) -> Key:
        found = self.database.execute(f"SELECT kind, text, mark FROM v{self.column} WHERE id = ?", [place]).fetchone()
        return order_key(as_term(*found))

    @property
    def have_size(self) -> bool:
        """True if numbers or dates are among them; these are the first literals."""
        place = bisect_left(self, LITERALS, key=_value)
        return place < len(self) and self[place][:3] in (NUMBERS, *CALENDAR)


@dataclass(frozen=True)
class Cut:
    """A place among ordered values: before a number or date that is stated, or behind it."""

    stated: str
    is_behind: bool

    @cached_property
    def number(self) -> Decimal | None:
        """The number that is stated, None for other text."""
        return Decimal(self.stated.replace(",", "")) if _NUMBER.fullmatch(self.stated) else None

    @cached_property
    def moment(self) -> Decimal | None:
        """The moment of the cut as sort keys have it; a year or a month is all of its days. None for other text."""
        found = _DATE.fullmatch(self.stated)
        if found is None:
            return None
        year, month, day = (int(found[name] or 0) for name in ("year", "month", "day"))
        try:
            first = date(year, month or 1, day or 1)
        except ValueError:
            return None
        key = order_key(Literal(first.isoformat(), datatype=XSD.date))
        return Decimal(key[3]) + (_days(year, month, day) * DAY if self.is_behind else 0)

    def is_beyond(self, most: Cut) -> bool:
        """Return True if nothing lies between this cut and one at the end of a range."""
        if self.number is not None and most.number is not None:
            return self.number > most.number
        return self.moment is not None and most.moment is not None and self.moment >= most.moment

    def place(self, values: OrderedValues, group: Key) -> int | None:
        """Return the place among the values of a group, None if what is stated is not of that group."""
        if group != NUMBERS:
            return None if self.moment is None else bisect_left(values, (*group, self.moment), key=_value)
        if self.number is None:
            return None
        return (bisect_right if self.is_behind else bisect_left)(values, (*group, self.number), key=_value)


@dataclass(frozen=True)
class Comparison:
    """The values from one cut to another; without one, from the first or to the last of each group."""

    least: Cut | None = None
    most: Cut | None = None

    @classmethod
    def read(cls, text: str) -> Comparison | None:
        """Return the comparison that a filter states, None if it states none. Raises BadValueError."""
        found = _COMPARISON.fullmatch(text.strip())
        if found is None:
            return None
        sign = found["sign"]
        if sign is None:
            least, most = cls._cut(text, found["least"], False), cls._cut(text, found["most"], True)
            if least.is_beyond(most):
                raise BadValueError(
                    f"The range {shorten(text)!r} runs backwards.",
                    f"Write {shorten(f'{most.stated}..{least.stated}')}.",
                )
            return cls(least, most)
        cut = cls._cut(text, found["stated"], sign in (">", "<="))
        return cls(least=cut) if sign[0] == ">" else cls(most=cut)

    @staticmethod
    def _cut(text: str, stated: str, is_behind: bool) -> Cut:
        cut = Cut(stated.strip(), is_behind)
        if cut.number is None and cut.moment is None:
            raise BadValueError(
                f"The filter {shorten(text)!r} compares with {shorten(cut.stated)!r}, which is neither a number nor a"
                " date.",
                "Write > 1, <= 2000, 1990..2000 or >= 2001-05.",
            )
        return cut

    def places(self, values: OrderedValues) -> Iterator[tuple[int, int]]:
        """Yield from which place on and before which one values match, in each group that has any."""
        for group in (NUMBERS, *CALENDAR):
            behind = (*group[:-1], group[-1] + 1)
            low = self.least.place(values, group) if self.least else bisect_left(values, group, key=_value)
            high = self.most.place(values, group) if self.most else bisect_left(values, behind, key=_value)
            if low is not None and high is not None and low < high:
                yield low, high


EVERY_SIZE = Comparison()
"""All numbers and dates."""


def _value(key: Key) -> Key:
    """Return a sort key without what comes after the value."""
    return key[:4]


def _days(year: int, month: int, day: int) -> int:
    """Return the days of a year, of one of its months, or of a day."""
    if day:
        return 1
    return monthrange(year, month)[1] if month else 365 + isleap(year)
