"""What can be found: things, terms, concepts, and what others add; each with its kind, its names and its weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
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


def findable(called: dict[str, list[Literal]], store: Store) -> dict[str, Findable]:
    """Return what can be found by its IRI, of the names of each."""
    passages = _passages(store, called)
    return {iri: Findable(iri, _kind(iri), _label(names), passages[iri]) for iri, names in called.items()}


def descriptions(store: Store) -> Iterator[tuple[str, str]]:
    """Yield IRIs, each with a text that says what it is."""
    for quad in match_each(store, ((None, predicate, None, DefaultGraph()) for predicate in DESCRIPTIONS)):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
            yield quad.subject.value, quad.object.value


def _label(names: list[Literal]) -> Literal:
    return next((name for name in names if name.language == "en"), names[0])


def _kind(iri: str) -> str:
    if iri.startswith(ns.ID):
        return ns.kind_of(iri)
    if iri.startswith(ns.VOCABULARY):
        return "concept" if "/" in iri.removeprefix(ns.VOCABULARY) else "vocabulary"
    if iri.startswith(ns.GUIDES):
        return "guide"
    return "question" if iri.startswith(ns.QUERIES) else "term"


def _passages(store: Store, called: Collection[str]) -> Counter[str]:
    """Count the passages that name each thing in a statement, or state it (cd:statedIn); a data set counts once."""
    counted: Counter[str] = Counter()
    for graph in store.named_graphs():
        if isinstance(graph, NamedNode) and _has(store, None, CD.statementGraph, graph, DefaultGraph()):
            counted.update(_named_in(store, graph, called))
    return counted


def _named_in(store: Store, graph: NamedNode, called: Collection[str]) -> set[str]:
    """Return what a graph names of the things called something: of a large graph each is looked up, else it is read."""
    stated = list(islice(match(store, graph=graph), len(called)))
    if len(stated) < len(called):
        return {_named_by(quad) for quad in stated}
    things = map(NamedNode, called)
    return {thing.value for thing in things if _is_named_in(store, graph, thing)}


def _is_named_in(store: Store, graph: NamedNode, thing: NamedNode) -> bool:
    if any(quad.predicate != CD.statedIn for quad in match(store, None, None, thing, graph)):
        return True
    return _has(store, thing, CD.statedIn, None, graph)


def _has(store: Store, *pattern: Any) -> bool:
    return next(match(store, *pattern), None) is not None


def _named_by(quad: Quad) -> str:
    named = quad.subject if quad.predicate == CD.statedIn else quad.object
    return named.value if isinstance(named, NamedNode) else ""
