"""Data sets of several graphs as temporary stores, in which each triple counts once; cached between queries.

The engine's own union counts a triple once for each graph that states it. The snapshot below never changes, so that
what is kept stays right for as long as its worker lives.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Store, Triple

from kg.rdf.graphs import quad_in
from kg.rdf.lookup import match
from kg.rdf.passages import virtual_graphs
from kg.sparql.evaluation.execute import Answer, evaluate
from kg.sparql.text import Prologue, tokens

MOST_UNIONS = 8
"""Unions that are kept; also an empty store takes memory."""

_Key = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True)
class Dataset:
    """The IRIs of the graphs that make up the default graph, and of those that GRAPH can name."""

    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]

    @classmethod
    def from_query(cls, text: str) -> Dataset | None:
        """Return the graphs in FROM and FROM NAMED, None where there are none or a prefix is unknown.

        Relative IRIs are resolved against the query's BASE, or ours; prefixes of ours need no declaration.
        """
        if "from" not in text.lower():
            return None
        prologue = Prologue()
        default_graphs: list[str] = []
        named_graphs: list[str] = []
        for token, second, third in prologue.follow(tokens(text)):
            if token.keyword == "FROM":
                named = second.keyword == "NAMED"
                iri = prologue.iri(third if named else second)
                if iri is None:
                    return None
                (named_graphs if named else default_graphs).append(iri)
        return cls(tuple(default_graphs), tuple(named_graphs)) if default_graphs or named_graphs else None


class Unions:
    """The unions over one immutable store; those used last are kept: MOST_UNIONS, and `most_quads` quads in all."""

    def __init__(self, store: Store, most_quads: int) -> None:
        self._store = store
        self._most_quads = most_quads
        self._kept: OrderedDict[_Key, tuple[Store, int]] = OrderedDict()

    @property
    def union_count(self) -> int:
        """The number of cached unions."""
        return len(self._kept)

    @property
    def quad_count(self) -> int:
        """The number of cached quads."""
        return sum(size for _, size in self._kept.values())

    def evaluate(self, text: str, dataset: Dataset | None) -> tuple[Answer, list[str]]:
        """Run a query on a data set, or on the store itself.

        Returns the answer, lazily evaluated, and the functions that the engine does not know. Raises QuerySyntaxError.
        """
        if dataset is None:
            return evaluate(self._store, text)
        united = self._holds_union(dataset)
        return evaluate(
            self.of(dataset) if united else self._store,
            text,
            default_graph=[DefaultGraph()] if united else [NamedNode(iri) for iri in dataset.default_graphs],
            named_graphs=[NamedNode(iri) for iri in dataset.named_graphs],
        )

    def of(self, dataset: Dataset) -> Store:
        """Return a store that holds a data set; it must not be written to."""
        key = (frozenset(dataset.default_graphs), frozenset(dataset.named_graphs))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        united = self._build(dataset)
        size = len(united)
        if size <= self._most_quads:
            self._make_room(size)
            self._kept[key] = (united, size)
        return united

    def _holds_union(self, dataset: Dataset) -> bool:
        """Return True if a data set holds a union, in which the engine alone would count triples twice."""
        virtual = virtual_graphs(self._store).keys()
        return len(dataset.default_graphs) > 1 or not virtual.isdisjoint(dataset.default_graphs + dataset.named_graphs)

    def _make_room(self, size: int) -> None:
        while len(self._kept) == MOST_UNIONS or (self._kept and self.quad_count + size > self._most_quads):
            self._kept.popitem(last=False)

    def _build(self, dataset: Dataset) -> Store:
        scratch = Store()
        for iri in dataset.default_graphs:
            scratch.extend(quad_in(triple, DefaultGraph()) for triple in self._triples(iri))
        for iri in dataset.named_graphs:
            scratch.extend(quad_in(triple, NamedNode(iri)) for triple in self._triples(iri))
        return scratch

    def _triples(self, iri: str) -> Iterator[Triple]:
        for name in virtual_graphs(self._store).get(iri, (NamedNode(iri),)):
            for quad in match(self._store, graph=name):
                yield quad.triple
