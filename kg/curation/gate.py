"""The one way in which the graph changes: validated against the graph as it would be, recorded, written whole, undone.

A gate is the one writer of its data folder from its opening on. `commit` goes one road: a draft, what it comes to upon
the graph, the verdict on that, the record into the history, synced, the store, and only then the acknowledgement. What
a change comes to is computed and judged under the lock, so that the verdict is that of the graph that it meets; for a
large one a job does that beside it, on a copy of the store (kg.curation.large), and the lock is taken for the end:
there the copy takes the store's place. Measures, which change nothing that is stated, come in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import islice

from kg.curation.check_queries import names_at
from kg.curation.draft import Content, Draft, Undo
from kg.curation.effect import Effect, Since
from kg.curation.judging import acknowledged, judge
from kg.curation.large import Measuring, Preparation
from kg.curation.refusals import OvertakenError, RefusedChangeError, RevisionPassedError, overtaken_too_often
from kg.curation.validation import Progress
from kg.curation.writer import HELD_SECONDS, FolderWriter
from kg.findings import Finding
from kg.history import ConflictError, Record
from kg.jobs import Child, Control, Turn
from kg.shortage import refuse_without_room
from kg.store import Build, DataFolder, FolderReader, Snapshot
from kg.store.aside import StagedBuild
from kg.submissions import Submission
from kg.workers import LimitReachedError

_SPACE_A_LINE = 4096
"""Bytes on disk that a statement may take until its change is written: record, log, indexes, what follows from it."""
ATTEMPTS = 3
"""Times that a change is computed, or prepared, should others change what it is about meanwhile."""
_Work = Callable[[], Effect]


class Gate(FolderWriter):
    """What makes changes. Safe for use by many threads; to be closed."""

    def __init__(
        self,
        folder: DataFolder,
        address: str = "",
        progress: Progress = lambda step: None,
        reader: FolderReader | None = None,
    ) -> None:
        """Begin to write a folder, as FolderWriter does; `reader` is what reads it, if somebody does."""
        super().__init__(folder, address, progress)
        self._reader = reader or FolderReader(folder)
        self._turn = Turn()
        self._found: dict[str, frozenset[Finding]] | None = None
        """While a job is at work: what the checks found in the changes that have come, without places, by their ids."""

    def commit(
        self,
        draft: Draft,
        if_revision: str | None = None,
        *,
        ready: Callable[[], object] = lambda: None,
        control: Control | None = None,
    ) -> Record:
        """Make a change and return its record, once it can no longer be lost.

        It is computed, checked and judged here, or if it is large by a job, which `control` follows. `ready` is called
        before the change is recorded, and keeps it from being so by what it raises. `if_revision` is the revision that
        the client wants to change; None takes any. The same draft a second time returns the record of the first.
        Raises RevisionPassedError, ConflictError, RefusedChangeError, SecondPersonError, CancelledError, what computing
        the change raises; and WriteFailedError, which says whether the change is recorded. A job, which has a `control`
        of its own, waits for others as long as it takes.
        """
        is_patient, control = control is not None, control or Control()
        with ExitStack() as turn:
            if draft.is_large:
                turn.enter_context(self._turn_of(draft, control))
            for attempt in range(1, ATTEMPTS + 1):
                with suppress(OvertakenError), ExitStack() as block:
                    with self.held(patiently=is_patient):
                        before = self._before(draft, if_revision)
                    if before is not None:
                        return before
                    work = self._begun(draft, control, block, is_last=attempt == ATTEMPTS)
                    with self.held(patiently=is_patient):
                        if (before := self._before(draft, if_revision)) is not None:
                            return before
                        control.check()
                        effect = work()
                        ready()
                        return self._made(effect)
        raise overtaken_too_often()

    def measure(self, control: Control | None = None) -> Build:
        """Compute the measures of the current revision (kg.measures) while others go on; return the build with them.

        Nothing is done where they are of this revision already. Raises CityKgError where igraph is not installed,
        CancelledError, WriteFailedError.
        """
        control = control or Control()
        with self._turn.of("the measures are computed", control, self._is_held_here), ExitStack() as block:
            with self.held(patiently=True):
                if self.build.measured == self.build.revision:
                    return self.build
            work = self._in_job(block, control, Measuring)
            with self.held(patiently=True):
                self.put(work())
                return self.build

    def reverting(self, number: int, draft_id: str, agent: str, summary: str, acknowledged: bool = False) -> Draft:
        """Return the draft that takes back, by another change, what is still as a change made it.

        Raises ConflictError if there is no such change.
        """
        record = self.history.get(number)
        if record is None:
            raise ConflictError(f"There is no change {number}.", f"The last one is {self.history.count()}.")
        content = Undo(self.history, number, len(record.added) + len(record.removed) if record.is_large else None)
        return Draft(
            *(draft_id, "revert", content, summary, record.source, agent), reverts=number, acknowledged=acknowledged
        )

    def _before(self, draft: Draft, if_revision: str | None) -> Record | None:
        """Return the change that the same draft has made before; the gate must be held.

        Raises RevisionPassedError if there is none, and the graph is not as the client wants it.
        """
        record = self.made(draft.id)
        if record is None:
            if if_revision is not None and if_revision != self.build.revision:
                raise RevisionPassedError(if_revision, self.build.revision, self.history)
        elif (record.summary, record.source, record.agent) != (draft.summary, draft.source, draft.agent):
            raise ConflictError(
                f"Change {record.number} was made under the same key, and is another one.", "Choose a new key."
            )
        return record

    def _made(self, effect: Effect) -> Record:
        """Record what was judged, and let the store hold it; the gate must be held."""
        assert effect.record is not None  # as each but that of measures has
        if (found := self._found) is not None:
            found[effect.record.id] = frozenset(map(Finding.without_place, effect.findings))
        record = self.put(effect)
        assert record is not None
        return record

    def _begun(self, draft: Draft, control: Control, block: ExitStack, *, is_last: bool) -> _Work:
        """Do what needs no lock, and return what is left to do while the gate is held, as long as `block` lasts.

        That raises OvertakenError if from the graph as it is then another change is computed.
        """
        if draft.is_large:
            return self._in_job(block, control, Preparation, draft)
        if draft.content.size is not None:
            return partial(self._judged, draft)
        with ExitStack() as held:
            if is_last:
                held.enter_context(self.held())
            upon = self._reader.current()
            submission = self._computed(draft, upon, at_once=is_last)
            computed = replace(draft, content=submission)
            if not computed.is_large:
                block.enter_context(held.pop_all())
                return partial(self._judged, computed, upon.revision)
        block.enter_context(self._turn_of(draft, control))
        work = self._in_job(block, control, Preparation, computed)

        def finish() -> Effect:
            if self.build.revision != upon.revision:
                now = self._computed(draft, self._reader.current(), at_once=True)
                if now.change != submission.change:
                    raise OvertakenError
            return work()

        return finish

    def _computed(self, draft: Draft, upon: Snapshot, *, at_once: bool) -> Submission:
        """Return what a draft comes to upon a graph; `at_once` if others wait, which they do not for long."""
        try:
            return draft.content.upon(upon, HELD_SECONDS if at_once else None)
        except LimitReachedError as error:
            if at_once and error.limit == "seconds":
                raise overtaken_too_often() from error
            raise

    def _judged(self, draft: Draft, revision: str | None = None) -> Effect:
        """Return what a draft comes to upon the graph as it is, from which it was computed if a revision is given."""
        if revision is not None and revision != self.build.revision:
            raise OvertakenError
        submission = draft.content.upon(Snapshot(self.build, self._open().store), None)
        names = names_at(self._folder, self.build, self._open().store)
        judgement = judge(draft, submission, self._open().store, self.validation.verdict, self.history, names=names)
        words, verdict = acknowledged(draft, judgement, self.history, self.build.withheld_numbers)
        record = draft.record(judgement.change, words)
        refuse_without_room(self._folder.path, _SPACE_A_LINE * (len(record.added) + len(record.removed)))
        return Effect(record, verdict.ledger, judgement.findings)

    def _turn_of(self, draft: Draft, control: Control) -> AbstractContextManager[None]:
        what = f"another large change is made (by {draft.agent}: {draft.summary})"
        return self._turn.of(what, control, self._is_held_here)

    def _in_job(self, block: ExitStack, control: Control, make: Callable[..., object], *drafts: Draft) -> _Work:
        """Let a job prepare a build on a copy of the store, as `_begun` does, and follow what others change meanwhile.

        The one who has the turn calls it.
        """
        for draft in drafts:
            block.enter_context(_placed(draft.content))
        with self.held(patiently=True), self._as_failures():
            refuse_without_room(self._folder.path)
            aside = block.enter_context(StagedBuild(self._folder, self.build))
            aside.link_base()
            self._found = {}
            block.callback(setattr, self, "_found", None)
            ledger = self.validation.ledger
        child = block.enter_context(Child(control, make, aside, ledger, *drafts))
        with self._as_failures():
            child.call("prepare", nicely=True)
            followed = aside.base.changes
            while followed < (last := self.build.changes):
                child.call("follow", self._since(followed, last))
                followed = last
        return partial(self._finished, child, aside, followed)

    def _finished(self, child: Child, aside: StagedBuild, followed: int) -> Effect:
        """Return what a job comes to upon the graph as it is; the gate must be held.

        Its process has ended by then, and with it the engine's lock on the store that it wrote.
        """
        self._is_replaced = True
        with self._as_failures():
            since = self._since(followed, self.build.changes)
            effect: Effect = child.call("finish", since, self.validation.ledger, to_the_end=True)
            child.stop()
        return replace(effect, aside=aside)

    def _since(self, followed: int, last: int) -> list[Since]:
        """Return the changes behind a number, up to another one."""
        found = self._found or {}
        records = islice(self.history.records(after=followed), last - followed)
        return [Since(record, found.get(record.id, frozenset())) for record in records]


@contextmanager
def _placed(content: Content) -> Iterator[None]:
    """Give the findings of a job that refuses what is sent to it the places of the statements that they are about."""
    try:
        yield
    except RefusedChangeError as error:
        if isinstance(content, Submission):
            error.report = replace(error.report, findings=tuple(map(content.with_place, error.report.findings)))
        raise
