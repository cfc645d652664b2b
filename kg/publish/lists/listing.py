"""The things of a kind as a list, with the columns that matter for it, in pages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kg.publish.lists.columns import COLUMNS, TITLE_BY_KIND, ListColumn
from kg.publish.paging import count_pages, describe_page, parse_page_number
from kg.publish.withdrawn import is_withdrawn
from kg.publish.works import works
from kg.rdf import namespaces as ns
from kg.rdf.kinds import kind_of_thing, kinds_of_polities
from kg.rdf.labels import display_names, preferred_literal
from kg.rdf.lookup import match, nodes_with
from kg.rdf.passages import reading_order
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.triples import integer, node, triples_about
from kg.rdf.vocabulary import CD, GEO, OWL, RDF, SKOS, XSD
from kg.readings import Reading, TriplesReading
from kg.sparql.evaluation import select

UNLABELLED = {
    "account": CD.Account,
    "geometry": GEO.Geometry,
    "reference": CD.StatementReference,
    "twinning": CD.Twinning,
}
"""Classes of the things that are named after others if they have no label; all other things have one."""
_MOST_SORTED_BY_NAME = 5_000


class ListPage(TypedDict):
    """A page of a list: the number of things and of pages, and the IRIs on this page.

    `chosen` is the part of its address that chooses among the things of the kind, empty for all.
    """

    kind: str
    title: str
    count: int
    page: int
    pages: int
    things: list[str]
    chosen: str


class ListTable(ListPage):
    """A page of a list with its columns, and the rows.

    A row has an IRI, the name of the thing, and for each column its values: each an IRI (or nothing), a text, a
    language or the IRI of a datatype (or nothing). Of a column that counts there is one value. `of_them` says how many
    of the whole list counts elsewhere leave out: twinnings that sources only imply, and gaps of our copies, which are
    not disagreements. `duplicates` is how many things the list leaves out, since another one stands for them.
    """

    of_them: str
    duplicates: int

    columns: list[str]
    names: list[str]
    numbers: list[str]
    rows: list[tuple[str, str, list[list[tuple[str, str, str]]]]]


@dataclass(frozen=True)
class KindList:
    """The list of the things of a kind: its columns and pages."""

    PAGE_SIZE: ClassVar = 100

    kind: str

    @property
    def headings(self) -> dict[str, str]:
        """The headings of the columns, by name."""
        return {column.name: column.title for column in COLUMNS[self.kind]}

    def page_number(self, page: str, count: int) -> int:
        """Return the number of a page of so many things, 1 for "". Raises PageNumberError."""
        return parse_page_number(page, count_pages(count, self.PAGE_SIZE), f"the list of {TITLE_BY_KIND[self.kind]}")

    def page(self, things: Sequence[str], page: int = 1, count: int | None = None, chosen: str = "") -> ListPage:
        """Return a page: its things, its number, and the number of all things, by default these."""
        count = len(things) if count is None else count
        return ListPage(
            kind=self.kind,
            title=TITLE_BY_KIND[self.kind],
            count=count,
            page=page,
            pages=count_pages(count, self.PAGE_SIZE),
            things=list(things),
            chosen=chosen,
        )

    def values(self, store: Store, things: Sequence[str]) -> Iterator[list[Sequence[NamedNode | Literal]]]:
        """Yield for each of some things its values in all columns: of many at once, without a name of any."""
        columns = [_values(store, column, things) for column in COLUMNS[self.kind]]
        for thing in things:
            yield [column.get(thing, ()) for column in columns]

    @staticmethod
    def names(store: Store, things: Collection[str]) -> dict[str, str]:
        """Return the names of things; those of works are what they are called beside others, such as CLI 2016."""
        names = display_names(store, things)
        of_works = works(store) if any(ns.kind_of(thing) == "publication" for thing in things) else []
        return names | {work["iri"]: work["label"] for work in of_works if work["iri"] in names and len(of_works) > 1}


@Reading
def list_table(store: Store, page: ListPage, shown: Sequence[str] | None = None) -> ListTable:
    """Return a page of a list with its rows, and the columns that are shown, by name; by default all.

    Without columns a row is the IRI and the name of a thing.
    """
    things = page["things"]
    names = KindList.names(store, things)
    columns = [column for column in COLUMNS[page["kind"]] if shown is None or column.name in shown]
    cells = [_cells(store, column, things) for column in columns]
    return ListTable(
        **page,
        of_them=_counted_apart(store).get(page["kind"], ""),
        duplicates=sum(kind_of_thing(store, iri) == page["kind"] for iri in _find_duplicates(store)),
        columns=[column.title for column in columns],
        names=[column.name for column in columns],
        numbers=[column.title for column in columns if column.is_count],
        rows=[(iri, names[iri], [column.get(iri, []) for column in cells]) for iri in things],
    )


@TriplesReading
def list_graph(store: Store, page: ListPage) -> list[Triple]:
    """Return a page of a list as a collection of Hydra with its members' types and labels."""
    found = list_table(store, page, [])
    address = f"{ns.BASE}doc/{page['kind']}?{page['chosen']}"
    collection = NamedNode(address.removesuffix("?"))
    stated = list(
        triples_about(
            collection,
            ("rdf:type", node("hydra:Collection")),
            ("dcterms:title", Literal(found["title"], language="en")),
            ("hydra:totalItems", integer(found["count"])),
        )
    )
    stated += describe_page(collection, found["page"], found["pages"])
    for iri, name, _ in found["rows"]:
        member = NamedNode(iri)
        stated += triples_about(collection, ("hydra:member", member))
        stated += triples_about(member, ("rdfs:label", Literal(name, language="en")))
        stated += [quad.triple for quad in match(store, member, RDF.type, None, DefaultGraph())]
    return stated


@Reading
def kind_counts(store: Store) -> dict[str, tuple[int, str]]:
    """Return the number of things in the list of each kind, and which of them other counts leave out.

    It takes less time than the lists.
    """
    labelled = {row["thing"] for row in select(store, "SELECT DISTINCT ?thing { ?thing skos:prefLabel ?label }")}
    left_out, narrower = _find_left_out(store), kinds_of_polities(store)
    things = {thing.value for thing in labelled if isinstance(thing, NamedNode)} - left_out
    found = Counter(narrower.get(iri) or ns.kind_of(iri) for iri in things)
    for kind, of_class in UNLABELLED.items():
        (row,) = select(store, f"SELECT (COUNT(?thing) AS ?number) {{ ?thing a {of_class} }}")
        typed = [Quad(NamedNode(iri), RDF.type, of_class, DefaultGraph()) for iri in left_out]
        found[kind] = int(row["number"].value) - sum(quad in store for quad in typed)
    apart = _counted_apart(store)
    return {kind: (found[kind], apart.get(kind, "")) for kind in COLUMNS}


@Reading
def things_of_kind(store: Store, kind: str) -> str:
    """Return the IRIs of the things in the list of a kind, separated by spaces, in its order. Raises KeyError."""
    return unlabelled_things(store, kind) if kind in UNLABELLED else labelled_things(store)[kind]


def unlabelled_things(store: Store, kind: str) -> str:
    """Return the IRIs of the things of an unlabelled kind in order, separated by spaces.

    The order is that of their names; for very many, whose names would take long to build, that of IRIs.
    """
    found = {node.value for node in nodes_with(store, RDF.type, UNLABELLED[kind])} - _find_left_out(store)
    things = sorted(iri for iri in found if ns.kind_of(iri) == kind)
    if len(things) <= _MOST_SORTED_BY_NAME:
        names = display_names(store, things)
        things.sort(key=lambda iri: names[iri].casefold())
    return " ".join(things)


@once_per_snapshot
def labelled_things(store: Store) -> dict[str, str]:
    """Return the IRIs of all other things by kind, separated by spaces, in the order of their labels.

    Passages come in the order of their work.
    """
    names = {iri: text.value.casefold() for iri, text in _labels(store).items()}
    order = reading_order(store)
    found: dict[str, list[str]] = {kind: [] for kind in COLUMNS if kind not in UNLABELLED}
    narrower = kinds_of_polities(store)
    for iri in sorted(names, key=lambda iri: (order.get(iri, 0), names[iri], iri)):
        if (kind := narrower.get(iri) or ns.kind_of(iri)) in found:
            found[kind].append(iri)
    return {kind: " ".join(things) for kind, things in found.items()}


@once_per_snapshot
def _counted_apart(store: Store) -> Mapping[str, str]:
    """Return by kind of which things of its list counts elsewhere leave out how many, where there are any."""
    text = """SELECT (COUNT(DISTINCT ?twinning) AS ?number) {
      ?account cd:implied true ; cd:accountOf ?twinning . ?twinning a cd:Twinning .
      FILTER NOT EXISTS { ?other cd:accountOf ?twinning FILTER NOT EXISTS { ?other cd:implied true } } }"""
    implied = next(int(row["number"].value) for row in select(store, text))
    gaps = len({quad.subject for quad in match(store, None, RDF.type, CD.CopyGap, DefaultGraph())})
    said = {"twinning": f"{implied} of them only implied", "disagreement": f"{gaps} of them gaps of our copies alone"}
    return {kind: text for kind, text in said.items() if not text.startswith("0 ")}


def _labels(store: Store) -> Mapping[str, Literal]:
    """Return the labels of all listed things that have one, in English if there is a choice."""
    texts: defaultdict[str, list[object]] = defaultdict(list)
    for quad in match(store, None, SKOS.prefLabel, None, DefaultGraph()):
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(ns.ID):
            texts[quad.subject.value].append(quad.object)
    left_out = _find_left_out(store)
    found = ((iri, preferred_literal(of)) for iri, of in texts.items() if iri not in left_out)
    return {iri: text for iri, text in found if text is not None}


def _find_left_out(store: Store) -> set[str]:
    """Return what no list has: withdrawn things, and duplicates."""
    marked = nodes_with(store, OWL.deprecated, graph=None)
    return {thing.value for thing in marked if is_withdrawn(store, thing)} | _find_duplicates(store)


def _find_duplicates(store: Store) -> set[str]:
    """Return the things for which another one stands, and the twinnings that repeat another."""
    return {node.value for by in (CD.duplicateOf, CD.repeats) for node in nodes_with(store, by)}


def _cells(store: Store, column: ListColumn, things: Sequence[str]) -> dict[str, list[tuple[str, str, str]]]:
    """Return the values of a column by thing, as pages show them."""
    found = _values(store, column, things)
    named = {value.value for of in found.values() for value in of if isinstance(value, NamedNode)}
    words = KindList.names(store, named)
    return {
        thing: sorted((_cell(value, words) for value in of), key=lambda cell: (cell[1].casefold(), cell))
        for thing, of in found.items()
    }


def _values(store: Store, column: ListColumn, things: Sequence[str]) -> dict[str, list[NamedNode | Literal]]:
    """Return the values of a column by thing; of one that counts their number."""
    if not things:
        return {}
    pattern = column.pattern if isinstance(column.pattern, str) else column.pattern(store, things)
    within = f"WHERE {{ VALUES ?thing {{ {' '.join(f'<{thing}>' for thing in things)} }} {pattern} }}"
    if column.is_count:
        rows = select(store, f"SELECT ?thing (COUNT(DISTINCT ?value) AS ?number) {within} GROUP BY ?thing")
        counts = {row["thing"].value: row["number"] for row in rows}
        return {thing: [counts.get(thing, Literal(0))] for thing in things}
    found: dict[str, list[NamedNode | Literal]] = {}
    for thing, value in select(store, f"SELECT DISTINCT ?thing ?value {within}"):
        found.setdefault(thing.value, []).append(value)
    return found


def _cell(value: NamedNode | Literal, words: Mapping[str, str]) -> tuple[str, str, str]:
    if isinstance(value, NamedNode):
        return value.value, words[value.value], ""
    datatype = "" if value.datatype == XSD.string else value.datatype.value
    return "", value.value, value.language or datatype
