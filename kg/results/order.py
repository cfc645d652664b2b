"""The order of SPARQL's ORDER BY, as keys that Python sorts: the engine can order two terms, but not any number.

Where a column mixes numbers with texts, comparing by value and by text contradict each other, and the engine's sort
ends its process. Here numbers come before dates and these before all other literals; within each of these the order is
the engine's: by value, and what has none by text, datatype and language.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from kg.rdf import namespaces as ns
from kg.rdf.literals import INTEGERS
from kg.rdf.lookup import Term

Key = tuple[Any, ...]

_XSD = ns.PREFIXES["xsd"]
_BLANK, _IRI, _LITERAL, _TRIPLE = range(4)
_NUMBER, _TIME, _OTHER = range(3)

_INTEGER = re.compile(r"[+-]?\d{1,19}")
_DECIMAL = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{0,18})?|\.\d{1,18})")
_DOUBLE = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|INF)|NaN")
_MOST_INTEGER, _MOST_DECIMAL = 2**63 - 1, Decimal(2**127 - 1).scaleb(-18)
_ZONE = r"(?P<zone>Z|[+-]\d\d:\d\d)?"
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d(?:\.\d+)?)"
_DATE = r"(?P<year>-?\d{4,9})-(?P<month>\d\d)-(?P<day>\d\d)"
_TIMES = {
    "dateTime": f"{_DATE}T{_CLOCK}",
    "date": _DATE,
    "time": _CLOCK,
    "gYearMonth": r"(?P<year>-?\d{4,9})-(?P<month>\d\d)",
    "gYear": r"(?P<year>-?\d{4,9})",
    "gMonthDay": r"--(?P<month>\d\d)-(?P<day>\d\d)",
    "gMonth": r"--(?P<month>\d\d)",
    "gDay": r"---(?P<day>\d\d)",
}
_DURATION = re.compile(
    r"(?P<minus>-)?P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
LITERALS: Key = (_LITERAL,)
"""How the keys of literals begin; numbers come first, then dates."""
NUMBERS: Key = (_LITERAL, _NUMBER, 0)
"""How the keys of numbers begin; their value follows."""
CALENDAR: Sequence[Key] = [
    (_LITERAL, _TIME, list(_TIMES).index(name)) for name in ("dateTime", "date", "gYearMonth", "gYear")
]
"""How the keys of dates begin, by type; the second follows at which they begin."""
_MEAN_MONTH = 2_629_746
"""Seconds of a month of the calendar in the mean: which of two durations is longer, where that is sure, it tells."""
DAY = 86_400
"""Seconds of a day."""


def order_key(term: Term) -> Key:
    """Return the key by which a term sorts: blank nodes, IRIs, literals, triples; what is unbound comes before."""
    if isinstance(term, NamedNode):
        return (_IRI, term.value)
    if isinstance(term, BlankNode):
        return (_BLANK, term.value)
    if not isinstance(term, Literal):
        return (_TRIPLE, *map(order_key, (term.subject, term.predicate, term.object)))
    datatype = term.datatype.value
    by_value = _BY_VALUE.get(datatype)
    value = by_value(term.value) if by_value else None
    text = (_canonical(term.value, datatype), datatype, term.language or "")
    return (_LITERAL, _OTHER, *text) if value is None else (_LITERAL, *value, *text)


def name_key(names: Mapping[str, str], term: Term) -> Key:
    """Return the key by which a term sorts as people read it: a thing by its name, in any case."""
    if not isinstance(term, NamedNode):
        return order_key(term)
    return (_IRI, names.get(term.value, term.value).casefold(), term.value)


def _canonical(text: str, datatype: str) -> str:
    """Return the text by which a literal without a value in order is compared: that of a boolean is true or false."""
    return {"1": "true", "0": "false"}.get(text, text) if datatype == f"{_XSD}boolean" else text


def _integer(text: str) -> Key | None:
    if not _INTEGER.fullmatch(text) or not -_MOST_INTEGER <= (value := int(text)) <= _MOST_INTEGER:
        return None
    return (_NUMBER, 0, value)


def _decimal(text: str) -> Key | None:
    return (_NUMBER, 0, value) if _DECIMAL.fullmatch(text) and abs(value := Decimal(text)) <= _MOST_DECIMAL else None


def _double(text: str) -> Key | None:
    return _of_float(float(text)) if _DOUBLE.fullmatch(text) else None


def _single(text: str) -> Key | None:
    """Return the key of an xsd:float, whose value has 32 bits."""
    if not _DOUBLE.fullmatch(text):
        return None
    try:
        return _of_float(struct.unpack("f", struct.pack("f", float(text)))[0])
    except OverflowError:
        return _of_float(float("-inf" if text.startswith("-") else "inf"))


def _of_float(value: float) -> Key:
    """Return the key of a number; what is none (NaN) comes last."""
    return (_NUMBER, 1, 0) if value != value else (_NUMBER, 0, value)  # noqa: PLR0124 – only NaN differs from itself


def _time_parser(kind: int, pattern: str) -> Callable[[str], Key | None]:
    """Return the parser of the times of one type, which compare with those of the same type alone."""
    compiled = re.compile(pattern + _ZONE)

    def parse(text: str) -> Key | None:
        match = compiled.fullmatch(text)
        if match is None:
            return None
        parts = match.groupdict()
        days = _days(int(parts.get("year") or 1972), int(parts.get("month") or 1), int(parts.get("day") or 1))
        minutes = int(parts.get("hour") or 0) * 60 + int(parts.get("minute") or 0) - _offset(parts["zone"])
        return (_TIME, kind, days * DAY + minutes * 60 + Decimal(parts.get("second") or 0))

    return parse


def _days(year: int, month: int, day: int) -> int:
    """Return a day of the Gregorian calendar as a number, for any year; those before the year 0 are negative."""
    year, month = (year - 1, month + 9) if month <= 2 else (year, month - 3)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1


def _offset(zone: str | None) -> int:
    """Return the minutes by which a time zone is ahead of UTC; a time without one counts as UTC."""
    if zone is None or zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:])
    return -minutes if zone[0] == "-" else minutes


def _duration(text: str) -> Key | None:
    match = _DURATION.fullmatch(text)
    if match is None or text[-1] in "PT":
        return None
    part = {name: Decimal(value or 0) for name, value in match.groupdict().items() if name != "minus"}
    months = part["years"] * 12 + part["months"]
    seconds = part["days"] * DAY + part["hours"] * 3600 + part["minutes"] * 60 + part["seconds"]
    value = months * _MEAN_MONTH + seconds
    return (_TIME, len(_TIMES), -value if match["minus"] else value)


_BY_VALUE: Mapping[str, Callable[[str], Key | None]] = dict.fromkeys((one.value for one in INTEGERS), _integer) | {
    _XSD + name: parse
    for name, parse in {
        "decimal": _decimal,
        "double": _double,
        "float": _single,
        **{name: _time_parser(kind, pattern) for kind, (name, pattern) in enumerate(_TIMES.items())},
        **dict.fromkeys(("duration", "yearMonthDuration", "dayTimeDuration"), _duration),
    }.items()
}
