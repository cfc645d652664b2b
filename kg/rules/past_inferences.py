"""What followed from a change, for those who keep a copy of the graph by its changes: computed from the present graph.

The graph before and after a past change are the present one with what came since undone, and inferences follow a change
that is undone as they do any other (docs/decisions/following-changes.md). So no store of the past is needed.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from pyoxigraph import Quad, Store

from kg.rdf import graphs
from kg.rdf.lookup import match
from kg.rdf.serialise import lines_of, quads_of
from kg.rdf.snapshots import once_per_snapshot
from kg.readings import Reading
from kg.rules.derived_graphs import UnionChanges

Lines = Sequence[str]
"""Quads as lines of N-Quads."""


@Reading
def inferred_between(
    store: Store, before: tuple[Lines, Lines], after: tuple[Lines, Lines]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the quads that graph/inferred gained and lost between two states, as lines of N-Quads.

    Each state is given by the quads that the named graphs have in it more than in the store, and those they have less.
    """
    rules = _rules_of(store)
    (came, went), (came_later, went_later) = (
        _inferred(rules, store, quads_of(more), quads_of(less)) for more, less in (before, after)
    )
    differing = came | went | came_later | went_later
    held = {quad for quad in differing if any(match(store, *quad))}
    then, now = (held | came) - went, (held | came_later) - went_later
    return lines_of(now - then), lines_of(then - now)


@once_per_snapshot
def _rules_of(store: Store) -> UnionChanges:
    return UnionChanges(store)


def _inferred(
    rules: UnionChanges, store: Store, more: Set[Quad], less: Set[Quad]
) -> tuple[frozenset[Quad], frozenset[Quad]]:
    derived = rules.of(store, more, less)
    added, removed = (
        frozenset(quad for quad in quads if quad.graph_name == graphs.INFERRED)
        for quads in (derived.added, derived.removed)
    )
    return added, removed
