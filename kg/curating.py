"""What curators and contributors do, the same through HTTP and on the command line: judge, make, propose, accept, undo.

A change has words (`Words`): why, from which source, for which graph. Its statements come as texts (kg.submissions).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from pyoxigraph import NamedNode, Store

from kg import judgements, packing
from kg import namespaces as ns
from kg.check_policy import BAD_IN_IRI
from kg.errors import BadValueError, CityKgError
from kg.faults import Fault, are_enough
from kg.gate import Draft, Gate, NotConformingChangeError, refuse_missing
from kg.history import Record
from kg.judgements import NO_CHANGE, Judgement
from kg.proposals import Draft as ProposalDraft
from kg.proposals import Proposal, Proposals
from kg.submission_checks import check
from kg.submissions import Submission, Text, read
from kg.validation import Change, Verdict

DRAFT = "curated/draft"
"""The graph that a text without graphs is for, if nobody names one."""
LONGEST_SUMMARY = 500

_SOURCE = re.compile(r"(https?://|urn:).+", re.IGNORECASE)


class RefusedChangeError(CityKgError):
    """A change was not made because of what was found; `judgement` has it."""

    def __init__(self, message: str, hint: str, judgement: Judgement) -> None:
        super().__init__(message, hint)
        self.judgement = judgement


class NeededByOthersError(RefusedChangeError):
    """A change cannot be taken back: something depends on it."""


class ReadOnlyGraphError(CityKgError):
    """A graph is written by files or rules, not through the gate."""


class SamePersonError(CityKgError):
    """A proposal is reviewed by somebody else than who made it."""


@dataclass(frozen=True)
class Words:
    """What is said about a change. `acknowledged`: its author has seen the warnings."""

    summary: str
    source: str
    acknowledged: bool = False

    @classmethod
    def checked(cls, summary: str, source: str, acknowledged: bool = False) -> Words:
        """Return the words as they are kept. Raises BadValueError for an unfit summary or source."""
        return cls(checked_summary(summary), _checked_source(source), acknowledged)

    def draft(self, change_id: str, kind: str, change: Change, agent: str) -> Draft:
        """Return the draft of a change with these words."""
        return Draft(change_id, kind, change, self.summary, self.source, agent, acknowledged=self.acknowledged)


def checked_graph(name: str) -> str:
    """Return the IRI of a graph that may be written, by its name or IRI; of the draft for "". Raises BadValueError."""
    name = (name or DRAFT).removeprefix(ns.GRAPH).removeprefix("graph/")
    if not ns.CURATED_GRAPH.fullmatch(ns.GRAPH + name):
        raise BadValueError(
            f"graph={name!r} cannot be written.", "Only graph/curated/<source> can, such as graph=curated/draft."
        )
    return ns.GRAPH + name


def checked_summary(summary: str) -> str:
    """Return a summary as it is kept. Raises BadValueError if it is empty, too long, or has control characters."""
    summary = " ".join(summary.split())
    if not summary or len(summary) > LONGEST_SUMMARY or not summary.isprintable():
        raise BadValueError(
            f"A change needs a summary of 1 to {LONGEST_SUMMARY} characters.", "Say why: summary=New+twinning+of+Leeds"
        )
    return summary


def submission_of(texts: Mapping[str, Text], graph: str, store: Store | None = None) -> Submission:
    """Return what texts say. The same texts give the same blank nodes the same names, at every door.

    With a store, the templates (CSV) name things as it does. Raises UnsupportedTypeError and RefusedSubmissionError.
    """
    return read(texts, graph, digest(texts)[:12], store)


def digest(texts: Mapping[str, Text]) -> str:
    """Return the SHA-256 of texts, in hexadecimal."""
    parts = (part for name in sorted(texts) for part in (name.encode(), texts[name].body))
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()


def judge(submission: Submission, store: Store, validate: Callable[[Change], Verdict]) -> Judgement:
    """Return the judgement of a submission upon a store; `validate` judges by the shapes, of the same store.

    Raises ConflictError for removals of what is not there.
    """
    refuse_missing(store, submission.change)
    faults = check(submission, store)
    return judgements.judged(submission, faults, None if are_enough(faults) else validate(submission.change))


def judge_files(
    submissions: Mapping[str, Submission], store: Store, validate: Callable[[Change], Verdict]
) -> Judgement:
    """Return the judgement of several files together, each finding with the file that it is in.

    Raises ConflictError for removals of what is not there.
    """
    changes = [submission.change for submission in submissions.values()]
    whole = Change(frozenset().union(*(c.added for c in changes)), frozenset().union(*(c.removed for c in changes)))
    refuse_missing(store, whole)
    verdict = validate(whole)
    found = [
        replace(fault, file=name)
        for name, submission in submissions.items()
        for fault in judgements.judged(submission, check(submission, store), verdict).faults
        if fault.step != "shapes" or fault.line is not None
    ]
    of_shapes = judgements.of_verdict(verdict)
    placed = {(fault.message, fault.focus, fault.path, fault.value) for fault in found}
    others = [f for f in of_shapes.faults if (f.message, f.focus, f.path, f.value) not in placed]
    return replace(of_shapes, faults=(*found, *others), change=whole)


def make(gate: Gate, submission: Submission, draft: Draft, if_revision: str | None = None) -> Record:
    """Make a submitted change. Raises RefusedChangeError, and what `Gate.commit` raises."""
    try:
        return gate.commit(replace(draft, examine=lambda store: check(submission, store)), if_revision)
    except NotConformingChangeError as error:
        found = judgements.judged(submission, error.faults, error.verdict)
        raise RefusedChangeError(error.message, error.hint, found) from error


def propose(
    proposals: Proposals, texts: Mapping[str, Text], graph: str, words: Words, *, who: str, found: Judgement
) -> Proposal:
    """Keep texts until somebody decides on them, with what was found in them."""
    media_type, body = packing.packed(texts)
    findings = [fault.as_dict() for fault in found.faults]
    return proposals.store(ProposalDraft(who, words.summary, words.source, graph, media_type, body, findings))


def accept(
    gate: Gate,
    proposals: Proposals,
    number: int,
    reviewer: str,
    acknowledged: bool = False,
    *,
    if_revision: str | None = None,
) -> Record:
    """Make the change that a proposal wants; it is judged anew, upon the graph as it is now.

    Raises NoSuchProposalError, AlreadyDecidedError, SamePersonError, and what `make` raises; then it stays open.
    """
    with gate.held() as store:  # so that nobody refuses it meanwhile
        proposal = proposals.get_open(number)
        if proposal.proposer == reviewer:
            raise SamePersonError(
                f"Proposal {number} is your own.", "Let somebody else review it, or submit it as a change."
            )
        texts = packing.unpacked(proposal.media_type, proposals.body(number))
        submission = submission_of(texts, proposal.graph, store)
        words = Words(proposal.summary, proposal.source, acknowledged)
        draft = words.draft(change_id_of(proposal), "proposal", submission.change, proposal.proposer)
        record = make(gate, submission, replace(draft, reviewer=reviewer), if_revision)
        proposals.accept(number, record.reviewer or reviewer, record.number)
        return record


def refuse(gate: Gate, proposals: Proposals, number: int, reviewer: str, reason: str) -> Proposal:
    """Refuse a proposal. Raises NoSuchProposalError, AlreadyDecidedError, BadValueError without a reason."""
    with gate.held():
        _settle(gate, proposals, number)
        return proposals.refuse(number, reviewer, reason)


def withdraw(gate: Gate, proposals: Proposals, number: int, proposer: str, reason: str = "") -> Proposal:
    """Withdraw a proposal of one's own. Raises NoSuchProposalError, NotTheProposerError, AlreadyDecidedError."""
    with gate.held():
        _settle(gate, proposals, number)
        return proposals.withdraw(number, proposer, reason)


def undo(
    gate: Gate,
    number: int,
    change_id: str,
    *,
    who: str,
    summary: str,
    acknowledged: bool = False,
    if_revision: str | None = None,
) -> Record:
    """Take a change back by another one. Raises ConflictError; NeededByOthersError with what depends on it."""
    try:
        return gate.revert(number, change_id, who, summary, acknowledged, if_revision=if_revision, examine=check_change)
    except NotConformingChangeError as error:
        found = judgements.judged(Submission(NO_CHANGE), error.faults, error.verdict)
        if not error.broken:
            raise RefusedChangeError(error.message, error.hint, found) from error
        raise NeededByOthersError(
            f"Change {number} cannot be taken back: the graph would not conform.",
            "Take back, or change, first what the findings name.",
            found,
        ) from error


def check_change(change: Change, store: Store) -> list[Fault]:
    """Return what is wrong with a change that is not of a text."""
    return check(Submission(change), store)


def _settle(gate: Gate, proposals: Proposals, number: int) -> None:
    """Note that a proposal is accepted if its change was made, and whoever made it died before saying so."""
    made = gate.made(change_id_of(proposals.get_open(number)))
    if made is not None:
        proposals.accept(number, made.reviewer or made.agent, made.number)


def change_id_of(proposal: Proposal) -> str:
    """Return the id of the change that a proposal becomes: a desk that was begun anew gives its numbers again."""
    return f"proposal-{proposal.number}-{proposal.submitted}"


def _checked_source(source: str) -> str:
    source = source.strip()
    try:
        if not _SOURCE.fullmatch(source) or BAD_IN_IRI.search(unquote(source)) or urlsplit(source).username is not None:
            raise ValueError
        return NamedNode(source).value
    except ValueError:
        raise BadValueError(
            f"source={source!r} does not say where one can look it up." if source else "There is no source.",
            "Give its http address without a password, or a URN: source=https://example.org/page",
        ) from None
