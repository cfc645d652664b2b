"""The writable store of a data folder: each change of the history is one atomic update, and then a snapshot.

A change is in the history before it is in the store. So what a writer that died had recorded is applied when the next
one opens the store, and what it had not recorded never happened.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace

from pyoxigraph import DefaultGraph, Quad, Store

from kg.errors import DataFolderError
from kg.history import History, HistoryGraph, Record, provenance_of
from kg.rdf import graphs
from kg.rdf.lookup import match
from kg.rdf.scopes import REPORT
from kg.rules import UnionChanges
from kg.shortage import is_shortage
from kg.store.builds import Build
from kg.store.damage import REBUILD, Damage
from kg.store.data_folder import DataFolder

_STILL_OPEN = "lock hold by current process"
"""What the engine says of a store that this process still has open."""


class LiveStore:
    """The store of the current build, in step with the history from its opening on. The folder's lock must be held."""

    def __init__(self, folder: DataFolder, history: History) -> None:
        """Open the store and bring it up to the history, and readers to the store.

        Raises DataFolderError if nothing is built, if the snapshot is damaged, whose tables are those of the store, if
        the store cannot be opened, or if the history is broken, is not the one that the store was made from, or has
        fewer changes than the store.
        """
        build = folder.built()
        self._folder = folder
        self._build = build
        Damage(folder).refuse(build)
        report = folder.scope(REPORT, build)
        self._report = None if report is folder else LiveStore(report, history)
        self.store = _opened(folder, build)
        self._unions = UnionChanges(self.store)
        applied = HistoryGraph(self.store).last()
        self.refuse_missing_records(folder, max(applied, build.changes), history)
        self._refuse_other_history(history, applied)
        if applied < build.changes:
            self._recover(history, applied)
        self.catch_up(history)
        if not folder.has_snapshot(self._build):
            folder.advance(self.store, self._build)

    @property
    def build(self) -> Build:
        """The build with the changes that have come upon it."""
        return self._build

    @staticmethod
    def finish(folder: DataFolder, build: Build) -> None:
        """Do what a writer that died has left undone: bring the store up to the history, and readers to the store.

        Raises DataFolderError where the history is not whole. Does nothing beyond while another process writes, which
        then does it itself, or where nobody may write, or where there is no room.
        """
        history = History(folder.path)
        LiveStore.refuse_missing_records(folder, build.changes, history)
        last = max((record.number for record in history.records()), default=0)
        if last == build.changes and folder.has_snapshot(build):
            return
        with ExitStack() as held:
            try:
                held.enter_context(folder.locked())
            except DataFolderError:
                return
            try:
                LiveStore(folder, history)
            except DataFolder.ENGINE_ERRORS as error:
                if not is_shortage(error):
                    raise
            gc.collect()  # so that the engine lets go of the store before the lock is

    @staticmethod
    def refuse_missing_records(folder: DataFolder, applied: int, history: History) -> None:
        """Raise DataFolderError if a store has more changes than the history."""
        if applied > history.count():
            raise DataFolderError(
                f"The store has {applied} changes, the history only {history.count()}: records are missing.",
                "Restore the folder `history` from a backup. Without one: docs/operating/keeping.md says how to go on.",
            )

    def catch_up(self, history: History) -> list[Record]:
        """Write what the history has and the store has not, and return it.

        The scope of the report comes first, so that it has what is current here. Raises DataFolderError where the
        history is broken. If it fails half way, the next call goes on from there.
        """
        if self._report is not None:
            self._report.catch_up(history)
        caught = []
        for record in history.records(after=self._build.changes):
            self._apply(record)
            caught.append(record)
        return caught

    def _apply(self, record: Record) -> None:
        """Write a change of the history, with what follows from it, in one update; then make its snapshot.

        Of a writer that died or failed in between, the update is there already and the snapshot is not.
        """
        if HistoryGraph(self.store).has(record.number):
            quads, inferred = self._counts()
        else:
            more, more_inferred = self._write(record)
            quads, inferred = self._build.quads + more, self._build.inferred + more_inferred
        self._forget_empty_graphs(record)
        build = replace(self._build, quads=quads, inferred=inferred, changes=record.number, changed=record.at)
        self._folder.advance(self.store, build)
        self._build = build

    def _forget_empty_graphs(self, record: Record) -> None:
        """Let graphs that a change has emptied be gone: the engine keeps their names."""
        for graph in {quad.graph_name for quad in record.removed_quads()}:
            if not any(match(self.store, graph=graph)):
                self.store.remove_graph(graph)

    def _write(self, record: Record) -> tuple[int, int]:
        """Return how many quads there are more in named graphs, and how many of them are inferred."""
        added, removed = record.added_quads(), record.removed_quads()
        derived = self._unions.of(self.store, added, removed)
        come = added | derived.added | frozenset(provenance_of(record))
        gone = (removed - added) | derived.removed
        new = [quad for quad in come if quad not in self.store]
        old = [quad for quad in gone if quad in self.store]
        self.store.update(_update(come, gone))
        return _named(new) - _named(old), _inferred(new) - _inferred(old)

    def _counts(self) -> tuple[int, int]:
        named = [quad for quad in self.store if quad.graph_name != DefaultGraph()]
        return len(named), _inferred(named)

    def _recover(self, history: History, applied: int) -> None:
        """Write changes again that a power cut took from the store, though readers had seen them."""
        for record in history.records(after=applied):
            if record.number <= self._build.changes:
                self._write(record)
        quads, inferred = self._counts()
        self._build = replace(self._build, quads=quads, inferred=inferred)
        self._folder.advance(self.store, self._build)

    def _refuse_other_history(self, history: History, applied: int) -> None:
        """Raise DataFolderError if the store's last change is another one in the history; the chain covers the rest."""
        record = history.get(applied) if applied else None
        if record is not None and not HistoryGraph(self.store).is_of(record):
            raise DataFolderError(
                f"Change {applied} of the store is not the one in the history: they do not belong together.", REBUILD
            )


def _opened(folder: DataFolder, build: Build) -> Store:
    path = folder.live(build)
    if not (path / "CURRENT").is_file():  # where there is no store the engine would make an empty one
        raise DataFolderError("{place} holds no store.", REBUILD, place=path)
    for old in path.glob("LOG.old.*"):  # the engine leaves one each time that it is opened
        old.unlink(missing_ok=True)
    try:
        return Store(str(path))
    except DataFolder.ENGINE_ERRORS as error:
        if is_shortage(error) or _STILL_OPEN in str(error):
            raise
        raise DataFolderError("The store cannot be opened: {cause}", REBUILD, place=path, cause=error) from error


def _update(added: frozenset[Quad], removed: frozenset[Quad]) -> str:
    """Return one SPARQL update, which the engine runs whole or not at all."""
    return f"DELETE DATA {{\n{_data(removed)}}} ;\nINSERT DATA {{\n{_data(added)}}}"


def _data(quads: Iterable[Quad]) -> str:
    return "".join(
        f"{triple} .\n" if quad.graph_name == DefaultGraph() else f"GRAPH {quad.graph_name} {{ {triple} }}\n"
        for quad in quads
        for triple in (f"{quad.subject} {quad.predicate} {quad.object}",)
    )


def _named(quads: Iterable[Quad]) -> int:
    return sum(quad.graph_name != DefaultGraph() for quad in quads)


def _inferred(quads: Iterable[Quad]) -> int:
    return sum(quad.graph_name == graphs.INFERRED for quad in quads)
