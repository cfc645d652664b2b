"""The known name that is most like a given one; what an address may mean is in kg.publish.search."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known name most similar to the given one, None below the cutoff (difflib's ratio)."""
    return next(iter(nearest_of_many(name, known, 1, cutoff)), None)


def nearest_of_many(name: str, known: Iterable[str], most: int, cutoff: float) -> list[str]:
    """Return the known names most similar to the given one, at most so many, the most similar first."""
    return get_close_matches(name, list(known), n=most, cutoff=cutoff)


def did_you_mean(meant: str | None, hint: str = "", *, message: str = "") -> str:
    """Return a message, the question whether something is meant, if there is anything to ask for, and a hint."""
    return " ".join(filter(None, (message, f"Did you mean {meant}?" if meant else "", hint)))


def suggest(name: str, known: Iterable[str], hint: str = "", *, message: str = "") -> str:
    """Return a message, the known name most similar to the given one, if one is, and a hint."""
    near = nearest(name, known)
    return did_you_mean(repr(near) if near else None, hint, message=message)
