"""The sources of a triple: the passages and sources whose graphs hold it.

An inferred triple has those of the accounts from which it follows.
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
    """The support of a triple: the IRIs of the passages and sources that state it, and triples, including itself.

    `accounts` are triples with cd:accountOf from each of which alone it follows.
    """

    sources: frozenset[str]
    triples: frozenset[Triple]
    accounts: frozenset[Triple] = frozenset()


class TripleSources:
    """Finds the sources of triples in a snapshot; each answer is cached."""

    def __init__(self, store: Store, derivations: Callable[[], Derivations]) -> None:
        """Take a store; `derivations` returns its rules, and is called once an inferred triple is looked up."""
        self._store = store
        self._rules = derivations
        self._cache: dict[tuple[Triple, frozenset[str] | None], Basis] = {}
        self._stating = cache(partial(stating_sources, store))

    def basis(self, triple: Triple, within: frozenset[str] | None = None) -> Basis:
        """Return the support of a triple of the default graph; if `within` is given, only these graphs count."""
        key = triple, within
        if key not in self._cache:
            self._cache[key] = self._find_basis(triple, within)
        return self._cache[key]

    def in_graph(self, triple: Triple, graph: NamedNode) -> Basis:
        """Return the support of a triple in one named graph."""
        if graph == graphs.INFERRED:
            return self._inferred_basis(triple)
        if graph.value in virtual_graphs(self._store):
            return self.basis(triple, self.members([graph.value]))
        return Basis(self._stating(graph, triple.subject), frozenset([triple]))

    def members(self, iris: Iterable[str]) -> frozenset[str]:
        """Return the graphs of a data set: a virtual graph is replaced by those of all passages of its work."""
        named = set(iris)
        meant = {name.value for iri in named for name in virtual_graphs(self._store).get(iri, ())}
        return frozenset(named | meant)

    def in_order(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Return sources in reading order: passages in the order of their work, then others by name."""
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
        """Return the support of an inferred triple, through all of its derivations.

        If a derivation uses accounts, only these count. Another statement of a relation does not support what follows
        from accounts of the relation. An objection to a tie follows also from the statement that objects, not from
        accounts of the tie alone.
        """
        sources: set[str] = set()
        visited, sufficient = {triple}, {triple}
        pending = [triple]
        while pending:
            inferred = pending.pop()
            is_objection = any(match(self._store, inferred.predicate, CD.objectionKind, None))
            for body in self._rules().of(inferred):
                accounts = [step for step in body if step.predicate == CD.accountOf and not is_objection]
                steps = accounts or body
                if inferred in sufficient and len(steps) == 1:
                    sufficient.update(steps)
                for step in steps:
                    stated = [name for name in self._graphs_with(step) if name not in graphs.COMPUTED]
                    sources.update(*(self._stating(name, step.subject) for name in stated))
                    if not stated and step not in visited:
                        pending.append(step)
                visited.update(body)
        by_accounts = frozenset(step for step in sufficient if step.predicate == CD.accountOf)
        return Basis(frozenset(sources), frozenset(visited), by_accounts)

    def _graphs_with(self, triple: Triple) -> list[NamedNode]:
        names = (q.graph_name for q in match(self._store, triple.subject, triple.predicate, triple.object))
        return [name for name in names if isinstance(name, NamedNode)]
