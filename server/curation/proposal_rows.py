"""The rows of a proposal, for its page and as JSON: each with its line in what was sent, or in the table."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from pyoxigraph import NamedNode

from kg.curation.proposals import ImportedChange, Proposal, ProposalState
from kg.curation.rows import ReviewedRow, reviewed_rows, rows_of
from kg.findings import RefusedSubmissionError
from kg.history import ConflictError
from kg.rdf import namespaces as ns
from kg.sentences import ChangedThing, changed_sentences
from kg.store import Snapshot
from kg.submissions import Submission
from server.service import service


def rows_for_json(proposal: Proposal) -> dict[str, list[ReviewedRow]]:
    """Return the rows of a proposal that can be decided apart, as a member for JSON; none of another."""
    if proposal.state is ProposalState.OPEN and service.curation.is_splittable(proposal):
        with suppress(RefusedSubmissionError, ConflictError):
            return {"rows": rows(proposal, service.curation.submission(proposal))}
    return {}


def rows(proposal: Proposal, submission: Submission, told: Iterable[ChangedThing] | None = None) -> list[ReviewedRow]:
    """Return the rows of what a proposal wants of the graph as it is, with its sentences, if these are known."""

    def find(current: Snapshot) -> list[ReviewedRow]:
        store, change = current.store, submission.change
        sentences = changed_sentences(store, change.remaining_in(store)) if told is None else told
        return reviewed_rows(store, rows_of(store, change), sentences, _places(proposal, submission))

    return service.revisions.once((proposal.number, submission.key), submission.size, find)


def _places(proposal: Proposal, submission: Submission) -> dict[str, tuple[int, str]]:
    """Return by subject the place of its first line in what was sent, in order and in words; or in the table."""
    found: dict[str, tuple[int, str]] = {}
    if proposal.media_type == ImportedChange.MEDIA_TYPE:
        plan = service.importer.imports.of_proposal(service.curation.proposals.body(proposal.number))
        for number, row in enumerate(plan.reported_rows()):
            for name in (row.get("relation"), *(thing.get("thing") for thing in row["things"].values())):
                found.setdefault(ns.expand(name or "") or "", (number, row["place"]))
        return found
    placed = ((submission.place_of(quad), quad.subject) for quad in submission.change.added | submission.change.removed)
    first = sorted((at[:2], subject.value) for at, subject in placed if at and isinstance(subject, NamedNode))
    for number, ((file, line), subject) in enumerate(first):
        found.setdefault(subject, (number, f"{file}, line {line}" if file else f"line {line}"))
    return found
