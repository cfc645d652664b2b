"""What the cells of a row say, in the terms of the graph: text, dates, concepts, positions, identifiers, countries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from pyoxigraph import Literal, NamedNode, Store

from kg.errors import short
from kg.names import idle_words_left_out
from kg.nearest import nearest
from kg.rdf import namespaces as ns
from kg.rdf.lexers import BAD_IN_TEXT
from kg.rdf.lookup import match
from kg.rdf.points import Point
from kg.rdf.vocabulary import SKOS
from kg.reconciliation import Reason, reason
from kg.submissions.tables import BadDateError, PrintedDate, printed_date
from kg.tables.mapping import CellOf
from kg.tables.table import Row

LONGEST_TEXT = 5_000
"""Characters of a cell that is used."""

_PRECISION = {
    "year": re.compile(r"\d{4}"),
    "month": re.compile(r"\d{4}-\d{2}"),
    "day": re.compile(r"\d{4}-\d{2}-\d{2}"),
}


class UnfitCellError(Exception):
    """A cell does not say what it should."""

    def __init__(self, why: Reason) -> None:
        super().__init__(why.message)
        self.why = why


class Cells:
    """Reads cells of the rows of one table, by the columns that a mapping names."""

    def __init__(self, columns: Sequence[str], store: Store) -> None:
        self._at = {name: at for at, name in enumerate(columns)}
        self._store = store
        self._schemes: dict[str, Mapping[str, set[str]]] = {}

    def text(self, cell: CellOf | None, row: Row) -> str:
        """Return what a cell says, empty if it says nothing. Raises UnfitCellError for what no text is."""
        if cell is None:
            return ""
        printed = row.cells[self._at[cell.column]] if cell.column else cell.constant
        if len(printed) > LONGEST_TEXT:
            hint = "Shorten it; say in your own words what it says."
            raise UnfitCellError(reason("A cell has more than {most:,} characters.", hint, most=LONGEST_TEXT))
        if not printed.isprintable() and (found := BAD_IN_TEXT.search(printed)):
            code = f"U+{ord(found[0]):04X}"
            raise UnfitCellError(
                reason(
                    "The text holds {code}, a control, private or direction-changing character.",
                    "Take it out, or write the text anew.",
                    code=code,
                )
            )
        return cell.values.get(printed, printed)

    def date(self, cell: CellOf | None, row: Row) -> PrintedDate | None:
        """Return the date in a cell. Raises UnfitCellError."""
        text = self.text(cell, row)
        if not text:
            return None
        if cell is not None and cell.precision and (found := _PRECISION[cell.precision].match(text)):
            text = found[0]
        try:
            return printed_date(text)
        except BadDateError as error:
            raise UnfitCellError(Reason("{date!r} is not a date.", *error.words, error.hint)) from None

    def concepts(self, cell: CellOf | None, row: Row, scheme: str) -> list[NamedNode]:
        """Return the concepts of a scheme that a cell names, divided by semicolons. Raises UnfitCellError."""
        names = [name.strip() for name in self.text(cell, row).split(";")]
        return [self._concept(name, scheme) for name in names if name]

    def _concept(self, name: str, scheme: str) -> NamedNode:
        known = self._named_in(scheme)
        local = ns.VOCABULARY + scheme + "/" + name.rpartition(":")[2].rpartition("/")[2]
        found = (
            {local} if any(local in iris for iris in known.values()) else known.get(idle_words_left_out(name), set())
        )
        if len(found) != 1:
            available = sorted({iri.rpartition("/")[2] for iris in known.values() for iri in iris})
            near = nearest(name.lower(), available)
            hint = (f"Did you mean {near!r}? " if near else "") + f"Available: {', '.join(available)}. "
            hint += "Or say in the mapping what the words of the table are: values."
            raise UnfitCellError(reason("{name!r} is none of {scheme}.", hint, name=short(name), scheme=scheme))
        return NamedNode(next(iter(found)))

    def _named_in(self, scheme: str) -> Mapping[str, set[str]]:
        """Return the concepts of a scheme by their names in plain form, labels of all languages among them."""
        if scheme not in self._schemes:
            found: dict[str, set[str]] = defaultdict(set)
            for quad in match(self._store, None, SKOS.inScheme, NamedNode(ns.VOCABULARY + scheme)):
                if isinstance(quad.subject, NamedNode):
                    found[idle_words_left_out(quad.subject.value.rpartition("/")[2])].add(quad.subject.value)
                    for label in match(self._store, quad.subject, SKOS.prefLabel):
                        if isinstance(label.object, Literal):
                            found[idle_words_left_out(label.object.value)].add(quad.subject.value)
            self._schemes[scheme] = found
        return self._schemes[scheme]

    def point(self, latitude: CellOf | None, longitude: CellOf | None, row: Row) -> Point | None:
        """Return where a place lies, None if neither cell is filled. Raises UnfitCellError."""
        north, east = self.text(latitude, row), self.text(longitude, row)
        if not north and not east:
            return None
        try:
            return Point.read(north, east)
        except ValueError:
            hint = "Write decimal degrees, latitude from -90 to 90 and longitude from -180 to 180; or leave both empty."
            raise UnfitCellError(
                reason("{position} is not a position.", hint, position=short(f"{north}, {east}"))
            ) from None
