"""Look-ups in the graph as it would be after a change: a store's default graph, less removals, plus additions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kg.names import Names
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.labels import preferred_literal
from kg.rdf.lookup import match, match_each
from kg.rdf.vocabulary import RDF, RDFS, SKOS

Value = NamedNode | Literal


class ChangedQuad(NamedTuple):
    """A quad of a change with its terms; it has no blank nodes and no triple terms."""

    quad: Quad
    subject: NamedNode
    predicate: NamedNode
    value: Value
    graph: NamedNode


class GraphAfterChange:
    """The statements about the world after a change, without inferred ones, and the classes of the ontology."""

    def __init__(self, change: Change, store: Store, names: Names | None = None) -> None:
        """Use a change, the store before it, and the `names` of the store if the caller has them."""
        self.change = change
        self.store = store
        self._names = names
        terms: dict[object, Any] = {}  # each once: a table says hundreds of thousands of things of few
        self.added = [_changed_quad(quad, terms) for quad in change.added]
        self.removed = [_changed_quad(quad, terms) for quad in sorted(change.removed, key=str)]
        self.gone = change.removed - change.added
        self._by_subject: dict[tuple[object, object], set[object]] = defaultdict(set)
        self._by_object: dict[tuple[object, object], set[object]] = defaultdict(set)
        self._objects: dict[tuple[object, object], set[object]] = {}
        self._subjects_of: dict[tuple[object, object], set[object]] = {}
        self._about: dict[NamedNode, list[ChangedQuad]] = defaultdict(list)
        self._display_names: dict[NamedNode, str] = {}
        for statement in self.added:
            self._about[statement.subject].append(statement)
            self._by_subject[statement.subject, statement.predicate].add(statement.value)
            self._by_object[statement.value, statement.predicate].add(statement.subject)
        self.prefetch((thing, RDF.type) for thing in self._about)

    @cached_property
    def names(self) -> Names:
        """The names of things before the change; read from the store if the caller did not pass them."""
        return Names(self.store) if self._names is None else self._names

    def prefetch(self, properties: Iterable[tuple[NamedNode, NamedNode]]) -> None:
        """Read the values of many pairs of subject and property at once, for later calls of `objects`."""
        missing = [about for about in dict.fromkeys(properties) if about not in self._objects]
        there = list(match_each(self.store, ((*about, None, DefaultGraph()) for about in missing)))
        for about in missing:
            self._objects[about] = set(self._by_subject.get(about, ()))
        for triple in self._remaining(there):
            self._objects[triple.subject, triple.predicate].add(triple.object)

    def objects(self, subject: NamedNode, predicate: NamedNode) -> set[object]:
        """Return the values of a property; the set must not be changed."""
        if (subject, predicate) not in self._objects:
            self.prefetch([(subject, predicate)])
        return self._objects[subject, predicate]

    def subjects(self, predicate: NamedNode, value: Value) -> set[object]:
        """Return the subjects with a value of a property; the set must not be changed."""
        if (found := self._subjects_of.get((predicate, value))) is None:
            there = self._remaining(match(self.store, None, predicate, value, DefaultGraph()))
            found = {triple.subject for triple in there} | self._by_object.get((value, predicate), set())
            self._subjects_of[predicate, value] = found
        return found

    def subjects_and_values(self, predicate: NamedNode) -> Iterator[tuple[NamedNode, object]]:
        """Yield all subjects of a property with its values; this scans the graph. Added ones may come twice.

        Inferred values are not left out, since no rule infers the properties asked for here (names, identifiers,
        positions).
        """
        gone = {quad.triple for quad in self.gone if quad.predicate == predicate}
        for quad in match(self.store, None, predicate, None, DefaultGraph()):
            if isinstance(quad.subject, NamedNode) and (not gone or self._remains(quad, gone)):
                yield quad.subject, quad.object
        yield from (
            (statement.subject, statement.value) for statement in self.added if statement.predicate == predicate
        )

    def is_instance(self, thing: NamedNode, classes: frozenset[NamedNode]) -> bool:
        """Return True if a thing is stated to be of one of the classes, after the change."""
        return not classes.isdisjoint(self.objects(thing, RDF.type))

    def is_of_files(self, thing: NamedNode, predicate: NamedNode = RDF.type) -> bool:
        """Return True if the files state the type of a thing, or another property of it."""
        return any(graphs.is_from_files(quad.graph_name) for quad in match(self.store, thing, predicate))

    def additions_about(self, thing: NamedNode) -> list[ChangedQuad]:
        """Return the added quads with a thing as subject; the list must not be changed."""
        return self._about.get(thing, [])

    def display_name(self, thing: NamedNode) -> str:
        """Return a thing in words: its short IRI, and its label, in English if there is one."""
        if (found := self._display_names.get(thing)) is None:
            label = preferred_literal(self.objects(thing, SKOS.prefLabel))
            name = ns.compact(thing.value)
            found = self._display_names[thing] = f"{name} “{label.value}”" if label else name
        return found

    def existing(self, things: Iterable[NamedNode]) -> set[NamedNode]:
        """Return those of the things that have statements."""
        return {
            thing
            for thing in things
            if thing in self._about or any(match(self.store, thing, None, None, DefaultGraph()))
        }

    def new_members(self, *families: frozenset[NamedNode]) -> list[dict[NamedNode, ChangedQuad]]:
        """Return for each set of classes the things that get a type of it and had none, with the quad of the type."""
        return [self._new_members_of(classes) for classes in families]

    def classes_below(self, *tops: NamedNode) -> frozenset[NamedNode]:
        """Return classes of the ontology with all classes below them."""
        found, pending = set[NamedNode](), [*tops]
        while pending:
            if (one := pending.pop()) not in found:
                found.add(one)
                pending += self._subclasses.get(one, ())
        return frozenset(found)

    def _new_members_of(self, classes: frozenset[NamedNode]) -> dict[NamedNode, ChangedQuad]:
        found: dict[NamedNode, ChangedQuad] = {}
        for statement in self._type_additions:
            if statement.value in classes and not self._types_before[statement.subject] & classes:
                found.setdefault(statement.subject, statement)
        return found

    @cached_property
    def _type_additions(self) -> list[ChangedQuad]:
        return sorted(
            (statement for statement in self.added if statement.predicate == RDF.type),
            key=lambda statement: str(statement.quad),
        )

    @cached_property
    def _types_before(self) -> dict[NamedNode, set[object]]:
        """The types stated before the change, of the things to which it adds a type."""
        things = dict.fromkeys(statement.subject for statement in self._type_additions)
        not_stated = graphs.NOT_STATED
        return {
            thing: {quad.object for quad in match(self.store, thing, RDF.type) if quad.graph_name not in not_stated}
            for thing in things
        }

    @cached_property
    def _subclasses(self) -> dict[NamedNode, list[NamedNode]]:
        found: dict[NamedNode, list[NamedNode]] = defaultdict(list)
        for quad in match(self.store, None, RDFS.subClassOf, None, graphs.ONTOLOGY):
            if isinstance(quad.object, NamedNode) and isinstance(quad.subject, NamedNode):
                found[quad.object].append(quad.subject)
        return found

    def _remains(self, quad: Quad, gone: set[Triple]) -> bool:
        return quad.triple not in gone or any(self._remaining([quad]))

    def _remaining(self, there: Iterable[Quad]) -> Iterator[Triple]:
        """Yield the triples that remain in the default graph; one that another graph states remains as well."""
        stated = [(quad.triple, list(match(self.store, *quad.triple))) for quad in there]
        for triple, statement in stated:
            if any(quad not in self.gone for quad in statement if quad.graph_name not in graphs.NOT_STATED):
                yield triple


def _changed_quad(quad: Quad, terms: dict[object, Any]) -> ChangedQuad:
    """Return a quad with its terms, those that are in `terms` already as the objects there."""
    given = (quad.subject, quad.predicate, quad.object, quad.graph_name)
    subject, predicate, value, graph = (terms.setdefault(term, term) for term in given)
    assert isinstance(subject, NamedNode)
    assert isinstance(value, Value)
    assert isinstance(graph, NamedNode)
    return ChangedQuad(quad, subject, predicate, value, graph)
