"""What can be found: things, terms, concepts, and what others add; each with its kind, its names and its weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.names.name_index import IndexChange, NameEntry
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match, match_each
from kg.rdf.vocabulary import CD, SKOS

KINDS = (
    *("city", "polity", "district", "region", "nation", "country", "network", "organisation"),
    *("question", "guide", "term", "vocabulary", "concept", "passage", "twinning", "office", "team", "strategy"),
    *("agreement", "funding"),
    *("mediation", "activity", "zone", "person", "publication", "group", "disagreement", "absence", "definition"),
    *("recommendation", "finding", "membership", "affiliation", "assignment", "statistic", "citation"),
    *("source", "spelling", "reading", "support"),
)
"""The kinds of what can be found, in the order in which people look for them: of things the types in their IRIs,
besides terms of the ontology, vocabularies with their concepts, questions, and guides to the service."""
DESCRIPTIONS = (SKOS.definition, CD.paraphrase, CD.says, CD.explanation, CD.counts, CD.purpose)
"""The properties of texts that say what something is."""
_DESCRIPTIVE = (*DESCRIPTIONS, CD.note, CD.printedValue, CD.value, CD.begin, CD.end, CD.atTime)
"""Those and the properties of notes, figures and times, which people look for as a source prints them."""

_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Findable:
    """What can be found: its IRI, its kind (KINDS), what it is called, and how many passages name it."""

    iri: str
    kind: str
    label: Literal
    passages: int

    @property
    def place(self) -> tuple[int, int, str, str]:
        """Sort key among what fits a text as well: by kind, then by passages, then by label."""
        return _RANK.get(self.kind, len(KINDS)), -self.passages, self.label.value, self.iri


@dataclass(frozen=True, slots=True)
class Extra:
    """What the graph does not name and can be found nevertheless: its names, first its label, and a description."""

    iri: str
    names: tuple[Literal, ...]
    description: str

    def as_findable(self) -> Findable:
        """Return what can be found of it, which no passage names."""
        return Findable(self.iri, kind_of_findable(self.iri), self.names[0], 0)


def names_of_entry(iri: str, entry: NameEntry) -> tuple[Literal, ...]:
    """Return the names by which a thing, concept or term of ours can be found, labels first; none for all else."""
    if entry.is_hidden or not iri.startswith(ns.BASE):
        return ()
    return (*entry.names, *entry.titles, *entry.printed)


class PassageCounts:
    """How many passages name a thing: what most graphs name is counted beforehand, data sets and the like are asked."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self._most = len(entries)
        self._large: set[str] = set()
        """Graphs of data sets and the like, in which each thing is looked up; the others are read."""
        self._named_in: dict[str, frozenset[str]] = {}
        self._counted: Counter[str] = Counter()
        for graph in store.named_graphs():
            if isinstance(graph, NamedNode):
                self._count(store, graph)

    def move(self, store: Store, moved: IndexChange) -> None:
        """Go to another revision."""
        for graph in moved.graphs:
            self._large.discard(graph)
            self._counted.subtract(self._named_in.pop(graph, ()))
            self._count(store, NamedNode(graph))

    def of(self, store: Store, iri: str) -> int:
        """Return how many passages name a thing in a statement, or state it (cd:statedIn); a data set counts once."""
        thing = NamedNode(iri)
        return self._counted[iri] + sum(_is_mentioned_in(store, NamedNode(graph), thing) for graph in self._large)

    def _count(self, store: Store, graph: NamedNode) -> None:
        passages = list(islice(match(store, None, CD.statementGraph, graph, DefaultGraph()), 2))
        if not passages:
            return
        most = 0 if len(passages) > 1 else self._most
        stated = list(islice(match(store, graph=graph), most))
        if len(stated) == most:
            self._large.add(graph.value)
        else:
            self._named_in[graph.value] = frozenset(map(_mention, stated))
            self._counted.update(self._named_in[graph.value])


def _is_mentioned_in(store: Store, graph: NamedNode, thing: NamedNode) -> bool:
    if any(quad.predicate != CD.statedIn for quad in match(store, None, None, thing, graph)):
        return True
    return _has(store, thing, CD.statedIn, None, graph)


def descriptions(store: Store) -> dict[str, list[str]]:
    """Return by IRI what texts, figures and times say of something; what an account has is said of its relation."""
    told: dict[str, list[str]] = {}
    for quad in match_each(store, ((None, predicate, None, DefaultGraph()) for predicate in _DESCRIPTIVE)):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
            for of in _described_things(store, quad.subject):
                told.setdefault(of, []).extend(_texts(quad))
    return told


def description_of(store: Store, iri: str) -> list[str]:
    """Return what `told_of` has of one thing."""
    thing = NamedNode(iri)
    speaking = {quad.subject for quad in match(store, None, CD.accountOf, thing, DefaultGraph())}
    if iri in _described_things(store, thing):
        speaking.add(thing)
    patterns = ((one, predicate, None, DefaultGraph()) for predicate in _DESCRIPTIVE for one in speaking)
    return [
        text
        for quad in match_each(store, patterns)
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal)
        for text in _texts(quad)
    ]


def _texts(quad: Quad) -> list[str]:
    text = str(getattr(quad.object, "value", ""))
    return [text, f"{int(text):,}"] if quad.predicate == CD.value and text.isdigit() else [text]


def _described_things(store: Store, subject: NamedNode) -> set[str]:
    """Return what an account is an account of, and of anything else itself."""
    of = {quad.object for quad in match(store, subject, CD.accountOf, None, DefaultGraph())}
    return {one.value for one in of if isinstance(one, NamedNode)} or {subject.value}


def kind_of_findable(iri: str) -> str:
    """Return the kind of what can be found, one of KINDS."""
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
