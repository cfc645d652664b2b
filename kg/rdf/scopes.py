"""Scopes: parts of the graph that a query may be limited to, so that answers about one work ignore others.

A graph that is built with works beyond the report has each part as a store of its own (kg.store): its files, its
changes, and what follows from these alone. The scope of a work has the name of its folder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Quad

REPORT = "report"
"""All but the works beyond the report: the report, what the editors add, and what curators have added since."""
WORLD = "world"
"""The terms, names and places, and what Wikidata states of twinnings; also the name of that work."""
EVERYTHING = "all"
"""All that is loaded."""
ANOTHER = "another work"
"""Stands for any work other than the report, where a query needs one, whichever it is."""
SCOPES = (REPORT, WORLD, EVERYTHING)
"""The scopes that a canned query may be of; each work that is loaded is one that may be asked instead."""

DEFAULT_WORKS = ("rusi-2025",)
"""The works that the command line and the service have beside the report without being told so (`Build.works`)."""


@dataclass(frozen=True)
class ScopeContent:
    """The content of a scope's store: its quads, their hash and counts, and its number of changes."""

    scope: str
    quads: Iterable[Quad]
    content_hash: str
    counts: tuple[int, int]
    changes: int = 0


def scopes_of_works(works: Iterable[str]) -> dict[str, str]:
    """Return the works beside the report, names or paths as a build has them, by the names of their scopes."""
    return {Path(work).name: work for work in works}


def with_default_works(works: Iterable[str]) -> tuple[str, ...]:
    """Return the default works and others, each once."""
    return tuple(dict.fromkeys((*DEFAULT_WORKS, *works)))


def missing_works(works: Iterable[str], loaded: Collection[str]) -> tuple[str, ...]:
    """Return the works that are not among those loaded beside the report; ANOTHER is any of these."""
    return tuple(work for work in works if work not in loaded and not (work == ANOTHER and loaded))
