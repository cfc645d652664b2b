"""Evaluate each constraint of a shape on all its nodes together: which of them may have a result.

pyshacl walks from each focus node by itself, which takes minutes on a graph of a few hundred thousand triples in which
nearly nothing is wrong. What an outcome here leaves out is certain: `may` holds every node that pyshacl could report,
`must` only nodes that surely do not conform, so that a shape inside sh:not can be turned round. What cannot be told so
may be anything, and is left to pyshacl: the verdict is always its own. docs/decisions/full-validation.md says why
nothing is missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pyoxigraph import Store
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shapes_graph import ShapesGraph
from rdflib import SH, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kg.shacl.ledger import Pair
from kg.shacl.paths import Path
from kg.shacl.selection.index import NONE, Nodes, TripleIndex, Values, all_of
from kg.shacl.selection.queries import reportable_nodes
from kg.shacl.shapes_graph import TARGETS, path_of, prefixes_of


@dataclass(frozen=True)
class Outcome:
    """The outcome of a constraint: nodes that `may` be reported or not conform, and those that `must` not."""

    may: Nodes = NONE
    must: Nodes = NONE

    def __or__(self, other: Outcome) -> Outcome:
        """Return the outcome of two constraints that both apply."""
        return Outcome(self.may | other.may, self.must | other.must)

    def __and__(self, other: Outcome) -> Outcome:
        """Return the outcome of two constraints of which one must be met."""
        return Outcome(self.may & other.may, self.must & other.must)

    @classmethod
    def exactly(cls, nodes: Nodes) -> Outcome:
        """Return the outcome where pyshacl itself, or a look-up, has found the nodes."""
        return cls(nodes, nodes)

    @classmethod
    def unknown(cls, nodes: Nodes) -> Outcome:
        """Return the outcome where nothing is known."""
        return cls(nodes, NONE)


@dataclass(frozen=True)
class _ShapeOnNodes:
    """A shape and the nodes to check; `path` leads to their value nodes, None to themselves."""

    shape: Node
    nodes: Nodes
    index: TripleIndex
    path: Path | None

    @cached_property
    def by_focus(self) -> Values:
        if self.path is None:
            return {node: {node} for node in self.nodes}
        return self.index.values(self.path, self.nodes)

    @cached_property
    def values(self) -> Nodes:
        return self.nodes if self.path is None else all_of(self.by_focus)

    def of_focus(self, outcome: Outcome) -> Outcome:
        """Return the outcome on the focus nodes, from that on their value nodes."""
        if self.path is None:
            return outcome
        return Outcome(self._with_value(outcome.may), self._with_value(outcome.must))

    def _with_value(self, values: Nodes) -> Nodes:
        if not values:
            return NONE
        return {node for node, ends in self.by_focus.items() if not values.isdisjoint(ends)}


class Selection:
    """The shapes, evaluated on all nodes of one data graph."""

    def __init__(self, shapes: Graph, compiled: ShapesGraph, executor: SHACLExecutor, data: Store) -> None:
        """Take shapes as graphs of rdflib and of pyshacl, and a store whose default graph is the data graph."""
        self._shapes = shapes
        self._compiled = compiled
        self._executor = executor
        self._index = TripleIndex(data)
        self._within: set[Node] = set()

    def pairs(self, shapes: Iterable[Node]) -> Iterator[Pair]:
        """Yield the pairs of these target shapes that may have a finding."""
        for shape in shapes:
            for node in self._outcome(shape, self._focus_nodes(shape)).may:
                yield shape, node

    def _focus_nodes(self, shape: Node) -> Nodes:
        """Return the focus nodes of a target shape (SHACL 2.1.3)."""
        find: dict[URIRef, Callable[[Any], Iterable[Node]]] = {
            SH.targetClass: self._index.instances,
            SH.targetNode: lambda node: (node,),
            SH.targetSubjectsOf: self._index.forward,
            SH.targetObjectsOf: self._index.backward,
        }
        targets = ((target, value) for target in TARGETS for value in self._shapes.objects(shape, target))
        return {node for target, value in targets for node in find[target](value)}

    def _outcome(self, shape: Node, nodes: Nodes) -> Outcome:
        if not nodes:
            return Outcome()
        if shape in self._within or self._compiled.custom_constraints or (shape, SH.deactivated, None) in self._shapes:
            return Outcome.unknown(nodes)
        self._within.add(shape)
        outcome = self._demands(_ShapeOnNodes(shape, nodes, self._index, path_of(self._shapes, shape)))
        self._within.remove(shape)
        allowed = self._executor.allow_infos and (shape, SH.severity, SH.Info) in self._shapes
        return Outcome.unknown(outcome.may) if allowed else outcome

    def _demands(self, asked: _ShapeOnNodes) -> Outcome:
        """Return the outcome of all constraints of a shape together."""
        outcome = Outcome()
        for parameter in {parameter for parameter, _ in self._shapes.predicate_objects(asked.shape)}:
            if str(parameter).startswith(str(SH)) and parameter not in _WITH_OTHERS:
                outcome |= self._demand(asked, parameter)
        return outcome

    def _demand(self, asked: _ShapeOnNodes, parameter: Node) -> Outcome:
        if parameter in _PYSHACLS:
            return Outcome.exactly(self._pyshacls(asked, parameter))
        if parameter in _OF_VALUES:
            of_value = _OF_VALUES[parameter]
            outcomes = (of_value(self, value, asked.values) for value in self._shapes.objects(asked.shape, parameter))
            return asked.of_focus(_both(outcomes))
        if parameter in _OF_FOCUS:
            return _both(
                _OF_FOCUS[parameter](self, asked, value) for value in self._shapes.objects(asked.shape, parameter)
            )
        return Outcome.unknown(asked.nodes)

    def _pyshacls(self, asked: _ShapeOnNodes, parameter: Node) -> Nodes:
        """Return the focus nodes that pyshacl's own code for a constraint reports, given their value nodes."""
        values: Mapping[Node, Nodes] = asked.by_focus
        if parameter in _EVEN_WITHOUT_VALUES:
            values = {node: values.get(node, NONE) for node in asked.nodes}
        if not values:
            return NONE
        component: Any = CONSTRAINT_PARAMETERS_MAP[parameter](self._compiled.lookup_shape_from_node(asked.shape))
        component.make_v_result = lambda graph, focus, **said: focus  # no result is to be written out for each
        return set(component.evaluate(self._executor, self._index.graph, values, [])[1])

    # ---- Demands on each value node ----

    def _class(self, kind: Node, values: Nodes) -> Outcome:
        return Outcome.exactly(values - self._index.instances(kind))

    def _not(self, shape: Node, values: Nodes) -> Outcome:
        inner = self._outcome(shape, values)
        return Outcome(values - inner.must, values - inner.may)

    def _every(self, members: Node, values: Nodes) -> Outcome:
        return _both(self._outcome(shape, values) for shape in Collection(self._shapes, members))

    def _any(self, members: Node, values: Nodes) -> Outcome:
        left = Outcome.exactly(values)
        for shape in Collection(self._shapes, members):
            left &= self._outcome(shape, left.may)
        return left

    # ---- Demands on the focus node ----

    def _fewest(self, asked: _ShapeOnNodes, least: Node) -> Outcome:
        count = int(str(least))
        return Outcome.exactly({node for node in asked.nodes if len(asked.by_focus.get(node, NONE)) < count})

    def _qualified(self, asked: _ShapeOnNodes, shape: Node) -> Outcome:
        if asked.path is None or (asked.shape, SH.qualifiedValueShapesDisjoint, None) in self._shapes:
            return Outcome.unknown(asked.nodes)
        inner = self._outcome(shape, asked.values)
        counts = {node: asked.by_focus.get(node, NONE) for node in asked.nodes}
        outcome = Outcome()
        for least in self._numbers(asked, SH.qualifiedMinCount):
            few = {node for node, ends in counts.items() if len(ends - inner.may) < least}
            outcome |= Outcome(few, {node for node in few if len(counts[node] - inner.must) < least})
        for most in self._numbers(asked, SH.qualifiedMaxCount):
            many = {node for node, ends in counts.items() if len(ends - inner.must) > most}
            outcome |= Outcome(many, {node for node in many if len(counts[node] - inner.may) > most})
        return outcome

    def _numbers(self, asked: _ShapeOnNodes, parameter: Node) -> Iterator[int]:
        return map(int, map(str, self._shapes.objects(asked.shape, parameter)))

    def _sparql(self, asked: _ShapeOnNodes, constraint: Node) -> Outcome:
        nodes: Nodes = asked.nodes
        for text in self._shapes.objects(constraint, SH.select):
            found = reportable_nodes(str(text), prefixes_of(self._shapes, constraint), self._index)
            nodes = nodes if found is None else nodes & found
        return Outcome.unknown(nodes)


def _both(outcomes: Iterable[Outcome]) -> Outcome:
    together = Outcome()
    for outcome in outcomes:
        together |= outcome
    return together


_OF_VALUES: dict[Node, Callable[[Selection, Node, Nodes], Outcome]] = {
    SH["class"]: Selection._class,
    SH["not"]: Selection._not,
    SH["and"]: Selection._every,
    SH["or"]: Selection._any,
    SH.node: Selection._outcome,
    SH.property: Selection._outcome,
}
_OF_FOCUS: dict[Node, Callable[[Selection, _ShapeOnNodes, Node], Outcome]] = {
    SH.minCount: Selection._fewest,
    SH.qualifiedValueShape: Selection._qualified,
    SH.sparql: Selection._sparql,
}
_PYSHACLS = frozenset(
    SH[name]
    for name in """maxCount datatype nodeKind minExclusive minInclusive maxExclusive maxInclusive minLength maxLength
    pattern languageIn uniqueLang in hasValue equals disjoint lessThan lessThanOrEquals""".split()
)
"""Constraints that look at value nodes and at what the focus node itself says: pyshacl's code for them is fast."""
_EVEN_WITHOUT_VALUES = frozenset((SH.hasValue, SH.equals))
_WITH_OTHERS = frozenset(
    SH[name] for name in "flags ignoredProperties qualifiedMinCount qualifiedMaxCount defaultValue".split()
)
"""Parameters that another one reads."""
