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
        self._about: dict[NamedNode, list[Quad]] = defaultdict(list)
        self._shown: dict[NamedNode, str] = {}
        self._before: dict[NamedNode, set[object]] = {}
        for quad in change.added:
            self._about[subject_of(quad)].append(quad)
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

    def added_about(self, thing: NamedNode) -> list[Quad]:
        """Return the added quads with a thing as subject; the list is not to be changed."""
        return self._about.get(thing, [])

    def shown(self, thing: NamedNode) -> str:
        """Return what people know a thing by: its short name, and its label, in English if there is one."""
        if (found := self._shown.get(thing)) is None:
            labels = [label for label in self.objects(thing, term("skos:prefLabel")) if isinstance(label, Literal)]
            label = min(labels, key=lambda label: (label.language != "en", str(label)), default=None)
            name = ns.compact(thing.value)
            found = self._shown[thing] = f"{name} “{label.value}”" if label else name
        return found

    def is_there(self, thing: NamedNode) -> bool:
        """Tell whether something is said of a thing."""
        return thing in self._about or any(self.store.quads_for_pattern(thing, None, None, DefaultGraph()))

    def gained(self, classes: frozenset[NamedNode]) -> dict[NamedNode, Quad]:
        """Return the things that get a type among the classes and had none of them, each with a quad that says so."""
        found: dict[NamedNode, Quad] = {}
        for quad in self._added_types:
            if (
                quad.object in classes
                and subject_of(quad) not in found
                and not self._types_before(subject_of(quad)) & classes
            ):
                found[subject_of(quad)] = quad
        return found

    @cached_property
    def _added_types(self) -> list[Quad]:
        return sorted((quad for quad in self.change.added if quad.predicate == ns.RDF_TYPE), key=str)

    def classes_below(self, name: str) -> frozenset[NamedNode]:
        """Return a class of ours with all classes below it."""
        return self._below(term(name))

    def _types_before(self, thing: NamedNode) -> set[object]:
        """Return the types that were stated of a thing before the change."""
        if (found := self._before.get(thing)) is None:
            said = self.store.quads_for_pattern(thing, ns.RDF_TYPE, None, None)
            found = {quad.object for quad in said if quad.graph_name not in (DefaultGraph(), ns.INFERRED)}
            self._before[thing] = found
        return found

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
