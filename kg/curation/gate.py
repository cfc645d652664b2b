"""The one way in which the graph changes: validated against the graph as it would be, recorded, written whole, undone.

A gate is the one writer of its data folder from its opening on. `commit` validates under the lock, so that the verdict
is that of the graph that the change meets, and then: the record into the history, synced; one atomic update of the
store; a snapshot; and only then the acknowledgement.
"""

from __future__ import annotations

import gc
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType

from pyoxigraph import Store

from kg.curation.advance import Advance, Cancelled, CancelledError, never, no_matter
from kg.curation.refusals import NeededByOthersError, NothingToChangeError, RevisionPassedError, nothing_left, refused
from kg.curation.report import all_in_words, report_on
from kg.curation.undo import Skipped, depending, skipped, undone
from kg.curation.validation import Progress, Validation, refuse_missing
from kg.findings import Finding
from kg.history import ConflictError, History, Record
from kg.migrations import in_terms_of_today
from kg.rdf.change import Change
from kg.rdf.change_file import ChangeFile
from kg.rdf.serialise import lines_of
from kg.shacl import Verdict
from kg.shortage import NOTHING_CHANGED, refuse_without_room, write_failed
from kg.store import Build, DataFolder, LiveStore
from kg.submissions import Submission

_SPACE_A_LINE = 4096
"""Bytes on disk that a statement may take until its change is written: record, log, indexes, what follows from it."""


@dataclass(frozen=True)
class Draft:
    """A change that somebody wants: what, who, why, from which source.

    A large one may lie in a file.

    `id` names it for good: the same id with the same words is the same change. `acknowledged` says that its author has
    seen the warnings; those stay with the change.
    """

    id: str
    kind: str
    submission: Submission | ChangeFile
    summary: str
    source: str
    agent: str
    reviewer: str | None = None
    reverts: int | None = None
    acknowledged: bool = False

    def read(self) -> Submission:
        """Return what is submitted; from the file if it lies in one."""
        sent = self.submission
        return Submission(sent.read()) if isinstance(sent, ChangeFile) else sent


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
        with ExitStack() as opening:
            opening.enter_context(folder.locked(address))
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
            yield self._open().store

    def try_again(self) -> None:
        """Open the store again if a write has failed before; nothing while somebody holds the gate.

        Raises WriteFailedError if it still cannot be written.
        """
        if self._lock.acquire(blocking=False):
            try:
                self._open()
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
        progress: Advance = no_matter,
        cancelled: Cancelled = never,
    ) -> Record:
        """Make a change and return its record, once it can no longer be lost.

        `findings` are those of the checks in the graph as it is, which must be `held`; SHACL is asked here. `progress`
        gets the steps of a large change, and `cancelled` is asked between them whether it is still wanted.
        `if_revision` is the revision that the client wants to change; None takes any. The same draft a second time
        returns the record of the first. Raises RevisionPassedError, ConflictError, RefusedChangeError; and
        WriteFailedError, which says whether the change is recorded.
        """
        with self.held():
            if draft.id in self._ids:
                return self._made_before(draft)
            if if_revision is not None and if_revision != self.build.revision:
                raise RevisionPassedError(if_revision, self.build.revision, self.history)
            if cancelled():
                raise CancelledError
            submission = draft.read()
            change = self._effective(submission.change)
            verdict = self.validation.verdict(self._open().store, change, findings)
            warnings = self._acknowledged(draft, findings, verdict)
            record = self._written(_record(draft, change, warnings))
            assert verdict is not None  # or else there were violations
            self.validation.keep(self.build, verdict.ledger)
            return record

    def reverting(self, number: int, draft_id: str, agent: str, summary: str, acknowledged: bool = False) -> Draft:
        """Return the draft that takes back, by another change, what is still as a change made it.

        The gate must be `held` until the draft is made. Raises ConflictError if there is no such change, or if nothing
        is left of it.
        """
        if self.history.get(number) is None:
            raise ConflictError(f"There is no change {number}.", f"The last one is {self.history.count()}.")
        record, *later = in_terms_of_today(self.history.records())[number - 1 :]
        change = undone(record, later, self._open().store)
        if not change.added and not change.removed:
            raise nothing_left(record, later)
        return Draft(
            id=draft_id,
            kind="revert",
            submission=Submission(change),
            summary=summary,
            source=record.source,
            agent=agent,
            reverts=number,
            acknowledged=acknowledged,
        )

    def skipped(self, record: Record) -> list[Skipped]:
        """Return what an undo has left as it was; nothing for another change."""
        if record.reverts is None:
            return []
        taken_back, *between, undo = in_terms_of_today(self.history.records())[record.reverts - 1 : record.number]
        return skipped(taken_back, between, {*undo.added, *undo.removed})

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
        if not self.validation.knows(live.build):
            self.validation.renew(live.build, live.store)
            self.validation.keep(live.build, self.validation.ledger)
        self._live, self._build = live, live.build
        return live

    def _let_go(self) -> None:
        self._live = None
        gc.collect()  # an error that was raised may hold the store in a cycle, and so keep it open

    def _written(self, record: Record) -> Record:
        """Record a change, write it, and return it with its number."""
        refuse_without_room(self._folder.path, _SPACE_A_LINE * (len(record.added) + len(record.removed)))
        live, before = self._open(), self.history.count()
        try:
            record = self.history.append(record)
            live.catch_up(self.history)
        except DataFolder.ENGINE_ERRORS as error:
            del live
            traceback.clear_frames(error.__traceback__)  # they hold the store
            self._let_go()
            recorded = self.history.count()
            if recorded == before:
                raise write_failed(self._folder.path, error, NOTHING_CHANGED) from error
            self._ids[record.id] = recorded
            raise write_failed(self._folder.path, error, change=recorded) from error
        self._ids[record.id], self._build = record.number, live.build
        return record

    def _acknowledged(self, draft: Draft, findings: Sequence[Finding], verdict: Verdict | None) -> tuple[str, ...]:
        """Return the warnings of a draft in words. Raises RefusedChangeError for violations, or warnings not seen."""
        results = verdict.new if verdict is not None else ()
        severities = [finding.severity for finding in findings] + [result.severity for result in results]
        broken, warned = severities.count("Violation"), severities.count("Warning")
        if broken or (warned and not draft.acknowledged):
            report = report_on(draft.read(), findings, verdict)
            if broken and draft.reverts is not None:
                later = in_terms_of_today(self.history.records())[draft.reverts :]
                found = (*findings, *(() if verdict is None else all_in_words(verdict)))
                raise NeededByOthersError(draft.reverts, report, depending(later, found))
            raise refused(report)
        return (
            *(str(finding) for finding in findings if finding.severity == "Warning"),
            *(f"{result.focus}: {result.message('en')}" for result in results if result.severity == "Warning"),
        )

    def _made_before(self, draft: Draft) -> Record:
        record = self.history.get(self._ids[draft.id])
        assert record is not None
        if (record.summary, record.source, record.agent) != (draft.summary, draft.source, draft.agent):
            raise ConflictError(
                f"Change {record.number} was made under the same key, and is another one.", "Choose a new key."
            )
        return record

    def _effective(self, change: Change) -> Change:
        """Return what of the change is not so yet. Raises ConflictError for what cannot be removed, or nothing."""
        store = self._open().store
        try:
            refuse_missing(store, change)
        except ConflictError as error:
            raise self._with_changes(error) from None
        added = frozenset(quad for quad in change.added if quad not in store)
        if not added and not change.removed - change.added:
            raise NothingToChangeError(
                "The change changes nothing: the graph already says all of it.", "There is nothing to do."
            )
        return Change(added, change.removed - change.added)

    def _with_changes(self, error: ConflictError) -> ConflictError:
        lines = set(lines_of(error.quads))
        changes = [record for record in self.history.records() if lines & {*record.added, *record.removed}]
        removers = [record.number for record in changes if lines & set(record.removed)]
        who = f"Change {removers[-1]} removed some of them. " if removers else ""
        return ConflictError(error.message, who + error.hint, error.quads, changes)


def _record(draft: Draft, change: Change, warnings: tuple[str, ...]) -> Record:
    return Record(
        number=0,  # the history numbers it
        id=draft.id,
        kind=draft.kind,
        summary=draft.summary,
        source=draft.source,
        agent=draft.agent,
        at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        added=lines_of(change.added),
        removed=lines_of(change.removed),
        reviewer=draft.reviewer,
        reverts=draft.reverts,
        acknowledged=warnings,
    )
