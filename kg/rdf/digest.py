"""A digest of a set of quads that does not depend on the order in which they come, so that nothing has to be sorted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pyoxigraph import Quad


class QuadDigest:
    """The sum of the hashes (BLAKE2b) of what was added; it tells sets of quads apart, as long as none comes twice."""

    def __init__(self, quads: Iterable[Quad] = ()) -> None:
        self._sum = 0
        for quad in quads:
            self.add(quad)

    def add(self, quad: Quad) -> None:
        """Add a quad."""
        self._sum += int.from_bytes(hashlib.blake2b(str(quad).encode(), digest_size=16).digest(), "big")

    def __str__(self) -> str:
        return f"{self._sum % (1 << 128):032x}"
