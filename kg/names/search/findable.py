"""What can be found: things, terms, concepts, and what others add; each with its kind, its names and its weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.names.index import Names, named
from kg.rdf import namespaces as ns
from kg.rdf.labels import NAMES
from kg.rdf.lookup import match, match_each
from kg.rdf.vocabulary import CD, DCTERMS, RDFS, SKOS

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
_TOLD = (*DESCRIPTIONS, CD.note, CD.printedValue, CD.value, CD.begin, CD.end, CD.atTime)
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
class Further:
    """What the graph does not name and can be found nevertheless: its names, first its label, and a description."""

    iri: str
    names: tuple[Literal, ...]
    description: str

    def as_findable(self) -> Findable:
        """Return what can be found of it, which no passage names."""
        return Findable(self.iri, _kind(self.iri), self.names[0], 0)


def names_in(names: Names) -> dict[str, list[Literal]]:
    """Return the names of each thing, concept and term of ours by its IRI, labels first."""
    found: dict[str, list[Literal]] = {}
    for iri, name in named(names.store, (*NAMES, RDFS.label, DCTERMS.title)):
        if iri.startswith(ns.BASE) and not names.is_passed_over(iri):
            found.setdefault(iri, []).append(name)
    return found


class Findables:
    """What can be found of a store, each made when it is first asked for: looking all up in a data set takes long.

    `called` are the names of each by its IRI, the label first where none is English.
    """

    def __init__(self, called: Mapping[str, Sequence[Literal]], store: Store) -> None:
        self._called = called
        self._store = store
        self._large: list[NamedNode] = []
        """Graphs of data sets and the like, in which each thing is looked up; the others are read."""
        self._counted: Counter[str] = Counter()
        for graph in store.named_graphs():
            passages = list(islice(match(store, None, CD.statementGraph, graph, DefaultGraph()), 2))
            if passages and isinstance(graph, NamedNode):
                self._count(graph, is_data_set=len(passages) > 1)
        self._made: dict[str, Findable] = {}
        self._further: dict[str, Findable] = {}

    def __contains__(self, iri: str) -> bool:
        return iri in self._called or iri in self._further

    def __getitem__(self, iri: str) -> Findable:
        if (found := self._further.get(iri) or self._made.get(iri)) is None:
            names = self._called[iri]
            label = next((name for name in names if name.language == "en"), names[0])
            found = self._made[iri] = Findable(iri, _kind(iri), label, self._passages(NamedNode(iri)))
        return found

    def with_further(self, added: Iterable[Further]) -> Findables:
        """Return these with what can be found besides; what is made of the store is made once for both."""
        wider = copy(self)
        wider._further = self._further | {one.iri: one.as_findable() for one in added}
        return wider

    def _count(self, graph: NamedNode, *, is_data_set: bool) -> None:
        most = 0 if is_data_set else len(self._called)
        stated = list(islice(match(self._store, graph=graph), most))
        if len(stated) == most:
            self._large.append(graph)
        else:
            self._counted.update({_named_by(quad) for quad in stated})

    def _passages(self, thing: NamedNode) -> int:
        """Return how many passages name a thing in a statement, or state it (cd:statedIn); a data set counts once."""
        return self._counted[thing.value] + sum(self._is_named_in(graph, thing) for graph in self._large)

    def _is_named_in(self, graph: NamedNode, thing: NamedNode) -> bool:
        if any(quad.predicate != CD.statedIn for quad in match(self._store, None, None, thing, graph)):
            return True
        return _has(self._store, thing, CD.statedIn, None, graph)


def descriptions(store: Store) -> dict[str, list[str]]:
    """Return by IRI what texts, figures and times say of something; what an account has is said of its relation."""
    told: dict[str, list[str]] = {}
    for quad in match_each(store, ((None, predicate, None, DefaultGraph()) for predicate in _TOLD)):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
            texts = told.setdefault(_spoken_of(store, quad.subject).value, [])
            texts.append(quad.object.value)
            if quad.predicate == CD.value and quad.object.value.isdigit():
                texts.append(f"{int(quad.object.value):,}")
    return told


def _spoken_of(store: Store, subject: NamedNode) -> NamedNode:
    """Return what an account is an account of, and of anything else itself."""
    of = next(match(store, subject, CD.accountOf, None, DefaultGraph()), None)
    return of.object if of is not None and isinstance(of.object, NamedNode) else subject


def _kind(iri: str) -> str:
    if iri.startswith(ns.ID):
        return ns.kind_of(iri)
    if iri.startswith(ns.VOCABULARY):
        return "concept" if "/" in iri.removeprefix(ns.VOCABULARY) else "vocabulary"
    if iri.startswith(ns.GUIDES):
        return "guide"
    return "question" if iri.startswith(ns.QUERIES) else "term"


def _has(store: Store, *pattern: Any) -> bool:
    return next(match(store, *pattern), None) is not None


def _named_by(quad: Quad) -> str:
    named = quad.subject if quad.predicate == CD.statedIn else quad.object
    return named.value if isinstance(named, NamedNode) else ""
