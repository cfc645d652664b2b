"""Dates as a source prints them: a day, a month, a year or a decade, with the first and last day that each may mean."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal

from kg.errors import BadValueError, short
from kg.messages import bilingual
from kg.rdf.vocabulary import XSD

_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?|(s))?")


class BadDateError(BadValueError):
    """A text that is not a date in one of the four forms."""

    def __init__(self, words: tuple[str, str], hint: str) -> None:
        """`words` say what is wrong in English and in Chinese."""
        super().__init__(words[0], hint)
        self.words = words


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
            bilingual("{date!r} is not a date.", date=short(text)),
            "Write 2015, 2015-03, 2015-03-01 or 1980s; put anything vaguer into the note.",
        )
    if found[2] and not 1 <= int(found[2]) <= 12:
        words = bilingual("There is no month {month}: {date!r}.", month=found[2], date=text)
        raise BadDateError(words, "Write year and month as 2015-03.")
    year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    try:
        first = date(year, month or 1, day or 1)
        last_month = month or 12
        last_year = year + 9 if found[4] else year
        last = date(last_year, last_month, day or monthrange(last_year, last_month)[1])
        if found[3] == "00":
            raise ValueError(text)
    except (ValueError, IndexError):
        raise BadDateError(
            bilingual("There is no day {date!r}.", date=text), "Write year, month and day as 2015-03-01."
        ) from None
    datatype = XSD.string if found[4] else XSD.date if day else XSD.gYearMonth if month else XSD.gYear
    earliest, latest = (Literal(day.isoformat(), datatype=XSD.date) for day in (first, last))
    return PrintedDate(Literal(text, datatype=datatype), earliest, latest)
