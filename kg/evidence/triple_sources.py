"""Who says a triple: the passages and sources whose graphs hold it.

Of what follows by rules, those whose accounts it follows from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from functools import cache, cached_property, partial

from pyoxigraph import NamedNode, Store, Triple

from kg.rdf import graphs
from kg.rdf.lookup import match
from kg.rdf.passages import reading_order, stating_sources, virtual_graphs
from kg.rdf.vocabulary import CD
from kg.rules import Derivations

NO_SOURCES: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Basis:
    """What a triple rests on: the IRIs of passages and sources that say it, and triples, itself among them."""

    sources: frozenset[str]
    triples: frozenset[Triple]


class TripleSources:
    """Who says what in a snapshot; each answer is kept."""

    def __init__(self, store: Store, derivations: Callable[[], Derivations]) -> None:
        """Take a store; `derivations` returns the rules over it and is called when something inferred is asked for."""
        self._store = store
        self._rules = derivations
        self._cache: dict[tuple[Triple, frozenset[str] | None], Basis] = {}
        self._stating = cache(partial(stating_sources, store))

    def basis(self, triple: Triple, within: frozenset[str] | None = None) -> Basis:
        """Return what a triple of the default graph rests on; `within` are the only graphs that count, if given."""
        key = triple, within
        if key not in self._cache:
            self._cache[key] = self._find_basis(triple, within)
        return self._cache[key]

    def in_graph(self, triple: Triple, graph: NamedNode) -> Basis:
        """Return what a triple rests on that one named graph holds."""
        if graph == graphs.INFERRED:
            return self._inferred_basis(triple)
        if graph.value in virtual_graphs(self._store):
            return self.basis(triple, self.members([graph.value]))
        return Basis(self._stating(graph, triple.subject), frozenset([triple]))

    def members(self, iris: Iterable[str]) -> frozenset[str]:
        """Return the graphs that a data set consists of: a virtual one stands for all passages of its work."""
        named = set(iris)
        meant = {name.value for iri in named for name in virtual_graphs(self._store).get(iri, ())}
        return frozenset(named | meant)

    def in_order(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Return sources in the order in which a reader meets them: passages as they stand, then others by name."""
        return tuple(sorted(sources, key=lambda iri: (self._order.get(iri, math.inf), iri)))

    @cached_property
    def _order(self) -> dict[str, int]:
        return reading_order(self._store)

    def _find_basis(self, triple: Triple, within: Set[str] | None) -> Basis:
        holding = [name for name in self._graphs_with(triple) if within is None or name.value in within]
        stated = [name for name in holding if name not in graphs.COMPUTED]
        if not stated and holding:
            return self._inferred_basis(triple)
        return Basis(NO_SOURCES.union(*(self._stating(name, triple.subject) for name in stated)), frozenset([triple]))

    def _inferred_basis(self, triple: Triple) -> Basis:
        """Return what an inferred triple rests on, by all ways that lead to it; where these have accounts, on those.

        What restates a relation does not speak for what follows from accounts of it. What objects to a tie follows
        from the statement that objects as well, and not from accounts of the tie alone.
        """
        sources: set[str] = set()
        visited = {triple}
        pending = [triple]
        while pending:
            inferred = pending.pop()
            is_objection = any(match(self._store, inferred.predicate, CD.objectionKind, None))
            for body in self._rules().of(inferred):
                accounts = [step for step in body if step.predicate == CD.accountOf and not is_objection]
                for step in accounts or body:
                    stated = self._stating_graphs(step)
                    sources.update(*(self._stating(name, step.subject) for name in stated))
                    if not stated and step not in visited:
                        pending.append(step)
                visited.update(body)
        return Basis(frozenset(sources), frozenset(visited))

    def _stating_graphs(self, triple: Triple) -> list[NamedNode]:
        return [name for name in self._graphs_with(triple) if name not in graphs.COMPUTED]

    def _graphs_with(self, triple: Triple) -> list[NamedNode]:
        names = (q.graph_name for q in match(self._store, triple.subject, triple.predicate, triple.object))
        return [name for name in names if isinstance(name, NamedNode)]
