"""What is read of a store: how many quads each pattern has yielded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pyoxigraph import Quad, Store


class Reads:
    """A store in the place of another, with what was read of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.quads: Counter[str] = Counter()
        """Quads that were read, by the pattern that asked for them."""

    def quads_for_pattern(self, *pattern: Any) -> Iterator[Quad]:
        """Yield what the store has, and count it."""
        for quad in self._store.quads_for_pattern(*pattern):
            self.quads[" ".join(str(term) for term in pattern)] += 1
            yield quad

    def __contains__(self, quad: Quad) -> bool:
        """Whether the store has a quad."""
        return quad in self._store

    def __getattr__(self, name: str) -> Any:
        """Return what else a store has."""
        return getattr(self._store, name)
