"""The only writer of a data folder: it holds the lock, the store and the history, and writes records into the store.

A write that fails is treated as if the process had died: the store is closed, and the next caller opens it and applies
what was recorded.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pyoxigraph import Store

from kg import garbage
from kg.curation.validation import Progress, Validation
from kg.errors import DataFolderError
from kg.findings import Finding
from kg.history import ConflictError, History, Record
from kg.rdf.change import Change
from kg.shacl import Ledger
from kg.shortage import NOTHING_CHANGED, require_writable, write_error
from kg.store import Build, DataFolder, LiveStore
from kg.store.staging import StagedBuild


@dataclass(frozen=True)
class PendingWrite:
    """A record to be written, or None for measures, and the ledger of the graph after it.

    `findings` are those of the checks, which let it pass. If a job has prepared it, `build` holds it, and is staged in
    `aside`.
    """

    record: Record | None
    ledger: Ledger
    findings: Sequence[Finding] = ()
    build: Build | None = None
    aside: StagedBuild | None = None


@dataclass(frozen=True)
class ConcurrentChange:
    """A change that was made while another was being prepared, with the findings of its own checks, without places."""

    record: Record
    findings: frozenset[Finding] = frozenset()

    @property
    def change(self) -> Change:
        """The statements of its record."""
        return self.record.change()

    def new_among(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return the violations and warnings among findings that were not found when the change was made."""
        return [one for one in findings if one.severity != "Info" and one.without_place() not in self.findings]


MOST_WAIT_SECONDS = 2.0
"""The most seconds for which others are kept waiting."""


class FolderWriter:
    """The only writer of a data folder. Safe for use by many threads; must be closed."""

    def __init__(self, folder: DataFolder, address: str = "", progress: Progress = lambda step: None) -> None:
        """Take the folder's lock and open the store; `address` is that of the server, if there is one.

        `progress` gets slow steps, in words. Raises DataFolderError, LockedError if another process writes.
        """
        self.history = History(folder.path)
        self.validation = Validation(folder, progress)
        self._folder = folder
        self._lock = threading.RLock()
        self._live: LiveStore | None = None
        self._ids: dict[str, int] = {}
        self._holder = 0
        self._is_replaced = False
        """True while a staged build is taking the place of the store."""
        self._has_failed = False
        with ExitStack() as opening:
            opening.enter_context(folder.lock(address))
            folder.drop_unfinished()
            self.history.drop_drafts()
            self._build = self._open().build
            self._open_resources = opening.pop_all()

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the store, and release the folder's lock."""
        with self._lock:
            self._release_store()
            self._open_resources.close()

    @property
    def build(self) -> Build:
        """The build with the changes that have been made to it."""
        return self._build

    @contextmanager
    def holding(self, *, patiently: bool = False) -> Iterator[Store]:
        """Hold the gate: keep others from changing the graph until the block ends. Yields the store.

        Raises ConflictError while a staged build takes the store's place, unless called `patiently`; WriteFailedError
        if a write failed before, and the store still cannot be written.
        """
        with self._acquiring(patiently):
            outer, self._holder = self._holder, threading.get_ident()
            try:
                yield self._open().store
            finally:
                self._holder = outer
                self._is_replaced = self._is_replaced and outer != 0

    @contextmanager
    def _acquiring(self, patiently: bool) -> Iterator[None]:
        while not self._lock.acquire(timeout=MOST_WAIT_SECONDS):
            if self._is_replaced and not patiently:
                raise ConflictError(
                    "A large change, or measures, are being written, which takes longer than others wait.",
                    "Nothing was changed: send it again in a few seconds.",
                )
        try:
            yield
        finally:
            self._lock.release()

    def reopen_after_failure(self) -> None:
        """Open store and history again if a write has failed before; do nothing while another thread holds the gate.

        Raises WriteFailedError if they still cannot be written.
        """
        if self._lock.acquire(blocking=False):
            try:
                self._open()
                if self._has_failed:
                    with self._translating_errors():
                        require_writable(self.history.folder)
                    self._has_failed = False
            finally:
                self._lock.release()

    def find_change(self, change_id: str) -> Record | None:
        """Return the change with an id, None if there is none.

        Raises WriteFailedError, which names the change, if it is recorded and still cannot be written.
        """
        with self._acquiring(patiently=False):
            number = self._ids.get(change_id)
            if number is None:
                return None
            self._open(number)
            return self.history.get(number)

    def write(self, effect: PendingWrite) -> Record | None:
        """Append the record of a judged change, if it has one, write it into the store, and return the record.

        The gate must be held. Raises WriteFailedError, which says whether the change is recorded.
        """
        with self._recording(effect.record):
            record = None if effect.record is None else self.history.append(effect.record)
            if effect.aside is None or effect.build is None:
                self._open().catch_up(self.history)
            else:
                self._open().switch_to(effect.aside, effect.build, self.history)
        self.validation.write_ledger(self.build, effect.ledger)
        return record

    def _is_held_by_this_thread(self) -> bool:
        return self._holder == threading.get_ident()

    def _open(self, recorded: int | None = None) -> LiveStore:
        """Return the store; after a failed write, open it again and apply the changes that it lacks.

        It has to be opened again because the engine keeps an error until it is closed. `recorded` is the number of the
        change that the caller is about, if it is recorded.
        """
        if self._live is not None:
            return self._live
        garbage.collect()  # frees what the error of the failed write still holds
        try:
            live = LiveStore(self._folder, self.history)
        except DataFolder.ENGINE_ERRORS as error:
            traceback.clear_frames(error.__traceback__)
            raise write_error(self._folder.path, error, change=recorded) from error
        self._ids = {record.id: record.number for record in self.history.records()}
        self.validation.ensure_ledger(live.build, live.store)
        self._live, self._build = live, live.build
        garbage.collect()  # parsing the rules has left some 100,000 frames in cycles
        return live

    def _release_store(self) -> None:
        self._live = None
        garbage.collect()  # an error that was raised may hold the store in a cycle, and so keep it open

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        """Raise WriteFailedError instead of an error of the system or of the engine: nothing was changed."""
        try:
            yield
        except DataFolder.ENGINE_ERRORS as error:
            raise write_error(self._folder.path, error, NOTHING_CHANGED) from error

    @contextmanager
    def _recording(self, record: Record | None) -> Iterator[None]:
        """Note a record, if there is one, and the build, once a block has written it; the block keeps no store.

        If the block fails, raises WriteFailedError, which says whether the change is recorded, or DataFolderError if
        the folder is damaged. The store is then opened again by the next caller.
        """
        before = self.history.count()
        try:
            yield
        except (DataFolderError, *DataFolder.ENGINE_ERRORS) as error:
            self._has_failed = True
            traceback.clear_frames(error.__traceback__)  # they hold the store
            self._release_store()
            recorded = self.history.count() if self.history.count() > before else None
            if record is not None and recorded is not None:
                self._ids[record.id] = recorded
            if isinstance(error, DataFolderError):
                raise
            raise write_error(self._folder.path, error, NOTHING_CHANGED, recorded) from error
        if record is not None:
            self._ids[record.id] = before + 1
        self._build = self._open().build
