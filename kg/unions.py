"""Data sets of several graphs as scratch stores, in which each triple counts once; kept from query to query.

The engine's own union counts a triple once for each graph that states it. The snapshot below never changes, so that
what is kept stays right for as long as its worker lives.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

from kg import namespaces as ns
from kg.query_guard import Dataset

REPORT_UNION = ns.REPORT.removesuffix("/")
"""The virtual graph that is the set union of all graphs of passages."""

MOST_UNIONS = 8
"""Unions that are kept; also an empty store takes memory."""

_Key = tuple[frozenset[str], frozenset[str]]


def needs_union(dataset: Dataset) -> bool:
    """Say whether a data set holds a union, so that the engine alone would count wrongly."""
    return len(dataset.default_graphs) > 1 or REPORT_UNION in (*dataset.default_graphs, *dataset.named_graphs)


class Unions:
    """The unions over one immutable store; those used last are kept: MOST_UNIONS, and `most_quads` quads in all."""

    def __init__(self, store: Store, most_quads: int) -> None:
        self._store = store
        self._most_quads = most_quads
        self._kept: OrderedDict[_Key, tuple[Store, int]] = OrderedDict()

    @property
    def kept(self) -> int:
        """How many unions are kept."""
        return len(self._kept)

    @property
    def kept_quads(self) -> int:
        """How many quads are kept."""
        return sum(size for _, size in self._kept.values())

    def of(self, dataset: Dataset) -> Store:
        """Return a store that holds a data set; it must not be written to."""
        key = (frozenset(dataset.default_graphs), frozenset(dataset.named_graphs))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        united = self._united(dataset)
        size = len(united)
        if size <= self._most_quads:
            self._make_room(size)
            self._kept[key] = (united, size)
        return united

    def _make_room(self, size: int) -> None:
        while len(self._kept) == MOST_UNIONS or (self._kept and self.kept_quads + size > self._most_quads):
            self._kept.popitem(last=False)

    def _united(self, dataset: Dataset) -> Store:
        scratch = Store()
        for iri in dataset.default_graphs:
            scratch.extend(_into(DefaultGraph(), self._triples(iri)))
        for iri in dataset.named_graphs:
            scratch.extend(_into(NamedNode(iri), self._triples(iri)))
        return scratch

    def _triples(self, iri: str) -> Iterator[Triple]:
        if iri != REPORT_UNION:
            names = [NamedNode(iri)]
        else:
            names = [name for name in self._store.named_graphs() if isinstance(name, NamedNode) and _is_passage(name)]
        for name in names:
            for quad in self._store.quads_for_pattern(None, None, None, name):
                yield quad.triple


def _into(graph: NamedNode | DefaultGraph, triples: Iterable[Triple]) -> Iterator[Quad]:
    return (Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples)


def _is_passage(name: NamedNode) -> bool:
    return name.value.startswith(ns.REPORT)
