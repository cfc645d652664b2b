"""What the validated graphs of a store say, each triple once, read where it lies.

The data graph of validation is no graph of the store: its default graph holds what was inferred as well. But every
named graph says whether it belongs, so a look-up over all graphs that passes over the others gives the data graph, and
nothing has to be kept beside the store and in step with it.

On disk the engine (pyoxigraph 0.5.13) answers a pattern whose object is an integer such as 255 or 511, or another
literal whose code ends in the byte FF, with the statements of the values after it as well. So each answer is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple
from rdflib.term import Node

from kg import namespaces as ns
from kg.loading import is_validated
from kg.validation.conversion import Triple as RdflibTriple
from kg.validation.conversion import to_engine, to_triple

Pattern = tuple[Node | None, Node | None, Node | None]

BUDGET = 50_000
"""Triples that a verdict may read before everything is validated instead: a few seconds' worth."""


class OverBudgetError(Exception):
    """More triples would have to be read than the budget allows."""


def belongs(quad: Quad) -> bool:
    """Tell whether a quad is part of the data graph of validation (contract: What is in which graph).

    Those are the quads of validated graphs, and of the ontology `rdfs:subClassOf` between named classes.
    """
    graph = quad.graph_name
    if not isinstance(graph, NamedNode):
        return False
    if graph == ns.ONTOLOGY_GRAPH:
        return quad.predicate == ns.SUBCLASS_OF and isinstance(quad.object, NamedNode)
    return _validated(graph)


def says(store: Store, triple: Triple) -> Iterator[Quad]:
    """Yield each quad of the data graph that states the triple."""
    found = store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
    return (quad for quad in found if belongs(quad) and quad.triple == triple)


class Stated:
    """The triples of a store's data graph, by patterns of rdflib terms."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def match(self, pattern: Pattern) -> Iterator[RdflibTriple]:
        """Yield each triple that fits, once; None in the pattern stands for any term."""
        subject, predicate, value = (None if term is None else to_engine(term) for term in pattern)
        if isinstance(subject, Literal) or isinstance(predicate, Literal | BlankNode):
            return
        seen = set()
        for quad in self._store.quads_for_pattern(subject, predicate, value, None):
            if belongs(quad) and (value is None or quad.object == value):
                triple = to_triple(quad)
                if triple not in seen:
                    seen.add(triple)
                    yield triple


class BudgetedStated(Stated):
    """The same, with each answer kept, and an end to how many triples are read.

    Raises OverBudgetError from `match` when the budget is spent. It serves one verdict; the store may not change then.
    """

    def __init__(self, store: Store, budget: int) -> None:
        super().__init__(store)
        self._left = budget
        self._answers: dict[Pattern, tuple[RdflibTriple, ...]] = {}

    def match(self, pattern: Pattern) -> Iterator[RdflibTriple]:
        """Yield each triple that fits, once."""
        if (answer := self._answers.get(pattern)) is None:
            answer = self._answers[pattern] = tuple(self._paid(pattern))
        return iter(answer)

    def _paid(self, pattern: Pattern) -> Iterator[RdflibTriple]:
        for triple in super().match(pattern):
            self._left -= 1
            if self._left < 0:
                raise OverBudgetError
            yield triple


@lru_cache(4096)
def _validated(graph: NamedNode) -> bool:
    return is_validated(graph)
