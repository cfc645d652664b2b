"""The one way in which the graph changes: validated against the graph as it would be, recorded, written as a whole.

A gate is the only writer of its data folder once it is open. `commit` takes these steps: the content of a draft is
computed from the graph and judged; its record goes into the history, synced; the change goes into the store; and only
then is it acknowledged. Content is computed and judged under the lock, so that the verdict holds for the graph that the
change meets. For a large change a job does this on a copy of the store (kg.curation.staging_jobs), and the lock is
taken for the end, when the copy takes the store's place. Measures, which change no statement of a source, are written
likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import islice

from kg.curation.check_queries import names_at
from kg.curation.draft import Content, Draft, Undo
from kg.curation.judging import judge, require_acceptable
from kg.curation.refusals import OvertakenError, RefusedChangeError, RevisionPassedError, overtaken_error
from kg.curation.staging_jobs import LargeChangeJob, MeasuresJob
from kg.curation.validation import Progress
from kg.curation.writer import MOST_WAIT_SECONDS, ConcurrentChange, FolderWriter, PendingWrite
from kg.findings import Finding
from kg.history import ConflictError, Record
from kg.jobs import Control, JobProcess, JobQueue
from kg.shortage import refuse_without_room
from kg.store import Build, DataFolder, FolderReader, Snapshot
from kg.store.staging import StagedBuild
from kg.submissions import Submission
from kg.workers import LimitReachedError

_SPACE_A_LINE = 4096
"""Bytes on disk that a statement may need while its change is written: record, log, indexes, inferred statements."""
ATTEMPTS = 3
"""Attempts to compute or prepare a change, in case others change the same statements meanwhile."""
_Work = Callable[[], PendingWrite]


class Gate(FolderWriter):
    """Makes changes. Safe for use by many threads; must be closed."""

    def __init__(
        self,
        folder: DataFolder,
        address: str = "",
        progress: Progress = lambda step: None,
        reader: FolderReader | None = None,
    ) -> None:
        """Open a folder for writing, as FolderWriter does; `reader` is its reader, if there is one."""
        super().__init__(folder, address, progress)
        self._reader = reader or FolderReader(folder)
        self._queue = JobQueue()
        self._findings_by_id: dict[str, frozenset[Finding]] | None = None
        """During a job: the findings of the checks for each change made meanwhile, without places, by change id."""

    def commit(
        self,
        draft: Draft,
        if_revision: str | None = None,
        *,
        ready: Callable[[], object] = lambda: None,
        control: Control | None = None,
    ) -> Record:
        """Make a change and return its record, once it can no longer be lost.

        It is computed, checked and judged here, or, if it is large, by a job, whose progress `control` gets. `ready` is
        called before the change is recorded, and prevents it by raising an error. `if_revision` is the revision that
        the client wants to change, None for any. The same draft a second time returns the record of the first.
        Raises RevisionPassedError, ConflictError, RefusedChangeError, SecondPersonError, CancelledError, errors of
        computing the change; and WriteFailedError, which says whether the change is recorded. With a `control` of its
        own, as a job has, it waits for others as long as it takes.
        """
        is_patient, control = control is not None, control or Control()
        with ExitStack() as turn:
            if draft.is_large:
                turn.enter_context(self._turn_of(draft, control))
            for attempt in range(1, ATTEMPTS + 1):
                with suppress(OvertakenError), ExitStack() as block:
                    with self.holding(patiently=is_patient):
                        before = self._earlier_change(draft, if_revision)
                    if before is not None:
                        return before
                    work = self._prepare(draft, control, block, is_last=attempt == ATTEMPTS)
                    with self.holding(patiently=is_patient):
                        if (before := self._earlier_change(draft, if_revision)) is not None:
                            return before
                        control.check()
                        effect = work()
                        ready()
                        return self._record(effect)
        raise overtaken_error()

    def measure(self, control: Control | None = None) -> Build:
        """Compute the measures of the current revision (kg.measures) in a job, and return the build with them.

        Does nothing if they are of this revision already. Raises CityKgError if igraph is not installed,
        CancelledError, WriteFailedError.
        """
        control = control or Control()
        with self._queue.turn("the measures are computed", control, self._is_held_by_this_thread), ExitStack() as block:
            with self.holding(patiently=True):
                if self.build.measured == self.build.revision:
                    return self.build
            work = self._prepare_in_job(block, control, MeasuresJob)
            with self.holding(patiently=True):
                self.write(work())
                return self.build

    def undo_draft(self, number: int, draft_id: str, agent: str, summary: str, acknowledged: bool = False) -> Draft:
        """Return the draft that undoes a change as far as it is still in force.

        Raises ConflictError if there is no such change.
        """
        record = self.history.get(number)
        if record is None:
            raise ConflictError(f"There is no change {number}.", f"The last one is {self.history.count()}.")
        content = Undo(self.history, number, len(record.added) + len(record.removed) if record.is_large else None)
        return Draft(
            *(draft_id, "revert", content, summary, record.source, agent), reverts=number, acknowledged=acknowledged
        )

    def commit_with_dependents(self, undo: Draft, if_revision: str | None = None) -> Record:
        """Undo a change with the later ones that build on it, all at once. Raises as `commit` does."""
        for _ in range(ATTEMPTS):
            with self.holding():
                made = self.find_change(undo.id)
            if made is not None:
                return self.commit(undo, if_revision)
            upon = self._reader.current()
            found = Undo(self.history, undo.reverts or 0, None).together(upon)
            too = tuple(one.number for one in found.dependents)
            whole = replace(undo, content=Submission(found.change), reverts_too=too)
            try:
                return self.commit(whole, if_revision or upon.revision)
            except RevisionPassedError:
                if if_revision is not None:
                    raise
        raise overtaken_error()

    def _earlier_change(self, draft: Draft, if_revision: str | None) -> Record | None:
        """Return the change that the same draft has made before; the gate must be held.

        If there is none, raises RevisionPassedError if the graph is not at the client's revision.
        """
        record = self.find_change(draft.id)
        if record is None:
            if if_revision is not None and if_revision != self.build.revision:
                raise RevisionPassedError(if_revision, self.build.revision, self.history)
        elif (record.summary, record.source, record.agent) != (draft.summary, draft.source, draft.agent):
            raise ConflictError(
                f"Change {record.number} was made under the same key, and is another one.", "Choose a new key."
            )
        return record

    def _record(self, effect: PendingWrite) -> Record:
        """Record a judged change, and write it into the store; the gate must be held."""
        assert effect.record is not None  # only measures have none
        if (found := self._findings_by_id) is not None:
            found[effect.record.id] = frozenset(map(Finding.without_place, effect.findings))
        record = self.write(effect)
        assert record is not None
        return record

    def _prepare(self, draft: Draft, control: Control, block: ExitStack, *, is_last: bool) -> _Work:
        """Do the work that needs no lock, and return the rest, to be done while the gate is held and `block` lasts.

        The rest raises OvertakenError if the change would be computed differently from the graph as it is then.
        """
        if draft.is_large:
            return self._prepare_in_job(block, control, LargeChangeJob, draft)
        if draft.content.size is not None:
            return partial(self._judge, draft)
        with ExitStack() as held:
            if is_last:
                held.enter_context(self.holding())
            upon = self._reader.current()
            submission = self._compute(draft, upon, at_once=is_last)
            computed = replace(draft, content=submission)
            if not computed.is_large:
                block.enter_context(held.pop_all())
                return partial(self._judge, computed, upon.revision)
        block.enter_context(self._turn_of(draft, control))
        work = self._prepare_in_job(block, control, LargeChangeJob, computed)

        def finish() -> PendingWrite:
            if self.build.revision != upon.revision:
                now = self._compute(draft, self._reader.current(), at_once=True)
                if now.change != submission.change:
                    raise OvertakenError
            return work()

        return finish

    def _compute(self, draft: Draft, upon: Snapshot, *, at_once: bool) -> Submission:
        """Compute the submission of a draft from a graph; `at_once` if others wait, which limits the time."""
        try:
            return draft.content.on_snapshot(upon, MOST_WAIT_SECONDS if at_once else None)
        except LimitReachedError as error:
            if at_once and error.limit == "seconds":
                raise overtaken_error() from error
            raise

    def _judge(self, draft: Draft, revision: str | None = None) -> PendingWrite:
        """Judge a draft upon the graph as it is now. Raises OvertakenError if it was computed from another revision."""
        if revision is not None and revision != self.build.revision:
            raise OvertakenError
        submission = draft.content.on_snapshot(Snapshot(self.build, self._open().store), None)
        names = names_at(self._folder, self.build, self._open().store)
        judgement = judge(draft, submission, self._open().store, self.validation.verdict, self.history, names=names)
        words, verdict = require_acceptable(draft, judgement, self.history, self.build.withheld_numbers)
        record = draft.record(judgement.change, words)
        refuse_without_room(self._folder.path, _SPACE_A_LINE * (len(record.added) + len(record.removed)))
        return PendingWrite(record, verdict.ledger, judgement.findings)

    def _turn_of(self, draft: Draft, control: Control) -> AbstractContextManager[None]:
        what = f"another large change is made (by {draft.agent}: {draft.summary})"
        return self._queue.turn(what, control, self._is_held_by_this_thread)

    def _prepare_in_job(self, block: ExitStack, control: Control, make: Callable[..., object], *drafts: Draft) -> _Work:
        """Let a job stage a build on a copy of the store, and follow the changes that are made meanwhile.

        Returns the rest of the work, as `_prepare` does. The caller must have the turn of the queue.
        """
        for draft in drafts:
            block.enter_context(_placing_findings(draft.content))
        with self.holding(patiently=True), self._translating_errors():
            refuse_without_room(self._folder.path)
            aside = block.enter_context(StagedBuild(self._folder, self.build))
            aside.link_base()
            self._findings_by_id = {}
            block.callback(setattr, self, "_findings_by_id", None)
            ledger = self.validation.ledger
        child = block.enter_context(JobProcess(control, make, aside, ledger, *drafts))
        with self._translating_errors():
            child.call("prepare", nicely=True)
            followed = aside.base.changes
            while followed < (last := self.build.changes):
                child.call("follow", self._changes_since(followed, last))
                followed = last
        return partial(self._finish_job, child, aside, followed)

    def _finish_job(self, child: JobProcess, aside: StagedBuild, followed: int) -> PendingWrite:
        """Return the write that a job has prepared, after the last changes; the gate must be held.

        The process of the job has ended then, and with it the engine's lock on the store that it wrote.
        """
        self._is_replaced = True
        with self._translating_errors():
            since = self._changes_since(followed, self.build.changes)
            effect: PendingWrite = child.call("finish", since, self.validation.ledger, to_the_end=True)
            child.stop()
        return replace(effect, aside=aside)

    def _changes_since(self, followed: int, last: int) -> list[ConcurrentChange]:
        """Return the changes after number `followed`, up to number `last`."""
        found = self._findings_by_id or {}
        records = islice(self.history.records(after=followed), last - followed)
        return [ConcurrentChange(record, found.get(record.id, frozenset())) for record in records]


@contextmanager
def _placing_findings(content: Content) -> Iterator[None]:
    """Add places in the submitted text to the findings of a change that a job refuses."""
    try:
        yield
    except RefusedChangeError as error:
        if isinstance(content, Submission):
            error.report = replace(error.report, findings=tuple(map(content.with_place, error.report.findings)))
        raise
