"""Dates as a source prints them: a day, a month, a year or a decade, with the first and last day that each may mean."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode

from kg import namespaces as ns
from kg.errors import BadValueError

_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?|(s))?")


class BadDateError(BadValueError):
    """A text that is no date in one of the four forms."""


@dataclass(frozen=True)
class PrintedDate:
    """The literal in its printed precision (a decade is a plain string), and its bounds as xsd:date."""

    literal: Literal
    earliest: Literal
    latest: Literal


def printed_date(text: str) -> PrintedDate:
    """Return what a text means: 2015-03-01, 2015-03, 2015 or 1980s. Raises BadDateError."""
    found = _FORM.fullmatch(text)
    if not found:
        raise BadDateError(
            f"{text[:60]!r} is no date.", "Write 2015, 2015-03, 2015-03-01 or 1980s; put anything vaguer into the note."
        )
    year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    try:
        first = date(year, month or 1, day or 1)
        last_month = month or 12
        last_year = year + 9 if found[4] else year
        last = date(last_year, last_month, day or monthrange(last_year, last_month)[1])
    except (ValueError, IndexError):
        raise BadDateError(f"There is no day {text!r}.", "Write year, month and day as 2015-03-01.") from None
    kind = "string" if found[4] else "date" if day else "gYearMonth" if month else "gYear"
    return PrintedDate(_literal(text, kind), _literal(first.isoformat(), "date"), _literal(last.isoformat(), "date"))


def _literal(text: str, kind: str) -> Literal:
    return Literal(text, datatype=NamedNode(ns.PREFIXES["xsd"] + kind))
