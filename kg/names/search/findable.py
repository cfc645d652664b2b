"""The things, terms, concepts and extras that a search can find, each with its kind, its names and its weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.names.name_index import IndexChange, NameEntry
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.passages import work_of_passage
from kg.rdf.vocabulary import CD, SKOS

KINDS = (
    *("city", "polity", "district", "region", "nation", "country", "place", "network", "organisation"),
    *("question", "guide", "term", "vocabulary", "concept", "passage", "twinning", "office", "team", "strategy"),
    *("agreement", "funding"),
    *("mediation", "activity", "zone", "person", "publication", "group", "disagreement", "absence"),
    *("completeness", "definition"),
    *("recommendation", "finding", "membership", "affiliation", "assignment", "statistic", "citation"),
    *("source", "spelling", "reading", "support"),
)
"""The kinds of results, in the order in which people look for them: the types in the IRIs of things, terms of the
ontology, vocabularies with their concepts, canned queries (question), and guides to the service."""
DESCRIPTIONS = (SKOS.definition, CD.paraphrase, CD.says, CD.explanation, CD.counts, CD.purpose)
"""The properties of texts that describe something."""

PLACES = ("city", "polity", "district", "region")
"""Kinds of places that people look for without knowing which of these they are."""
_RANK = {kind: rank for rank, kind in enumerate(KINDS)} | dict.fromkeys(PLACES, 0)
_MOST_SAID = 500
"""Statements of a data set that are counted of one thing at most."""


@dataclass(frozen=True, slots=True)
class Findable:
    """Something that can be found: its IRI, its kind (one of KINDS), its label, and how many passages name it.

    These are counted by work, in pairs of its name in the IRIs of passages and a number. `said` is how much is said of
    it: passages that name it, and of data sets the statements that do.
    """

    iri: str
    kind: str
    label: Literal
    passages: tuple[tuple[str, int], ...] = ()
    said: int = 0

    @property
    def is_place(self) -> bool:
        """True for a city or another body or area that has twins or lies in a country."""
        return self.kind in PLACES

    @property
    def place(self) -> tuple[int, int, str, str]:
        """The sort key among equally good matches: by kind, then by how much is said, then by label."""
        return _RANK.get(self.kind, len(KINDS)), -self.said, self.label.value, self.iri


@dataclass(frozen=True, slots=True)
class Extra:
    """Something to be found that the graph does not name: its IRI, and its names, first its label."""

    iri: str
    names: tuple[Literal, ...]

    def as_findable(self) -> Findable:
        """Return it as a findable thing, which no passage names."""
        return Findable(self.iri, kind_of_findable(self.iri), self.names[0])


def names_of_entry(iri: str, entry: NameEntry) -> tuple[Literal, ...]:
    """Return the names by which a thing, concept or term of ours can be found, labels first; else nothing."""
    if entry.is_hidden or not iri.startswith(ns.BASE):
        return ()
    return (*entry.names, *entry.titles, *entry.printed)


class PassageCounts:
    """The number of passages that name each thing: counted once in most graphs, looked up in those of data sets."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self._most = len(entries)
        self._works: dict[str, str] = {}
        """The work of each graph."""
        self._large: set[str] = set()
        """Graphs of data sets and the like, in which each thing is looked up; the others are read whole."""
        self._named_in: dict[str, frozenset[str]] = {}
        self._counted: dict[str, Counter[str]] = {}
        for graph in store.named_graphs():
            if isinstance(graph, NamedNode):
                self._count(store, graph)

    def move(self, store: Store, moved: IndexChange) -> None:
        """Update the part for another revision."""
        for graph in moved.graphs:
            self._large.discard(graph)
            if named := self._named_in.pop(graph, None):
                self._counted[self._works[graph]].subtract(named)
            self._count(store, NamedNode(graph))

    def of(self, store: Store, iri: str) -> tuple[tuple[str, int], ...]:
        """Return by work the number of passages that name a thing in a statement, or state it (cd:statedIn).

        A data set counts once.
        """
        thing = NamedNode(iri)
        counted = {work: counted[iri] for work, counted in self._counted.items()}
        for graph in self._large:
            work = self._works[graph]
            counted[work] = counted.get(work, 0) + _is_mentioned_in(store, NamedNode(graph), thing)
        return tuple((work, number) for work, number in sorted(counted.items()) if number)

    def said_of(self, store: Store, iri: str) -> int:
        """Return how many passages name a thing, and how many statements of data sets, some hundred at most."""
        in_passages = sum(counted[iri] for counted in self._counted.values())
        of_data_sets = (
            quad for graph in self._large for quad in match(store, None, None, NamedNode(iri), NamedNode(graph))
        )
        return in_passages + sum(1 for _ in islice(of_data_sets, _MOST_SAID))

    def _count(self, store: Store, graph: NamedNode) -> None:
        passages = list(islice(match(store, None, CD.statementGraph, graph, DefaultGraph()), 2))
        if not passages:
            return
        work = self._works[graph.value] = work_of_passage(str(getattr(passages[0].subject, "value", "")))
        self._counted.setdefault(work, Counter())
        most = 0 if len(passages) > 1 else self._most
        stated = list(islice(match(store, graph=graph), most))
        if len(stated) == most:
            self._large.add(graph.value)
        else:
            self._named_in[graph.value] = frozenset(map(_mention, stated))
            self._counted[work].update(self._named_in[graph.value])


def _is_mentioned_in(store: Store, graph: NamedNode, thing: NamedNode) -> bool:
    if any(quad.predicate != CD.statedIn for quad in match(store, None, None, thing, graph)):
        return True
    return _has(store, thing, CD.statedIn, None, graph)


def kind_of_findable(iri: str) -> str:
    """Return the kind of something with an IRI of ours, one of KINDS."""
    if iri.startswith(ns.ID):
        return ns.kind_of(iri)
    if iri.startswith(ns.VOCABULARY):
        return "concept" if "/" in iri.removeprefix(ns.VOCABULARY) else "vocabulary"
    if iri.startswith(ns.GUIDES):
        return "guide"
    return "question" if iri.startswith(ns.QUERIES) else "term"


def _has(store: Store, *pattern: Any) -> bool:
    return next(match(store, *pattern), None) is not None


def _mention(quad: Quad) -> str:
    named = quad.subject if quad.predicate == CD.statedIn else quad.object
    return named.value if isinstance(named, NamedNode) else ""
