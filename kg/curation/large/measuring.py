"""Compute the measures of a revision (kg.measures) on a copy of the store, and follow what others change meanwhile.

They stay those of the revision on which it was begun; what came since is in the copy beside them.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import DefaultGraph

from kg.curation.effect import ConcurrentChange, PendingWrite
from kg.jobs import Advance
from kg.measures import measures
from kg.rdf import graphs
from kg.rdf.lookup import match
from kg.rdf.scopes import EVERYTHING, REPORT, WORLD
from kg.rdf.vocabulary import CD
from kg.shacl import Ledger
from kg.store.aside import StagedBuild

_STEPS = {
    REPORT: "computing the measures of the report",
    WORLD: "computing the measures of the world",
    EVERYTHING: "computing the measures of all",
}


class MeasuresJob:
    """What becomes of the current build once its measures are computed, in each scope those of its own."""

    def __init__(self, aside: StagedBuild, ledger: Ledger, advance: Advance) -> None:
        """Take the folder of the build to come; `advance` gets each step, and of how many. No finding changes."""
        self._aside = aside
        self._advance = advance

    def prepare(self) -> None:
        """Compute them, and write them into the copy. Raises CityKgError where igraph is not installed."""
        self._aside.copy_stores((REPORT, WORLD))
        each = self._aside.copies()
        for number, (name, copy) in enumerate(each):
            self._advance(_STEPS[name], number, len(each))
            twins = match(copy.store, None, CD.twinnedWith, None, DefaultGraph())
            copy.replace_graph(graphs.MEASURES, measures(twins, self._aside.base.revision))
        self._aside.write_checksums_ahead()

    def follow(self, since: Sequence[ConcurrentChange]) -> None:
        """Make changes upon the copy that others have made."""
        for one in since:
            self._aside.write(one.change, one.record)

    def finish(self, since: Sequence[ConcurrentChange], ledger: Ledger) -> PendingWrite:
        """Follow the last changes up to the current build, which has a ledger; return what may take its place."""
        self.follow(since)
        return PendingWrite(None, ledger, build=self._aside.finish(measured=self._aside.base.revision))
