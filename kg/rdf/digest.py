"""Digests of sets of quads, and of a whole store, read along each of its indexes.

The engine keeps the statements of a store in nine orders. A pattern is answered from the order that begins with the
terms that it gives; so the patterns below, each for all terms that occur, read all of them (and the table of terms).
What they yield must be the same: damage shows, or aborts the process that reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from pyoxigraph import Quad, Store

from kg.rdf.lookup import match_each
from kg.readings import Reading


class QuadDigest:
    """A digest of a set of quads that does not depend on their order: the sum of their hashes (BLAKE2b).

    Nothing has to be sorted for it. No quad may be added twice.
    """

    def __init__(self, quads: Iterable[Quad] = ()) -> None:
        self._sum = 0
        for quad in quads:
            self.add(quad)

    def add(self, quad: Quad) -> None:
        """Add a quad."""
        self._sum += int.from_bytes(hashlib.blake2b(str(quad).encode(), digest_size=16).digest(), "big")

    def __str__(self) -> str:
        return f"{self._sum % (1 << 128):032x}"


ORDERS: dict[str, Callable[[Quad], tuple[object, ...]]] = {
    "subject": lambda quad: (quad.subject, None, None, None),
    "predicate": lambda quad: (None, quad.predicate, None, None),
    "object": lambda quad: (None, None, quad.object, None),
    "graph and subject": lambda quad: (quad.subject, None, None, quad.graph_name),
    "graph and predicate": lambda quad: (None, quad.predicate, None, quad.graph_name),
    "graph and object": lambda quad: (None, None, quad.object, quad.graph_name),
}
"""By order, the pattern that finds a quad along it, by the terms that come first in it."""


@Reading
def walk(store: Store) -> dict[str, object]:
    """Return the number and digest of a store's quads, and the orders in which it holds others."""
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
