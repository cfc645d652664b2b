"""Stores in memory."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.rdf import namespaces as ns
from kg.rules import UnionChanges


def with_union(quads: Iterable[Quad]) -> Store:
    """A store in memory whose default graph is the set union of its named ones."""
    store = Store()
    for one in quads:
        store.add(one)
        store.add(Quad(one.subject, one.predicate, one.object, DefaultGraph()))
    return store


def copied(store: Store) -> Store:
    """A copy of a store that stays as it is: it is read once, which takes longer than all else."""
    copy = Store()
    copy.bulk_extend(quads_of(store))
    return copy


@lru_cache(2)
def quads_of(store: Store) -> tuple[Quad, ...]:
    """What a store holds that stays as it is, read once."""
    return tuple(store)


def changed(store: Store, added: Iterable[Quad], removed: Iterable[Quad] = ()) -> Store:
    """A copy of a store that stays as it is, after a change of its named graphs, with what follows from that."""
    come, gone = set(added), set(removed)
    follows = UnionChanges(store).of(store, come, gone)
    after = copied(store)
    for quad in gone | follows.removed:
        after.remove(quad)
    after.extend(come | follows.added)
    return after


def state(store: Store, graph: str, *facts: str) -> None:
    """State facts, each three short IRIs, in a graph and in the union, as a change does."""
    for fact in facts:
        subject, predicate, value = (NamedNode(str(ns.expand(word))) for word in fact.split())
        places = (NamedNode(str(ns.expand(graph))), DefaultGraph())
        store.extend(Quad(subject, predicate, value, place) for place in places)
