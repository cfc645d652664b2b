"""The lists that a text names: by their kind or their title, in full or its first word."""

from __future__ import annotations

from kg.publish.lists.columns import TITLES


def kinds_called(text: str) -> dict[str, str]:
    """Return the kinds of things that a text names, with the titles of their lists: `cities`, `network`."""
    wanted = " ".join(text.casefold().split())
    titles = {kind: title for group in TITLES.values() for kind, title in group.items()}
    return {kind: title for kind, title in titles.items() if wanted in _names(kind, title)}


def _names(kind: str, title: str) -> tuple[str, ...]:
    folded = title.casefold()
    return kind, folded, folded.partition(" ")[0].rstrip(":,")
