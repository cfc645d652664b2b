"""The lists that a text names: by their kind or their title, in full or its first word."""

from __future__ import annotations

from kg.publish.lists.columns import TITLE_BY_KIND


def find_kinds(text: str) -> dict[str, str]:
    """Return the kinds of things that a text names, with the titles of their lists: `cities`, `network`."""
    wanted = " ".join(text.casefold().split())
    return {kind: title for kind, title in TITLE_BY_KIND.items() if wanted in _names(kind, title)}


def _names(kind: str, title: str) -> tuple[str, ...]:
    folded = title.casefold()
    return kind, folded, folded.partition(" ")[0].rstrip(":,")
