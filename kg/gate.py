"""The one way in which the graph changes: validated against the graph as it would be, recorded, written whole, undone.

A gate is the one writer of its data folder from its opening on. `judge` says what a change would do; `commit` judges
again under the lock, so that the verdict is that of the graph that the change meets, and then: the record into the
history, synced; one atomic update of the store; a snapshot; and only then the acknowledgement.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType

from pyoxigraph import Quad, Store

from kg import standing
from kg.errors import CityKgError
from kg.faults import Fault, are_enough
from kg.history import History, Record, lines_of
from kg.kept_ledger import KeptLedger
from kg.live_store import LiveStore
from kg.snapshots import Build, DataFolder
from kg.validation import Change, ChangeValidation, Ledger, Verdict, project_shapes


@dataclass(frozen=True)
class Draft:
    """A change that somebody wants: what, who, why, from which source.

    `id` names it for good: the same id with the same words is the same change. `acknowledged` says that its author has
    seen the warnings; those stay with the change. `examine` looks for what SHACL does not, in the graph that the change
    meets.
    """

    id: str
    kind: str
    change: Change
    summary: str
    source: str
    agent: str
    reviewer: str | None = None
    reverts: int | None = None
    acknowledged: bool = False
    examine: Callable[[Store], Sequence[Fault]] = lambda store: ()


class NotConformingChangeError(CityKgError):
    """A change would break something, or brings warnings that nobody has acknowledged.

    `faults` has what was found in what it says, `verdict` what SHACL finds; None if that was not asked.
    """

    def __init__(self, faults: Sequence[Fault], verdict: Verdict | None) -> None:
        found = verdict.new if verdict is not None else ()
        severities = [fault.severity for fault in faults] + [finding.severity for finding in found]
        self.broken = severities.count("Violation")
        if self.broken:
            super().__init__(f"The change would bring {_counted(self.broken, 'violation')}.", "Mend what is named.")
        else:
            super().__init__(
                f"The change brings {_counted(severities.count('Warning'), 'warning')}.",
                "Mend what is named, or say that you have seen it: acknowledge=yes, or --acknowledge",
            )
        self.faults = tuple(faults)
        self.verdict = verdict


class ConflictError(CityKgError):
    """A change does not fit the graph as it is now.

    `quads` are those that are in the way, `changes` those that added or removed them, as far as somebody has looked.
    """

    def __init__(
        self, message: str, hint: str, quads: frozenset[Quad] = frozenset(), changes: Sequence[Record] = ()
    ) -> None:
        super().__init__(message, hint)
        self.quads = quads
        self.changes = changes


class NothingToChangeError(ConflictError):
    """All that a change wants is so already."""


class RevisionPassedError(CityKgError):
    """The graph is at another revision than the one that the client wants to change."""

    def __init__(self, wanted: str, current: str) -> None:
        super().__init__(f"The graph is at revision {current}, not at {wanted}.", "Read it again, then decide.")
        self.wanted = wanted


class Gate:
    """The writer of a data folder. Safe for use by many threads; to be closed."""

    def __init__(self, folder: DataFolder, address: str = "", progress: standing.Progress = lambda step: None) -> None:
        """Take the folder's lock and open the store; `address` is that of the server that does, if one does.

        `progress` is told of long work in words.

        Raises DataFolderError, also when another process writes.
        """
        self._lock = threading.RLock()
        self._held = ExitStack()
        with ExitStack() as opening:
            opening.enter_context(folder.locked(address))
            self.history = History(folder.path)
            self._live = LiveStore(folder, self.history)
            self._ids = {record.id: record.number for record in self.history.records()}
            self._validation = ChangeValidation(project_shapes())
            self._kept = KeptLedger(folder)
            ledger = self._kept.read(self.build)
            if ledger is None:
                progress(standing.VALIDATING)
                ledger = self._validation.standing(self._live.store)
            self._keep(ledger)
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
            del self._live
            gc.collect()  # an error that was raised may hold the store in a cycle, and so keep it open
            self._held.close()

    @property
    def build(self) -> Build:
        """The build as it is now."""
        return self._live.build

    @contextmanager
    def held(self) -> Iterator[Store]:
        """Keep all others from changing the graph until the block ends, and give the store as it is."""
        with self._lock:
            self._finish_failed()
            yield self._live.store

    def made(self, change_id: str) -> Record | None:
        """Return the change that was made under an id, None if none was."""
        with self._lock:
            number = self._ids.get(change_id)
            return None if number is None else self.history.get(number)

    def judge(self, change: Change) -> Verdict:
        """Return what a change would do to the graph as it is; nothing is stored."""
        with self._lock:
            return self._validation.verdict(self._live.store, self._ledger, change)

    def commit(self, draft: Draft, if_revision: str | None = None) -> Record:
        """Make a change and return its record, once it can no longer be lost.

        `if_revision` is the revision that the client wants to change; None takes any. The same draft a second time
        returns the record of the first. Raises RevisionPassedError, ConflictError, NotConformingChangeError.
        """
        with self._lock:
            self._finish_failed()
            if draft.id in self._ids:
                return self._made_before(draft)
            if if_revision is not None and if_revision != self.build.revision:
                raise RevisionPassedError(if_revision, self.build.revision)
            change = self._effective(draft.change)
            faults = draft.examine(self._live.store)
            if are_enough(faults):
                raise NotConformingChangeError(faults, None)
            verdict = self.judge(change)
            warnings = _refuse_findings(faults, verdict, draft.acknowledged)
            record = self.history.append(_record(draft, change, warnings))
            self._ids[record.id] = record.number
            self._live.catch_up(self.history)
            self._keep(verdict.ledger)
            return record

    def revert(
        self,
        number: int,
        draft_id: str,
        agent: str,
        summary: str,
        acknowledged: bool = False,
        *,
        if_revision: str | None = None,
        examine: Callable[[Change, Store], Sequence[Fault]] = lambda change, store: (),
    ) -> Record:
        """Take a change back by another one, which passes the same gate; `examine` is as that of a draft.

        Raises ConflictError if there is no such change, or a later one has undone it; NotConformingChangeError names
        what depends on it.
        """
        with self._lock:
            record = self.history.get(number)
            if record is None:
                raise ConflictError(f"There is no change {number}.", f"The last one is {self.history.count()}.")
            back = Change.of(record.removed_quads(), record.added_quads())
            draft = Draft(
                id=draft_id,
                kind="revert",
                change=back,
                summary=summary,
                source=record.source,
                agent=agent,
                reverts=number,
                acknowledged=acknowledged,
                examine=lambda store: examine(back, store),
            )
            return self.commit(draft, if_revision)

    def _finish_failed(self) -> None:
        """Write a change that was recorded, and then failed: the disk was full, say."""
        if finished := self._live.catch_up(self.history):
            self._ids.update((record.id, record.number) for record in finished)
            self._keep(self._validation.standing(self._live.store))

    def _made_before(self, draft: Draft) -> Record:
        record = self.history.get(self._ids[draft.id])
        assert record is not None
        if (record.summary, record.source, record.agent) != (draft.summary, draft.source, draft.agent):
            raise ConflictError(
                f"Change {record.number} was made under the same key, and is another one.", "Choose a new key."
            )
        return record

    def _effective(self, change: Change) -> Change:
        """Return the change without what is so already. Raises ConflictError for what cannot be removed, or nothing."""
        store = self._live.store
        try:
            refuse_missing(store, change)
        except ConflictError as error:
            raise self._with_changes(error) from None
        added = frozenset(quad for quad in change.added if quad not in store)
        if not added and not change.removed - change.added:
            raise NothingToChangeError(
                "The change changes nothing: all of it is so already.", "There is nothing to do."
            )
        return Change(added, change.removed - change.added)

    def _with_changes(self, error: ConflictError) -> ConflictError:
        lines = set(lines_of(error.quads))
        changes = [record for record in self.history.records() if lines & {*record.added, *record.removed}]
        removers = [record.number for record in changes if lines & set(record.removed)]
        who = f"Change {removers[-1]} removed some of them. " if removers else ""
        return ConflictError(error.message, who + error.hint, error.quads, changes)

    def _keep(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._kept.write(self.build, ledger)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def refuse_missing(store: Store, change: Change) -> None:
    """Raise ConflictError if a change removes what is not in a store."""
    missing = frozenset(quad for quad in change.removed - change.added if quad not in store)
    if missing:
        raise ConflictError(
            f"{len(missing)} of the statements to remove are not there.",
            "Read the graph again and leave out what is gone.",
            missing,
        )


def _refuse_findings(faults: Sequence[Fault], verdict: Verdict, acknowledged: bool) -> tuple[str, ...]:
    """Return the new warnings in words. Raises NotConformingChangeError for violations, or warnings unacknowledged."""
    warnings = [str(fault) for fault in faults if fault.severity == "Warning"]
    warnings += [
        f"{finding.focus}: {finding.message('en')}" for finding in verdict.new if finding.severity == "Warning"
    ]
    broken = verdict.breaks or any(fault.severity == "Violation" for fault in faults)
    if broken or (warnings and not acknowledged):
        raise NotConformingChangeError(faults, verdict)
    return tuple(warnings)


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
