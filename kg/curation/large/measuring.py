"""Compute the measures of a revision (kg.measures) on a copy of the store, and follow what others change meanwhile.

They stay those of the revision on which it was begun; what came since is in the copy beside them.
"""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import islice

from kg.building import LedgerFile
from kg.curation.large.copies import Copy, finished
from kg.history import History
from kg.jobs import Advance
from kg.rdf.change import Change
from kg.rdf.scopes import EVERYTHING, REPORT, WORLD
from kg.store import Build
from kg.store.aside import Aside

_STEPS = {
    REPORT: "computing the measures of the report",
    WORLD: "computing the measures of the world",
    EVERYTHING: "computing the measures of all",
}


class Measuring:
    """What becomes of the current build once its measures are computed, in each scope those of its own."""

    def __init__(self, aside: Aside, advance: Advance) -> None:
        """Take the folder of the build to come; `advance` gets each step, and of how many."""
        self._aside = aside
        self._history, self._ledgers = History(aside.folder.path), LedgerFile(aside.folder)
        self._advance = advance
        self._followed = aside.base.changes

    def prepare(self) -> None:
        """Compute them, and write them into the copy. Raises CityKgError where igraph is not installed."""
        self._copies = Copy.each(self._aside, (REPORT, WORLD))
        for number, (name, copy) in enumerate(self._copies.items()):
            self._advance(_STEPS[name], number, len(self._copies))
            copy.measure(self._aside.base.revision)
            copy.prepare()

    def follow(self, last: int) -> None:
        """Make the changes upon the copy that have come up to a number; no change comes to the world."""
        for record in islice(self._history.records(after=self._followed), last - self._followed):
            change = Change(record.added_quads(), record.removed_quads())
            for name, copy in self._copies.items():
                if name != WORLD:
                    copy.write(change, record)
            self._followed = record.number

    def finish(self, current: Build) -> Build:
        """Return what is to be made current in the place of the current build, whose changes are followed.

        The gate must be held meanwhile.
        """
        self.follow(current.changes)
        self._aside.ledger.unlink(missing_ok=True)  # it may be that of a revision before
        with suppress(FileNotFoundError):
            os.link(self._ledgers.path(current), self._aside.ledger)
        return finished(self._copies, lambda copy: copy.measured(self._aside.base.revision))
