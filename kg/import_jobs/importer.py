"""Run the imports of a data folder one after the other, and resume those that a killed process left unfinished.

A process of its own plans the rows of a long table (kg.import_jobs.planning_job), so that readers do not wait. The
gate makes the change, under an id that the import has from the start: so it is made once, however often the import is
started again.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import IO, Any

from kg.accounts import Role
from kg.curation import CurationService, NothingToChangeError, ProposalState, Rationale, RefusedChangeError
from kg.curation.proposals import ImportedChange
from kg.errors import CityKgError, unexpected_end
from kg.findings import RefusedSubmissionError
from kg.import_jobs.folder import ImportFolder
from kg.import_jobs.job import Import, ImportLimits, ImportOverError, ImportRequest, ImportState, ImportStatus
from kg.import_jobs.planning_job import Planning
from kg.jobs import Control, JobProcess, Jobs
from kg.shortage import WriteFailedError
from kg.store import DataFolder, LockedError

MOST_UNFINISHED = 5
"""Most imports of one account that may be queued, running, or waiting for a review at the same time."""

SHORT = 10_000
"""Bytes up to which a table is planned in this process: a new one takes longer to begin than twenty rows take."""
MEMORY_BYTES = 3 << 30
"""Bytes of address space for the process that plans the rows of a table."""
SECONDS = 3600.0
"""Seconds within which the rows of a table must be planned."""

_DEFAULT_LIMITS = ImportLimits()
_JOB = "imports"
_LOGGER = logging.getLogger(__name__)


class TooManyImportsError(CityKgError):
    """Too many imports of one account are unfinished."""

    title = "Too many imports"

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_UNFINISHED} imports of yours are not over yet.",
            "Wait until one is, or cancel one; a proposal that waits for a review can be withdrawn.",
        )


class Importer:
    """Runs imports as one job, as long as there are any.

    Safe for use by many threads; must be closed.
    """

    def __init__(self, folder: DataFolder, curation: CurationService, limits: ImportLimits = _DEFAULT_LIMITS) -> None:
        """Use a data folder and the curation of its graph."""
        self.limits = limits
        self.imports = ImportFolder(folder.path)
        self._folder = folder
        self._curation = curation
        self._lock = threading.RLock()
        self._locks = ExitStack()
        self._is_locked = False
        self._jobs = Jobs()
        self._current: int | None = None
        self._cancelled: set[int] = set()
        self._recorded: int | None = None  # the import whose change is recorded: it cannot be cancelled any more
        self._unsaved: dict[int, ImportStatus] = {}
        """The status of imports that could not be stored for lack of disk space."""

    def start(self, tell: Callable[[str], object]) -> None:
        """Resume unfinished imports; `tell` gets a message if another process runs them."""
        if self._next() is not None:
            try:
                self._take_lock()
                self._wake()
            except LockedError as error:
                tell(f"Imports are left to another process: {error.message}")

    def close(self) -> None:
        """Stop; an import that is running is resumed at the next start."""
        self._jobs.close()
        self._locks.close()

    def add(
        self,
        name: str,
        request: ImportRequest,
        mapping: bytes,
        table: IO[bytes],
        *,
        is_dry_run: bool,
        acknowledged: bool,
    ) -> Import:
        """Queue an import under the id `name` and return it, or return the import that already has this id.

        One whose mapping is to be guessed is a dry run, so that a person sees the mapping before it is used. Raises
        TooManyImportsError, NoSpaceError, and LockedError if another process runs the imports.
        """
        with self._lock:
            self._take_lock()
            if (known := self.find(name)) is not None:
                self._wake()
                return known
            theirs = (one for one in self.all() if one.request.agent == request.agent)
            if sum(not one.status.state.is_over for one in theirs) >= MOST_UNFINISHED:
                raise TooManyImportsError
            is_dry_run = is_dry_run or not request.mapping
            status = ImportStatus(ImportState.QUEUED, self.imports.now(), is_dry_run, acknowledged)
            one = self.imports.receive(name, request, mapping, table, status)
        self._wake()
        return one

    def find(self, name: str) -> Import | None:
        """Return the import with an id, None without one."""
        return next((one for one in self.all() if one.id == name), None)

    def get(self, number: int) -> Import:
        """Return an import with its present status. Raises NoSuchImportError."""
        return self._with_present_status(self.imports.get(number))

    def all(self) -> list[Import]:
        """Return all imports with their present status, latest first."""
        return [self._with_present_status(one) for one in self.imports.read_all()]

    def as_dict(self, one: Import) -> dict[str, Any]:
        """Return an import as JSON for clients, with the row that it is at and the number of imports before it."""
        result = one.as_dict()
        with self._lock:
            if one.number == self._current and not one.status.state.is_over:
                result |= self._progress(is_made=one.status.state is ImportState.COMMITTING)
        known = self._curation.jobs.find(one.status.proposal)
        if known is not None and one.status.state is ImportState.WAITING:
            step = {"state": ImportState.COMMITTING, "step": known.step, "rows": known.done, "of": known.of}
            result |= {"error": known.as_dict(self._folder.path)["error"]} if known.error else step
        if one.status.state is ImportState.QUEUED:
            before = (other for other in self.imports.read_all() if other.number < one.number)
            result["behind"] = sum(other.status.state.is_to_be_done for other in before)
        return result

    def resume(self, number: int, acknowledged: bool) -> Import:
        """Make the change that a dry run has shown, or try a failed import again.

        Raises ImportOverError for any other import.
        """
        with self._lock:
            self._take_lock()
            one = self.get(number)
            is_tried = one.status.state is ImportState.DONE and one.status.is_dry_run
            if not is_tried and one.status.state is not ImportState.FAILED:
                raise ImportOverError(f"Import {number} is {one.status.state}.", "Only a dry run is gone on with.")
            self._unsaved.pop(number, None)
            self._cancelled.discard(number)
            is_unseen = one.is_guessed and one.status.counts is None
            status = replace(one.status, state=ImportState.QUEUED, at=self.imports.now(), error=None)
            status = replace(status, is_dry_run=is_unseen, acknowledged=acknowledged)
            one = self.imports.save_status(one, status)
        self._wake()
        return one

    def cancel(self, number: int, agent: str) -> Import:
        """Cancel an import; if it waits for a review, its proposer withdraws the proposal.

        Raises ImportOverError if it is over or its change is being made, and what `CurationService.withdraw` raises.
        """
        with self._lock:
            one = self.get(number)
            proposal = one.status.proposal if one.status.state is ImportState.WAITING else None
            if proposal is None:
                return self._cancel(one)
        self._curation.withdraw(proposal, agent)  # without the lock, for which the holder of the gate may be waiting
        return self.get(number)

    def _cancel(self, one: Import) -> Import:
        """Cancel an import that does not wait for a review, and return it. The lock must be held.

        A running one is marked as cancelled, and stops at its next check.
        """
        number, state, change = one.number, one.status.state, one.status.change
        if state is ImportState.CANCELLED:
            return one
        if state.is_over:
            hint = f"Take it back: POST /changes/{change}/revert" if change else "There is nothing to cancel."
            raise ImportOverError(f"Import {number} is {state}.", hint)
        if number == self._recorded and state is ImportState.COMMITTING:
            hint = "Take it back once it is done: POST /changes/N/revert, where the import says which change N is."
            raise ImportOverError(f"Import {number} is being made as a change.", hint)
        self._cancelled.add(number)
        return one if number == self._current else self._update(one, state=ImportState.CANCELLED)

    def _take_lock(self) -> None:
        """Keep other processes from running the imports. Raises LockedError if one does."""
        with self._lock:
            if not self._is_locked:
                self._locks.enter_context(self.imports.lock())
                self._is_locked = True
                self.imports.drop_unfinished()

    def _wake(self) -> None:
        """Start the job that runs the imports, or let it look for new ones once it is through."""
        self._jobs.begin(_JOB, self._work, again=True)

    def _work(self, control: Control) -> None:
        while not control.is_cancelled() and (one := self._take_next(control)) is not None:
            self._run(one, Control(control.advance, partial(self._is_stopped, one, control)))

    def _take_next(self, control: Control) -> Import | None:
        """Return the next import, which becomes the current one, None if there is none."""
        with self._lock:
            one = self._next()
            self._current, self._recorded = None if one is None else one.number, None
            control.advance("", 0, 0)
            return one

    def _progress(self, *, is_made: bool) -> dict[str, Any]:
        """Return the progress of the current import, for JSON."""
        known = self._jobs.find(_JOB)
        if known is None or not known.step:
            return {}
        rows = {"rows": known.done, "of": known.of}
        if is_made:
            return {"step": known.step} | rows
        return {"state": known.step} | (rows if known.of else {})

    def _next(self) -> Import | None:
        """Return the oldest import that is to be run."""
        kept = (replace(one, status=self._unsaved.get(one.number, one.status)) for one in self.imports.read_all())
        return min((one for one in kept if one.status.state.is_to_be_done), key=lambda one: one.number, default=None)

    def _run(self, one: Import, control: Control) -> None:
        """Run an import until it is over, waits for a review, or breaks off."""
        try:
            if one.status.counts is None:
                one = self._plan(one, control)
            if one.request.role is Role.CURATOR and not one.status.is_dry_run:
                self._commit(one, control)
            else:
                with self._lock:  # so that nothing is cancelled between the check and the note
                    control.check()
                    if one.status.is_dry_run:
                        self._update(one, state=ImportState.DONE)
                    else:
                        self._propose(one)
        except CityKgError as error:
            if not self._note_cancellation(one, control):
                self._fail(self.get(one.number), error)
        except Exception:
            _LOGGER.exception("Import %d has broken off.", one.number)
            self._fail(self.get(one.number), unexpected_end("The import"))

    def _plan(self, one: Import, control: Control) -> Import:
        """Plan the rows of an import, and return it.

        Raises what `Planning.plan` and `JobProcess.call` raise.
        """
        one = self._update(one, state=ImportState.READING, findings=[], files={})
        place = self.imports.scratch(one.number)
        arguments = self._folder, one, place, self.limits
        try:
            if one.size <= SHORT:
                planned = Planning(*arguments, control.step, curation=self._curation).plan()
            else:
                with JobProcess(control, Planning, *arguments, memory=MEMORY_BYTES, seconds=SECONDS) as child:
                    planned = child.call("plan", nicely=True)
            shutil.rmtree(one.plan, ignore_errors=True)
            place.rename(one.plan)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        return self._update(one, state=ImportState.RECONCILING, **planned)

    def _commit(self, one: Import, control: Control) -> None:
        control.advance("", 0, 0)
        one = self._update(one, state=ImportState.COMMITTING)
        try:
            change = self._make_change(one, control) if one.status.statements else None
        except NothingToChangeError:
            change = None
        except WriteFailedError as error:
            if error.change is None:
                raise
            change = error.change  # the change is recorded, and so it is made
        with self._lock:
            if change is None:
                control.check()
            self._update(one, state=ImportState.DONE, change=change)

    def _make_change(self, one: Import, control: Control) -> int:
        rationale = Rationale.parse(one.request.summary, one.status.source, one.status.acknowledged)
        change = ImportedChange.find(self._folder.path, one.as_proposal().body)
        draft = rationale.draft(one.id, "import", change, one.request.agent)
        return self._curation.gate.commit(draft, ready=partial(self._record, one, control), control=control).number

    def _record(self, one: Import, control: Control) -> None:
        """Note that an import cannot be cancelled any more.

        Raises CancelledError if it was cancelled.
        """
        with self._lock:
            control.check()
            self._recorded = one.number

    def _is_stopped(self, one: Import, control: Control) -> bool:
        return control.is_cancelled() or one.number in self._cancelled

    def _note_cancellation(self, one: Import, control: Control) -> bool:
        """Store that an import was cancelled, if it was; return True if it broke off because it was to stop."""
        if one.number in self._cancelled:
            self._update(self.get(one.number), state=ImportState.CANCELLED)
        return control.is_cancelled()

    def _propose(self, one: Import) -> None:
        broken = [finding for finding in one.status.findings if finding["severity"] == "Violation"]
        if broken:
            words = f"What it comes to does not conform: {len(broken)} violation{'' if len(broken) == 1 else 's'}."
            raise CityKgError(words, "Mend what is named in the table or the mapping, and import it again.")
        if not one.status.statements:
            self._update(one, state=ImportState.DONE)
            return
        proposal = self._curation.propose_once(one.as_proposal())
        self._update(one, state=ImportState.WAITING, proposal=proposal.number)

    def _fail(self, one: Import, error: CityKgError) -> None:
        findings, failure = one.status.findings, {"detail": error.public_message(self._folder.path), "hint": error.hint}
        if isinstance(error, RefusedSubmissionError):
            first = error.findings[0]
            findings, failure = [one.as_dict() for one in error.findings], {"detail": first.message, "hint": first.hint}
        elif isinstance(error, RefusedChangeError):
            findings = [finding.as_dict() for finding in error.report.findings]
        self._update(one, state=ImportState.FAILED, error=failure, findings=findings)

    def _update(self, one: Import, **known: Any) -> Import:
        """Store new fields of the status; if the disk is full, remember them as long as the process lives."""
        status = replace(one.status, at=self.imports.now(), **known)
        try:
            self.imports.save_status(one, status)
            self._unsaved.pop(one.number, None)
        except (WriteFailedError, OSError):
            self._unsaved[one.number] = status
        return replace(one, status=status)

    def _with_present_status(self, one: Import) -> Import:
        """Return an import with its present status, which also follows from the state of its proposal."""
        status = self._unsaved.get(one.number, one.status)
        if status.state is ImportState.WAITING and status.proposal is not None:
            proposal = self._curation.proposals.find(ImportedChange.MEDIA_TYPE, one.as_proposal().body)
            if proposal is None:
                error = {"detail": f"Proposal {status.proposal} is not there any more.", "hint": "Import it again."}
                return replace(one, status=replace(status, state=ImportState.FAILED, error=error))
            at = proposal.decided or status.at
            parts = [note.change for note in self._curation.proposals.notes(proposal.number) if note.change]
            status = replace(status, parts=parts)
            if proposal.state is ProposalState.ACCEPTED or (parts and proposal.state is not ProposalState.OPEN):
                status = replace(status, state=ImportState.DONE, at=at, change=proposal.change or parts[-1])
            elif proposal.state is ProposalState.WITHDRAWN:
                status = replace(status, state=ImportState.CANCELLED, at=at)
            elif proposal.state is ProposalState.REFUSED:
                error = {"detail": f"Rejected by {proposal.reviewer}: {proposal.reason}", "hint": ""}
                status = replace(status, state=ImportState.FAILED, at=at, error=error)
        return replace(one, status=status)
