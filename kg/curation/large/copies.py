"""Copies of the store of a build, and of those of its scopes, while changes are made to them aside."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from dataclasses import replace

from pyoxigraph import DefaultGraph, Store

from kg.history import Record
from kg.measures import measures
from kg.rdf import graphs
from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.rdf.scopes import EVERYTHING
from kg.rdf.vocabulary import CD
from kg.store import Build
from kg.store.aside import Aside, Counts, Writer


class Copy:
    """A copy of a store while changes are made to it: of that of the whole, or of a scope."""

    def __init__(self, aside: Aside) -> None:
        """Make the copy."""
        self._aside = aside
        aside.copy()
        self._writer = Writer(Store(str(aside.store)))
        self._quads, self._inferred = 0, 0
        self._last: Record | None = None

    @classmethod
    def each(cls, aside: Aside, scopes: Iterable[str]) -> dict[str, Copy]:
        """Return a copy of each of the scopes that has a store of its own, by its name, and last one of the whole."""
        copies = {}
        for name in scopes:
            if (part := aside.scope(name)) is not None:
                within = Aside(part, part.built())
                within.path.mkdir(parents=True)
                within.link_base()
                copies[name] = cls(within)
        return copies | {EVERYTHING: cls(aside)}

    @property
    def store(self) -> Store:
        """The store itself."""
        return self._writer.store

    def write_large(self, change: Change) -> None:
        """Make the large change."""
        self._count(self._writer.write_large(change))

    def write(self, change: Change, record: Record) -> None:
        """Make a change that came meanwhile."""
        self._count(self._writer.write(change.left_in(self.store), record))
        self._writer.forget_empty_graphs(record.graphs())
        self._last = record

    def measure(self, revision: str) -> None:
        """Let it hold the measures of what it holds (kg.measures), as those of a revision, in the place of older ones.

        Raises CityKgError where igraph is not installed.
        """
        twins = match(self.store, None, CD.twinnedWith, None, DefaultGraph())
        self._count(self._writer.write_apart(graphs.MEASURES, measures(twins, revision)))

    def prepare(self) -> None:
        """Do beforehand what can be done of `finished` or `measured`."""
        self._aside.prepare(self.store)

    def finished(self, record: Record) -> Build:
        """State what the record says, and return the build that comes of it."""
        return self._aside.finished(self._writer, (self._quads, self._inferred), record)

    def measured(self, revision: str) -> Build:
        """Return the build that comes of it: with the measures of a revision, and what has come since."""
        base, last = self._aside.base, self._last
        build = replace(
            base, quads=base.quads + self._quads, inferred=base.inferred + self._inferred, measured=revision
        )
        if last is not None:
            build = replace(build, changes=last.number, changed=last.at)
        return self._aside.sealed(self._writer, build)

    def take_over(self, build: Build) -> None:
        """Let a build that comes of it be current in the folder that it is aside in."""
        self._aside.take_over(build)

    def _count(self, more: Counts) -> None:
        self._quads += more[0]
        self._inferred += more[1]


def finished(copies: dict[str, Copy], make: Callable[[Copy], Build]) -> Build:
    """Make a build of each copy, and those of scopes current in their folders; return that of the whole.

    What is current in the whole is so in its parts before. None of the copies is left.
    """
    for name in [*copies]:
        copy = copies.pop(name)
        build = make(copy)
        if name != EVERYTHING:
            copy.take_over(build)
    del copy
    gc.collect()  # so that the engine has let go of the stores before another process opens them
    return build
