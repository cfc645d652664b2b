"""Keep graph/inferred and the default graph in step with a change of named graphs, without computing them anew."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

from kg.errors import CityKgError
from kg.rdf import graphs
from kg.rdf.graphs import in_default_graph
from kg.rdf.lookup import match
from kg.rules import inference
from kg.rules.clauses import RuleClause, TriplesAfter, TriplesBefore, is_about_terms
from kg.rules.delete_rederive import InferenceChanges
from kg.rules.reading import clauses_of


@dataclass(frozen=True)
class DerivedChange:
    """Quads of graph/inferred and of the default graph, to be written together with the change that causes them.

    None of `added` is in the store, all of `removed` are.
    """

    added: frozenset[Quad]
    removed: frozenset[Quad]


class UnionChanges:
    """The rules, compiled to follow any number of changes.

    Made once for the terms in the default graph of a store; it keeps nothing of the store. `rules`, by name, stand for
    the project's own where they are given. Raises CityKgError for a rule that cannot be followed change by change.
    """

    def __init__(self, store: Store, rules: Mapping[str, str] | None = None) -> None:
        self._inference = _compiled(tuple(clauses_of(inference.rules() if rules is None else rules, store)))

    def of(self, base: Store, added: Set[Quad], removed: Set[Quad]) -> DerivedChange:
        """Return the effect of a change of named graphs on graph/inferred and the default graph.

        `base` is the store before the change, in step itself; it is read, never written. Quads must be in the form in
        which the engine stores them. A quad in both sets is there afterwards. Raises CityKgError for a change of terms,
        of the default graph or of graph/inferred.
        """
        stated = _StatedAfter(base, added, removed)
        before = TriplesBefore(base)
        after = TriplesAfter(
            before,
            come=(triple for triple in stated.said if triple not in before),
            gone=(triple for triple in stated.unsaid if triple in before and triple not in stated),
        )
        self._inference.apply(before, after, stated.__contains__)
        return _as_quads(base, after, stated)


@lru_cache(4)
def _compiled(clauses: tuple[RuleClause, ...]) -> InferenceChanges:
    """Return the clauses as they follow changes: those of one store after the other are the same."""
    return InferenceChanges(clauses)


class _StatedAfter:
    """The triples stated after a change, by all members of the default graph but graph/inferred."""

    def __init__(self, base: Store, added: Set[Quad], removed: Set[Quad]) -> None:
        self._base = base
        self._removed = removed - added
        self.said = {quad.triple for quad in added if _states(quad)}
        self.unsaid = {quad.triple for quad in self._removed if _states(quad)}
        for quad in added | removed:
            _refuse_derived_graph(quad)

    def __contains__(self, triple: Triple) -> bool:
        if triple in self.said:
            return True
        found = match(self._base, triple.subject, triple.predicate, triple.object)
        return any(_states(quad) and quad not in self._removed for quad in found)


def _as_quads(base: Store, after: TriplesAfter, stated: _StatedAfter) -> DerivedChange:
    default = DefaultGraph()
    added = {graphs.quad_in(triple, default) for triple in after.come}
    removed = {graphs.quad_in(triple, default) for triple in after.gone}
    for triple in after.come | after.gone | stated.said | stated.unsaid:
        quad = graphs.quad_in(triple, graphs.INFERRED)
        is_inferred = triple in after and triple not in stated
        if is_inferred != (quad in base):
            (added if is_inferred else removed).add(quad)
    return DerivedChange(frozenset(added), frozenset(removed))


def _states(quad: Quad) -> bool:
    return isinstance(quad.graph_name, NamedNode) and _is_stating(quad.graph_name)


@lru_cache(4096)
def _is_stating(graph: NamedNode) -> bool:
    return graph != graphs.INFERRED and in_default_graph(graph)


def _refuse_derived_graph(quad: Quad) -> None:
    if not isinstance(quad.graph_name, NamedNode) or quad.graph_name == graphs.INFERRED:
        raise CityKgError(
            f"{quad.triple} stands in a graph that follows from the others.", "Change the graph that states it."
        )
    if _states(quad) and is_about_terms(quad.triple):
        raise CityKgError(
            f"{quad.triple} is about terms, on which the rules rest.", "Change the files and build again."
        )
