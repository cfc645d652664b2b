"""Statements of the ontology on its terms: axioms for the checks of a submission, successors, and its modules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kg.rdf import graphs
from kg.rdf.lookup import Term, closure, list_items, match
from kg.rdf.vocabulary import DCTERMS, OWL, RDF, RDFS, SKOS, XSD


class Disjointness:
    """The pairs of disjoint classes: those of the axioms, and their subclasses."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._disjoint: dict[Term, set[Term]] = defaultdict(set)
        self._above: dict[Term, frozenset[Term]] = {}
        for quad in match(store, None, OWL.disjointWith, None, graphs.ONTOLOGY):
            self._add(quad.subject, quad.object)
        for axiom in match(store, None, RDF.type, OWL.AllDisjointClasses, graphs.ONTOLOGY):
            for quad in match(store, axiom.subject, OWL.members, None, graphs.ONTOLOGY):
                for one, other in combinations(list_members(store, quad.object), 2):
                    self._add(one, other)

    def first_disjoint(self, kind: NamedNode, others: Iterable[NamedNode]) -> NamedNode | None:
        """Return the first of other classes, by IRI, that is disjoint with a class; None without one."""
        return next((other for other in sorted(others, key=str) if self.are_disjoint(kind, other)), None)

    def are_disjoint(self, one: NamedNode, other: NamedNode) -> bool:
        """Return True if a class, or one above it, is disjoint with another one, or with one above that."""
        above = self._with_superclasses(other)
        return any(
            not above.isdisjoint(self._disjoint[kind]) for kind in self._with_superclasses(one) & self._disjoint.keys()
        )

    def _with_superclasses(self, kind: Term) -> frozenset[Term]:
        """Return a class with all its superclasses."""
        if kind not in self._above:
            self._above[kind] = frozenset(closure(self._store, kind, RDFS.subClassOf, graphs.ONTOLOGY))
        return self._above[kind]

    def _add(self, one: Term, other: Term) -> None:
        self._disjoint[one].add(other)
        self._disjoint[other].add(one)


def acyclic_properties(store: Store) -> set[NamedNode]:
    """Return the properties that may not form a cycle.

    They are skos:broader, and those that the ontology calls irreflexive, or transitive and not symmetric. OWL 2 DL has
    no word for the latter: a transitive property may not be called irreflexive.
    """
    kinds = (OWL.IrreflexiveProperty, OWL.TransitiveProperty)
    found = {quad.subject for kind in kinds for quad in match(store, None, RDF.type, kind, graphs.ONTOLOGY)}
    both_ways = {quad.subject for quad in match(store, None, RDF.type, OWL.SymmetricProperty, graphs.ONTOLOGY)}
    return {SKOS.broader} | {one for one in found - both_ways if isinstance(one, NamedNode)}


def domain_of(store: Store, predicate: NamedNode) -> tuple[NamedNode, ...]:
    """Return the classes whose union is the domain of a property; none if it has no domain or was replaced."""
    return _classes_at(store, predicate, RDFS.domain)


def range_of(store: Store, predicate: NamedNode) -> tuple[NamedNode, ...]:
    """Return the classes or datatypes whose union is the range of a property, as `domain_of` does."""
    return _classes_at(store, predicate, RDFS.range)


def _classes_at(store: Store, predicate: NamedNode, end: NamedNode) -> tuple[NamedNode, ...]:
    if any(match(store, predicate, OWL.deprecated, None, graphs.ONTOLOGY)):
        return ()
    found: list[NamedNode] = []
    for quad in match(store, predicate, end, None, graphs.ONTOLOGY):
        if isinstance(quad.object, NamedNode):
            found.append(quad.object)
        for union in match(store, quad.object, OWL.unionOf, None, graphs.ONTOLOGY):
            found += list_members(store, union.object)
    return tuple(found)


class ValueClass(NamedTuple):
    """A class that is defined by a value of a property, of the things of the class `among` where it names one."""

    name: NamedNode
    among: NamedNode | None


def value_classes(store: Store) -> dict[tuple[Term, Term], list[ValueClass]]:
    """Return the classes that are defined by a value, by property and value; the rule has-value draws their members."""
    found = defaultdict(list)
    for quad in match(store, None, OWL.equivalentClass, None, graphs.ONTOLOGY):
        parts = [quad.object]
        for operator in (OWL.intersectionOf, OWL.unionOf):
            for operands in match(store, quad.object, operator, None, graphs.ONTOLOGY):
                parts += list_items(store, operands.object, graphs.ONTOLOGY)
        among = next((part for part in parts if isinstance(part, NamedNode)), None)
        for part in parts:
            for on, value in _restriction(store, part):
                if isinstance(quad.subject, NamedNode):
                    found[on, value].append(ValueClass(quad.subject, among))
    return found


def _restriction(store: Store, node: Term) -> Iterator[tuple[Term, Term]]:
    for on in match(store, node, OWL.onProperty, None, graphs.ONTOLOGY):
        for value in match(store, node, OWL.hasValue, None, graphs.ONTOLOGY):
            yield on.object, value.object


def list_members(store: Store, head: Term) -> Iterator[NamedNode]:
    """Yield the IRIs in an RDF list of the ontology, in order."""
    return (item for item in list_items(store, head, graphs.ONTOLOGY) if isinstance(item, NamedNode))


TRUE = Literal("true", datatype=XSD.boolean)


def is_deprecated(store: Store, term: NamedNode) -> bool:
    """Return True for a term or thing that was replaced or withdrawn."""
    return Quad(term, OWL.deprecated, TRUE, DefaultGraph()) in store


def successor_of(store: Store, term: NamedNode) -> NamedNode:
    """Return the successor of a term; the term itself if it has none, or several."""
    if not is_deprecated(store, term):
        return term
    found = [quad.object for quad in match(store, term, DCTERMS.isReplacedBy, None, DefaultGraph())]
    return found[0] if len(found) == 1 and isinstance(found[0], NamedNode) else term


def under_one_header(ontology: Iterable[Triple]) -> list[Triple]:
    """Return the triples of all modules without the header of each, so that together they are one ontology."""
    triples = list(ontology)
    modules = {triple.object for triple in triples if triple.predicate == DCTERMS.hasPart}
    return [triple for triple in triples if triple.subject not in modules]
