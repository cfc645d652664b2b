"""The graph as it would be after a change, by look-ups: a store's default graph, less what goes, plus what comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kg import namespaces as ns
from kg.validation import Change

Value = NamedNode | Literal


def term(name: str) -> NamedNode:
    """Return the IRI of a prefixed name of ours."""
    iri = ns.expand(name)
    assert iri is not None
    return NamedNode(iri)


def subject_of(quad: Quad) -> NamedNode:
    """Return the subject of a quad of a change, which has no blank nodes and no triple terms."""
    assert isinstance(quad.subject, NamedNode)
    return quad.subject


def value_of(quad: Quad) -> Value:
    """Return the object of a quad of a change."""
    assert isinstance(quad.object, Value)
    return quad.object


def graph_of(quad: Quad) -> NamedNode:
    """Return the graph of a quad of a change."""
    assert isinstance(quad.graph_name, NamedNode)
    return quad.graph_name


class AfterChange:
    """What is stated about the world after a change, without what is inferred, and the classes of the ontology."""

    def __init__(self, change: Change, store: Store) -> None:
        self.change = change
        self.store = store
        self._by_subject: dict[tuple[object, object], set[object]] = defaultdict(set)
        self._by_object: dict[tuple[object, object], set[object]] = defaultdict(set)
        self._objects: dict[tuple[object, object], set[object]] = {}
        self._subjects_of: dict[tuple[object, object], set[object]] = {}
        for quad in change.added:
            self._by_subject[quad.subject, quad.predicate].add(quad.object)
            self._by_object[quad.object, quad.predicate].add(quad.subject)

    def objects(self, subject: NamedNode, predicate: NamedNode) -> set[object]:
        """Return the values of a property; the set is not to be changed."""
        if (found := self._objects.get((subject, predicate))) is None:
            there = {triple.object for triple in self._left(subject, predicate, None)}
            found = there | self._by_subject.get((subject, predicate), set())
            self._objects[subject, predicate] = found
        return found

    def subjects(self, predicate: NamedNode, value: Value) -> set[object]:
        """Return what has a value of a property; the set is not to be changed."""
        if (found := self._subjects_of.get((predicate, value))) is None:
            there = {triple.subject for triple in self._left(None, predicate, value)}
            found = there | self._by_object.get((value, predicate), set())
            self._subjects_of[predicate, value] = found
        return found

    def was_there(self, thing: NamedNode) -> bool:
        """Tell whether a thing had a type before the change."""
        return any(self.store.quads_for_pattern(thing, ns.RDF_TYPE, None, DefaultGraph()))

    def is_there(self, thing: NamedNode) -> bool:
        """Tell whether something is said of a thing."""
        return thing in self._subjects or any(self.store.quads_for_pattern(thing, None, None, DefaultGraph()))

    @cached_property
    def new_types(self) -> dict[NamedNode, set[NamedNode]]:
        """The things that get their first type by the change, with their types."""
        found: dict[NamedNode, set[NamedNode]] = defaultdict(set)
        for quad in self.change.added:
            if (
                quad.predicate == ns.RDF_TYPE
                and isinstance(quad.subject, NamedNode)
                and isinstance(quad.object, NamedNode)
            ):
                found[quad.subject].add(quad.object)
        return {thing: types for thing, types in found.items() if not self.was_there(thing)}

    def classes_below(self, name: str) -> frozenset[NamedNode]:
        """Return a class of ours with all classes below it."""
        return self._below(term(name))

    @cached_property
    def _subjects(self) -> set[object]:
        return {quad.subject for quad in self.change.added}

    @cached_property
    def _removed(self) -> frozenset[Quad]:
        return self.change.removed - self.change.added

    def _left(self, subject: NamedNode | None, predicate: NamedNode, value: Value | None) -> Iterator[Triple]:
        """Yield what the store states and the change leaves; a triple that another graph states is left."""
        for quad in self.store.quads_for_pattern(subject, predicate, value, DefaultGraph()):
            if value is not None and quad.object != value:
                continue  # see kg.validation.stated: the engine answers some patterns with more than they ask
            if self._is_stated(quad.triple):
                yield quad.triple

    def _is_stated(self, triple: Triple) -> bool:
        said = self.store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
        return any(quad not in self._removed for quad in said if quad.graph_name not in (DefaultGraph(), ns.INFERRED))

    def _below(self, top: NamedNode) -> frozenset[NamedNode]:
        found, pending = set[NamedNode](), [top]
        while pending:
            if (one := pending.pop()) not in found:
                found.add(one)
                below = self.store.quads_for_pattern(None, ns.SUBCLASS_OF, one, ns.ONTOLOGY_GRAPH)
                pending += [quad.subject for quad in below if isinstance(quad.subject, NamedNode)]
        return frozenset(found)
