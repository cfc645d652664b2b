"""All that is to be said of a query and its answer: the same through every door, and each renders it in its own way."""

from __future__ import annotations

from collections.abc import Iterable

from kg.sparql.emptiness import Emptiness
from kg.sparql.hints import Hint


def advice(why: Emptiness | None, hints: Iterable[Hint]) -> list[Hint]:
    """Return why an answer has no row, if that is known, and what may be amiss with its query, each once."""
    first = [Hint(why.sentence, "sparql", "empty"), *why.hints] if why is not None else []
    found: dict[str, Hint] = {}
    for hint in (*first, *hints):
        found.setdefault(hint.sentence, hint)
    return list(found.values())
