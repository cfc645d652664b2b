"""Who says a triple: the passages and sources whose graphs hold it.

Of what follows by rules, those whose accounts it follows from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import DefaultGraph, NamedNode, Store, Triple

from kg.rdf import graphs
from kg.rdf.graphs import is_curated
from kg.rdf.lookup import match
from kg.rdf.passages import reading_order, sources_named, virtual_graphs
from kg.rdf.vocabulary import CD
from kg.rules import Derivations

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Basis:
    """What a triple rests on: the IRIs of passages and sources that say it, and triples, itself among them."""

    sources: frozenset[str]
    triples: frozenset[Triple]


class Carriers:
    """Who says what in a snapshot; each answer is kept."""

    def __init__(self, store: Store, derivations: Callable[[], Derivations]) -> None:
        """Take a store; `derivations` returns the rules over it and is called when something inferred is asked for."""
        self._store = store
        self._rules = derivations
        self._kept: dict[tuple[Triple, frozenset[str] | None], Basis] = {}

    def basis(self, triple: Triple, within: frozenset[str] | None = None) -> Basis:
        """Return what a triple of the default graph rests on; `within` are the only graphs that count, if given."""
        key = triple, within
        if key not in self._kept:
            self._kept[key] = self._found(triple, within)
        return self._kept[key]

    def in_graph(self, triple: Triple, graph: NamedNode) -> Basis:
        """Return what a triple rests on that one named graph holds."""
        if graph == graphs.INFERRED:
            return self._followed(triple)
        if graph.value in virtual_graphs(self._store):
            return self.basis(triple, self.members([graph.value]))
        return Basis(self.of_graph(graph, triple), frozenset([triple]))

    def members(self, iris: Iterable[str]) -> frozenset[str]:
        """Return the graphs that a data set consists of: a virtual one stands for all passages of its work."""
        named = set(iris)
        meant = {name.value for iri in named for name in virtual_graphs(self._store).get(iri, ())}
        return frozenset(named | meant)

    def in_order(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Return sources in the order in which a reader meets them: passages as they stand, then others by name."""
        return tuple(sorted(sources, key=lambda iri: (self._order.get(iri, math.inf), iri)))

    def of_graph(self, graph: NamedNode, triple: Triple) -> frozenset[str]:
        """Return whose statements a graph holds: its passage, or of several and of sources those named for a thing.

        The graph of a data set that names none for it stands for itself, a curated one for those that it names at all,
        else for itself.
        """
        passages = self._passages.get(graph.value, ())
        if len(passages) == 1:
            return frozenset(passages)
        if passages:
            return self._named_by(graph, triple) or frozenset([graph.value])
        if not is_curated(graph.value):
            return NOBODY
        return self._named_by(graph, triple) or sources_named(self._store, graph) or frozenset([graph.value])

    def _named_by(self, graph: NamedNode, triple: Triple) -> frozenset[str]:
        accounts = (q.subject for q in match(self._store, None, CD.accountOf, triple.subject, graph))
        things = [thing for thing in (triple.subject, *accounts) if isinstance(thing, NamedNode)]
        return frozenset().union(*(sources_named(self._store, graph, thing) for thing in things))

    @cached_property
    def _passages(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for quad in match(self._store, None, CD.statementGraph, None, DefaultGraph()):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                found.setdefault(quad.object.value, []).append(quad.subject.value)
        return found

    @cached_property
    def _order(self) -> dict[str, int]:
        return reading_order(self._store)

    def _found(self, triple: Triple, within: Set[str] | None) -> Basis:
        holding = [name for name in self._holding(triple) if within is None or name.value in within]
        stating = [name for name in holding if name not in graphs.COMPUTED]
        if not stating and holding:
            return self._followed(triple)
        return Basis(NOBODY.union(*(self.of_graph(name, triple) for name in stating)), frozenset([triple]))

    def _followed(self, triple: Triple) -> Basis:
        """Return what an inferred triple rests on, by all ways that lead to it; where these have accounts, on those.

        What restates a relation does not speak for what follows from accounts of it.
        """
        sources: set[str] = set()
        visited = {triple}
        pending = [triple]
        while pending:
            for body in self._rules().of(pending.pop()):
                accounts = [step for step in body if step.predicate == CD.accountOf]
                for step in accounts or body:
                    stating = self._stating(step)
                    sources.update(*(self.of_graph(name, step) for name in stating))
                    if not stating and step not in visited:
                        pending.append(step)
                visited.update(body)
        return Basis(frozenset(sources), frozenset(visited))

    def _stating(self, triple: Triple) -> list[NamedNode]:
        return [name for name in self._holding(triple) if name not in graphs.COMPUTED]

    def _holding(self, triple: Triple) -> list[NamedNode]:
        names = (q.graph_name for q in match(self._store, triple.subject, triple.predicate, triple.object))
        return [name for name in names if isinstance(name, NamedNode)]
