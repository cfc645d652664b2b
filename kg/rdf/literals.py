"""Numbers and dates by datatype, and as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

from pyoxigraph import Literal

from kg.rdf.vocabulary import XSD

INTEGERS = frozenset(
    {
        *(XSD.integer, XSD.long, XSD.int, XSD.short, XSD.byte),
        *(XSD.nonNegativeInteger, XSD.positiveInteger, XSD.nonPositiveInteger, XSD.negativeInteger),
        *(XSD.unsignedLong, XSD.unsignedInt, XSD.unsignedShort, XSD.unsignedByte),
    }
)
NUMBERS = INTEGERS | {XSD.decimal, XSD.double, XSD.float}

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,99})", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,99})?(?:[Ee][+-]?[0-9]{1,2})?", re.ASCII)
_DATE = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12][0-9]|3[01]))?"
    r"(?:T(?P<time>[0-9]{2}:[0-9]{2})(?P<seconds>:[0-9]{2})(?P<fraction>\.[0-9]+)?)?(?P<zone>Z?)",
    re.ASCII,
)
_WITH_MONTHS = {XSD.date, XSD.gYearMonth, XSD.dateTime}
_BILLION = 1_000_000_000
_PLACES = 4  # digits behind the point; of a number below 1, those that count
_SMALLEST, _LARGEST = Decimal("1e-9"), Decimal("1e15")  # in between, numbers are written without an exponent


def as_written(literal: Literal, unit: str = "") -> str:
    """Return a number or date as people write it: 2,431; 0.6667; 2.8 billion; 20 %; 29 November 2026.

    `unit` is the name of the unit of a number. All else is returned as it is; so is what is not in its plain form, such
    as 007, or has no other form: a date with an offset, a number with many zeros. Of a fraction four digits are left.
    """
    if literal.datatype in NUMBERS:
        return _number(literal, unit)
    if literal.datatype in _WITH_MONTHS:
        return _date(literal.value)
    return literal.value


def _number(literal: Literal, unit: str) -> str:
    if unit == "fraction" and _DECIMAL.fullmatch(literal.value):
        return f"{float(literal.value):.0%}".replace("%", " %")
    is_whole = literal.datatype in INTEGERS
    written = _integer(literal.value) if is_whole else _decimal(literal.value)
    return f"{written} %" if unit == "percent" else written


def _integer(text: str) -> str:
    if not _INTEGER.fullmatch(text):
        return text
    number = int(text)
    if abs(number) >= _BILLION and number % (_BILLION // 100) == 0:
        return f"{number / _BILLION:,.2f}".rstrip("0").rstrip(".") + " billion"
    return f"{number:,}"


def _decimal(text: str) -> str:
    if not _DECIMAL.fullmatch(text):
        return text
    number = Decimal(text)
    if number and not _SMALLEST <= abs(number) < _LARGEST:
        return text
    places = _PLACES - 1 - number.adjusted() if 0 < abs(number) < 1 else _PLACES
    written = f"{number:,f}"
    if len(written.partition(".")[2]) > places:
        written = f"{number:,.{places}f}"
    whole, _, fraction = written.partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def _date(text: str) -> str:
    found = _DATE.fullmatch(text)
    if found is None:
        return text
    day = f"{int(found['day'])} " if found["day"] else ""
    seconds = found["seconds"] + (found["fraction"] or "") if found["time"] and found["seconds"] != ":00" else ""
    time = f", {found['time']}{seconds}" if found["time"] else ""
    return f"{day}{_MONTHS[int(found['month']) - 1]} {found['year']}{time}{' UTC' if found['zone'] else ''}"
