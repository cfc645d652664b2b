"""What a page says, in words of the graph: names, sentences, and who says so, as values that JSON can hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import called, preferred
from kg.rdf.lookup import Term, match
from kg.rdf.vocabulary import CD, RDF


class Word(TypedDict):
    """Some text, the IRI that it stands for, if any, and its language, if it has one."""

    text: str
    iri: str | None
    lang: str | None


class Part(TypedDict):
    """What some sources say of a thing alike: the words, and the sources."""

    words: list[Word]
    sources: list[Word]


class Said(TypedDict):
    """Something that is said: what, the parts of it that sources say alike, and the sources that say otherwise."""

    value: Word
    parts: list[Part]
    against: list[Word]


DETAILS = (
    *(CD.role, CD.roleTitle, CD.status, CD.character, CD.basis, CD.begin, CD.end, CD.theme, CD.strategyKind, CD.scope),
    *(CD.through, CD.partOf, CD.location, CD.purpose),
)
"""What an account adds to what it is about, in the order of pages."""

_FOLLOWS = (graphs.INFERRED, DefaultGraph())


class Words:
    """The words of a store, each looked up once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.of = cache(self._of)
        self.passage = cache(self._passage)
        self.place = cache(self._place)

    def text(self, literal: Literal) -> Word:
        """Return a literal as it stands, an integer with its thousands apart."""
        value = literal.value
        if literal.language is None and value.isdigit() and len(value) > 4:
            value = f"{int(value):,}"
        return Word(text=value, iri=None, lang=literal.language)

    def value(self, term: Term) -> Word:
        """Return a term in words."""
        if isinstance(term, NamedNode):
            return self.of(term)
        return self.text(term) if isinstance(term, Literal) else Word(text=str(term), iri=None, lang=None)

    def values(self, thing: NamedNode, predicate: NamedNode, graph: NamedNode | None = None) -> list[Term]:
        """Return what is stated of a thing, once each, sorted: in a graph, or in any but that of what follows."""
        found = match(self.store, thing, predicate, None, graph)
        return sorted({quad.object for quad in found if quad.graph_name not in _FOLLOWS}, key=str)

    def nodes(self, thing: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        """Return the things that a property of a thing leads to."""
        return [value for value in self.values(thing, predicate) if isinstance(value, NamedNode)]

    def pointing(self, predicate: NamedNode, thing: NamedNode) -> list[NamedNode]:
        """Return the things of which a property leads to this one, in the order of what states them."""
        found = match(self.store, None, predicate, thing, DefaultGraph())
        return sorted({q.subject for q in found if isinstance(q.subject, NamedNode)}, key=self.place)

    def literal(self, thing: NamedNode, predicate: NamedNode, graph: NamedNode | None = None) -> Literal | None:
        """Return the text that is stated of a thing, in English where there is a choice; None without one."""
        return preferred(self.values(thing, predicate, graph))

    def sources(self, quads: Iterable[Quad]) -> list[Word]:
        """Return who states quads: the passages of their graphs, or the graphs."""
        found = {quad.graph_name for quad in quads if isinstance(quad.graph_name, NamedNode)}
        return self.ordered(self.passage(graph) for graph in found if graph != graphs.INFERRED)

    def stated_in(self, thing: NamedNode) -> list[Word]:
        """Return the passages and sources in which a thing is stated, of one without them who types it."""
        stated = self.nodes(thing, CD.statedIn)
        if stated:
            return self.ordered(map(self.of, stated))
        return self.sources(match(self.store, thing, RDF.type))

    def ordered(self, words: Iterable[Word]) -> list[Word]:
        """Return words once each: passages in the reading order, then others by their text."""
        by_iri = {word["iri"] or word["text"]: word for word in words}
        return sorted(by_iri.values(), key=lambda word: (*self._order(word["iri"]), word["text"]))

    def sentences(self, thing: NamedNode, graph: NamedNode | None = None) -> list[Word]:
        """Return what a statement says, in a graph or wherever it stands, in the words of the graph.

        That is its sentence; of an account what it is about, its details and its note; of a number what it counts; of
        a citation its note; of a list or anything else its name.
        """
        says = [text for text in self.values(thing, CD.says, graph) if isinstance(text, Literal)]
        if says:
            return [{**self.text(text), "iri": thing.value} for text in says]
        of = self.nodes(thing, CD.accountOf)
        if of:
            name, told = self.of(of[0])["text"], self.told(thing)
            return [Word(text=f"{name}: {told}" if told else name, iri=thing.value, lang="en")]
        counts = self.literal(thing, CD.counts)
        if counts is not None:
            return [Word(text=f"{counts.value}: {self.number(thing)}", iri=thing.value, lang="en")]
        note = self.literal(thing, CD.citationNote)
        return [{**(self.text(note) if note else self.of(thing)), "iri": thing.value}]

    def told(self, account: NamedNode) -> str:
        """Return what an account adds to what it is about: its details, its note, and the names that it prints."""
        note = self.literal(account, CD.note)
        names = [name.value for name in self.values(account, CD.printedName) if isinstance(name, Literal)]
        printed = f"printed as {', '.join(f'“{name}”' for name in names)}" if names else ""
        told = [*(word["text"] for word in self.details(account)), note.value if note else "", printed]
        return "; ".join(text.removesuffix(".") for text in told if text)

    def number(self, statistic: NamedNode) -> str:
        """Return the number of a statistic as it is printed, else as it is stated."""
        printed = self.literal(statistic, CD.printedValue) or self.literal(statistic, CD.value)
        return self.text(printed)["text"] if printed else ""

    def details(self, account: NamedNode) -> list[Word]:
        """Return what an account adds to what it is about."""
        return [
            self.value(value) if predicate not in (CD.begin, CD.end) else self._date(predicate, value)
            for predicate in DETAILS
            for value in self.values(account, predicate)
        ]

    def accounts(self, thing: NamedNode) -> list[NamedNode]:
        """Return the accounts of a thing, in the order of their passages."""
        return self.pointing(CD.accountOf, thing)

    def _date(self, predicate: NamedNode, value: Term) -> Word:
        word = "since" if predicate == CD.begin else "until"
        return Word(text=f"{word} {self.value(value)['text']}", iri=None, lang="en")

    def _of(self, thing: NamedNode) -> Word:
        text = called(self.store, [thing.value])[thing.value]
        return Word(text=text, iri=thing.value, lang="en")

    def _passage(self, graph: NamedNode) -> Word:
        of = list(self._holders(graph))
        if len(of) == 1:
            return self.of(of[0])
        name = graph.value.removeprefix(ns.GRAPH)
        return Word(text=name, iri=graph.value, lang="en")

    def _holders(self, graph: NamedNode) -> Iterator[NamedNode]:
        for quad in match(self.store, None, CD.statementGraph, graph, DefaultGraph()):
            if isinstance(quad.subject, NamedNode):
                yield quad.subject

    def _place(self, thing: NamedNode) -> tuple[bool, int, str]:
        passages = self.nodes(thing, CD.statedIn) or [thing]
        return (*min(map(self._order, (passage.value for passage in passages)), default=(True, 0)), thing.value)

    def _order(self, iri: str | None) -> tuple[bool, int]:
        order = self.literal(NamedNode(iri), CD.order) if iri and iri.startswith(ns.PREFIXES["passage"]) else None
        return (False, int(order.value)) if order else (True, 0)
