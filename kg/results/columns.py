"""What all values of a column have in common: things or literals, a datatype, a language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from kg.rdf.literals import INTEGERS
from kg.rdf.vocabulary import XSD

_ZONE = r"(?:Z|[+-]\d{2}:\d{2})?"
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_REAL = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[Ee][+-]?\d+)?|NaN|-?INF", re.ASCII)
_WRITTEN = {
    **{datatype.value: _INTEGER for datatype in INTEGERS},
    XSD.decimal.value: re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII),
    XSD.double.value: _REAL,
    XSD.float.value: _REAL,
    XSD.boolean.value: re.compile("true|false|0|1"),
    XSD.gYear.value: re.compile(rf"\d{{4}}{_ZONE}", re.ASCII),
    XSD.gYearMonth.value: re.compile(rf"\d{{4}}-(?:0[1-9]|1[0-2]){_ZONE}", re.ASCII),
    XSD.date.value: re.compile(rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}}){_ZONE}", re.ASCII),
    XSD.dateTime.value: re.compile(
        rf"(?P<moment>\d{{4}}-\d{{2}}-\d{{2}}T\d{{2}}:\d{{2}}:\d{{2}})(?:\.\d+)?{_ZONE}", re.ASCII
    ),
}
"""How values of datatypes are written that any reader of tables takes: of XSD without rare forms, such as `.5`."""


@dataclass(frozen=True)
class ColumnType:
    """A column of a table, and what all its values are: `kind` is THING, LITERAL or TEXT, empty where they differ.

    `mark` is the datatype of LITERAL, and the language of TEXT. A value may be a list of such, with `separator` between
    them. `meaning` is that of a column which the query does not have itself.
    """

    THING: ClassVar = "thing"
    LITERAL: ClassVar = "literal"
    TEXT: ClassVar = "text"

    name: str
    kind: str = ""
    mark: str = ""
    separator: str = ""
    meaning: str = ""

    @classmethod
    def of(cls, name: str, kinds: Iterable[tuple[str, str | None]], texts: Iterable[str]) -> ColumnType:
        """Return the type of a column of which there are these kinds and marks (kg.results.terms), and these texts.

        A literal that is not written as its datatype asks has none here, and then its column has none either.
        """
        found = set(kinds)
        if len(found) != 1:
            return cls(name)
        kind, mark = found.pop()
        if kind == "iri":
            return cls(name, cls.THING)
        if kind == "language":
            return cls(name, cls.TEXT, mark or "")
        if kind != "literal":
            return cls(name)
        datatype = mark or XSD.string.value
        return cls(name, cls.LITERAL, datatype) if all(_is_written_as(datatype, text) for text in texts) else cls(name)


def _is_written_as(datatype: str, text: str) -> bool:
    form = _WRITTEN.get(datatype)
    if form is None:
        return True
    found = form.fullmatch(text)
    if found is None:
        return False
    try:
        for name, read in (("date", date.fromisoformat), ("moment", datetime.fromisoformat)):
            if stated := found.groupdict().get(name):
                read(stated)
    except ValueError:
        return False
    return True
