"""The one way in which the graph changes: validated against the graph as it would be, recorded, written whole, undone.

A gate is the one writer of its data folder from its opening on. `commit` validates under the lock, so that the verdict
is that of the graph that the change meets, and then: the record into the history, synced; one atomic update of the
store; a snapshot; and only then the acknowledgement. A large change is prepared beside it, on a copy of the store
(kg.curation.large), and takes the lock for its end alone: the record, and the copy that takes the store's place.
Measures, which change nothing that is stated, come in the same way.
"""

from __future__ import annotations

import gc
import os
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import Any

from pyoxigraph import Store

from kg.building import LedgerFile
from kg.curation.draft import Draft, undoing
from kg.curation.judging import acknowledged, effective
from kg.curation.large import Measuring, OvertakenError, Preparation, placed, portable, prepare
from kg.curation.refusals import RevisionPassedError
from kg.curation.validation import Progress, Validation
from kg.errors import DataFolderError
from kg.findings import Finding
from kg.history import ConflictError, History, Record
from kg.jobs import Child, Control, Turn
from kg.shortage import NOTHING_CHANGED, refuse_without_room, try_to_write, write_failed
from kg.store import Build, DataFolder, LiveStore
from kg.store.aside import Aside
from kg.submissions import Submission

_SPACE_A_LINE = 4096
"""Bytes on disk that a statement may take until its change is written: record, log, indexes, what follows from it."""
_UNCONTROLLED = Control()
_ATTEMPTS = 3
"""Times that a large change is prepared, should others touch its statements meanwhile."""


class Gate:
    """The writer of a data folder. Safe for use by many threads; to be closed."""

    def __init__(self, folder: DataFolder, address: str = "", progress: Progress = lambda step: None) -> None:
        """Take the folder's lock and open the store; `address` is that of the server that does, if one does.

        `progress` gets what takes long, in words.

        Raises DataFolderError, also when another process writes.
        """
        self.history = History(folder.path)
        self.validation = Validation(folder, progress)
        self._folder = folder
        self._lock = threading.RLock()
        self._live: LiveStore | None = None
        self._ids: dict[str, int] = {}
        self._turn = Turn()
        self._holder = 0
        self._has_failed = False
        with ExitStack() as opening:
            opening.enter_context(folder.locked(address))
            folder.drop_unfinished()
            self.history.drop_drafts()
            self._build = self._open().build
            self._held = opening.pop_all()

    def __enter__(self) -> Gate:
        """Return the gate itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the gate."""
        self.close()

    def close(self) -> None:
        """Give up the store and the folder's lock."""
        with self._lock:
            self._let_go()
            self._held.close()

    @property
    def build(self) -> Build:
        """The build with the changes that have come upon it."""
        return self._build

    @contextmanager
    def held(self) -> Iterator[Store]:
        """Keep all others from changing the graph until the block ends, and give the store as it is.

        Raises WriteFailedError if a write has failed before, and the store still cannot be written.
        """
        with self._lock:
            outer, self._holder = self._holder, threading.get_ident()
            try:
                yield self._open().store
            finally:
                self._holder = outer

    def try_again(self) -> None:
        """Open store and history again if a write has failed before; nothing while somebody holds the gate.

        Raises WriteFailedError if they still cannot be written.
        """
        if self._lock.acquire(blocking=False):
            try:
                self._open()
                if self._has_failed:
                    with self._told():
                        try_to_write(self.history.folder)
                    self._has_failed = False
            finally:
                self._lock.release()

    def made(self, change_id: str) -> Record | None:
        """Return the change that was made under an id, None if none was.

        Raises WriteFailedError, which names it, if it is recorded and still cannot be written.
        """
        with self._lock:
            number = self._ids.get(change_id)
            if number is None:
                return None
            self._open(number)
            return self.history.get(number)

    def commit(
        self,
        draft: Draft,
        findings: Sequence[Finding] = (),
        if_revision: str | None = None,
        *,
        ready: Callable[[], object] = lambda: None,
        control: Control = _UNCONTROLLED,
    ) -> Record:
        """Make a change and return its record, once it can no longer be lost.

        `findings` are those of the checks in the graph as it is, which must be `held`; SHACL is asked here. A large
        change is judged in its preparation, for which the gate must not be held, and which `control` follows.
        `ready` is called before a change is recorded, and keeps it from being so by what it raises.
        `if_revision` is the revision that the client wants to change; None takes any. The same draft a second time
        returns the record of the first. Raises RevisionPassedError, ConflictError, RefusedChangeError,
        CancelledError; and WriteFailedError, which says whether the change is recorded.
        """
        if draft.is_large:
            return self._commit_large(draft, if_revision, ready, control)
        with self.held():
            if draft.id in self._ids:
                return self._made_before(draft)
            self._refuse_passed(if_revision)
            control.check()
            ready()
            submission = draft.read()
            change = effective(submission.change, self._open().store, self.history)
            verdict = self.validation.verdict(self._open().store, change, findings)
            withheld = self.build.not_counting
            warnings = acknowledged(draft, submission, findings, verdict, self.history, withheld=withheld)
            record = self._written(draft.record(change, warnings))
            assert verdict is not None  # or else there were violations
            self.validation.keep(self.build, verdict.ledger)
            return record

    def _commit_large(
        self, draft: Draft, if_revision: str | None, ready: Callable[[], object], control: Control
    ) -> Record:
        what = f"another large change is made (by {draft.agent}: {draft.summary})"
        with self._turn.of(what, control, self._is_held_here):
            for _ in range(_ATTEMPTS):
                with suppress(OvertakenError), ExitStack() as prepared:
                    with self.held():
                        if draft.id in self._ids:
                            return self._made_before(draft)
                        self._refuse_passed(if_revision)
                        self._begin(aside := prepared.enter_context(Aside(self._folder, self.build)))
                    prepared.enter_context(placed(draft))
                    with self._told():
                        sent = portable(draft, aside)
                    child = prepared.enter_context(Child(control, Preparation, aside, sent))
                    with self._told():
                        prepare(child, aside, lambda: self.build.changes)
                    with self.held():
                        self._refuse_passed(if_revision)
                        ready()
                        control.advance("making the change", 0, 1)
                        return self._taken_over(child, aside)
        raise ConflictError(
            "Others change what the change is about, each time that it is prepared.", "Send it again in a while."
        )

    def measure(self, control: Control = _UNCONTROLLED) -> Build:
        """Compute the measures of the current revision (kg.measures) while others go on; return the build with them.

        Nothing is done where they are of this revision already. Raises CityKgError where igraph is not installed,
        CancelledError, WriteFailedError.
        """
        with self._turn.of("the measures are computed", control, self._is_held_here), ExitStack() as prepared:
            with self.held():
                if self.build.measured == self.build.revision:
                    return self.build
                refuse_without_room(self._folder.path)
                self._begin(aside := prepared.enter_context(Aside(self._folder, self.build)))
            child = prepared.enter_context(Child(control, Measuring, aside))
            with self._told():
                prepare(child, aside, lambda: self.build.changes)
            with self.held():
                build = self._finished(child)
                with self._recording(None):
                    self._open().take_over(aside, build, self.history)
                return self.build

    def _finished(self, child: Child) -> Any:
        """Return what a process comes to upon the current build; the gate must be held.

        The process has ended by then, and with it the engine's lock on the store that it wrote.
        """
        with self._told():
            finished = child.call("finish", self.build, to_the_end=True)
            child.stop()
            return finished

    def _is_held_here(self) -> bool:
        return self._holder == threading.get_ident()

    def _begin(self, aside: Aside) -> None:
        """Link what a preparation reads; the gate must be held."""
        with self._told():
            aside.link_base()
            with suppress(FileNotFoundError):
                os.link(LedgerFile(self._folder).path(aside.base), aside.ledger)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Raise WriteFailedError in the place of an error of the system or of the engine: nothing was changed."""
        try:
            yield
        except DataFolder.ENGINE_ERRORS as error:
            raise write_failed(self._folder.path, error, NOTHING_CHANGED) from error

    def _taken_over(self, child: Child, aside: Aside) -> Record:
        """Record a change that was prepared, and go on with the copy that holds it; the gate must be held."""
        made = self._finished(child)
        with self._recording(made.record):
            record = self.history.append(made.record)
            self._open().take_over(aside, made.build, self.history)
        self.validation.know(self.build, self._open().store)
        return record

    def _refuse_passed(self, if_revision: str | None) -> None:
        if if_revision is not None and if_revision != self.build.revision:
            raise RevisionPassedError(if_revision, self.build.revision, self.history)

    def reverting(
        self,
        number: int,
        draft_id: str,
        agent: str,
        summary: str,
        acknowledged: bool = False,
        *,
        submission: Submission | None = None,
    ) -> Draft:
        """Return the draft that takes back, by another change, what is still as a change made it.

        That is the `submission`; without one it is computed here, and the gate must be `held` until the draft is made.
        What to take back of a large change is found where that is prepared. Raises ConflictError if there is no such
        change, or if nothing is left of it.
        """
        record = self.history.get(number)
        if record is None:
            raise ConflictError(f"There is no change {number}.", f"The last one is {self.history.count()}.")
        if submission is None and not record.is_large:
            submission = undoing(number, self.history.records(), self._open().store, self.build.not_counting)
        return Draft(
            id=draft_id,
            kind="revert",
            submission=submission,
            summary=summary,
            source=record.source,
            agent=agent,
            reverts=number,
            acknowledged=acknowledged,
        )

    def _open(self, recorded: int | None = None) -> LiveStore:
        """Return the store; opened anew, and brought up to the history, after a write has failed.

        For the engine keeps an error until it is closed. `recorded` is the number of the change that this is about.
        """
        if self._live is not None:
            return self._live
        gc.collect()  # what the error of the failed write still holds
        try:
            live = LiveStore(self._folder, self.history)
        except DataFolder.ENGINE_ERRORS as error:
            traceback.clear_frames(error.__traceback__)
            raise write_failed(self._folder.path, error, change=recorded) from error
        self._ids = {record.id: record.number for record in self.history.records()}
        self.validation.know(live.build, live.store)
        self._live, self._build = live, live.build
        return live

    def _let_go(self) -> None:
        self._live = None
        gc.collect()  # an error that was raised may hold the store in a cycle, and so keep it open

    def _written(self, record: Record) -> Record:
        """Record a change, write it, and return it with its number."""
        refuse_without_room(self._folder.path, _SPACE_A_LINE * (len(record.added) + len(record.removed)))
        with self._recording(record):
            record = self.history.append(record)
            self._open().catch_up(self.history)
        return record

    @contextmanager
    def _recording(self, record: Record | None) -> Iterator[None]:
        """Know a record, if there is one, and the build, once a block has written it; the block keeps no store.

        Raises WriteFailedError if it has not, which says whether it is recorded; DataFolderError if what is there is
        not to be used. The store is then opened anew.
        """
        before = self.history.count()
        try:
            yield
        except (DataFolderError, *DataFolder.ENGINE_ERRORS) as error:
            self._has_failed = True
            traceback.clear_frames(error.__traceback__)  # they hold the store
            self._let_go()
            recorded = self.history.count() if self.history.count() > before else None
            if record is not None and recorded is not None:
                self._ids[record.id] = recorded
            if isinstance(error, DataFolderError):
                raise
            raise write_failed(self._folder.path, error, NOTHING_CHANGED, recorded) from error
        if record is not None:
            self._ids[record.id] = before + 1
        self._build = self._open().build

    def _made_before(self, draft: Draft) -> Record:
        record = self.history.get(self._ids[draft.id])
        assert record is not None
        if (record.summary, record.source, record.agent) != (draft.summary, draft.source, draft.agent):
            raise ConflictError(
                f"Change {record.number} was made under the same key, and is another one.", "Choose a new key."
            )
        return record
