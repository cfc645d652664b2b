"""The writable store of a data folder: each change of the history is one atomic update, and then a snapshot.

A change is in the history before it is in the store. So a change that a writer had recorded when it died is applied
when the next one opens the store, and one that it had not recorded never happened.
"""

from __future__ import annotations

import gc
from contextlib import ExitStack
from dataclasses import replace

from pyoxigraph import Store

from kg import garbage
from kg.errors import DataFolderError
from kg.history import History, HistoryGraph, Record
from kg.rdf.scopes import REPORT
from kg.shortage import is_shortage
from kg.store.builds import Build
from kg.store.data_folder import DataFolder
from kg.store.integrity import REBUILD
from kg.store.staging import StagedBuild, StoreWriter

_STILL_OPEN = "lock hold by current process"
"""Part of the engine's message for a store that this process still has open."""


class LiveStore:
    """The writable store of the current build, kept in step with the history. The folder's lock must be held."""

    def __init__(self, folder: DataFolder, history: History, *, is_part: bool = False) -> None:
        """Open the store, apply the changes that it lacks, and publish its snapshot.

        The store of a scope (`is_part`) was compared with its checksums already, or has just been written.
        Raises DataFolderError if nothing is built, if the snapshot, which shares its tables with the store, is damaged,
        if the store cannot be opened, or if the history is broken, belongs to another store, or has fewer changes than
        the store.
        """
        build = folder.require_build()
        self._folder = folder
        self._build = build
        if not is_part:
            folder.integrity.refuse_damaged(build)
        self._report = self._open_report(build, history)
        self._writer = self._open_writer(build)
        applied = HistoryGraph(self.store).last_change()
        self.refuse_missing_records(folder, max(applied, build.changes), history)
        self._refuse_other_history(history, applied)
        if applied < build.changes:
            self._recover(history, applied)
        self.catch_up(history)
        if not folder.has_snapshot(self._build):
            folder.publish_snapshot(self.store, self._build)

    @property
    def build(self) -> Build:
        """The build with the changes that have been made to it."""
        return self._build

    @property
    def store(self) -> Store:
        """The store itself."""
        return self._writer.store

    @staticmethod
    def finish_interrupted_write(folder: DataFolder, build: Build) -> None:
        """Apply the changes that a writer had recorded when it died, and publish the snapshot.

        Raises DataFolderError if the history is not whole. Does nothing else while another process writes, which then
        does it itself, or where the folder cannot be written or has no room.
        """
        history = History(folder.path)
        LiveStore.refuse_missing_records(folder, build.changes, history)
        last = max((record.number for record in history.records()), default=0)
        if last == build.changes and folder.has_snapshot(build):
            return
        with ExitStack() as held:
            try:
                held.enter_context(folder.lock())
            except DataFolderError:
                return
            try:
                LiveStore(folder, history)
            except DataFolder.ENGINE_ERRORS as error:
                if not is_shortage(error):
                    raise
            garbage.collect()  # so that the engine lets go of the store before the lock is

    @staticmethod
    def refuse_missing_records(folder: DataFolder, applied: int, history: History) -> None:
        """Raise DataFolderError if a store has more changes than the history."""
        if applied > history.count():
            raise DataFolderError(
                f"The store has {applied} changes, the history only {history.count()}: records are missing.",
                "Restore the folder `history` from a backup. If there is none, see docs/operating/keeping.md.",
            )

    def catch_up(self, history: History) -> list[Record]:
        """Apply the changes of the history that the store lacks, and return them.

        The store of the report comes first, so that it is never behind this one. Raises DataFolderError if the history
        is broken. If it fails half way, the next call goes on from there.
        """
        if self._report is not None:
            self._report.catch_up(history)
        caught = []
        for record in history.records(after=self._build.changes):
            self._apply(record, history)
            caught.append(record)
        return caught

    def switch_to(self, aside: StagedBuild, build: Build, history: History) -> None:
        """Make a staged build current that continues this one with one more recorded change, and go on with it.

        If this fails, the store here may be that of a build which is no longer current: open it anew.
        """
        aside.make_current(build)
        report, writer = self._open_report(build, history), self._open_writer(build)
        self._build, self._report, self._writer = build, report, writer

    def _open_writer(self, build: Build) -> StoreWriter:
        """Open the store of a build, and read the rules now, so that the first change does not wait for that."""
        writer = StoreWriter(_open_store(self._folder, build))
        writer.read_rules()
        return writer

    def _open_report(self, build: Build, history: History) -> LiveStore | None:
        """Open the store of the report alone, where it has one."""
        report = self._folder.scopes(build).get(REPORT)
        return None if report is None else LiveStore(report, history, is_part=True)

    def _apply(self, record: Record, history: History) -> None:
        """Apply a change of the history, with all that follows from it, in one update; then publish its snapshot.

        If a writer died in between, the update is there already and the snapshot is not.
        """
        if HistoryGraph(self.store).has_change(record.number):
            quads, inferred = self._writer.counts()
        elif record.is_large:
            self._apply_aside(record, history)
            return
        else:
            quads, inferred = self._counts_with(self._writer.write(record.change(), record))
        self._writer.forget_empty_graphs(record.graphs())
        build = replace(self._build, quads=quads, inferred=inferred, changes=record.number, changed=record.at)
        self._folder.publish_snapshot(self.store, build)
        self._build = build

    def _apply_aside(self, record: Record, history: History) -> None:
        """Apply a large change, in many steps, to a copy of the store, which then takes its place."""
        with StagedBuild(self._folder, self._build) as aside:
            aside.link_scopes()
            self.store.backup(str(aside.store_path))
            aside.open_copy()
            aside.write_large(record.change())
            aside.state_record(record)
            self.switch_to(aside, aside.finish(), history)

    def _counts_with(self, more: tuple[int, int]) -> tuple[int, int]:
        return self._build.quads + more[0], self._build.inferred + more[1]

    def _recover(self, history: History, applied: int) -> None:
        """Apply again the changes that a power cut took from the store, though readers had seen them."""
        for record in history.records(after=applied):
            if record.number <= self._build.changes:
                self._writer.write(record.change(), record)
        quads, inferred = self._writer.counts()
        self._build = replace(self._build, quads=quads, inferred=inferred)
        self._folder.publish_snapshot(self.store, self._build)

    def _refuse_other_history(self, history: History, applied: int) -> None:
        """Raise DataFolderError if the store's last change differs in the history; the chain covers those before it."""
        record = history.get(applied) if applied else None
        if record is not None and not HistoryGraph(self.store).has_record(record):
            raise DataFolderError(
                f"Change {applied} of the store is not the one in the history: they do not belong together.", REBUILD
            )


def _open_store(folder: DataFolder, build: Build) -> Store:
    path = folder.live_store_path(build)
    if not (path / "CURRENT").is_file():  # without a store, the engine would make an empty one
        raise DataFolderError("{place} holds no store.", REBUILD, place=path)
    for old in path.glob("LOG.old.*"):  # the engine leaves one each time that it is opened
        old.unlink(missing_ok=True)
    try:
        try:
            return Store(str(path))
        except OSError as error:
            if _STILL_OPEN not in str(error):
                raise
            gc.unfreeze()  # an error holds its frames in a cycle, which is not collected after a gc.freeze()
            garbage.collect()
            return Store(str(path))
    except DataFolder.ENGINE_ERRORS as error:
        if is_shortage(error) or _STILL_OPEN in str(error):
            raise
        raise DataFolderError("The store cannot be opened: {cause}", REBUILD, place=path, cause=error) from error
