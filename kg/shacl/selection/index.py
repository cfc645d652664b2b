"""A data graph in memory, queried for many nodes at once: ends of predicates and paths, and instances of classes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from typing import Any

from pyoxigraph import DefaultGraph, NamedNode, Store
from rdflib import RDF, RDFS, URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.term import Node

from kg.rdf.lookup import match
from kg.rdf.rdflib_bridge import EngineTerm, to_rdflib
from kg.shacl.data_graph import MergedDataGraph, Overlay
from kg.shacl.paths import Path

Nodes = Set[Node]
Values = Mapping[Node, Nodes]
"""By node the ends of a predicate or path, for nodes that have any."""

NONE: frozenset[Node] = frozenset()


class TripleIndex:
    """The triples of a data graph by predicate and subject, or object, read on first use."""

    def __init__(self, data: Store) -> None:
        """Take a store whose default graph is the data graph; it may not change any more."""
        self.data = data
        self.graph = Overlay(MergedDataGraph(data))
        self._nodes: dict[EngineTerm, Node] = {}
        self._groups: dict[tuple[Any, bool], Values] = {}
        self._instances: dict[Node, Nodes] = {}

    def forward(self, predicate: Any) -> Values:
        """Return the objects of a predicate by their subjects."""
        return self._group(predicate, backwards=False)

    def backward(self, predicate: Any) -> Values:
        """Return the subjects of a predicate by their objects."""
        return self._group(predicate, backwards=True)

    def _group(self, predicate: Any, backwards: bool) -> Values:
        if (kept := self._groups.get((predicate, backwards))) is not None:
            return kept
        groups: dict[Node, set[Node]] = defaultdict(set)
        for quad in match(self.data, None, NamedNode(str(predicate)), None, DefaultGraph()):
            ends = self._node(quad.subject), self._node(quad.object)
            groups[ends[backwards]].add(ends[not backwards])
        self._groups[predicate, backwards] = dict(groups)
        return self._groups[predicate, backwards]

    def _node(self, term: Any) -> Node:
        """Return the rdflib term, the same object each time, so that sets compare by identity."""
        if (node := self._nodes.get(term)) is None:
            node = self._nodes[term] = to_rdflib(term)
        return node

    def instances(self, kind: Node) -> Nodes:
        """Return the instances of a class and of those below it (SHACL 1.1, SHACL instance)."""
        if kind not in self._instances:
            below = self.values(MulPath(~RDFS.subClassOf, "*"), {kind})[kind]
            self._instances[kind] = set().union(*(self.backward(RDF.type).get(each, NONE) for each in below))
        return self._instances[kind]

    def values(self, path: Path, nodes: Nodes) -> Values:
        """Return by node the ends of a path."""
        if isinstance(path, URIRef | InvPath):
            ends = self.forward(path) if isinstance(path, URIRef) else self.backward(path.arg)
            return {node: ends[node] for node in nodes & ends.keys()}
        if isinstance(path, SequencePath):
            found: Values = {node: {node} for node in nodes}
            for part in path.args:
                found = _compose(found, self.values(part, all_of(found)))
            return found
        if isinstance(path, AlternativePath):
            branches = [self.values(part, nodes) for part in path.args]
            return {node: _nodes_reached([node], *branches) for node in set().union(*branches)}
        assert isinstance(path, MulPath)
        return self._values_of_repetition(path, nodes)

    def _values_of_repetition(self, path: MulPath, nodes: Nodes) -> Values:
        steps: dict[Node, Nodes] = {}
        ahead = set(nodes)
        while new := ahead - steps.keys():
            steps.update(dict.fromkeys(new, NONE))
            steps.update(self.values(path.path, new))
            ahead = _nodes_reached(new, steps) if path.more else set()
        found = {}
        for node in nodes:
            ends = set(steps[node])
            ahead = set(ends) if path.more else set()
            while ahead := _nodes_reached(ahead, steps) - ends:
                ends |= ahead
            found[node] = ends | {node} if path.zero else ends
        return {node: ends for node, ends in found.items() if ends}


def _nodes_reached(nodes: Iterable[Node], *steps: Values) -> set[Node]:
    return {end for node in nodes for step in steps for end in step.get(node, NONE)}


def _compose(found: Values, further: Values) -> Values:
    reached = ((node, _nodes_reached(ends, further)) for node, ends in found.items())
    return {node: ends for node, ends in reached if ends}


def all_of(values: Values) -> Nodes:
    """Return all ends."""
    return set().union(*values.values())
