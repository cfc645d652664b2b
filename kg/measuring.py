"""Compute the measures of a build anew, in a copy of it that then takes its place: no reader is held up meanwhile."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from pyoxigraph import DefaultGraph, Store

from kg.building import LedgerFile
from kg.measures import measures
from kg.rdf import graphs
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD
from kg.shortage import shortage_told
from kg.store import Build, Damage, DataFolder, LiveStore
from kg.store.aside import Aside, Writer


def measure(folder: DataFolder, progress: Callable[[str, int], None] = lambda step, steps: None) -> Build:
    """Compute the measures of the current revision, in each scope those of its own, and return the build with them.

    Nothing is done where they are of this revision already. Raises CityKgError where igraph is not installed, and
    DataFolderError if nothing is built, the build is damaged, there is no room, or another process writes.
    """
    LiveStore.finish(folder, folder.built())
    with folder.locked(), shortage_told(folder.path):
        build = folder.built()
        if build.measured == build.revision:
            return build
        Damage(folder).refuse(build)
        steps = len(folder.scopes(build)) + 1
        with Aside(folder, build) as aside:
            aside.link_base()
            aside.copy()
            with suppress(FileNotFoundError):
                os.link(LedgerFile(folder).path(build), aside.ledger)
            for name in folder.scopes(build):
                progress(f"computing the measures of the {name}", steps)
                _measure_scope(aside.scope(name), build.revision)
            progress("computing the measures of all", steps)
            writer = Writer(Store(str(aside.store)))
            made = aside.sealed(writer, _measured(writer, build, build.revision))
            del writer
            gc.collect()  # so that the engine has let go of the store before its folder gets another name
            aside.take_over(made)
            return made


def _measure_scope(scope: DataFolder | None, revision: str) -> None:
    assert scope is not None  # the copy has those of the build
    build = scope.built()
    writer = Writer(Store(str(scope.live(build))))
    scope.advance(writer.store, _measured(writer, build, revision))


def _measured(writer: Writer, build: Build, revision: str) -> Build:
    """Write the measures into a store in the place of older ones, and return its build with them."""
    twins = match(writer.store, None, CD.twinnedWith, None, DefaultGraph())
    more, _ = writer.write_apart(graphs.MEASURES, measures(twins, revision))
    return replace(build, quads=build.quads + more, measured=revision)
