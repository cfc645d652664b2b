"""Read a table by its template: each row is a relation with the account of one source, or a place, or a country.

A row of a relation gives the relation (type, label, parties) and the account of its source
(docs/decisions/accounts.md), and may declare the source. All of that is stated, whether the graph has it or not: the
gate decides what is new (docs/decisions/tables.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from pyoxigraph import NamedNode, Store, Triple

from kg.errors import shorten
from kg.findings import MOST_FINDINGS, Finding, RefusedSubmissionError
from kg.names.countries import country_statements, find_country
from kg.rdf import namespaces as ns
from kg.rdf.labels import english_label
from kg.rdf.lookup import match
from kg.rdf.positions import Position
from kg.rdf.sources import has_chinese, source_declaration
from kg.rdf.vocabulary import SKOS
from kg.reconciliation import reason
from kg.tables.names_in_cells import NamesInCells
from kg.tables.sheet import Sheet, SheetRow
from kg.tables.table import CsvCell, records
from kg.tables.templates import (
    COUNTRY,
    SOURCE_COLUMNS,
    TEMPLATES,
    FieldStatement,
    RelationTemplate,
    TableTemplate,
    account_of,
)
from kg.tables.things import NewThing

_SMALL_WORDS = {"and", "in", "of", "on", "the", "upon"}
_SOURCES = ("source", "publication")
_PLACES = ("city", "district", "region", "nation")
"""The types that a table of places may add; the first is that of a bare name."""
_LANDS = ("country", "nation", "region", "city", "district")
_NAMES = {"name": "en", "name_zh": "zh-Hans"}
_COLUMNS = {"thing": "place", "point": "latitude"} | {language: column for column, language in _NAMES.items()}
"""The columns of the fields of a place, where their names differ."""


def read_template(text: str, store: Store) -> Iterator[tuple[Triple, Position]]:
    """Yield the statements of a table, each with the place of its cell; the same one may come several times.

    The store has the labels of parties, and of relations that are there already. Raises RefusedSubmissionError, at the
    end, with the cells that cannot be read.
    """
    found = records(text)
    if (header := next(found, None)) is None:
        return
    findings: list[Finding] = []
    columns = [CsvCell(re.sub(r"[\s-]+", "_", cell.text.lower()), cell.line, cell.column) for cell in header]
    if (sheet := _sheet(columns, findings)) is not None:
        reader = _TemplateReader(sheet, store)
        for row in sheet.read(takewhile(lambda _: len(findings) < MOST_FINDINGS, found), "a comma"):
            yield from reader.statements(row)
    if findings:
        raise RefusedSubmissionError(findings[:MOST_FINDINGS])


def _sheet(header: Sequence[CsvCell], findings: list[Finding]) -> Sheet[TableTemplate] | None:
    """Return the sheet of the template that a header fits, None if it fits none."""
    names = {cell.text for cell in header}
    best = max(TEMPLATES, key=lambda template: (len(names & {*template.required}), len(names & {*template.columns})))
    sheet = Sheet(best, header, findings)
    if not names & set(best.required) - {"source"}:
        lines = " or ".join(",".join(template.columns) for template in TEMPLATES)
        hint = (
            "Separate the cells by commas; an import also takes semicolons and tabs."
            if len(header) == 1
            else f"Begin with one of the headers: {lines}"
        )
        sheet.report(header[0], reason("The header fits no template.", hint))
        return None
    return sheet if sheet.fits(best.columns, best.required) else None


class _TemplateReader:
    """Reads the rows of a sheet."""

    def __init__(self, sheet: Sheet[TableTemplate], store: Store) -> None:
        self._sheet = sheet
        self._cells = sheet.cells(store)
        self._store = store
        self._names = NamesInCells(store)
        self._accounts: dict[str, int] = {}

    def statements(self, row: SheetRow[TableTemplate]) -> Iterator[tuple[Triple, Position]]:
        """Yield the statements of a row; none if one of its cells cannot be read."""
        template, before = self._sheet.table, len(self._sheet.findings)
        if isinstance(template, RelationTemplate):
            found = [*self._relation(row, template)]
        else:
            found = [*(self._country(row, "country") if template is COUNTRY else self._place(row))]
        if len(self._sheet.findings) == before:
            yield from ((triple, row.place(column)) for column, triple in found)

    def _country(self, row: SheetRow[TableTemplate], column: str) -> Iterator[FieldStatement]:
        text = row.text(column)
        if (land := find_country(text)) is not None:
            yield from ((column, triple) for triple in country_statements(land))
            return
        hint = "Give the code of ISO 3166-1, such as DE, or a name of it in any language."
        row.refuse(column, reason("{name!r} is not a country that is known here.", hint, name=shorten(text)))

    def _place(self, row: SheetRow[TableTemplate]) -> Iterator[FieldStatement]:
        thing, source = self._thing(row, "place", _PLACES), self._thing(row, "source", _SOURCES)
        land = find_country(row.text("within"))
        within = NamedNode(land.iri) if land is not None else self._thing(row, "within", _LANDS)
        declared = [*self._source_statements(row, source)]
        if not row.text("name"):
            row.refuse("name", reason("The cell is empty.", "Give the name in English."))
        identifiers, point = row.identifiers(), row.point(self._cells)
        if thing is None or source is None or within is None:
            return
        if land is not None and not any(match(self._store, within)):
            yield from self._country(row, "within")
        names = {language: text for column, language in _NAMES.items() if (text := row.text(column))}
        kind = ns.kind_of(thing.value)
        new = NewThing(thing.value, row.as_row, kind, names, tuple(identifiers.values()), within.value, point)
        yield from ((_COLUMNS.get(field, field), triple) for field, triple in new.statements(source))
        yield from declared

    def _relation(self, row: SheetRow[TableTemplate], template: RelationTemplate) -> Iterator[FieldStatement]:
        one, other = (self._thing(row, party.column, party.types) for party in template.parties)
        source = self._thing(row, "source", _SOURCES)
        account_values, unfit = self._cells.account_values(template, row.sheet.mappings, row.as_row)
        for column, why in unfit:
            row.refuse(column, why)
        declared = [*self._source_statements(row, source)]
        if source is None or one is None or other is None:
            return
        if not row.are_different((one, other), template.parties[1].column):
            return
        parties = [one.value, other.value]
        relation = NamedNode(template.iri(map(_slug, parties)))
        account = account_of(source, relation)
        if (line := self._accounts.setdefault(account.value, row.line)) != row.line:
            hint = "Leave out one, or name another source."
            row.refuse("source", reason("Line {line} has the same parties and source.", hint, line=line))
        has_label = english_label(self._store, relation) is not None
        for column, triple in template.statements(relation, parties, self._label):
            if not has_label or triple.predicate != SKOS.prefLabel:
                yield column, triple
        yield from template.account(account, relation, source)
        yield from ((column, Triple(account, predicate, value)) for column, (predicate, value) in account_values)
        yield from declared

    def _label(self, iri: str) -> str:
        """Return the label of a party; if the graph has none, the words of its IRI."""
        words = _slug(iri).split("-")
        in_words = " ".join(word if word in _SMALL_WORDS else word.capitalize() for word in words)
        return english_label(self._store, NamedNode(iri)) or in_words

    def _thing(self, row: SheetRow[TableTemplate], column: str, types: Sequence[str]) -> NamedNode | None:
        """Return the thing that a cell names, None if it does not name exactly one."""
        if not row.text(column):
            row.refuse(column, reason("The cell is empty.", f"Name a {types[0]}, such as {types[0]}:…"))
        return row.thing(column, self._names, types)

    def _source_statements(self, row: SheetRow[TableTemplate], source: NamedNode | None) -> Iterator[FieldStatement]:
        """Yield the statements that declare the source, if the row gives its title."""
        told = {column: row.text(column) for column in SOURCE_COLUMNS}
        given = [column for column, text in told.items() if text]
        title, url, licence = told.values()
        if given and (not title or has_chinese(title)):
            hint = "Give the title in English as source_title; leave all three empty for a source that is known."
            row.refuse(given[0], reason("A new source needs an English title.", hint))
        elif given and source is not None:
            for name, predicate, value in source_declaration(title, url, licence):
                yield f"source_{name}", Triple(source, predicate, value)


def _slug(iri: str) -> str:
    return iri.rpartition("/")[2]
