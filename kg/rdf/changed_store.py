"""A store as a change would leave it, read without making the change."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store

from kg.rdf.change import Change
from kg.rdf.graphs import default_graph_quads
from kg.rdf.lookup import Term, match


class ChangedStore:
    """An unchanging store as it is after a change: less what that removes, and with what it adds.

    What follows from the change by rule is left out.
    """

    def __init__(self, base: Store, change: Change) -> None:
        self._base = base
        self._added = Store()
        self._added.extend([*change.added, *default_graph_quads(change.added)])
        self._removed = set(change.removed - change.added)
        self._removed |= {quad for quad in default_graph_quads(self._removed) if not self._is_stated(quad)}

    def quads_for_pattern(
        self,
        subject: Term | None,
        predicate: NamedNode | None,
        value: Term | None,
        graph: NamedNode | BlankNode | DefaultGraph | None = None,
        /,
    ) -> Iterator[Quad]:
        """Yield the quads that match a pattern, as a store does."""
        for quad in match(self._base, subject, predicate, value, graph):
            if quad not in self._removed and quad not in self._added:
                yield quad
        yield from match(self._added, subject, predicate, value, graph)

    def _is_stated(self, quad: Quad) -> bool:
        """Return True if a graph goes on stating a quad of the default graph."""
        stating = [*match(self._base, *quad.triple), *match(self._added, *quad.triple)]
        return any(default_graph_quads(one for one in stating if one not in self._removed))
