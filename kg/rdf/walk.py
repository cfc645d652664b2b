"""Read a store from end to end along each of its indexes: damage shows, or ends the process that reads.

The engine keeps the statements of a store in nine orders. A pattern is answered from that order in which what it gives
comes first; so the patterns below, each for all terms that occur, read all of them (and the table of terms). What they
yield must be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pyoxigraph import Quad, Store

from kg.rdf.digest import QuadDigest
from kg.rdf.lookup import match_each
from kg.readings import Reading

ORDERS: dict[str, Callable[[Quad], tuple[object, ...]]] = {
    "subject": lambda quad: (quad.subject, None, None, None),
    "predicate": lambda quad: (None, quad.predicate, None, None),
    "object": lambda quad: (None, None, quad.object, None),
    "graph and subject": lambda quad: (quad.subject, None, None, quad.graph_name),
    "graph and predicate": lambda quad: (None, quad.predicate, None, quad.graph_name),
    "graph and object": lambda quad: (None, None, quad.object, quad.graph_name),
}
"""The pattern with which a quad is found along an order, by what comes first in it."""


@Reading
def walk(store: Store) -> dict[str, object]:
    """Return what a store holds: quads, digest, and the orders in which it holds anything else."""
    patterns: dict[str, set[tuple[object, ...]]] = {name: set() for name in ORDERS}
    count, hashes, digest = 0, 0, QuadDigest()
    for quad in store:
        count, hashes = count + 1, hashes + hash(quad)
        digest.add(quad)
        for name, pattern in ORDERS.items():
            patterns[name].add(pattern(quad))
    other = [name for name, asked in patterns.items() if _count_and_digest(match_each(store, asked)) != (count, hashes)]
    return {"quads": count, "digest": str(digest), "other": other}


def _count_and_digest(quads: Iterable[Quad]) -> tuple[int, int]:
    count = hashes = 0
    for quad in quads:
        count += 1
        hashes += hash(quad)
    return count, hashes
