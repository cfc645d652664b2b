"""Read the cells of a row as terms of the graph: text, dates, concepts, positions, and the values of an account."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pyoxigraph import Literal, NamedNode, Store

from kg.errors import shorten
from kg.names import without_idle_words
from kg.nearest import suggest
from kg.rdf import namespaces as ns
from kg.rdf.lexers import BAD_IN_TEXT
from kg.rdf.lookup import literals_of, nodes_with
from kg.rdf.points import Point
from kg.rdf.sources import is_address, note_literal
from kg.rdf.vocabulary import CD, SKOS
from kg.reconciliation import Reason, reason
from kg.tables.dates import parse_date, parse_period
from kg.tables.mapping import CellMapping, DayOrder, UnfitCellError
from kg.tables.table import Row
from kg.tables.templates import DATES, PropertyValue, RelationTemplate

LONGEST_TEXT = 5_000
"""Most characters of a cell that an import reads."""

_PRECISION = {
    "year": re.compile(r"\d{4}"),
    "month": re.compile(r"\d{4}-\d{2}"),
    "day": re.compile(r"\d{4}-\d{2}-\d{2}"),
}


_TWINNING = "twinning"


class CellReader:
    """Reads the cells of one table, by the columns that a mapping or a template names."""

    def __init__(self, columns: Sequence[str], store: Store, longest: int = LONGEST_TEXT, dates: DayOrder = "") -> None:
        """Use the columns of the table, the store with the concepts, a limit of characters, and the order of dates."""
        self._at = {name: at for at, name in enumerate(columns)}
        self._store = store
        self._longest = longest
        self._dates = dates
        self._schemes: dict[str, Mapping[str, set[str]]] = {}

    def text(self, cell: CellMapping | None, row: Row) -> str:
        """Return the text of a cell, empty without one.

        Raises UnfitCellError if it is too long, or has bad characters.
        """
        if cell is None:
            return ""
        printed = row.cells[self._at[cell.column]] if cell.column else cell.constant
        if len(printed) > self._longest:
            hint = "Shorten it; say in your own words what it says."
            raise UnfitCellError(reason("A cell has more than {most:,} characters.", hint, most=self._longest))
        if not printed.isprintable() and (found := BAD_IN_TEXT.search(printed)):
            why = reason(
                "The text holds {code}, a control, private or direction-changing character.",
                "Take it out, or write the text anew.",
                code=f"U+{ord(found[0]):04X}",
            )
            raise UnfitCellError(why)
        return cell.values.get(printed, printed)

    def account_values(
        self, template: RelationTemplate, given: Mapping[str, CellMapping], row: Row
    ) -> tuple[list[tuple[str, PropertyValue]], list[tuple[str, Reason]]]:
        """Return the values of the account in a row, and the reasons why cells do not fit, each with its field.

        `given` has the cells by field: the dates, the columns of concepts of the template, and the note.
        """
        said: list[tuple[str, PropertyValue]] = []
        unfit: list[tuple[str, Reason]] = []
        for field in (*DATES, *template.choices, "note"):
            if (cell := given.get(field)) is not None:
                try:
                    said += [(field, one) for one in self._field_values(field, template, cell, row)]
                except UnfitCellError as error:
                    unfit.append((field, error.why))
        values = {predicate: value.value for _, (predicate, value) in said}
        if len({value for _, (predicate, value) in said if predicate == CD.end}) > 1:
            unfit.append(("until", reason("Two columns say when it ended, and differ.", "Mend one of them.")))
        begin, end = values.get(CD.begin), values.get(CD.end)
        if begin and end and parse_date(begin).first > parse_date(end).last:
            unfit.append(("until", reason("It ends before it begins.", "Exchange since and until, or mend one.")))
        return said, unfit

    def _field_values(
        self, field: str, template: RelationTemplate, cell: CellMapping, row: Row
    ) -> Iterator[PropertyValue]:
        text = self.text(cell, row)
        if field in template.choices:
            yield from ((NamedNode(ns.CD + field), one) for one in self._concepts(field, template, cell, text))
        elif text and field in DATES:
            found = _PRECISION[cell.precision].match(text) if cell.precision else None
            yield from self._dates_of(field, found[0] if found else text)
        elif text:
            yield CD.note, note_literal(text)

    def _dates_of(self, field: str, text: str) -> Iterator[PropertyValue]:
        """Yield begin and end that a cell gives, and a note with its text where it says more than these."""
        period = parse_period(text, self._dates)
        dates = {CD.begin: period.begin, CD.end: period.end}
        if field == "until" and period.end is None:
            dates = {CD.end: period.begin}
        yield from ((predicate, one.literal) for predicate, one in dates.items() if one is not None)
        if period.has_more:
            yield CD.note, Literal(f"{field.capitalize()}, as printed: {text}", language="en")

    def _concepts(self, field: str, template: RelationTemplate, cell: CellMapping, text: str) -> list[NamedNode]:
        """Return the concepts that a text names, separated by semicolons."""
        scheme = template.choices[field]
        names = [name for part in text.split(";") if (name := part.strip())]
        if not names and field in template.required:
            hint = f"Fill the cell{f' in column {cell.column!r}' if cell.column else ''}"
            hint += ", or give a constant in the mapping. " if cell.line else ". "
            raise UnfitCellError(reason("A {column} is needed.", hint + self._available(scheme), column=field))
        return [self.concept(name, scheme, cell) for name in names]

    def concept(self, name: str, scheme: str, cell: CellMapping) -> NamedNode:
        """Return the concept of a scheme that a text names. Raises UnfitCellError if it names none."""
        known = self._concepts_by_name(scheme)
        local = name.rpartition(":")[2].rpartition("/")[2].lower().replace(" ", "-")
        iri = f"{ns.VOCABULARY}{scheme}/{local}"
        found = {iri} if any(iri in iris for iris in known.values()) else known.get(without_idle_words(name), set())
        if len(found) != 1:
            hint = suggest(local, self._locals(scheme), self._available(scheme))
            hint += " Or say in the mapping what the words of the table are: values." if cell.line else ""
            raise UnfitCellError(
                reason("{name!r} is not a concept of {scheme}.", hint, name=shorten(name), scheme=scheme)
            )
        return NamedNode(next(iter(found)))

    def tie_kind(self, cell: CellMapping | None, row: Row) -> NamedNode | None:
        """Return the kind of tie that a cell names, None for an empty one.

        It is a twinning, or a kind of activity that two parties have together. Raises UnfitCellError.
        """
        if not (text := self.text(cell, row)):
            return None
        named = without_idle_words(text)
        twinning = self._concepts_by_name("tie-kind")[_TWINNING]
        found = self._concepts_by_name("tie-kind").get(named, set()) & twinning
        found = found or self._concepts_by_name("activity-kind").get(named, set())
        if len(found) != 1:
            hint = f"Available: {_TWINNING}, {', '.join(self._locals('activity-kind'))}. "
            hint += "Or say in the mapping what the words of the table are: values."
            raise UnfitCellError(reason("{name!r} is not a kind of tie that is known here.", hint, name=shorten(text)))
        return NamedNode(next(iter(found)))

    def _available(self, scheme: str) -> str:
        return f"Available: {', '.join(self._locals(scheme))}."

    def _locals(self, scheme: str) -> list[str]:
        return sorted({iri.rpartition("/")[2] for iris in self._concepts_by_name(scheme).values() for iri in iris})

    def _concepts_by_name(self, scheme: str) -> Mapping[str, set[str]]:
        """Return the concepts of a scheme by their names and their labels in all languages, in plain form."""
        if scheme not in self._schemes:
            found: dict[str, set[str]] = defaultdict(set)
            for concept in nodes_with(self._store, SKOS.inScheme, NamedNode(ns.VOCABULARY + scheme), None):
                found[without_idle_words(concept.value.rpartition("/")[2])].add(concept.value)
                for predicate in (SKOS.prefLabel, SKOS.altLabel):
                    for label in literals_of(self._store, concept, predicate, None):
                        found[without_idle_words(label.value)].add(concept.value)
            self._schemes[scheme] = found
        return self._schemes[scheme]

    def point(self, latitude: CellMapping | None, longitude: CellMapping | None, row: Row) -> Point | None:
        """Return the position of a place, None if neither cell is filled.

        Raises UnfitCellError.
        """
        north, east = self.text(latitude, row), self.text(longitude, row)
        if not north and not east:
            return None
        try:
            return Point.parse(north, east)
        except ValueError:
            hint = "Write decimal degrees, latitude from -90 to 90 and longitude from -180 to 180; or leave both empty."
            given = shorten(", ".join(filter(None, (north, east))))
            raise UnfitCellError(reason("{position} is not a position.", hint, position=given)) from None


def parse_address(text: str) -> NamedNode:
    """Return an address of the web as a node. Raises UnfitCellError if a text is not one."""
    if not is_address(text):
        raise UnfitCellError(reason("{text!r} is not an address.", "Such as https://example.org/.", text=shorten(text)))
    return NamedNode(text)
