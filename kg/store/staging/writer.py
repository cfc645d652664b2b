"""Write changes into a store, with all that follows from them: small ones in one update, large ones set by set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.history import Record, provenance_of
from kg.rdf import graphs
from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.rules import UnionChanges, infer

_REMOVED_AT_A_TIME = 20_000
_ADDED_AT_A_TIME = 100_000
_DEFAULT = DefaultGraph()

Counts = tuple[int, int]
"""A number of quads in named graphs, or a difference of such numbers, and how many of them are inferred."""


class StoreWriter:
    """A store whose default graph and graph/inferred are kept in step with the other graphs."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._unions: UnionChanges | None = None

    def read_rules(self) -> UnionChanges:
        """Return the rules as they follow a small change, read on first use: large changes and measures need none."""
        if self._unions is None:
            self._unions = UnionChanges(self.store)
        return self._unions

    def write(self, change: Change, record: Record | None = None) -> Counts:
        """Make a change, and state the provenance from its record, in one update; return how many quads it added."""
        derived = self.read_rules().of(self.store, change.added, change.removed)
        come = change.added | derived.added | (frozenset(provenance_of(record)) if record else frozenset())
        gone = (change.removed - change.added) | derived.removed
        more = self._difference(come, gone)
        self.store.update(_sparql_update(come, gone))
        return more

    def write_large(self, change: Change) -> Counts:
        """Make a change of many quads: much faster, but in steps, so that nothing else may use the store."""
        left = change.remaining_in(self.store)
        come, gone = left.added, left.removed
        self._move(come, gone)
        was = frozenset(match(self.store, graph=graphs.INFERRED))
        now = frozenset(infer(self._stated_quads()))
        self._move(now - was, was - now)
        self._update_default_graph(come | (now - was), gone | (was - now))
        if gone:
            self.store.optimize()  # removed quads slow down reading until then
        return len(come) - len(gone) + len(now) - len(was), len(now) - len(was)

    def replace_graph(self, graph: NamedNode, quads: Iterable[Quad]) -> Counts:
        """Replace the content of a graph from which nothing follows; the quads are in the engine's form."""
        was, now = frozenset(match(self.store, graph=graph)), frozenset(quads)
        come, gone = now - was, was - now
        self._move(come, gone)
        self._update_default_graph(come, gone)
        return len(now) - len(was), 0

    def state_record(self, record: Record) -> Counts:
        """State the provenance of a change that was made already; return how many quads it added."""
        stated = frozenset(provenance_of(record))
        more = self._difference(stated, frozenset())
        self.store.update(_sparql_update(stated, frozenset()))
        return more

    def counts(self) -> Counts:
        """Count the quads in named graphs, and the inferred ones among them."""
        named = [quad for quad in self.store if quad.graph_name != _DEFAULT]
        return len(named), _count_inferred(named)

    def forget_empty_graphs(self, names: Iterable[str]) -> None:
        """Remove graphs that a change has emptied: the engine keeps their names."""
        for graph in map(NamedNode, names):
            if not any(match(self.store, graph=graph)):
                self.store.remove_graph(graph)

    def _difference(self, come: Iterable[Quad], gone: Iterable[Quad]) -> Counts:
        new = [quad for quad in come if quad not in self.store]
        old = [quad for quad in gone if quad in self.store]
        return _count_named(new) - _count_named(old), _count_inferred(new) - _count_inferred(old)

    def _stated_quads(self) -> Iterator[Quad]:
        """Yield the quads from which all others follow."""
        for graph in self.store.named_graphs():
            if isinstance(graph, NamedNode) and graph != graphs.INFERRED and graphs.in_default_graph(graph):
                yield from match(self.store, graph=graph)

    def _update_default_graph(self, come: Iterable[Quad], gone: Iterable[Quad]) -> None:
        said = {quad.triple for quad in come if _counts_in_default_graph(quad)}
        unsaid = {quad.triple for quad in gone if _counts_in_default_graph(quad)} - said
        left = (triple for triple in unsaid if not any(map(_counts_in_default_graph, match(self.store, *triple))))
        self._move((graphs.quad_in(one, _DEFAULT) for one in said), [graphs.quad_in(one, _DEFAULT) for one in left])

    def _move(self, come: Iterable[Quad], gone: Iterable[Quad]) -> None:
        left = iter(gone)
        while some := tuple(islice(left, _REMOVED_AT_A_TIME)):
            self.store.update(f"DELETE DATA {{\n{_quad_data(some)}}}")
        rest = iter(come)
        while some := tuple(islice(rest, _ADDED_AT_A_TIME)):
            self.store.bulk_extend(some)


def _counts_in_default_graph(quad: Quad) -> bool:
    return isinstance(quad.graph_name, NamedNode) and graphs.in_default_graph(quad.graph_name)


def _sparql_update(added: Iterable[Quad], removed: Iterable[Quad]) -> str:
    """Return a SPARQL update, which the engine runs as a whole or not at all."""
    return f"DELETE DATA {{\n{_quad_data(removed)}}} ;\nINSERT DATA {{\n{_quad_data(added)}}}"


def _quad_data(quads: Iterable[Quad]) -> str:
    return "".join(
        f"{triple} .\n" if quad.graph_name == _DEFAULT else f"GRAPH {quad.graph_name} {{ {triple} }}\n"
        for quad in quads
        for triple in (f"{quad.subject} {quad.predicate} {quad.object}",)
    )


def _count_named(quads: Iterable[Quad]) -> int:
    return sum(quad.graph_name != _DEFAULT for quad in quads)


def _count_inferred(quads: Iterable[Quad]) -> int:
    return sum(quad.graph_name == graphs.INFERRED for quad in quads)
