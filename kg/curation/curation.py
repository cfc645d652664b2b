"""The operations of curators and contributors, for HTTP and the command line: change, propose, accept, undo."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pyoxigraph import Literal, NamedNode

from kg.accounts import Database
from kg.curation.dependents import UndoneTogether
from kg.curation.draft import Content, Draft, Rationale, SentTexts, Undo
from kg.curation.proposals import (
    AlreadyDecidedError,
    ImportedChange,
    NewProposal,
    Proposal,
    Proposals,
    ProposalState,
    Settling,
)
from kg.curation.refusals import SamePersonError, refusal, refuse_missing
from kg.curation.report import SubmissionReport
from kg.curation.rows import rows_of, whole_change, with_needed, with_needing
from kg.curation.undo import inverse_change, skipped_by_undo
from kg.errors import BadValueError
from kg.history import History, Record
from kg.jobs import Control, JobProgress, Jobs
from kg.rdf import namespaces as ns
from kg.rdf.change import NO_CHANGE, Change
from kg.rdf.vocabulary import CD, SKOS
from kg.shortage import NoSpaceError, no_space_error, refuse_without_room, write_error
from kg.store import DataFolder, FolderReader
from kg.submissions import Submission, SubmittedText, pack

if TYPE_CHECKING:
    from kg.curation.gate import Gate
    from kg.curation.validation import CurrentValidation, Progress

_MOST_SPLIT = 5_000
"""The statements of an import up to which it is split into rows: some two hundred twinnings."""
_LARGE_BODY = 500_000
"""The size in bytes beyond which a proposal is parsed in the job that prepares it, and not split into rows."""


class CurationService:
    """Changes, proposals and undos for a data folder. Safe for use by many threads; must be closed.

    The first change takes the folder's lock, which is held until the end. Reports and proposals need no lock.
    """

    TAKES_TWO: ClassVar = "To withdraw something takes two: it waits for another curator to accept it."

    def __init__(self, folder: DataFolder, address: str = "", progress: Progress = lambda step: None) -> None:
        """Take a folder; `address` is shown to others who want its lock, `progress` gets slow steps, in words."""
        self._folder = folder
        self._address = address
        self._progress = progress
        self.reader = FolderReader(folder)
        """Opens the current snapshot, once for this process."""
        self._lock = threading.Lock()
        self._gate: Gate | None = None
        self._is_gate_wanted = False
        self._validation: CurrentValidation | None = None
        self.database = Database(folder.path)
        self.history = History(folder.path)
        self._proposals = Proposals(self.database)
        self._settling = Settling(self.database, self.history)
        self.jobs = Jobs()
        """The acceptances of large proposals, by number, and the computation of measures."""

    def __enter__(self) -> CurationService:
        """Return the service itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Cancel the jobs, and release the folder's lock."""
        self.jobs.close()
        with self._lock:
            if self._gate is not None:
                self._gate.close()
                self._gate = None

    @property
    def gate(self) -> Gate:
        """The writer of the folder. Raises LockedError if another process writes."""
        with self._lock:
            return self._open_gate()

    def _open_gate(self) -> Gate:
        self._is_gate_wanted = True
        if self._gate is None:
            from kg.curation.gate import Gate  # noqa: PLC0415 – SHACL, which no reader needs

            self._gate = Gate(self._folder, self._address, self._progress, self.reader)
        return self._gate

    def refuse_unwritable(self) -> None:
        """Raise DataFolderError if no change can be made, as far as that is known without trying one.

        The causes are: there is no room, the folder cannot be written, or a write failed and still does. Takes no lock
        before the first change, and does not wait for another thread.
        """
        refuse_without_room(self._folder.path)
        self.database.retry_failed_write()
        if self._is_gate_wanted and self._lock.acquire(blocking=False):
            try:
                self._open_gate().reopen_after_failure()
            finally:
                self._lock.release()

    @property
    def proposals(self) -> Proposals:
        """The proposals; those that have become changes are noted first (`settle`)."""
        self._settling.settle()
        return self._proposals

    def settle(self) -> None:
        """Note which open proposals have become changes, though the writer died before their acceptance was noted."""
        self._settling.settle()

    @property
    def validation(self) -> CurrentValidation:
        """The validation of submissions against the current snapshot."""
        with self._lock:
            if self._validation is None:
                from kg.curation.validation import CurrentValidation  # noqa: PLC0415 – SHACL

                self._validation = CurrentValidation(self._folder, self._progress, self.reader)
            return self._validation

    def undo(
        self,
        number: int,
        change_id: str,
        *,
        agent: str,
        summary: str,
        acknowledged: bool,
        if_revision: str | None = None,
        with_dependents: bool = False,
    ) -> Record:
        """Undo a change by another one, as far as it is still in force; the same id again is the same undo.

        `with_dependents` undoes with it the later changes that build on it. Raises RevisionPassedError; ConflictError
        if nothing is left to undo; NeededByOthersError with the changes that depend on it.
        """
        draft = self.gate.undo_draft(number, change_id, agent, summary, acknowledged)
        commit = self.gate.commit_with_dependents if with_dependents else self.gate.commit
        return commit(draft, if_revision)

    def undo_effects(self, number: int) -> tuple[Change, UndoneTogether]:
        """Return what undoing a change alone would do to the graph, and undoing it with all that builds on it.

        Raises ConflictError if nothing is left to undo, BadValueError for a large change.
        """
        undo, current = Undo(self.history, number, None), self.reader.current()
        record, *later = undo.records_until(current.build)
        return inverse_change(record, later, current.store), undo.together(current)

    def change_json(self, record: Record) -> dict[str, Any]:
        """Return the answer to a change, for JSON: with its revision, and with the statements that an undo skipped."""
        skipped = {"skipped": left} if (left := self.skipped_json(record)) else {}
        return (
            record.as_dict() | {"revision": self.gate.build.revision_of(record.number), "hash": record.hash} | skipped
        )

    def skipped_json(self, record: Record) -> list[dict[str, Any]]:
        """Return the statements that an undo skipped, with the reasons, for JSON; empty for other changes."""
        return [one.as_dict() for one in skipped_by_undo(record, self.history, self.reader.build().withheld_numbers)]

    def propose(
        self, texts: Sequence[SubmittedText], graph: str, rationale: Rationale, proposer: str, report: SubmissionReport
    ) -> Proposal:
        """Store texts as a proposal, with the findings in them; `graph` is the IRI of the graph that they change."""
        media_type, body = pack(texts)
        findings = report.kept()
        return self.proposals.add(
            NewProposal(proposer, rationale.summary, rationale.source, graph, media_type, body, findings)
        )

    def keep_draft(self, kept: NewProposal, number: int | None = None, tag: str | None = None) -> Proposal:
        """Keep a draft, as a new one or instead of what draft `number` of its author holds.

        Raises NoSuchProposalError, NotTheProposerError, NotADraftError, DraftChangedError for another `tag`.
        """
        if number is None:
            return self.proposals.add(kept, ProposalState.DRAFT)
        return self.proposals.change_draft(number, kept, tag)

    def propose_draft(self, number: int, author: str, tag: str | None = None) -> Proposal:
        """Make a proposal of a draft, with what is found in it now. Raises as `keep_draft` and `read` do."""
        read_tag = self.proposals.tag(number, author)  # read first: what changes from now on shows
        draft, body = self.proposals.draft(number, author, tag), self.proposals.body(number, author)
        rationale = Rationale.parse(draft.summary, draft.source)
        sent = SentTexts(draft.media_type, body, draft.graph).on_snapshot(self.reader.current())
        findings = self.validation.report(sent).kept()
        new = NewProposal(author, rationale.summary, rationale.source, draft.graph, draft.media_type, body, findings)
        return self.proposals.propose_draft(number, new, read_tag)

    def propose_once(self, new: NewProposal) -> Proposal:
        """Store a proposal; the same body again is the same proposal."""
        proposals = self.proposals
        with self.database.writing():
            return proposals.find(new.media_type, new.body) or proposals.add(new)

    def propose_instead(
        self, texts: Sequence[SubmittedText], graph: str, rationale: Rationale, proposer: str, report: SubmissionReport
    ) -> Proposal:
        """Store as a proposal texts that were sent as a change, and withdraw statements.

        Raises RefusedChangeError if the change would be refused anyway.
        """
        if not report.conforms or (report.needs_acknowledgement and not rationale.acknowledged):
            raise refusal(report)
        return self.propose(texts, graph, rationale, proposer, report)

    def accept(self, number: int, reviewer: str, acknowledged: bool, if_revision: str | None = None) -> Record:
        """Make the change of a proposal; it is checked and validated again, upon the graph as it is now.

        Raises NoSuchProposalError, AlreadyDecidedError, SamePersonError, and the errors of the gate; then the proposal
        stays open. If there is room for the change, but not to note its acceptance, that is noted with the next access
        to proposals. A reviewer who accepts it again gets the same change.
        """
        if (made := self._settling.accepted_change(number, reviewer)) is not None:
            return made
        return self._accept(number, self._acceptance(number, reviewer, acknowledged), if_revision)

    def begin_accepting(
        self, number: int, reviewer: str, acknowledged: bool, if_revision: str | None = None
    ) -> Record | JobProgress:
        """Accept a proposal, as `accept` does; if it is large, begin to in a job, and return its progress."""
        if (made := self._settling.accepted_change(number, reviewer)) is not None:
            return made
        draft = self._acceptance(number, reviewer, acknowledged)
        if not draft.is_large:
            return self._accept(number, draft, if_revision)
        return self.jobs.begin(number, lambda control: self._accept(number, draft, if_revision, control), by=reviewer)

    def submission(self, proposal: Proposal) -> Submission:
        """Return what an open proposal still wants of the graph as it is: all that has not become a change.

        Raises what reading it does.
        """
        return self._content_of(proposal).on_snapshot(self.reader.current(), None)

    def refuse_fallen(self, proposal: Proposal) -> None:
        """Raise ConflictError if an open proposal removes what is gone, and what reading it does."""
        refuse_missing(self.reader.current().store, self.submission(proposal).change, self.history)

    def draft_of_rows(self, number: int, things: Collection[str], reviewer: str, acknowledged: bool) -> Draft:
        """Return the change of the rows of a proposal on some things and of those that they need.

        With the last rows it is that of the proposal itself. The gate must be held until it is made (`accept_part`).
        Raises as `accept` does, ConflictError for what the proposal has nothing on by now, BadValueError for one too
        large to be split.
        """
        self._settling.settle()
        proposal, current = self._require_open_for(reviewer, number), self.reader.current()
        self._require_splittable(proposal)
        whole, store = self._acceptance(number, reviewer, acknowledged), current.store
        sent = whole.content.on_snapshot(current, None)
        chosen = with_needed(rows_of(store, sent.change), things)
        rest = sent.change.without({subject for row in chosen for subject in row.subjects})
        if rest.remaining_in(store) == NO_CHANGE:
            return whole
        part = whole_change(chosen)
        return replace(whole, id=proposal.part_id(part), content=replace(sent, change=part))

    def accept_part(self, number: int, draft: Draft, if_revision: str | None = None) -> Record:
        """Make the change of rows of a proposal (`draft_of_rows`); the rest stays open. Raises as `accept` does."""
        if draft.id == self.proposals.get_open(number).change_id:
            return self._accept(number, draft, if_revision)
        record = self.gate.commit(draft, if_revision)
        self.proposals.note_part(number, record)
        return record

    def is_splittable(self, proposal: Proposal) -> bool:
        """Return True for a proposal whose rows can be decided apart. Raises as reading the statements of an import."""
        if proposal.media_type == ImportedChange.MEDIA_TYPE:
            return (self._content_of(proposal).size or 0) <= _MOST_SPLIT
        return len(self.proposals.body(proposal.number)) <= _LARGE_BODY

    def _require_splittable(self, proposal: Proposal) -> None:
        """Raise BadValueError for a proposal that takes too long to split while it keeps all others from writing."""
        if not self.is_splittable(proposal):
            is_import = proposal.media_type == ImportedChange.MEDIA_TYPE
            most = f"{_MOST_SPLIT:,} statements" if is_import else f"{_LARGE_BODY:,} bytes"
            raise BadValueError(
                f"Proposal {proposal.number} is one of more than {most}, whose rows cannot be decided apart, "
                "so nothing was done.",
                "Accept the whole, or refuse it and ask for the rows in smaller proposals.",
            )

    def _acceptance(self, number: int, reviewer: str, acknowledged: bool) -> Draft:
        """Return the draft of the change of a proposal, which the reviewer may accept."""
        proposal = self._require_open_for(reviewer, number)
        rationale = Rationale(proposal.summary, proposal.source, acknowledged)
        draft = rationale.draft(proposal.change_id, "proposal", self._content_of(proposal), proposal.proposer)
        return replace(draft, reviewer=reviewer)

    def _accept(self, number: int, draft: Draft, if_revision: str | None, control: Control | None = None) -> Record:
        def ready() -> object:
            return self.proposals.get_open(number)

        record = self.gate.commit(draft, if_revision, ready=ready, control=control)
        if record.reviewer != draft.reviewer:  # another reviewer has accepted it meanwhile
            self.proposals.get_open(number)
        return self._note_acceptance(number, record)

    def _require_open_for(self, reviewer: str, number: int) -> Proposal:
        """Return an open proposal. Raises SamePersonError for the reviewer's own."""
        proposal = self.proposals.get_open(number)
        if proposal.proposer == reviewer:
            raise SamePersonError(
                f"Proposal {number} is your own.", "Let another curator review it, or submit it as a change."
            )
        return proposal

    def _note_acceptance(self, number: int, record: Record) -> Record:
        """Note the change that a proposal has become, unless another decision has noted it already."""
        try:
            self.proposals.accept(number, record.reviewer or record.agent, record.number)
        except AlreadyDecidedError as error:
            if error.proposal.change != record.number:
                raise
        except NoSpaceError as error:
            self._settling.begin_again()
            raise write_error(self._folder.path, no_space_error(), change=record.number) from error
        return record

    def names_in(self, proposal: Proposal, parts: Sequence[Collection[str]]) -> list[list[str]]:
        """Return by part of a proposal, a list of subjects, the English names of the subjects that no other one names.

        Raises what reading it does.
        """
        sent = self._content_of(proposal, ()).on_snapshot(self.reader.current(), None).change.added
        labels, named = dict[str, str](), dict[str, set[str]]()
        for quad in sent:
            subject, value = cast("NamedNode", quad.subject).value, quad.object
            if quad.predicate == SKOS.prefLabel and isinstance(value, Literal) and value.language == "en":
                labels[subject] = value.value
            elif isinstance(value, NamedNode) and quad.predicate != CD.accountOf:
                named.setdefault(value.value, set()).add(subject)
        return [
            [
                labels.get(one, ns.compact(one))
                for one in subjects
                if ns.kind_of(one) != "account" and named.get(one, set()).isdisjoint({*subjects} - {one})
            ]
            for subjects in parts
        ]

    def rejections(self, proposal: Proposal) -> Callable[[str], str]:
        """Return by whom and why what a proposal says of a thing was rejected: "Rita: Not listed"; "" if it was not.

        Raises what reading it does.
        """
        rest = f"{proposal.reviewer}: {proposal.reason}" if proposal.state is ProposalState.REFUSED else ""
        parts = [note for note in self.proposals.notes(proposal.number) if note.change is not None]
        if not parts:
            return lambda _: rest
        sent = self._content_of(proposal, ()).on_snapshot(self.reader.current(), None).change.added
        thing_of = {quad.subject: quad.object for quad in sent if quad.predicate == CD.accountOf}
        said = {
            str(getattr(thing_of.get(NamedNode(subject)), "value", subject)): note.reason
            and f"{note.author}: {note.reason}"
            for note in parts
            for subject in note.subjects
        }
        return lambda thing: said.get(thing, rest)

    def _content_of(self, proposal: Proposal, taken: Collection[str] | None = None) -> Content:
        """Return the content of a proposal: its texts, or the statements of its import, without what is decided."""
        body = self.proposals.body(proposal.number)
        if taken is None:
            taken = {subject for note in self.proposals.notes(proposal.number) for subject in note.subjects}
        if proposal.media_type == ImportedChange.MEDIA_TYPE:
            return ImportedChange.find(self._folder.path, body, taken)
        sent = SentTexts(proposal.media_type, body, proposal.graph, taken)
        return sent if len(body) > _LARGE_BODY else sent.on_snapshot(self.reader.current(), None)

    def refuse(self, number: int, reviewer: str, reason: str, things: Collection[str] = ()) -> Proposal:
        """Refuse a proposal, or its rows on some things with those that need them: then the rest stays open, if any.

        Raises NoSuchProposalError, AlreadyDecidedError, BadValueError without a reason or for a proposal too large to
        be split, ConflictError for what the proposal has nothing on by now.
        """
        with self.gate.holding():
            self._settle_one(number)
            if things and (subjects := self._part_of(number, things)):
                return self.proposals.refuse_part(number, reviewer, reason, subjects)
            return self.proposals.refuse(number, reviewer, reason)

    def _part_of(self, number: int, things: Collection[str]) -> set[str]:
        """Return the subjects of the rows on some things and of those that need them; none if no other row is left."""
        proposal, store = self.proposals.get_open(number), self.reader.current().store
        self._require_splittable(proposal)
        change = self.submission(proposal).change
        subjects = {one for row in with_needing(rows_of(store, change), things) for one in row.subjects}
        return subjects if change.without(subjects).remaining_in(store) != NO_CHANGE else set()

    def withdraw(self, number: int, proposer: str, reason: str = "") -> Proposal:
        """Withdraw the proposer's own proposal.

        Raises NoSuchProposalError, NotTheProposerError, AlreadyDecidedError.
        """
        with self.gate.holding():
            self._settle_one(number)
            return self.proposals.withdraw(number, proposer, reason)

    def _settle_one(self, number: int) -> None:
        """Note that a proposal is accepted if its change was made, but the acceptance was not noted."""
        made = self.gate.find_change(self.proposals.get_open(number).change_id)
        if made is not None:
            self.proposals.accept(number, made.reviewer or made.agent, made.number)
