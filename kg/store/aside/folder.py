"""A build made aside from the current one for a large change, while that goes on; then it takes its place.

    <data>/builds/unfinished-<name>/store        a copy of the store, whose tables are hard links until they change
    <data>/builds/unfinished-<name>/continues    the name of the build that this one goes on from

Nobody reads it before `current.json` names it. What a process that died has left is removed by the next writer.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from pyoxigraph import Store

from kg.history import Record
from kg.rdf.change import Change
from kg.store.aside.writing import Counts, Writer
from kg.store.builds import Build
from kg.store.checksums import write_checksums
from kg.store.data_folder import SCOPES, DataFolder
from kg.store.snapshots import UNFINISHED, write_snapshot


class Aside:
    """The folder of a build to come. Left as a block, it removes what has not taken the place of the current build."""

    def __init__(self, folder: DataFolder, base: Build, path: Path | None = None) -> None:
        """Take a new folder for what goes on from a build; or one, that another process has begun, by its path."""
        self.folder = folder
        self.base = base
        self.path = path or folder.unfinished(base)
        self.store = self.path / "store"
        self.start = self.path / "base"
        """The snapshot of the base, linked."""
        self.ledger = self.path / "ledger.json"
        self.sent = self.path / "sent.rdfp.gz"
        self._prepared = self.path / "prepared"

    def __enter__(self) -> Aside:
        """Make the folder."""
        self.path.mkdir(parents=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove the folder, if it is still aside."""
        shutil.rmtree(self.path, ignore_errors=True)

    def link_base(self) -> None:
        """Link what it goes on from, since that may not be kept so long: the snapshot, and scopes. Raises OSError."""
        _link(self.folder.snapshot(self.base), self.start)
        self.link_scopes()

    def link_scopes(self) -> None:
        """Link the stores of the base's scopes as they are now. Raises OSError."""
        for name, scope in self.folder.scopes(self.base).items():
            _link_scope(scope, self.path / SCOPES / name)

    def scope(self, name: str) -> DataFolder | None:
        """Return the folder of a scope that has a store of its own."""
        place = self.path / SCOPES / name
        return DataFolder(place) if place.exists() else None

    def copy(self) -> None:
        """Make the store from the base, of whose tables its own are links until they change. Raises OSError."""
        _link(self.start, self.store)

    def made(self, change: Change, record: Record) -> Build:
        """Write a large change into the store, make its snapshot, and return the build that comes of it."""
        writer = Writer(Store(str(self.store)))
        return self.finished(writer, writer.write_large(change), record)

    def prepare(self, store: Store) -> None:
        """Read the tables for their checksums, so that `finished` has only those to read that come later."""
        store.backup(str(self._prepared))
        write_checksums(self._prepared, self.folder.snapshot(self.base))

    def finished(self, writer: Writer, more: Counts, record: Record) -> Build:
        """State in a store that holds a change what its record says, and make the snapshot; return the build.

        `more` is how many quads it has more than the base.
        """
        noted = writer.note(record)
        writer.forget_empty_graphs(record.graphs())
        build = replace(
            self.base,
            quads=self.base.quads + more[0] + noted[0],
            inferred=self.base.inferred + more[1],
            changes=record.number,
            changed=record.at,
        )
        return self.sealed(writer, build)

    def sealed(self, writer: Writer, build: Build) -> Build:
        """Make the snapshot of a store that holds all it is to hold; return its build, by the name of this folder."""
        build = replace(build, name=self.path.name.removeprefix(UNFINISHED))
        before = self._prepared if self._prepared.exists() else self.folder.snapshot(self.base)
        write_snapshot(writer.store, self.path / "snapshots", build, before)
        for scratch in (self._prepared, self.start):
            shutil.rmtree(scratch, ignore_errors=True)
        for scratch in (self._prepared.with_suffix(".sha256"), self.sent):
            scratch.unlink(missing_ok=True)
        return build

    def take_over(self, build: Build) -> None:
        """Let the build be the current one. The folder's lock must be held, and the change be recorded."""
        self.folder.switch(self.path, self.base, build)


def _link(snapshot: Path, copy: Path) -> None:
    """Make a folder of the engine's that shares its tables, which never change, with a snapshot."""
    copy.mkdir()
    for path in snapshot.iterdir():
        if path.suffix == ".sst":
            os.link(path, copy / path.name)
        else:
            shutil.copyfile(path, copy / path.name)


def _link_scope(scope: DataFolder, place: Path) -> None:
    build = scope.built()
    snapshot = scope.snapshot(build)
    home = place / "builds" / build.name
    (home / "snapshots").mkdir(parents=True)
    _link(snapshot, home / "store")
    _link(snapshot, home / "snapshots" / snapshot.name)
    for beside in snapshot.parent.glob(f"{snapshot.name}.*"):
        shutil.copyfile(beside, home / "snapshots" / beside.name)
    shutil.copyfile(scope.path / "current.json", place / "current.json")
