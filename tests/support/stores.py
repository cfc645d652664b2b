"""Stores in memory."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import DefaultGraph, Quad, Store


def with_union(quads: Iterable[Quad]) -> Store:
    """A store in memory whose default graph is the set union of its named ones."""
    store = Store()
    for one in quads:
        store.add(one)
        store.add(Quad(one.subject, one.predicate, one.object, DefaultGraph()))
    return store
