"""Who answers the query of a request, an engine with a copy of the graph or our workers, and of which revision.

The answer says so (server.web.envelope).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g

from kg.store import Build
from kg.workers import QueryPool

if TYPE_CHECKING:
    from kg.engines import Engines, RoutedPool


def pool_of(engines: Engines, pool: QueryPool, build: Build, least: str) -> RoutedPool:
    """Return the pool for a query on the present graph: engines answer where they can, which is noted.

    `least` is the revision that an engine has to hold which lags, empty where none of those may answer.
    """
    return engines.over(pool, build, _note, least=least)


def note_past_or_part() -> None:
    """Note that our own workers answer, since engines hold the present graph and all of it."""
    g.answered_here_since = "it asks the past, or a part of the graph"


def _note(why_here: str, build: Build) -> None:
    g.answered_here_since = why_here
    if build != g.build:
        g.build = build  # which the answer names, and is all that the rest of it reads
        g.lags = True
