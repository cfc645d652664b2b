"""Read a table by its template: each row is a relation with the account of one source, or a place, or a country.

A row of a relation gives the relation (type, label, parties) and the account of its source
(docs/decisions/accounts.md), and may declare the source. All of that is stated, whether the graph has it or not: the
gate decides what is new (docs/decisions/tables.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from pyoxigraph import NamedNode, Store, Triple

from kg.errors import shorten
from kg.findings import MOST_FINDINGS, Finding, RefusedSubmissionError
from kg.names import Identifier, Names
from kg.names.countries import country_statements, find_country
from kg.nearest import did_you_mean
from kg.rdf import namespaces as ns
from kg.rdf.labels import english_label
from kg.rdf.lookup import match
from kg.rdf.positions import Position
from kg.rdf.sources import has_chinese, source_declaration
from kg.rdf.vocabulary import SKOS
from kg.reconciliation import Reason, finding, reason
from kg.tables.cells import CellReader
from kg.tables.mapping import CellMapping, UnfitCellError
from kg.tables.table import CsvCell, Row, header_mistakes, records
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


class NamesInCells:
    """Looks up the names in the cells of a table."""

    def __init__(self, store: Store, hint_of_new: str = "") -> None:
        """Use a store with labels and identifiers.

        With a hint of how something new is stated, only what the store knows is found: nothing else may state it.
        """
        self._store = store
        self._hint_of_new = hint_of_new

    def find(self, text: str, types: Sequence[str]) -> NamedNode:
        """Return the thing of one of some types that a text names; the first type is that of a bare name.

        The name in an IRI (`leeds`), the same with its type (`city:leeds`), and the IRI are taken as they are, whether
        the graph has the thing or not: the same submission may state it. Anything else is looked up in the store.
        Raises UnfitCellError for a text that names nothing there, or several things.
        """
        path = text.removeprefix(ns.ID).replace(":", "/", 1)
        type_name, _, slug = path.rpartition("/")
        if type_name == "passage" and type_name not in types:
            hint = "Name a source of your own, such as source:…; it stands beside the report."
            raise UnfitCellError(reason("Only the files can state what {name} says.", hint, name=text))
        if type_name in ns.ENTITY_TYPES and type_name not in types:
            hint = f"Write the name with one of these types: {', '.join(f'{name}:…' for name in types)}."
            raise UnfitCellError(reason("{name!r} is not allowed here.", hint, name=text))
        if type_name in types:
            types = (type_name,)
        elif type_name:
            slug = text
        written = NamedNode(f"{ns.ID}{types[0]}/{slug}") if ns.SLUG.fullmatch(slug) else None
        may_be_new = not self._hint_of_new and not slug.isdecimal()
        if written is not None and (may_be_new or self.names.knows(written)):
            return written
        return self._look_up(slug, types, None if self._hint_of_new else written)

    def _look_up(self, text: str, types: Sequence[str], written: NamedNode | None) -> NamedNode:
        names = self.names
        found = names.resolve(text, lambda thing: ns.kind_of(thing.value) in types)
        of_first = found.prefer(lambda one: ns.kind_of(one.thing.value) == types[0])
        if thing := of_first.only_match or found.only_match:
            return thing
        if things := found.things:
            hint = f"Write which one: {names.in_words(things)}."
            raise UnfitCellError(reason("{name!r} names {count} things.", hint, name=text, count=len(things)))
        if written is not None:
            return written
        hint = f"If it is new, state it in the same change, and name it here as in its IRI: {types[0]}:…"
        hint = self._hint_of_new or hint
        if near := names.near(text, types).things:
            hint = did_you_mean(names.display_name(near[0]), hint)
        why = reason("{name!r} is not the name of a {type} that the graph knows.", hint, name=text, type=types[0])
        raise UnfitCellError(why)

    @cached_property
    def names(self) -> Names:
        """The names of the graph, read on first use: a cell that is written as in an IRI does not need them."""
        return Names(self._store)


_LONGEST_CELL = 100_000
_SMALL_WORDS = {"and", "in", "of", "on", "the", "upon"}
_SOURCES = ("source", "publication")
_PLACES = ("city", "district", "region", "nation")
"""The types that a table of places may add; the first is that of a bare name."""
_LANDS = ("country", "nation", "region", "city", "district")
_NAMES = {"name": "en", "name_zh": "zh-Hans"}
_AUTHORITIES = ("wikidata", "geonames")
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
    reader = _TemplateReader(header, store)
    for record in found:
        if len(reader.findings) >= MOST_FINDINGS or reader.template is None:
            break
        yield from reader.statements(record, reader.template)
    if reader.findings:
        raise RefusedSubmissionError(reader.findings[:MOST_FINDINGS])


class _TemplateReader:
    """Reads the rows below a header, and collects findings."""

    def __init__(self, header: Sequence[CsvCell], store: Store) -> None:
        self.findings: list[Finding] = []
        columns = [CsvCell(re.sub(r"[\s-]+", "_", cell.text.lower()), cell.line, cell.column) for cell in header]
        self.template = self._template(columns)
        """The template of the header, None if it fits none."""
        self._columns = {cell.text: CellMapping(cell.text) for cell in columns}
        self._at = {name: at for at, name in enumerate(self._columns)}
        self._cells = CellReader([*self._columns], store, _LONGEST_CELL)
        self._record: Sequence[CsvCell] = ()
        self._row = Row(0, 0, ())
        self._store = store
        self._names = NamesInCells(store)
        self._accounts: dict[str, int] = {}

    def _template(self, header: Sequence[CsvCell]) -> TableTemplate | None:
        """Return the template that a header fits, None if it fits none."""
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
            self._report(header[0], reason("The header fits no template.", hint))
            return None
        for cell, why in header_mistakes(header, best.columns, best.required):
            self._report(cell, why)
        return None if self.findings else best

    def statements(self, record: Sequence[CsvCell], template: TableTemplate) -> Iterator[tuple[Triple, Position]]:
        """Yield the statements of a row; none if one of its cells cannot be read."""
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
        account_values, unfit = self._cells.account_values(template, self._columns, self._row)
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
            self._refuse("source", reason("Line {line} has the same parties and source.", hint, line=line))
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

    def _thing(self, column: str, types: Sequence[str]) -> NamedNode | None:
        """Return the thing that a cell names, None if it does not name exactly one."""
        if not (text := self._text(column)):
            self._refuse(column, reason("The cell is empty.", f"Name a {types[0]}, such as {types[0]}:…"))
            return None
        try:
            return self._names.find(text, types)
        except UnfitCellError as error:
            self._refuse(column, error.why)
            return None

    def _source_statements(self, source: NamedNode | None) -> Iterator[FieldStatement]:
        """Yield the statements that declare the source, if the row gives its title."""
        account_values = {column: self._text(column) for column in SOURCE_COLUMNS}
        given = [column for column, text in account_values.items() if text]
        title, url, licence = account_values.values()
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
