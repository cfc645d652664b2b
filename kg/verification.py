"""Verify a data folder: whether its store is what the files and the history make, and whether all of it is whole.

It takes no lock and looks at a snapshot, so that it can be asked beside a running server.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg import loading, provenance
from kg import namespaces as ns
from kg.building import Progress, content_hash
from kg.errors import DataFolderError
from kg.folding import not_folded
from kg.history import History, Record
from kg.inference import infer
from kg.live_store import refuse_missing_records
from kg.replay import replayed
from kg.snapshots import ENGINE_ERRORS, Build, DataFolder

STEPS = 4

_REBUILD = "Run `citykg build`: it makes the store anew from the files and the history."
_RESTORE = "Restore the folder from a backup: citykg restore FILE --force"


@dataclass(frozen=True)
class Check:
    """One thing looked at. `found` says what was seen, `hint` what to do where it is not as it should be."""

    name: str
    passed: bool
    found: str
    hint: str = ""


@dataclass(frozen=True)
class _Folder:
    """What is compared: the build, its records, the quads of its snapshot and those that the files now state."""

    build: Build
    records: tuple[Record, ...]
    waiting: int
    live: frozenset[Quad]
    files: list[Quad]

    @cached_property
    def named(self) -> frozenset[Quad]:
        return frozenset(quad for quad in self.live if isinstance(quad.graph_name, NamedNode))

    def of(self, graph: NamedNode | DefaultGraph) -> frozenset[Quad]:
        return frozenset(quad for quad in self.live if quad.graph_name == graph)


def verify(folder: DataFolder, progress: Progress = lambda step: None) -> list[Check]:
    """Return all checks of a data folder; it is whole if each has passed.

    `progress` is told each step in words. Raises DataFolderError where nothing is built.
    """
    progress("reading the snapshot")
    try:
        build, store = folder.current_store()
        live = frozenset(store)
    except ENGINE_ERRORS as error:
        return [Check("store", False, f"cannot be read: {error}", _REBUILD)]
    progress("reading the history")
    try:
        records = _records(folder, build)
    except DataFolderError as error:
        return [Check("history", False, error.message, error.hint)]
    upon = records[: build.changes]
    seen = _Folder(build, upon, len(records) - len(upon), live, loading.load())
    progress("making it again from the files and the history")
    checks = [check(seen) for check in (_history, _files, _content, _default_graph, _inferred, _record, _counts)]
    progress("opening the snapshots")
    return [*checks, _snapshots(folder), desk_check(folder)]


def _records(folder: DataFolder, build: Build) -> tuple[Record, ...]:
    history = History(folder.path)
    refuse_missing_records(folder, build.changes, history)
    return tuple(history.records())


def _history(seen: _Folder) -> Check:
    waiting = f"; {seen.waiting} more not in the store yet: the next writer puts them in" if seen.waiting else ""
    last = f", the last one {seen.records[-1].hash[:12]}" if seen.records else ""
    return Check("history", True, f"{len(seen.records)} changes in an unbroken chain{last}{waiting}")


def _files(seen: _Folder) -> Check:
    if seen.build.fingerprint == loading.fingerprint():
        return Check("files", True, "those of the build")
    return Check("files", False, "not those that the build was made from", _REBUILD)


def _content(seen: _Folder) -> Check:
    here, again = content_hash(seen.named), content_hash(replayed(seen.files, not_folded(seen.records)))
    if here == again:
        return Check("content", True, f"files and history make {again}")
    return Check("content", False, f"files and history make {again[:12]}, the store holds {here[:12]}", _REBUILD)


def _default_graph(seen: _Folder) -> Check:
    return _same("default graph", seen.of(DefaultGraph()), loading.set_union(seen.named))


def _inferred(seen: _Folder) -> Check:
    return _same("graph/inferred", seen.of(ns.INFERRED), infer(seen.named - seen.of(ns.INFERRED)))


def _record(seen: _Folder) -> Check:
    stated = (quad for record in seen.records for quad in provenance.quads_of(record))
    return _same("graph/history", seen.of(ns.HISTORY), stated)


def _same(name: str, here: frozenset[Quad], wanted: Iterable[Quad]) -> Check:
    should = frozenset(wanted)
    if here == should:
        return Check(name, True, f"{len(here)} quads, as they should be")
    return Check(name, False, f"{len(should - here)} quads missing, {len(here - should)} too many", _REBUILD)


def _counts(seen: _Folder) -> Check:
    counted = len(seen.named), len(seen.of(ns.INFERRED))
    stated = seen.build.quads, seen.build.inferred
    found = f"{counted[0]} quads in named graphs, {counted[1]} of them inferred"
    if counted == stated:
        return Check("counts", True, found)
    return Check("counts", False, f"{found}; the build says {stated[0]} and {stated[1]}", _REBUILD)


def _snapshots(folder: DataFolder) -> Check:
    kept = [(build, _opens(folder, build)) for build in folder.kept()]
    broken = [build.revision for build, opens in kept if not opens and build in folder.kept()]
    if broken:
        return Check("snapshots", False, f"cannot be opened: {', '.join(broken)}", _REBUILD)
    return Check("snapshots", True, f"{len(kept)}, each of them opens")


def _opens(folder: DataFolder, build: Build) -> bool:
    try:
        store = Store.read_only(str(folder.snapshot(build)))
    except ENGINE_ERRORS:
        return False
    last = provenance.change_iri(build.changes)
    return build.changes == 0 or any(store.quads_for_pattern(last, None, None, ns.HISTORY))


def desk_check(folder: DataFolder) -> Check:
    """Return whether the tokens and proposals of a data folder are whole."""
    path = folder.path / "desk.sqlite"
    if not path.exists():
        return Check("desk", True, "none: no tokens and no proposals")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        found = str(error)
    return Check("desk", found == "ok", "whole" if found == "ok" else found, "" if found == "ok" else _RESTORE)
