"""The default graph as it is and as a change would leave it, with what follows by rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.rdf import graphs
from kg.rdf.change import Change
from kg.rdf.changed_store import ChangedStore
from kg.rdf.lookup import Term, match
from kg.rules import UnionChanges

_DEFAULT = DefaultGraph()
_rules = lru_cache(maxsize=1)(UnionChanges)
"""The rules as the terms of a snapshot have them, of which reading takes a quarter of what the effects do. Of one
alone: the process of the gate clears no caches of snapshots, and those that are remembered stay open."""


class ChangeResult:
    """A store, a change to it, and what follows from the change by rule."""

    def __init__(self, store: Store, change: Change) -> None:
        self.store, self.change = store, change
        derived = _rules(store).of(store, set(change.added), set(change.removed))
        self.come = _of(derived.added, _DEFAULT)
        """The quads that the default graph gets."""
        self.gone = _of(derived.removed, _DEFAULT)
        self.inferred, self.no_longer_inferred = (
            _of(derived.added, graphs.INFERRED),
            _of(derived.removed, graphs.INFERRED),
        )
        self.whole = Change(change.added | derived.added, change.removed | derived.removed)
        """The change with all that follows from it."""
        self.store_after = ChangedStore(store, self.whole)
        """The store after it."""

    def before(
        self, subject: Term | None = None, predicate: NamedNode | None = None, value: Term | None = None
    ) -> Iterator[Quad]:
        """Yield the quads of the default graph that match, as they are."""
        return match(self.store, subject, predicate, value, _DEFAULT)

    def after(
        self, subject: Term | None = None, predicate: NamedNode | None = None, value: Term | None = None
    ) -> Iterator[Quad]:
        """Yield the quads of the default graph that match, as they would be."""
        return match(self.store_after, subject, predicate, value, _DEFAULT)


def _of(quads: Iterable[Quad], graph: NamedNode | DefaultGraph) -> frozenset[Quad]:
    return frozenset(quad for quad in quads if quad.graph_name == graph)
