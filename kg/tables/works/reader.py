"""Read the rows of the tables of one work into quads, each with the place of its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.errors import shorten
from kg.names.countries import country_statements, find_country
from kg.nearest import suggest
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.kinds import POLITY_CLASSES
from kg.rdf.lookup import closure, nodes_with
from kg.rdf.namespaces import fit_length, slug
from kg.rdf.positions import PlacedQuad
from kg.rdf.sources import note_literal
from kg.rdf.vocabulary import CD, DCTERMS, RDF, SCHEMA, SKOS, WGS84, XSD
from kg.reconciliation import Reason, reason
from kg.tables.cells import parse_address
from kg.tables.dates import parse_date
from kg.tables.mapping import CellMapping, UnfitCellError
from kg.tables.names_in_cells import NamesInCells
from kg.tables.relations import Relations
from kg.tables.sheet import Sheet, SheetRow
from kg.tables.templates import Value
from kg.tables.works.templates import LANDS, PLACES, WORK_TABLES, Column, Form, WorkTable

WorkSheet = Sheet[WorkTable]
WorkRow = SheetRow[WorkTable]
_WORDS_OF_NAME = 6  # words of a sentence that the IRI of its statement has
_CLASSES = {**POLITY_CLASSES, "polity": CD.Polity}
_YES_OR_NO = {"yes": True, "true": True, "no": False, "false": False}
_HINT_OF_NEW = "If it is new, give it a row in a table of this work: places.csv, organisations.csv or the like."


class WorkReader:
    """Reads the tables of one work."""

    def __init__(self, work: str, store: Store, sheets: Sequence[WorkSheet]) -> None:
        self._work = work
        self._store = store
        self._publication = NamedNode(ns.PREFIXES["publication"] + work)
        self._names = NamesInCells(store, _HINT_OF_NEW)
        self._cells = {sheet.file: sheet.cells(store) for sheet in sheets}
        self._iris: dict[int, NamedNode] = {}  # of what a row describes, by the id of the row
        self._made: dict[NamedNode, WorkRow] = {}  # by its IRI, the first row of what the graph lacks
        self._lines: dict[str, WorkRow] = {}
        self._relations: dict[str, Relations] = {}
        self._passages = {row.text("passage") for sheet in sheets if _is(sheet, "passages") for row in sheet.rows}
        self._passages |= set(self._passages_elsewhere())
        names = self._names.names
        added = [quad for sheet in sheets for row in sheet.rows for quad in self._names_of(row)]
        store.bulk_extend([*added, *graphs.default_graph_quads(added)])
        names.follow(added)

    def _passages_elsewhere(self) -> Iterator[str]:
        """Yield the passages of the work that other files have, by the last parts of their IRIs."""
        own = f"{ns.PREFIXES['passage']}{self._work}/"
        for passage in nodes_with(self._store, RDF.type, CD.Passage, graphs.PASSAGES):
            if passage.value.startswith(own):
                yield passage.value.removeprefix(own)

    def _names_of(self, row: WorkRow) -> Iterator[Quad]:
        """Yield the type and names of what a row brings; its IRI is remembered."""
        table = row.sheet.table
        iri = self._iri(row) if table.relation is None else None
        if iri is None:
            return
        self._iris[id(row)] = iri
        if self._names.names.knows(iri) or self._made.setdefault(iri, row) is not row:
            return
        graph = graphs.GAZETTEER if table is WORK_TABLES["places"] else graphs.REGISTER
        rdf_class = table.rdf_class or _CLASSES[ns.kind_of(iri.value)]
        yield Quad(iri, RDF.type, rdf_class, graph)
        called = row.text("name") or row.text(table.named_by)
        if called:
            yield Quad(iri, SKOS.prefLabel, Literal(called, language="en"), graph)

    def _iri(self, row: WorkRow) -> NamedNode | None:
        """Return the IRI of what a row describes, None if that is not clear."""
        table = row.sheet.table
        if table is WORK_TABLES["work"]:
            return self._publication
        if table is WORK_TABLES["passages"]:
            return self._slugged(row, "passage", f"passage/{self._work}/", row.text("passage"))
        words = row.text(table.named_by)
        if table.named_by != "name":
            default = "-".join(slug(words or " ".join(row.as_row.cells)).split("-")[:_WORDS_OF_NAME])
            start = f"{table.kind}/{self._work}-{row.text('passage')}--"
            iri = self._slugged(row, "slug", start, row.text("slug") or default)
            return iri if iri is not None and self._is_first(row, iri.value, "slug") else None
        return self._place(row) if table is WORK_TABLES["places"] else self._thing_named(row, table.kind)

    def _slugged(self, row: WorkRow, column: str, start: str, name: str) -> NamedNode | None:
        if not ns.SLUG.fullmatch(name):
            hint = "Write small letters and digits, with hyphens between: old-harbour."
            row.refuse(column, reason("{name!r} cannot be a part of an address.", hint, name=shorten(name)))
            return None
        return NamedNode(f"{ns.ID}{start}{fit_length(name)}")

    def _is_first(self, row: WorkRow, key: str, column: str) -> bool:
        first = self._lines.setdefault(key, row)
        if first is row:
            return True
        hint = "Leave out one" + (", or give each a name of its own in the column slug." if column == "slug" else ".")
        place = f"{Path(first.sheet.file).name}:{first.line}"
        row.refuse(column, reason("{place} states the same of the same passage.", hint, place=place))
        return False

    def _thing_named(self, row: WorkRow, kind: str) -> NamedNode | None:
        """Return the thing of a kind that a row names: the one that the graph knows by that name, or a new one."""
        name, named = row.text("name"), row.text("slug")
        if not named:
            found = self._names.names.resolve(name, lambda thing: ns.kind_of(thing.value) == kind)
            if found.only_match is not None:
                return found.only_match
            if found.things:
                self._refuse_namesakes(row, found.things)
                return None
        return self._slugged(row, "slug" if named else "name", f"{kind}/", named or slug(name))

    def _refuse_namesakes(self, row: WorkRow, things: Sequence[NamedNode]) -> None:
        listed = self._names.names.in_words(things)
        hint = f"Write in the column slug which one it is ({listed}), or a name of its own for another one."
        row.refuse("name", reason("{name!r} names {count} things.", hint, name=row.text("name"), count=len(things)))

    def _place(self, row: WorkRow) -> NamedNode | None:
        """Return the IRI of a new place; the graph must not have it, since a work says of a place what others say."""
        kind = row.text("type") or "city"
        if kind not in _CLASSES:
            hint = f"One of: {', '.join(_CLASSES)}; empty for a city."
            row.refuse("type", reason("{type!r} is not a type of thing.", hint, type=shorten(kind)))
            return None
        name, named = row.text("name"), row.text("slug")
        land = find_country(row.text("country"))  # anything else may be in another row
        within = NamedNode(land.iri) if land is not None else None
        there = [] if named else self._places_called(name, within)
        if there:
            hint = (
                "Leave out the row: other tables name it as it is. Give another place of that name a slug of its own."
            )
            known = self._names.names.display_name(there[0])
            row.refuse("name", reason("The graph has {thing} already.", hint, thing=known))
            return None
        if not named and within is not None and self._names.names.knows(NamedNode(f"{ns.ID}{kind}/{slug(name)}")):
            named = f"{slug(name)}-{within.value.rpartition('/')[2]}"
        return self._slugged(row, "slug" if row.text("slug") else "name", f"{kind}/", named or slug(name))

    def _places_called(self, name: str, within: NamedNode | None) -> list[NamedNode]:
        """Return the places of a name that lie in a country, or of which the graph does not say where they lie."""
        found = self._names.names.resolve(name, lambda thing: ns.kind_of(thing.value) in PLACES).things
        around = {place: closure(self._store, place, CD.within) - {place} for place in found}
        return [place for place in found if within is None or within in (around[place] or {within})]

    def _land(self, row: WorkRow) -> NamedNode | None:
        """Return what a place lies in; a state by its code or name, anything else as the graph calls it."""
        if (land := find_country(row.text("country"))) is not None:
            return NamedNode(land.iri)
        return row.thing("country", self._names, LANDS)

    # What a row states, once all names are known

    def statements(self, sheet: WorkSheet) -> Iterator[PlacedQuad]:
        """Yield the statements of a table; of a row with a fault, none."""
        for row in sheet.rows:
            before = len(sheet.findings)
            self._check_required(row)
            found = [*self._statements(row)] if len(sheet.findings) == before else []
            if len(sheet.findings) == before:
                yield from found

    def _check_required(self, row: WorkRow) -> None:
        for name in row.sheet.table.needed:
            if not row.text(name):
                row.refuse(name, reason("The cell is empty.", f"The column {name} must be filled in every row."))
        passage = row.text("passage")
        if passage and passage not in self._passages:
            hint = suggest(passage, sorted(self._passages), "Each passage has a row in passages.csv.")
            row.refuse("passage", reason("{name!r} is not a passage of this work.", hint, name=shorten(passage)))

    def _statements(self, row: WorkRow) -> Iterator[PlacedQuad]:
        table = row.sheet.table
        if table.relation is not None:
            yield from self._tie(row)
            return
        iri = self._iris.get(id(row))
        if iri is None:
            return
        if table is WORK_TABLES["work"] or table is WORK_TABLES["passages"]:
            yield from self._of_the_work(row, iri)
        elif table is WORK_TABLES["places"]:
            yield from self._of_place(row, iri)
        elif table.named_by == "name":
            yield from self._of_thing(row, iri)
        else:
            yield Quad(iri, RDF.type, table.rdf_class, self._graph(row)), row.place("passage")  # type: ignore[arg-type]
            yield from self._values(row, iri, self._graph(row), table.columns)

    def _graph(self, row: WorkRow) -> NamedNode:
        return NamedNode(f"{graphs.work_graph(self._work)}/{row.text('passage')}")

    def _labels(self, row: WorkRow, iri: NamedNode, graph: NamedNode, name: str) -> Iterator[PlacedQuad]:
        yield Quad(iri, SKOS.prefLabel, Literal(name, language="en"), graph), row.place("name")
        if chinese := row.text("name_zh"):
            yield Quad(iri, SKOS.prefLabel, Literal(chinese, language="zh-Hans"), graph), row.place("name_zh")

    def _of_the_work(self, row: WorkRow, iri: NamedNode) -> Iterator[PlacedQuad]:
        """Yield what a row says of the work or a passage: the name of a work is in the register."""
        table = row.sheet.table
        is_work = table is WORK_TABLES["work"]
        graph = graphs.REGISTER if is_work else graphs.PASSAGES
        if table.rdf_class is not None:
            yield Quad(iri, RDF.type, table.rdf_class, graph), row.place("work", "passage")
        if name := row.text("name"):
            yield from self._labels(row, iri, graph, name)
        if not is_work:
            order = row.sheet.rows.index(row) + 1
            yield Quad(iri, CD.order, Literal(order), graph), row.place("passage")
        yield from self._values(row, iri, graphs.PASSAGES, table.columns)

    def _of_place(self, row: WorkRow, iri: NamedNode) -> Iterator[PlacedQuad]:
        """Yield a place with its names, what it lies in, and its position, which has a source: by default the work."""
        graph, within = graphs.GAZETTEER, self._land(row)
        if within is None:
            return
        yield Quad(iri, RDF.type, _CLASSES[ns.kind_of(iri.value)], graph), row.place("name")
        yield from self._labels(row, iri, graph, row.text("name"))
        yield Quad(iri, CD.within, within, graph), row.place("country")
        land = find_country(row.text("country"))
        if land is not None and not self._names.names.knows(within):
            for triple in country_statements(land):
                yield graphs.quad_in(triple, graph), row.place("country")
        for authority, identifier in row.identifiers().items():
            yield Quad(iri, SCHEMA.sameAs, NamedNode(identifier.address), graph), row.place(authority)
        if (point := row.point(self._cells[row.sheet.file])) is not None:
            for predicate, degrees in ((WGS84.lat, point.north), (WGS84.long, point.east)):
                value = Literal(f"{degrees:f}", datatype=XSD.decimal)
                yield Quad(iri, predicate, value, graph), row.place("latitude")
        sources = [*self._values(row, iri, graph, row.sheet.table.columns)]
        yield from sources or [(Quad(iri, DCTERMS.source, self._publication, graph), row.place("name"))]

    def _of_thing(self, row: WorkRow, iri: NamedNode) -> Iterator[PlacedQuad]:
        """Yield what the register has of a new thing, and what the passage of the row says of it, if it has one."""
        table = row.sheet.table
        of_thing = [column for column in table.columns if column.of_thing]
        if self._made.get(iri) is row:
            yield Quad(iri, RDF.type, table.rdf_class, graphs.REGISTER), row.place("name")  # type: ignore[arg-type]
            yield from self._labels(row, iri, graphs.REGISTER, row.text("name"))
            yield from self._values(row, iri, graphs.REGISTER, of_thing)
        said = [column for column in table.columns if not column.of_thing]
        if not row.text("passage"):
            if filled := next((one.name for one in said if row.text(one.name)), ""):
                hint = "Fill the column passage: what is said of a thing stands in a passage."
                row.refuse(filled, reason("No passage states it.", hint))
            return
        if table is WORK_TABLES["groups"]:
            yield Quad(iri, RDF.type, CD.Group, self._graph(row)), row.place("passage")
            yield from self._values(row, iri, self._graph(row), said)
        else:
            yield from self._account(row, iri, said, "name")

    def _tie(self, row: WorkRow) -> Iterator[PlacedQuad]:
        relation = row.sheet.table.relation
        assert relation is not None
        one, other = (row.thing(party.column, self._names, party.types) for party in relation.parties)
        if one is None or other is None or not row.are_different((one, other), relation.parties[1].column):
            return
        if relation.kind not in self._relations:
            self._relations[relation.kind] = Relations(relation, self._names.names, self._publication.value)
        tie = self._relations[relation.kind].between((one.value, other.value), row.text("since")[:4])
        if isinstance(tie, Reason):
            row.refuse(relation.parties[0].column, tie)
            return
        node, graph = NamedNode(tie.iri), self._graph(row)
        yield Quad(node, RDF.type, relation.rdf_class, graph), row.place(relation.parties[0].column)
        for party, thing in zip(relation.parties, (one, other), strict=True):
            yield Quad(node, party.predicate, thing, graph), row.place(party.column)
        yield from self._account(row, node, row.sheet.table.columns, relation.parties[0].column)

    def _account(self, row: WorkRow, thing: NamedNode, columns: Sequence[Column], named: str) -> Iterator[PlacedQuad]:
        """Yield the account of a thing or tie in the passage of a row, of which there is one."""
        of_thing = thing.value.removeprefix(ns.ID).replace("/", "-", 1)
        name = fit_length(f"{self._work}-{row.text('passage')}--{of_thing}")
        account = NamedNode(f"{ns.ID}account/{name}")
        if not self._is_first(row, account.value, named):
            return
        yield Quad(account, CD.accountOf, thing, self._graph(row)), row.place(named)
        yield from self._values(row, account, self._graph(row), columns)

    # Cells

    def _values(
        self, row: WorkRow, subject: NamedNode, graph: NamedNode, columns: Sequence[Column]
    ) -> Iterator[PlacedQuad]:
        for column in columns:
            try:
                for value in self._read(row, column):
                    yield Quad(subject, column.predicate, value, graph), row.place(column.name)
            except UnfitCellError as error:
                row.refuse(column.name, error.why)

    def _read(self, row: WorkRow, column: Column) -> list[Value]:
        """Return the values of a cell. Raises UnfitCellError."""
        cells, cell = self._cells[row.sheet.file], row.sheet.mappings.get(column.name)
        text = cells.text(cell, row.as_row) or column.default
        if (read := _ONE_VALUE.get(column.form)) is not None:
            return [read(text)] if text else []
        parts = [part for one in text.split(";") if (part := one.strip())]
        if column.form == "concept":
            return [cells.concept(part, column.of[0], CellMapping(column.name)) for part in parts]
        if column.form == "printed":
            return [Literal(part) for part in parts]
        find = self._term if column.form == "term" else self._names.find
        return [find(part, column.of) for part in parts]

    def _term(self, text: str, kinds: Sequence[str]) -> NamedNode:
        """Return a concept or class by its prefixed name, else a thing."""
        iri = ns.expand(text) or ""
        if iri.startswith((ns.VOCABULARY, ns.CD)):
            if not self._names.names.knows(NamedNode(iri)):
                hint = "Such as cd:Twinning, or a concept with its prefix; /ontology and /vocabulary list them."
                raise UnfitCellError(reason("{name!r} is not known here.", hint, name=shorten(text)))
            return NamedNode(iri)
        return self._names.find(text, kinds)


def _is(sheet: WorkSheet, name: str) -> bool:
    return sheet.table is WORK_TABLES[name]


def _number(text: str) -> Literal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        hint = "Write digits alone, such as 8000 or 2.5; the words of the source go into printed_value."
        raise UnfitCellError(reason("{number!r} is not a number.", hint, number=shorten(text)))
    return Literal(int(text)) if text.lstrip("-").isdecimal() else Literal(f"{value:f}", datatype=XSD.decimal)


def _yes_or_no(text: str) -> Literal:
    if text.lower() not in _YES_OR_NO:
        raise UnfitCellError(reason("{answer!r} is neither yes nor no.", "Write yes, or no.", answer=shorten(text)))
    return Literal(_YES_OR_NO[text.lower()])


_ONE_VALUE: Mapping[Form, Callable[[str], Value]] = {
    "text": note_literal,
    "plain": Literal,
    "date": lambda text: parse_date(text).literal,
    "number": _number,
    "yes": _yes_or_no,
    "address": parse_address,
}
"""How the cells of a form are read that hold one value each."""
