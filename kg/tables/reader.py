"""Read a table by its template: each row is a relation and what one source says of it, or a place, or a country.

A row of a relation gives the relation (type, label, parties) and the account of its source (contract: How a source's
words are held), and may declare the source. It states all of that, be it in the graph or not: what the graph makes of
it is for the gate to say (docs/decisions/tables.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pyoxigraph import NamedNode, Store, Triple

from kg.errors import shorten
from kg.findings import MOST_FINDINGS, Finding, RefusedSubmissionError
from kg.names import Identifier
from kg.names.states import country_statements, find_country
from kg.nearest import nearest
from kg.rdf import namespaces as ns
from kg.rdf.labels import english_label
from kg.rdf.lookup import match
from kg.rdf.positions import Position
from kg.rdf.said import has_chinese, source_declaration
from kg.rdf.vocabulary import SKOS
from kg.reconciliation import Reason, finding, reason
from kg.tables.cells import CellReader, UnfitCellError
from kg.tables.lexing import CsvCell, records
from kg.tables.mapping import CellMapping
from kg.tables.names import NamesInCells
from kg.tables.table import Row
from kg.tables.templates import (
    COUNTRY,
    SOURCE_COLUMNS,
    TEMPLATES,
    FieldStatement,
    RelationTemplate,
    TableTemplate,
    account_name,
)
from kg.tables.things import NewThing, parse_identifier

_LONGEST_CELL = 100_000
_SMALL_WORDS = {"and", "in", "of", "on", "the", "upon"}
_SOURCES = ("source", "publication")
_PLACES = ("city", "district", "region", "nation")
"""What the table of places may add, first that of a bare name."""
_LANDS = ("country", "nation", "region", "city", "district")
_NAMES = {"name": "en", "name_zh": "zh-Hans"}
_AUTHORITIES = ("wikidata", "geonames")
_COLUMNS = {"thing": "place", "point": "latitude"} | {language: column for column, language in _NAMES.items()}
"""Where what is stated of a place stands in its row, if not in the column of that name."""


def read_template(text: str, store: Store) -> Iterator[tuple[Triple, Position]]:
    """Yield what a table states, each with the place of the cell that says so; the same may come several times.

    The store knows what parties are called, and relations that have a label already. Raises RefusedSubmissionError, at
    the end, with the cells that are not understood.
    """
    found = records(text)
    if (header := next(found, None)) is None:
        return
    reader = _TemplateReader(header, store)
    for record in found:
        if len(reader.findings) >= MOST_FINDINGS or reader.template is None:
            break
        yield from reader.statements(record, reader.template)
    if reader.findings:
        raise RefusedSubmissionError(reader.findings[:MOST_FINDINGS])


class _TemplateReader:
    """Reads the rows under a header, and keeps what is wrong with them."""

    def __init__(self, header: Sequence[CsvCell], store: Store) -> None:
        self.findings: list[Finding] = []
        columns = [CsvCell(re.sub(r"[\s-]+", "_", cell.text.lower()), cell.line, cell.column) for cell in header]
        self.template = self._template(columns)
        """That of the header, None if it does not fit any."""
        self._columns = {cell.text: CellMapping(cell.text) for cell in columns}
        self._at = {name: at for at, name in enumerate(self._columns)}
        self._cells = CellReader([*self._columns], store, _LONGEST_CELL)
        self._record: Sequence[CsvCell] = ()
        self._row = Row(0, 0, ())
        self._store = store
        self._names = NamesInCells(store)
        self._accounts: dict[str, int] = {}

    def _template(self, header: Sequence[CsvCell]) -> TableTemplate | None:
        """Return the template that a header is of, if it fits that."""
        names = {cell.text for cell in header}
        best = max(
            TEMPLATES, key=lambda template: (len(names & {*template.required}), len(names & {*template.columns}))
        )
        if not names & set(best.required) - {"source"}:
            lines = " or ".join(",".join(template.columns) for template in TEMPLATES)
            hint = (
                "Separate the cells by commas; an import also takes semicolons and tabs."
                if len(header) == 1
                else f"Begin with one of the headers: {lines}"
            )
            self._report(header[0], reason("The header is that of no template.", hint))
            return None
        seen = set()
        for cell in header:
            if cell.text in seen:
                self._report(cell, reason("The column {name!r} is there twice.", "Leave out one.", name=cell.text))
            elif cell.text not in best.columns:
                near = nearest(cell.text, best.columns)
                hint = f"Did you mean {near!r}?" if near else ""
                self._report(cell, reason("There is no column {name!r}.", hint, name=cell.text))
            seen.add(cell.text)
        hint = f"The columns are {', '.join(best.columns)}."
        for name in best.required:
            if name not in seen:
                self._report(header[0], reason("The column {name!r} is missing.", hint, name=name))
        return None if self.findings else best

    def statements(self, record: Sequence[CsvCell], template: TableTemplate) -> Iterator[tuple[Triple, Position]]:
        """Yield what a row states; nothing if a cell of it is not understood."""
        if len(record) != len(self._at):
            of_row, of_header, hint = len(record), len(self._at), "Quote a cell that holds a comma."
            why = reason("The row has {row} cells, and the header {header}.", hint, row=of_row, header=of_header)
            self._report(record[-1], why)
            return
        before = len(self.findings)
        self._record, self._row = record, Row(0, record[0].line, tuple(cell.text for cell in record))
        if isinstance(template, RelationTemplate):
            found = [*self._relation(template)]
        else:
            found = [*(self._country("country") if template is COUNTRY else self._place())]
        if len(self.findings) == before:
            yield from ((triple, self._cell(column)[1:]) for column, triple in found)

    def _country(self, column: str) -> Iterator[FieldStatement]:
        text = self._cell(column).text
        if (land := find_country(text)) is not None:
            yield from ((column, triple) for triple in country_statements(land))
            return
        hint = "Give the code of ISO 3166-1, such as DE, or a name of it in any language."
        self._refuse(column, reason("{name!r} is not a country that is known here.", hint, name=shorten(text)))

    def _place(self) -> Iterator[FieldStatement]:
        thing, source = self._thing("place", _PLACES), self._thing("source", _SOURCES)
        land = find_country(self._cell("within").text)
        within = NamedNode(land.iri) if land is not None else self._thing("within", _LANDS)
        declared = [*self._source_statements(source)]
        if not self._text("name"):
            self._refuse("name", reason("The cell is empty.", "Give the name in English."))
        identifiers = [one for name in _AUTHORITIES if (one := self._identifier(name)) is not None]
        point = None
        try:
            point = self._cells.point(self._columns.get("latitude"), self._columns.get("longitude"), self._row)
        except UnfitCellError as error:
            self._refuse("latitude", error.why)
        if thing is None or source is None or within is None:
            return
        if land is not None and not any(match(self._store, within)):
            yield from self._country("within")
        names = {language: text for column, language in _NAMES.items() if (text := self._text(column))}
        kind = ns.kind_of(thing.value)
        new = NewThing(thing.value, self._row, kind, names, tuple(identifiers), within.value, point)
        yield from ((_COLUMNS.get(field, field), triple) for field, triple in new.statements(source))
        yield from declared

    def _identifier(self, authority: str) -> Identifier | None:
        if text := self._text(authority):
            try:
                return parse_identifier(authority, text)
            except UnfitCellError as error:
                self._refuse(authority, error.why)
        return None

    def _relation(self, template: RelationTemplate) -> Iterator[FieldStatement]:
        one, other = (self._thing(party.column, party.types) for party in template.parties)
        source = self._thing("source", _SOURCES)
        said, unfit = self._cells.account_values(template, self._columns, self._row)
        for column, why in unfit:
            self._refuse(column, why)
        declared = [*self._source_statements(source)]
        if source is None or one is None or other is None:
            return
        if one == other:
            why = reason("Both parties are the same.", "Name two different parties.")
            self._refuse(template.parties[1].column, why)
            return
        parties = [one.value, other.value]
        relation = NamedNode(f"{ns.ID}{template.kind}/{'-'.join(map(_slug, template.in_order(parties)))}")
        account = NamedNode(f"{ns.ID}account/{account_name(source.value, relation.value)}")
        if (line := self._accounts.setdefault(account.value, self._row.line)) != self._row.line:
            hint = "Leave out one, or name another source."
            self._refuse("source", reason("Line {line} is of the same parties and source.", hint, line=line))
        has_label = english_label(self._store, relation) is not None
        for column, triple in template.statements(relation, parties, self._label):
            if not has_label or triple.predicate != SKOS.prefLabel:
                yield column, triple
        yield from template.account(account, relation, source)
        yield from ((column, Triple(account, predicate, value)) for column, (predicate, value) in said)
        yield from declared

    def _label(self, iri: str) -> str:
        """Return what a party is called; one that the graph does not know by the words of its IRI."""
        words = _slug(iri).split("-")
        in_words = " ".join(word if word in _SMALL_WORDS else word.capitalize() for word in words)
        return english_label(self._store, NamedNode(iri)) or in_words

    def _thing(self, column: str, types: Sequence[str]) -> NamedNode | None:
        """Return what a cell names, None if it does not name one thing."""
        if not (text := self._text(column)):
            self._refuse(column, reason("The cell is empty.", f"Name a {types[0]}, such as {types[0]}:…"))
            return None
        try:
            return self._names.find(text, types)
        except UnfitCellError as error:
            self._refuse(column, error.why)
            return None

    def _source_statements(self, source: NamedNode | None) -> Iterator[FieldStatement]:
        """Yield what declares the source, if the row gives its title."""
        said = {column: self._text(column) for column in SOURCE_COLUMNS}
        given = [column for column, text in said.items() if text]
        title, url, licence = said.values()
        if given and (not title or has_chinese(title)):
            hint = "Give the title in English as source_title; leave all three empty for a source that is known."
            self._refuse(given[0], reason("A new source needs an English title.", hint))
        elif given and source is not None:
            for name, predicate, value in source_declaration(title, url, licence):
                yield f"source_{name}", Triple(source, predicate, value)

    def _text(self, column: str) -> str:
        return self._cell(column).text if column in self._at else ""

    def _cell(self, column: str) -> CsvCell:
        return self._record[self._at[column]]

    def _refuse(self, column: str, why: Reason) -> None:
        self._report(self._cell(column), why)

    def _report(self, cell: CsvCell, why: Reason) -> None:
        self.findings.append(finding(why, "", cell.line, cell.column))


def _slug(iri: str) -> str:
    return iri.rpartition("/")[2]
