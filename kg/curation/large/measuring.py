"""The job that computes the measures of a revision (kg.measures) on a copy of the store.

It follows the changes that are made meanwhile: they are in the copy, but not in the measures.
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
    """Stages a build with the measures of the current one, in each scope its own."""

    def __init__(self, aside: StagedBuild, ledger: Ledger, advance: Advance) -> None:
        """Take the build to stage; `advance` gets each step and their number. The ledger does not change."""
        self._aside = aside
        self._advance = advance

    def prepare(self) -> None:
        """Compute the measures, and write them into the copy. Raises CityKgError if igraph is not installed."""
        self._aside.copy_stores((REPORT, WORLD))
        each = self._aside.copies()
        for number, (name, copy) in enumerate(each):
            self._advance(_STEPS[name], number, len(each))
            twins = match(copy.store, None, CD.twinnedWith, None, DefaultGraph())
            copy.replace_graph(graphs.MEASURES, measures(twins, self._aside.base.revision))
        self._aside.write_checksums_ahead()

    def follow(self, since: Sequence[ConcurrentChange]) -> None:
        """Make the changes in the copy that were made meanwhile."""
        for one in since:
            self._aside.write(one.change, one.record)

    def finish(self, since: Sequence[ConcurrentChange], ledger: Ledger) -> PendingWrite:
        """Follow the last changes up to the current build, whose ledger is given; return the write to be done."""
        self.follow(since)
        return PendingWrite(None, ledger, build=self._aside.finish(measured=self._aside.base.revision))
