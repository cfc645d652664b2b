"""A build that is staged for a large change beside the current one, which goes on meanwhile; then it takes its place.

    <data>/builds/unfinished-<name>/store        a copy of the store, whose tables are hard links until they change
    <data>/builds/unfinished-<name>/continues    the name of the build that this one continues

It is not read before `current.json` names it. If a process dies over it, the next writer removes it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from pyoxigraph import NamedNode, Quad, Store

from kg import garbage
from kg.history import Record
from kg.rdf.change import Change
from kg.rdf.scopes import EVERYTHING, REPORT
from kg.store.builds import Build
from kg.store.checksums import write_checksums
from kg.store.data_folder import SCOPES, DataFolder
from kg.store.snapshots import UNFINISHED, write_snapshot
from kg.store.staging.writer import Counts, StoreWriter


class StagedBuild:
    """A build to come, with its scopes; written by one process, from `copy_stores` or `open_copy` to `finish`.

    As a context manager, it removes its folder on exit unless the build has become current.
    """

    _writer: StoreWriter

    def __init__(self, folder: DataFolder, base: Build) -> None:
        """Take a new folder for a build that continues `base`."""
        self.folder = folder
        self.base = base
        self.path = folder.unfinished_path(base)
        self.base_snapshot = self.path / "base"
        """The path of a linked copy of the base's snapshot."""
        self.store_path = self.path / "store"
        """The path of the copy of the store."""
        self._prepared = self.path / "prepared"
        self._parts: dict[str, StagedBuild] = {}
        self._added_counts: Counts = (0, 0)
        self._last_record: Record | None = None

    def __enter__(self) -> StagedBuild:
        """Make the folder."""
        self.path.mkdir(parents=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove the folder, unless the build has become current.

        Garbage is collected only in a process that has opened the copies, since that stops all its threads. The server
        opens none, as its jobs have processes of their own.
        """
        writers = [vars(one).pop("_writer", None) for _, one in self.copies()]
        if any(writers):
            del writers
            garbage.collect()  # so that the engine closes the copies
        shutil.rmtree(self.path, ignore_errors=True)

    def link_base(self) -> None:
        """Link the base's snapshot and scopes, since they may be removed meanwhile. Raises OSError."""
        _link(self.folder.snapshot(self.base), self.base_snapshot)
        self.link_scopes()

    def link_scopes(self) -> None:
        """Link the stores of the base's scopes as they are now. Raises OSError."""
        for name, scope in self.folder.scopes(self.base).items():
            _link_scope(scope, self.path / SCOPES / name)

    def copy_stores(self, scopes: Iterable[str] = ()) -> None:
        """Copy the linked store, and those of the given scopes that have one; open the copies for writing.

        The tables of the copies are links until they change. Raises OSError.
        """
        for name in scopes:
            if (place := self.path / SCOPES / name).exists():
                scope = DataFolder(place)
                part = self._parts[name] = StagedBuild(scope, scope.require_build()).__enter__()
                part.link_base()
                part.copy_stores()
        _link(self.base_snapshot, self.store_path)
        self.open_copy()

    def open_copy(self) -> None:
        """Open the copy for writing."""
        self._writer = StoreWriter(Store(str(self.store_path)))

    def copies(self) -> list[tuple[str, StagedBuild]]:
        """Return the copies with the names of their scopes; the whole comes last."""
        return [*self._parts.items(), (EVERYTHING, self)]

    @property
    def store(self) -> Store:
        """The copy of the store of the whole."""
        return self._writer.store

    def write_large(self, change: Change) -> None:
        """Make a change of many quads, without the provenance from its record."""
        for _, one in self.copies():
            one._count(one._writer.write_large(change))

    def write(self, change: Change, record: Record) -> None:
        """Make a change, and state the provenance from its record; the scopes of other works get no changes."""
        for name, one in self.copies():
            if name in (REPORT, EVERYTHING):
                one._count(one._writer.write(change.remaining_in(one.store), record), record)

    def state_record(self, record: Record) -> None:
        """State the provenance of a change that was made already."""
        for _, one in self.copies():
            one._count(one._writer.state_record(record), record)

    def replace_graph(self, graph: NamedNode, quads: Iterable[Quad]) -> None:
        """Replace the content of a graph of the whole from which nothing follows; quads are in the engine's form."""
        self._count(self._writer.replace_graph(graph, quads))

    def write_checksums_ahead(self) -> None:
        """Write the checksums of the tables so far, so that `finish` reads only those that come later."""
        for _, one in self.copies():
            one.store.backup(str(one._prepared))
            write_checksums(one._prepared, one.folder.snapshot(one.base))

    def finish(self, measured: str | None = None) -> Build:
        """Make the snapshots, make those of scopes current in their folders, and return the build of the whole.

        `measured` is the revision whose measures it holds, if it does. The engine has closed the copies then.
        """
        for part in self._parts.values():
            part.make_current(part.finish(measured))
        build = replace(
            self.base,
            name=self.path.name.removeprefix(UNFINISHED),
            quads=self.base.quads + self._added_counts[0],
            inferred=self.base.inferred + self._added_counts[1],
            measured=self.base.measured if measured is None else measured,
        )
        if self._last_record is not None:
            build = replace(build, changes=self._last_record.number, changed=self._last_record.at)
        before = self._prepared if self._prepared.exists() else self.folder.snapshot(self.base)
        write_snapshot(self.store, self.path / "snapshots", build, before)
        for scratch in (self._prepared, self.base_snapshot):
            shutil.rmtree(scratch, ignore_errors=True)
        self._prepared.with_suffix(".sha256").unlink(missing_ok=True)
        del self._writer
        garbage.collect()
        return build

    def make_current(self, build: Build) -> None:
        """Make the build the current one. The folder's lock must be held, and the change be recorded."""
        self.folder.switch(self.path, self.base, build)

    def _count(self, more: Counts, record: Record | None = None) -> None:
        """Add to the counts, and note the record of the change if its provenance is stated."""
        self._added_counts = self._added_counts[0] + more[0], self._added_counts[1] + more[1]
        if record is not None:
            self._writer.forget_empty_graphs(record.graphs())
            self._last_record = record


def _link(snapshot: Path, copy: Path) -> None:
    """Copy a snapshot; its tables, which never change, are hard links."""
    copy.mkdir()
    for path in snapshot.iterdir():
        if path.suffix == ".sst":
            os.link(path, copy / path.name)
        else:
            shutil.copyfile(path, copy / path.name)


def _link_scope(scope: DataFolder, place: Path) -> None:
    build = scope.require_build()
    snapshot = scope.snapshot(build)
    home = place / "builds" / build.name
    (home / "snapshots").mkdir(parents=True)
    _link(snapshot, home / "store")
    _link(snapshot, home / "snapshots" / snapshot.name)
    for beside in snapshot.parent.glob(f"{snapshot.name}.*"):
        shutil.copyfile(beside, home / "snapshots" / beside.name)
    shutil.copyfile(scope.path / "current.json", place / "current.json")
