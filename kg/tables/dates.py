"""Read the dates of a cell as people write them, in English, German, French, Spanish and Chinese.

What can be read in two ways is refused: a mapping may say which of two numbers is the day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal

from kg.errors import shorten
from kg.names import without_idle_words
from kg.rdf.vocabulary import XSD
from kg.reconciliation import reason
from kg.tables.mapping import DayOrder, UnfitCellError

_MONTHS = (
    ("january", "januar", "janner", "janvier", "enero"),
    ("february", "februar", "fevrier", "febrero"),
    ("march", "marz", "mars", "marzo"),
    ("april", "avril", "abril"),
    ("may", "mai", "mayo"),
    ("june", "juni", "juin", "junio"),
    ("july", "juli", "juillet", "julio"),
    ("august", "aout", "agosto"),
    ("september", "septembre", "septiembre", "setiembre"),
    ("october", "oktober", "octobre", "octubre"),
    ("november", "novembre", "noviembre"),
    ("december", "dezember", "decembre", "diciembre"),
)
"""The names of the months in plain form; what begins only one month, of three letters at least, is that month."""
_SHORTEST_MONTH = 3
_BEGIN = re.compile(r"(?:since|from|as of|seit|ab|von|depuis|d[eè]s|desde)\b[. ]*", re.IGNORECASE)
_END_WORDS = r"(?:\b(?:until|till|to|bis|jusqu['’]en|jusque|hasta)\b|[至到])"
_END = re.compile(rf"{_END_WORDS}[. ]*", re.IGNORECASE)
_AROUND = re.compile(r"(?:established|est|founded|signed|twinned|in|on|im|am|en|el|le|du)\b[. ]*", re.IGNORECASE)
_ABOUT = re.compile(
    r"^(?:(?:c|ca|approx)\b\.?|c(?=\d)|(?:circa|zirka|approximately|around|about|um|etwa|gegen|vers|environ|hacia)\b|大?约)\s*"
    r"(?=\S)|(?<=\d年)(?:左右|前后)$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(rf"\s*(?:[–—]|\s-\s|(?<=\d{{4}})-(?=\d{{4}}$|$)|(?<=[年月日])-|{_END_WORDS})\s*", re.IGNORECASE)
_REMARK = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）)$")
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?|(s|er(?: Jahre)?|年代))?")
_CHINESE = re.compile(r"[自从]{0,2}(\d{4})\s*年(?:\s*(\d{1,2})\s*月(?:\s*(\d{1,2})\s*[日号])?)?(?:以来|起)?")
_YEAR_FIRST = re.compile(r"(\d{4})([./])(\d{1,2})(?:\2(\d{1,2}))?")
_NUMBERS = re.compile(r"(?:(\d{1,2})([./-])\s?)?(\d{1,2})([./-])\s?(\d{4})")
_DAY = r"(\d{1,2})(?:st|nd|rd|th|er|º|ª|°)?"
_DAY_FIRST = re.compile(rf"(?:{_DAY}\.?[\s-]+(?:de\s+|of\s+)?)?([^\W\d_]+)\.?,?[\s-]+(?:del?\s+)?(\d{{4}})")
_MONTH_FIRST = re.compile(rf"([^\W\d_]+)\.?\s+{_DAY},?\s+(\d{{4}})")


@dataclass(frozen=True)
class PrintedDate:
    """A date as a literal in its printed precision, its first day and its last.

    A decade is a plain string, and so is an approximate date ("c. 1983"): its days may be any, date.min to date.max.
    """

    literal: Literal
    first: date
    last: date


@dataclass(frozen=True)
class PrintedPeriod:
    """What a cell says of when something was: its begin, its end, and whether the text says more than these."""

    begin: PrintedDate | None
    end: PrintedDate | None = None
    has_more: bool = False


def parse_date(text: str, order: DayOrder = "") -> PrintedDate:
    """Parse one date: 2015-03-01, 2015-03, 2015 and 1980s; 12 May 2006, mai 2006, 12.05.2006, 05/2006, 2006年5月.

    Also an approximate one: c. 1983, um 1983, vers 1983, 约1983年. Raises UnfitCellError.
    """
    if (about := _ABOUT.sub("", text.strip(), count=1)) != text.strip():
        parse_date(about, order)
        return PrintedDate(Literal(text.strip(), datatype=XSD.string), date.min, date.max)
    year, month, day, is_decade = _parts(text, order)
    if month and not 1 <= int(month) <= len(_MONTHS):
        hint = "Write year and month as 2015-03."
        raise UnfitCellError(reason("There is no month {month}: {date!r}.", hint, month=month, date=text))
    return _printed(
        text, int(year), int(month or 0), int(day or 0), is_decade, is_zero=day is not None and not int(day)
    )


def parse_period(text: str, order: DayOrder = "") -> PrintedPeriod:
    """Parse a date or two: “1985”, “since 1985”, “1985–1999”, “bis 1999”, “1990 (renewed 2004)”.

    What stands in brackets behind a date is not read: `has_more` says that it is there. Raises UnfitCellError.
    """
    has_more = (found := _REMARK.search(text)) is not None
    kept = text[: found.start()] if found else text
    if end := _END.match(kept):
        return PrintedPeriod(None, parse_date(kept[end.end() :], order), has_more)
    if begin := _BEGIN.match(kept):
        kept = kept[begin.end() :]
    parts = _BETWEEN.split(kept)
    if len(parts) == 1 or _ISO.fullmatch(kept):
        return PrintedPeriod(parse_date(kept, order), None, has_more)
    if len(parts) == 2:
        end_of = parse_date(parts[1], order) if parts[1] else None
        return PrintedPeriod(parse_date(parts[0], order), end_of, has_more)
    raise _no_date(text)


def _no_date(text: str) -> UnfitCellError:
    hint = "Write 2015, 2015-03, 2015-03-01, 1 March 2015, 1980s or c. 1983; put anything vaguer into the note."
    return UnfitCellError(reason("{date!r} is not a date.", hint, date=shorten(text)))


def _parts(text: str, order: DayOrder) -> tuple[str, str | None, str | None, bool]:
    """Return year, month, day, and whether it is a decade."""
    whole = text.strip()
    if around := _AROUND.match(whole):
        whole = whole[around.end() :]
    if (found := _ISO.fullmatch(whole)) is not None:
        return found[1], found[2], found[3], bool(found[4])
    if (found := _CHINESE.fullmatch(whole)) is not None:
        return found[1], found[2], found[3], False
    if (found := _YEAR_FIRST.fullmatch(whole)) is not None:
        return found[1], found[3], found[4], False
    if (found := _NUMBERS.fullmatch(whole)) is not None and found[2] in (None, found[4]):
        day, month = _day_and_month(whole, found[1], found[3], found[4], order)
        return found[5], month, day, False
    if (found := _DAY_FIRST.fullmatch(whole)) is not None and (month := _month(found[2])):
        return found[3], month, found[1], False
    if (found := _MONTH_FIRST.fullmatch(whole)) is not None and (month := _month(found[1])):
        return found[3], month, found[2], False
    raise _no_date(text)


def _day_and_month(text: str, one: str | None, other: str, between: str, order: DayOrder) -> tuple[str | None, str]:
    """Return the day and the month of two numbers: dots are written where the day comes first."""
    if one is None or between == "." or one == other or order == "day-first" or int(one) > len(_MONTHS):
        return one, other
    if order == "month-first" or int(other) > len(_MONTHS):
        return other, one
    hint = "Say in the mapping which comes first: dates: day-first, or dates: month-first."
    raise UnfitCellError(reason("{date!r} can be read in two ways: day or month first.", hint, date=text))


def _month(name: str) -> str:
    """Return the number of a month by its name or the beginning of it; empty for what is none, or is several."""
    plain = without_idle_words(name)
    found = [at for at, names in enumerate(_MONTHS, start=1) if any(one.startswith(plain) for one in names)]
    exact = [at for at, names in enumerate(_MONTHS, start=1) if plain in names]
    chosen = exact or (found if len(plain) >= _SHORTEST_MONTH else [])
    return str(chosen[0]) if len(chosen) == 1 else ""


def _printed(text: str, year: int, month: int, day: int, is_decade: bool, *, is_zero: bool) -> PrintedDate:
    last_month, last_year = month or 12, year + 9 if is_decade else year
    try:
        first = date(year, month or 1, day or 1)
        last = date(last_year, last_month, day or monthrange(last_year, last_month)[1])
        if is_zero:
            raise ValueError(text)
    except (ValueError, IndexError):
        hint = "Write year, month and day as 2015-03-01."
        raise UnfitCellError(reason("There is no day {date!r}.", hint, date=text)) from None
    if is_decade:
        return PrintedDate(Literal(f"{year}s", datatype=XSD.string), first, last)
    datatype = XSD.date if day else XSD.gYearMonth if month else XSD.gYear
    written = f"{year:04}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if day else "")
    return PrintedDate(Literal(written, datatype=datatype), first, last)
