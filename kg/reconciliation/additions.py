"""Names with an addition that says which of several is meant: "Leeds (Yorkshire)", "Portland, OR", "Columbus/Ohio"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from kg.errors import shorten
from kg.reconciliation.description import ThingDescription
from kg.reconciliation.reasons import Reason, reason

_BRACKETS = re.compile(r"([^()（）]+)[(（]([^()（）]+)[)）]\s*")
_PARTS = re.compile(r"\s*[,，、/]\s*")
_TWO_SCRIPTS = re.compile(r"([^\x00-\u024f]+)\s+([\x00-\u024f]+)")
"""A name followed by the same in Latin letters: 奈良市 Nara."""


SAY_WHICH = "Give its position or an identifier, or say under decisions in the mapping what is meant."


class NameWithAdditions(NamedTuple):
    """A name without its additions, and these: regions, countries, districts or other names."""

    name: str
    additions: tuple[str, ...]


def without_additions(name: str) -> NameWithAdditions | None:
    """Return a name without what it adds in brackets, behind commas or a slash; None if it adds nothing."""
    twofold = _BRACKETS.fullmatch(name) or _TWO_SCRIPTS.fullmatch(name)
    stem, *rest = _PARTS.split(twofold[1] if twofold else name)
    additions = (*rest, *(_PARTS.split(twofold[2]) if twofold else ()))
    kept = tuple(filter(None, map(str.strip, additions)))
    return NameWithAdditions(stem.strip(), kept) if kept and stem.strip() else None


def in_parts(description: ThingDescription) -> ThingDescription | None:
    """Return a description by names without additions, and these; None if no name has any."""
    parts = [found for name in description.names if (found := without_additions(name)) is not None]
    if not parts:
        return None
    names = tuple(dict.fromkeys(part.name for part in parts))
    return replace(
        description, names=names, additions=tuple(dict.fromkeys(one for part in parts for one in part.additions))
    )


def unproven_addition(description: ThingDescription, things: str) -> Reason:
    """Return the reason that things of a name, in words, are not shown to be where the name adds."""
    return reason(
        "{name!r} may be {thing}: nothing says whether that is the one in {addition!r}.",
        SAY_WHICH,
        name=shorten(description.names[0]),
        thing=things,
        addition=shorten(", ".join(description.additions)),
    )
