"""The known name that is most like a given one; what an address may mean is in kg.publish.search."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known name most similar to the given one, None below the cutoff (difflib's ratio)."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=cutoff)), None)
