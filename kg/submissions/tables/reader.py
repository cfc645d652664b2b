"""Read a table by its template: each row is a relation and what one source says of it, or a place, or a country.

A row of a relation gives the relation (type, label, parties) and the account of its source (contract: How a source's
words are held), and may declare the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from kg import resources
from kg.findings import MOST_FINDINGS, Finding, RefusedSubmissionError
from kg.messages import bilingual
from kg.names.states import entry, state
from kg.nearest import nearest
from kg.rdf import namespaces as ns
from kg.rdf.labels import english
from kg.rdf.lookup import match
from kg.rdf.parse import read_file
from kg.rdf.positions import Place
from kg.rdf.said import declared, has_chinese, note
from kg.rdf.vocabulary import CD, RDF, SKOS
from kg.submissions.rdf import Reading, Statement, refuse_too_many, refuse_unfit
from kg.submissions.tables.cells import Cell, rows
from kg.submissions.tables.names import NamesInCells, UnclearNameError
from kg.submissions.tables.places import UnfitPlaceError, country, place
from kg.submissions.tables.printed_dates import BadDateError, PrintedDate, printed_date
from kg.submissions.tables.templates import (
    COUNTRY,
    DATES,
    PLACES,
    SOURCE_COLUMNS,
    TEMPLATES,
    OfRelations,
    Template,
)

_SMALL_WORDS = {"and", "in", "of", "on", "the", "upon"}
_SOURCES = ("source", "publication")
_LANDS = ("country", "nation", "region", "city", "district")

Said = tuple[NamedNode, NamedNode | Literal, Cell]
"""A property with its value, and the cell that says so."""


def read_csv(text: str, store: Store | None = None) -> Reading:
    """Return what a table states. `store` knows what parties are called, and relations that have a label already.

    Raises RefusedSubmissionError with every cell that is not understood.
    """
    table = list(rows(text))
    reader = _Table(store)
    if table:
        reader.read(table)
    if reader.findings:
        raise RefusedSubmissionError(reader.findings[:MOST_FINDINGS])
    places = list(reader.places.values())
    reading = Reading([Statement(quad) for quad in reader.places], lambda: places)
    refuse_unfit(reading)
    return reading


class _Table:
    """What the rows read so far state, and what is wrong with them."""

    def __init__(self, store: Store | None) -> None:
        self.places: dict[Quad, Place] = {}
        self.findings: list[Finding] = []
        self._store = store
        self._names = NamesInCells(store)
        self._accounts: dict[str, int] = {}

    def read(self, table: Sequence[Sequence[Cell]]) -> None:
        header = [Cell(_column_name(cell.text), cell.line, cell.column) for cell in table[0]]
        template = self._template(header)
        if template is None or not self._fits(header, template):
            return
        for row in table[1:]:
            if len(row) != len(header):
                words = bilingual("The row has {row} cells, and the header {header}.", row=len(row), header=len(header))
                self._say(row[-1], words, "Quote a cell that holds a comma.")
            else:
                self._read_row(template, {name.text: cell for name, cell in zip(header, row, strict=True)})
            refuse_too_many(len(self.places))
            if len(self.findings) >= MOST_FINDINGS:
                return

    def _template(self, header: Sequence[Cell]) -> Template | None:
        names = {cell.text for cell in header}
        best = max(
            TEMPLATES, key=lambda template: (len(names & {*template.required}), len(names & {*template.columns}))
        )
        if names & set(best.required) - {"source"}:
            return best
        lines = " or ".join(",".join(template.columns) for template in TEMPLATES)
        hint = (
            "Separate the cells by commas; an import also takes semicolons and tabs."
            if len(header) == 1
            else f"Begin with one of the headers: {lines}"
        )
        self._say(header[0], bilingual("The header is that of no template."), hint)
        return None

    def _fits(self, header: Sequence[Cell], template: Template) -> bool:
        seen = set()
        for cell in header:
            if cell.text in seen:
                self._say(cell, bilingual("The column {name!r} is there twice.", name=cell.text), "Leave out one.")
            elif cell.text not in template.columns:
                hint = _did_you_mean(cell.text, template.columns)
                self._say(cell, bilingual("There is no column {name!r}.", name=cell.text), hint)
            seen.add(cell.text)
        for name in template.required:
            if name not in seen:
                hint = f"The columns are {', '.join(template.columns)}."
                self._say(header[0], bilingual("The column {name!r} is missing.", name=name), hint)
        return not self.findings

    def _read_row(self, template: Template, row: Mapping[str, Cell]) -> None:
        if isinstance(template, OfRelations):
            self._read_relation(template, row)
        elif template is COUNTRY:
            self._read_country(row["country"])
        else:
            self._read_place(row)

    def _read_country(self, cell: Cell) -> None:
        try:
            for triple in country(cell):
                self._add(triple, cell)
        except UnfitPlaceError as error:
            self._say(error.cell, error.words, error.hint)

    def _read_place(self, row: Mapping[str, Cell]) -> None:
        before = len(self.findings)
        thing, source = self._thing(row["place"], tuple(PLACES)), self._thing(row["source"], _SOURCES)
        within = self._within(row["within"])
        declared = list(self._source(row))
        if not row["name"].text:
            self._say(row["name"], bilingual("The cell is empty."), "Give the name in English.")
        if len(self.findings) > before or thing is None or source is None or within is None:
            return
        try:
            said = [*place(thing, within, source, row)]
        except UnfitPlaceError as error:
            self._say(error.cell, error.words, error.hint)
            return
        for triple, cell in said:
            self._add(triple, cell)
        for predicate, value, cell in declared:
            self._state(source, predicate, value, cell)

    def _within(self, cell: Cell) -> NamedNode | None:
        """Return what a place lies in; a country that the graph does not have yet is stated, too."""
        if (land := state(cell.text)) is None:
            return self._thing(cell, _LANDS)
        if self._store is None or not any(match(self._store, NamedNode(land.iri))):
            for triple in entry(land):
                self._add(triple, cell)
        return NamedNode(land.iri)

    def _read_relation(self, template: OfRelations, row: Mapping[str, Cell]) -> None:
        before = len(self.findings)
        parties = [self._thing(row[party.column], party.types) for party in template.parties]
        source = self._thing(row["source"], _SOURCES)
        said: list[Said] = [*self._choices(template, row), *self._dates(row), *self._note(row)]
        declared = list(self._source(row))
        one, other = parties
        if len(self.findings) > before or source is None or one is None or other is None:
            return
        if one == other:
            cell = row[template.parties[1].column]
            self._say(cell, bilingual("Both parties are the same."), "Name two different parties.")
            return
        slugs = [_slug(one), _slug(other)]
        slug = "-".join(sorted(slugs) if template.alphabetical else slugs)
        relation = NamedNode(f"{ns.ID}{template.kind}/{slug}")
        account = NamedNode(f"{ns.ID}account/{_slug(source)}--{template.kind}-{slug}")
        line = self._accounts.setdefault(account.value, row["source"].line)
        if line != row["source"].line:
            words = bilingual("Line {line} is of the same parties and source.", line=line)
            self._say(row["source"], words, "Leave out one, or name another source.")
            return
        self._state_relation(template, row, relation, (one, other))
        self._state(account, RDF.type, CD.Account, row["source"])
        self._state(account, CD.accountOf, relation, row[template.parties[0].column])
        self._state(account, CD.statedIn, source, row["source"])
        for subject, lines in ((account, said), (source, declared)):
            for predicate, value, cell in lines:
                self._state(subject, predicate, value, cell)

    def _state_relation(
        self, template: OfRelations, row: Mapping[str, Cell], relation: NamedNode, parties: tuple[NamedNode, NamedNode]
    ) -> None:
        first = row[template.parties[0].column]
        self._state(relation, RDF.type, template.of_class, first)
        for party, value in zip(template.parties, parties, strict=True):
            self._state(relation, party.predicate, value, row[party.column])
        if self._known_label(relation) is None:
            in_order = sorted(parties, key=_slug) if template.alphabetical else parties
            names = [self._known_label(party) or _words(_slug(party)) for party in in_order]
            label = Literal(template.label.format(*names), language="en")
            self._state(relation, SKOS.prefLabel, label, first)

    def _thing(self, cell: Cell, types: Sequence[str]) -> NamedNode | None:
        """Return what a cell names, None if it does not name one thing."""
        if not cell.text:
            self._say(cell, bilingual("The cell is empty."), f"Name a {types[0]}, such as {types[0]}:…")
            return None
        try:
            return self._names.thing(cell.text, types)
        except UnclearNameError as error:
            self._say(cell, error.words, error.hint)
            return None

    def _choices(self, template: OfRelations, row: Mapping[str, Cell]) -> Iterator[tuple[NamedNode, NamedNode, Cell]]:
        for column, scheme in template.choices.items():
            cell, known = row.get(column), self._concepts(scheme)
            if cell is None:
                continue
            names = [name.strip() for name in cell.text.split(";") if name.strip()]
            if not names and column in template.required:
                self._say(cell, bilingual("A {column} is needed.", column=column), f"One of: {', '.join(known)}.")
            for name in names:
                local = name.rpartition(":")[2].rpartition("/")[2].lower().replace(" ", "-")
                if local in known:
                    yield NamedNode(ns.CD + column), NamedNode(f"{ns.VOCABULARY}{scheme}/{local}"), cell
                else:
                    words = bilingual("There is no {column} {name!r}.", column=column, name=name)
                    self._say(cell, words, f"{_did_you_mean(local, known)} Available: {', '.join(known)}.".strip())

    def _concepts(self, scheme: str) -> list[str]:
        """Return the local names of a scheme's concepts, of files and of curators."""
        begin, iris = f"{ns.VOCABULARY}{scheme}/", {*_concepts_of_files(scheme)}
        if self._store is not None:
            added = match(self._store, None, SKOS.inScheme, NamedNode(ns.VOCABULARY + scheme))
            iris |= {quad.subject.value for quad in added if isinstance(quad.subject, NamedNode)}
        return sorted(iri.removeprefix(begin) for iri in iris)

    def _dates(self, row: Mapping[str, Cell]) -> Iterator[tuple[NamedNode, Literal, Cell]]:
        found: list[tuple[PrintedDate, Cell]] = []
        for column, predicates in DATES.items():
            cell = row.get(column)
            if cell is not None and cell.text:
                try:
                    date = printed_date(cell.text)
                except BadDateError as error:
                    self._say(cell, error.words, error.hint)
                    continue
                found.append((date, cell))
                values = (date.literal, date.earliest, date.latest)
                yield from ((predicate, value, cell) for predicate, value in zip(predicates, values, strict=True))
        if found and found[0][0].earliest.value > found[-1][0].latest.value:
            self._say(found[-1][1], bilingual("It ends before it begins."), "Exchange since and until, or mend one.")

    def _note(self, row: Mapping[str, Cell]) -> Iterator[tuple[NamedNode, Literal, Cell]]:
        if (cell := row.get("note")) is not None and cell.text:
            yield CD.note, note(cell.text), cell

    def _source(self, row: Mapping[str, Cell]) -> Iterator[Said]:
        """Yield what declares the source, if the row gives its title."""
        cells = {column.removeprefix("source_"): row.get(column) for column in SOURCE_COLUMNS}
        given = {name: cell for name, cell in cells.items() if cell is not None and cell.text}
        if not given:
            return
        said = {name: given[name].text if name in given else "" for name in cells}
        if not said["title"] or has_chinese(said["title"]):
            hint = "Give the title in English as source_title; leave all three empty for a source that is known."
            self._say(next(iter(given.values())), bilingual("A new source needs an English title."), hint)
            return
        yield from ((predicate, value, given[name]) for name, predicate, value in declared(**said))

    def _known_label(self, thing: NamedNode) -> str | None:
        return english(self._store, thing) if self._store is not None else None

    def _state(self, subject: NamedNode, predicate: NamedNode, value: NamedNode | Literal, cell: Cell) -> None:
        self._add(Triple(subject, predicate, value), cell)

    def _add(self, triple: Triple, cell: Cell) -> None:
        self.places.setdefault(Quad(triple.subject, triple.predicate, triple.object), (cell.line, cell.column))

    def _say(self, cell: Cell, words: tuple[str, str], hint: str) -> None:
        finding = Finding("syntax", "Violation", *words, hint=hint, line=cell.line, column=cell.column)
        self.findings.append(finding)


@cache
def _concepts_of_files(scheme: str) -> frozenset[str]:
    """Return the IRIs of a scheme's concepts as the files have them."""
    quads = read_file(resources.ONTOLOGY / "vocabularies" / f"{scheme}.ttl")
    return frozenset(
        quad.subject.value for quad in quads if quad.predicate == SKOS.inScheme and isinstance(quad.subject, NamedNode)
    )


def _column_name(text: str) -> str:
    return re.sub(r"[\s-]+", "_", text.strip().lower())


def _slug(iri: NamedNode) -> str:
    return iri.value.rpartition("/")[2]


def _words(slug: str) -> str:
    """Return a slug as a name: brighton-and-hove as Brighton and Hove."""
    return " ".join(word if word in _SMALL_WORDS else word.capitalize() for word in slug.split("-"))


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    return f"Did you mean {near!r}?" if near else ""
