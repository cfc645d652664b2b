"""Values on a page, in words (kg.wording) and with their sources, as JSON-serialisable dictionaries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from itertools import islice
from typing import NotRequired, TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import preferred_literal
from kg.rdf.lookup import Term, literals_of, match, nodes_of
from kg.rdf.passages import reading_order, work_of_passage
from kg.rdf.vocabulary import CD, DCTERMS, RDF
from kg.sentences import Sentence, account_sentences, sentences
from kg.sparql.evaluation import select
from kg.wording import ACCOUNT_PREDICATES, IriText, Wording, literal_text


class SourcedWords(TypedDict):
    """Words on which some sources agree, and the sources."""

    words: list[IriText]
    sources: list[IriText]


class ObjectingSource(TypedDict):
    """A source that objects, and the kind of its objection (kg.objections).

    `otherwise` is what it says, where it denies what is said of a tie and has the tie itself as there; else empty.
    """

    kind: str
    source: IriText
    otherwise: str


class SourcedValue(TypedDict):
    """A value on a page: its text, parts with their sources, and the sources that object.

    `linked` is the text of a sentence in parts, whose names lead to their pages; `marks` qualify it as a whole, such
    as a hedge.
    """

    value: IriText
    linked: NotRequired[list[IriText]]
    marks: NotRequired[list[IriText]]
    parts: list[SourcedWords]
    against: list[ObjectingSource]


class PropertyRow(TypedDict):
    """A property under its name on pages, with its values."""

    label: IriText
    values: list[SourcedValue]


DESCRIBED_BY_ROWS = frozenset({"activity", "publication", "zone"})
"""Kinds of things whose pages have a row for each property that their accounts have."""

MOST_REFERRERS = 500
"""Things read at most of those that refer to one by a property: a work has thousands, no page shows more.

Those beyond are counted.
"""

_CURRENT = NamedNode(f"{ns.VOCABULARY}tie-status/current")
_OF_KIND = f"?node {{}} {{}} FILTER STRSTARTS(STR(?node), '{ns.ID}{{}}/')"


class Words:
    """The words of a store and its statements about things; each is looked up once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._wording = Wording(store)
        self.place = cache(self._place)
        self.stating = cache(self._stating)
        self._values: dict[NamedNode, Mapping[NamedNode, list[Term]]] = {}
        self._referrers: dict[NamedNode, defaultdict[str, list[NamedNode]]] = {}

    def name_of(self, thing: NamedNode) -> IriText:
        """Return the name of a thing."""
        return IriText(**self._wording.name_of(thing))

    def text(self, literal: Literal) -> IriText:
        """Return a literal, an integer with separators between its thousands."""
        return IriText(**literal_text(literal), iri=None)

    def value(self, term: Term) -> IriText:
        """Return a term in words."""
        if isinstance(term, NamedNode):
            return self.name_of(term)
        return self.text(term) if isinstance(term, Literal) else IriText(text=str(term), iri=None, lang="")

    def values(self, thing: NamedNode, predicate: NamedNode) -> list[Term]:
        """Return the values of a property, each once, sorted, from all graphs but those of inferred statements."""
        if thing not in self._values:
            found: defaultdict[NamedNode, set[Term]] = defaultdict(set)
            for quad in match(self.store, thing):
                if quad.graph_name not in graphs.NOT_STATED:
                    found[quad.predicate].add(quad.object)
            self._values[thing] = {by: sorted(values, key=str) for by, values in found.items()}
        return self._values[thing].get(predicate, [])

    def nodes(self, thing: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        """Return the things among the values of a property."""
        return [value for value in self.values(thing, predicate) if isinstance(value, NamedNode)]

    def subjects(self, predicate: NamedNode, thing: NamedNode, kind: str = "") -> list[NamedNode]:
        """Return the things that refer to a thing by a property, of one kind or of any, in the order of their passages.

        There are `MOST_REFERRERS` at most.
        """
        found = list(islice(match(self.store, None, predicate, thing, DefaultGraph()), MOST_REFERRERS + 1))
        nodes = [quad.subject for quad in found if isinstance(quad.subject, NamedNode)]
        if kind and len(found) <= MOST_REFERRERS:
            nodes = [node for node in nodes if ns.kind_of(node.value) == kind]
        elif kind and predicate != CD.within and kind not in self.referrers_by_kind(thing):
            nodes = []  # only cd:within is inferred alone
        elif kind:  # those of the kind may stand behind all these
            query = f"SELECT ?node {{ {_OF_KIND.format(predicate, thing, kind)} }} LIMIT {MOST_REFERRERS}"
            nodes = [row["node"] for row in select(self.store, query) if isinstance(row["node"], NamedNode)]
        return sorted(nodes[:MOST_REFERRERS], key=self.place)

    def count_beyond(self, found: list[NamedNode], predicate: NamedNode, thing: NamedNode, kind: str) -> int:
        """Return how many things of a kind refer to a thing by a property beyond those returned by `subjects`."""
        if len(found) < MOST_REFERRERS:
            return 0
        (row,) = select(self.store, f"SELECT (COUNT(*) AS ?number) {{ {_OF_KIND.format(predicate, thing, kind)} }}")
        return int(row["number"].value) - len(found)

    def referrers_by_kind(self, thing: NamedNode) -> Mapping[str, list[NamedNode]]:
        """Return all things that refer to a thing by a stated property, by their kind."""
        if thing not in self._referrers:
            query = (
                f"SELECT DISTINCT ?node {{ GRAPH ?graph {{ ?node ?by {thing} }} FILTER (?graph != graph:inferred) }}"
            )
            self._referrers[thing] = defaultdict(list)
            for row in select(self.store, query):
                if isinstance(node := row["node"], NamedNode):
                    self._referrers[thing][ns.kind_of(node.value)].append(node)
        return self._referrers[thing]

    def literal(self, thing: NamedNode, predicate: NamedNode) -> Literal | None:
        """Return a text of a property, in English if there is a choice; None without one."""
        return preferred_literal(self.values(thing, predicate))

    def sources_of_quads(self, quads: Iterable[Quad]) -> list[IriText]:
        """Return the sources of the graphs of quads, in reading order (`source_of_graph`)."""
        found = {quad.graph_name for quad in quads if isinstance(quad.graph_name, NamedNode)}
        return self.in_reading_order(self.source_of_graph(graph) for graph in found if graph not in graphs.COMPUTED)

    def source_of_graph(self, graph: NamedNode) -> IriText:
        """Return the source of a graph: its passage or source, the editors, or the name of the graph."""
        if graph == graphs.INTERPRETATION:
            return IriText(text="editors’ reading", iri=graph.value, lang="en")
        source = self._wording.source(graph)
        return (
            IriText(**source)
            if source
            else IriText(text=graph.value.removeprefix(ns.GRAPH), iri=graph.value, lang="en")
        )

    def sources_of(self, thing: NamedNode) -> list[IriText]:
        """Return the passages and sources that state a thing; without any, the sources of its type."""
        stated = self.stating(thing)
        if stated:
            return self.in_reading_order(map(self.name_of, stated))
        return self.sources_of_quads(match(self.store, thing, RDF.type))

    def work_of(self, thing: NamedNode) -> str:
        """Return the name of the work whose passage is the first to state a thing, empty for the first work."""
        return min((work_of_passage(one.value) for one in self.stating(thing)), default="")

    def in_reading_order(self, words: Iterable[IriText]) -> list[IriText]:
        """Return words, each once: passages in reading order, then others by their text."""
        by_iri = {word["iri"] or word["text"]: word for word in words}
        return sorted(by_iri.values(), key=lambda word: (*self._order(word["iri"]), word["text"]))

    def sentences(self, thing: NamedNode) -> list[IriText]:
        """Return the sentences of a statement, paragraph by paragraph; the first links to it."""
        return _with_link(sentences(self._wording, thing, DefaultGraph()), thing)

    def marks(self, thing: NamedNode) -> list[IriText]:
        """Return the concepts that mark a statement as hedged, limited, observed or denied."""
        return [IriText(**mark) for mark in self._wording.marks(self._wording.facts(thing, DefaultGraph()))]

    def stated_by(
        self, account: NamedNode, source: IriText | None = None, subject: NamedNode | None = None
    ) -> list[Sentence]:
        """Return what an account says, sentence by sentence; the first names the source if it is given."""
        return account_sentences(self._wording, self._wording.facts(account, DefaultGraph()), source, subject)

    def account_values(self, account: NamedNode) -> list[IriText]:
        """Return what an account adds to its relation, value by value."""
        return [
            IriText(**self._wording.property_text(predicate, [value]), iri=None)
            if predicate in (CD.implied, CD.atTime, CD.begin, CD.end, CD.amount)
            else self._dated(account, value)
            for predicate in ACCOUNT_PREDICATES
            for value in self.values(account, predicate)
        ]

    def _dated(self, account: NamedNode, value: Term) -> IriText:
        """Return a value of an account in words, "current" with the year of which its work speaks, if that says so."""
        named = self.value(value)
        if value != _CURRENT:
            return named
        works = (work for source in self.nodes(account, CD.statedIn) for work in self.nodes(source, DCTERMS.isPartOf))
        years = (year.value[:4] for work in works for year in self.values(work, CD.asOf) if isinstance(year, Literal))
        return {**named, "text": " as of ".join((named["text"], *islice(years, 1)))}

    def accounts(self, thing: NamedNode) -> list[NamedNode]:
        """Return the accounts of a thing, and of the twinnings that repeat it, in the order of their passages."""
        repeating = self.subjects(CD.repeats, thing) if ns.kind_of(thing.value) == "twinning" else []
        found = [account for one in (thing, *repeating) for account in self.subjects(CD.accountOf, one)]
        return sorted(found, key=self.place) if repeating else found

    def quads_about(self, thing: NamedNode) -> Iterator[Quad]:
        """Yield what is stated of a thing: on itself, and of an activity, publication or zone on its accounts."""
        described = self.accounts(thing) if ns.kind_of(thing.value) in DESCRIBED_BY_ROWS else []
        for one in (thing, *described):
            for quad in match(self.store, one):
                is_own = one == thing or quad.predicate not in (RDF.type, CD.accountOf)
                if is_own and isinstance(quad.graph_name, NamedNode) and quad.graph_name not in graphs.COMPUTED:
                    yield quad

    def _stating(self, thing: NamedNode) -> tuple[NamedNode, ...]:
        """Return the passages and sources that state a thing, without its other statements, which may be many."""
        return tuple(sorted(nodes_of(self.store, thing, CD.statedIn), key=str))

    def _place(self, thing: NamedNode) -> tuple[bool, int, int, str]:
        passages = self.stating(thing) or (thing,)
        position = min((int(number.value) for number in literals_of(self.store, thing, CD.position)), default=0)
        return (*min(self._order(passage.value) for passage in passages), position, thing.value)

    def _order(self, iri: str | None) -> tuple[bool, int]:
        return iri not in self._places, self._places.get(iri or "", 0)

    @cached_property
    def _places(self) -> dict[str, int]:
        return reading_order(self.store)


def _with_link(texts: list[Sentence], thing: NamedNode) -> list[IriText]:
    return [
        IriText(text=text["text"], lang=text["lang"], iri=None if place else thing.value)
        for place, text in enumerate(texts)
    ]
