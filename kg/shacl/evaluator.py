"""Validate focus nodes by target shapes with pyshacl, one pair at a time or all of them.

pyshacl's own `focus_nodes=` would also drop the nodes that nested shapes look at, and `use_shapes=` the shapes behind
sh:node. So each target shape is called itself; the options are those of the full validation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pyoxigraph import Store
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, RDFS, SH, Graph, URIRef
from rdflib.term import Node

from kg.shacl.data_graph import MergedDataGraph, Overlay, PlainNames
from kg.shacl.ledger import Ledger, Pair, ValidationResult, finding_of
from kg.shacl.selection import Selection
from kg.shacl.shapes_graph import TARGETS

ALLOW_INFOS = True
"""Hints do not make a node nonconforming, not inside nested shapes either. The full validation says the same."""


_EXECUTOR = SHACLExecutor(allow_infos=ALLOW_INFOS)
_NONE: frozenset[Node] = frozenset()


class Judge:
    """Target shapes, compiled for validation. Thread-safe: its caches are only filled, and never changed."""

    def __init__(self, shapes: Graph) -> None:
        self._graph = _CachingShapes(shapes)
        compiled = self._compiled = ShapesGraph(self._graph)
        assert compiled.shapes, "pyshacl reads its shapes when they are first asked for"
        assert compiled.custom_constraints is not None, "and these as well"
        self._by_target = {target: _index(shapes, target) for target in TARGETS}
        targeted = {shape for by_target in self._by_target.values() for found in by_target.values() for shape in found}
        self._shapes = {shape: compiled.lookup_shape_from_node(shape) for shape in targeted}

    def pairs_in_target(self, graph: Graph, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Yield those pairs in which the node is a focus node of the shape (SHACL 2.1.3)."""
        shapes_by_class: dict[Node, set[Node]] = {}
        shapes_by_focus: dict[Node, set[Node]] = {}
        for shape, focus in pairs:
            if (found := shapes_by_focus.get(focus)) is None:
                found = shapes_by_focus[focus] = self._shapes_for(graph, focus, shapes_by_class)
            if shape in found:
                yield shape, focus

    def _shapes_for(self, graph: Graph, focus: Node, by_class: dict[Node, set[Node]]) -> set[Node]:
        subjects_of, found = self._by_target[SH.targetSubjectsOf], set(self._by_target[SH.targetNode].get(focus, ()))
        for predicate, value in graph.predicate_objects(focus):
            found |= subjects_of.get(predicate, _NONE)
            if predicate == RDF.type:
                if value not in by_class:
                    by_class[value] = self._shapes_of_class(graph, value)
                found |= by_class[value]
        for predicate, shapes in self._by_target[SH.targetObjectsOf].items():
            if next(graph.subjects(predicate, focus), None) is not None:
                found |= shapes
        return found

    def _shapes_of_class(self, graph: Graph, kind: Node) -> set[Node]:
        above = graph.transitive_objects(kind, RDFS.subClassOf)
        return set().union(*(self._by_target[SH.targetClass].get(each, _NONE) for each in above if each is not None))

    def judge(self, graph: Graph, pairs: Iterable[Pair]) -> dict[Pair, tuple[ValidationResult, ...]]:
        """Return the findings of the pairs that have any. Each node must be a focus node of its shape."""
        nodes: dict[Node, list[Node]] = defaultdict(list)
        for shape, focus in pairs:
            nodes[shape].append(focus)
        return self._findings(graph, nodes)

    def judge_all(self, data: Store) -> Ledger:
        """Validate a store, whose default graph is the data graph, against all shapes; return its ledger.

        Only nodes that can have a finding are judged one by one.
        """
        selection = Selection(self._graph, self._compiled, _EXECUTOR, data)
        return Ledger(self.judge(Overlay(MergedDataGraph(data)), selection.pairs(self._shapes)))

    def _findings(self, graph: Graph, nodes: Mapping[Node, list[Node]]) -> dict[Pair, tuple[ValidationResult, ...]]:
        found: dict[Pair, tuple[ValidationResult, ...]] = {}
        for shape, focus in nodes.items():
            _, results = self._shapes[shape].validate(_EXECUTOR, graph, focus=focus)  # type: ignore[arg-type]
            for _, node, triples in results:
                finding = finding_of(_statements(node, triples), self._graph)
                found[shape, finding.focus] = (*found.get((shape, finding.focus), ()), finding)
        return found


_FOR_PEOPLE = {SH.name, SH.description, SH.group, SH.order, RDFS.label}
_NO_CONSTRAINTS = {RDF.type, SH.path, SH.message, SH.severity, SH.deactivated, *TARGETS}


class _CachingShapes(Graph):
    """Immutable shapes with a cache, without the texts that are only for people."""

    def __init__(self, shapes: Graph) -> None:
        super().__init__(bind_namespaces="none")
        self.namespace_manager = PlainNames(self, bind_namespaces="none")
        for triple in shapes:
            if triple[1] not in _FOR_PEOPLE:
                self.add(triple)
        self._objects: dict[tuple[Any, Any], list[Node]] = {}
        self._predicates: dict[Any, list[tuple[Node, Node]]] = {}

    def add(self, triple: Any) -> Any:
        """Add a triple before the first question."""
        self._objects, self._predicates = {}, {}
        return super().add(triple)

    def objects(self, subject: Any = None, predicate: Any = None, unique: bool = False) -> Iterator[Node]:  # type: ignore[override]
        """Yield the objects of a subject and predicate."""
        key = subject, predicate
        if key not in self._objects:
            self._objects[key] = list(super().objects(subject, predicate, unique))
        return iter(self._objects[key])

    def predicate_objects(self, subject: Any = None, unique: bool = False) -> Iterator[tuple[Node, Node]]:  # type: ignore[override]
        """Yield the predicates and objects of a subject, without those that cannot be constraints.

        pyshacl looks here for the constraints of a shape, at every node, and compares each predicate with each of the
        parameters that it knows.
        """
        if subject not in self._predicates:
            said = super().predicate_objects(subject, unique)
            self._predicates[subject] = [pair for pair in said if pair[0] not in _NO_CONSTRAINTS]
        return iter(self._predicates[subject])


def _index(shapes: Graph, target: URIRef) -> dict[Node, set[Node]]:
    index: dict[Node, set[Node]] = defaultdict(set)
    for shape, value in shapes.subject_objects(target):
        index[value].add(shape)
    return dict(index)


def _statements(node: Node, triples: list[tuple[Node, Node, Any]]) -> Iterator[tuple[Node, Any]]:
    """Yield the predicates and objects of a result; a term of another graph comes with that graph."""
    for subject, predicate, value in triples:
        if subject == node:
            yield predicate, value[1] if isinstance(value, tuple) else value
