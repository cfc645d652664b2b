"""Objections in sentences: one template for each of the six kinds, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kg.messages import bilingual

_TEMPLATES: Mapping[str, Callable[[str, str], tuple[str, str]]] = {
    "denies": lambda by, text: bilingual("Denied by {by}: {text}", by=by, text=text),
    "counts-otherwise": lambda by, text: bilingual("Counted otherwise by {by}: {text}", by=by, text=text),
    "changed-since": lambda by, text: bilingual("Changed since, according to {by}: {text}", by=by, text=text),
    "in-tension": lambda by, text: bilingual("In tension with {by}: {text}", by=by, text=text),
    "more-exact": lambda by, text: bilingual("Stated more exactly by {by}: {text}", by=by, text=text),
    "spelt-otherwise": lambda by, text: bilingual("Spelt otherwise by {by}: {text}", by=by, text=text),
}
"""By the names of concepts of the scheme disagreement-kind."""


def objection_sentence(kind: str, source: str, says: str) -> tuple[str, str]:
    """Return the objection of a source in English and in Chinese: Denied by Table 1: York has no official twin."""
    return _TEMPLATES[kind](source, says)
