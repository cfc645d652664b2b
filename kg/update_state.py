"""The graph in the course of an update: the revision that it meets, and what its operations have changed so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Quad, Store


class State:
    """Named graphs with a change that grows; the store is only read. Quads are in the engine's canonical form.

    None of `added` is in the store, all of `removed` are.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.added: set[Quad] = set()
        self.removed: set[Quad] = set()

    def change(self, removed: Iterable[Quad], added: Iterable[Quad]) -> None:
        """Take quads away, then add others, wherever that is not so already."""
        for quad in removed:
            self.added.discard(quad)
            if quad in self.store:
                self.removed.add(quad)
        for quad in added:
            self.removed.discard(quad)
            if quad not in self.store:
                self.added.add(quad)

    def quads(self, graph: str) -> Iterator[Quad]:
        """Yield the quads of a named graph."""
        name = NamedNode(graph)
        yield from (quad for quad in self.added if quad.graph_name == name)
        yield from (quad for quad in self.store.quads_for_pattern(None, None, None, name) if quad not in self.removed)
