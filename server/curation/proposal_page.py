"""The pages of proposals, for people: the list, and one with what it would change, and forms to decide on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request
from pyoxigraph import NamedNode

from kg.accounts import Role
from kg.curation import ProposalState, SubmissionReport
from kg.curation.proposals import ImportedChange, Note, Proposal
from kg.errors import CityKgError
from kg.findings import RefusedSubmissionError
from kg.history import ConflictError, HistoryGraph
from kg.publish.changes import changes_in_words
from kg.rdf.serialise import lines_of
from kg.submissions import PARTS, SubmittedText
from kg.tables.forms import FORMS
from server.curation import proposal_rows
from server.curation.change_list import PAGE
from server.curation.change_page import MOST_SHOWN, ChangedStatement, pages_of, statements_by_thing
from server.service import Principal, service
from server.web import AnswerType, Labels, LinkedText

STATES = {
    ProposalState.DRAFT: "Drafts of yours",
    ProposalState.OPEN: "Open",
    ProposalState.ACCEPTED: "Accepted",
    ProposalState.REFUSED: "Rejected",
    ProposalState.WITHDRAWN: "Withdrawn",
}
"""The names of the states in lists."""
KINDS = {"text": "Statements", "import": "Tables"}
"""The names of the kinds in lists: what was sent as a text, or by a form, and what was imported."""
WORDS = STATES | {ProposalState.OPEN: "Waiting for a curator"}
"""The state of a proposal in words."""
_MOST_TOLD_BYTES = 20_000
"""Bytes of a proposal up to which it is put into sentences where it is only listed."""
_MOST_BYTES = 500_000
"""Bytes of the texts beyond which a page does not read them; all are in JSON."""


@dataclass(frozen=True)
class ProposalEffect:
    """The effect of a proposal on the present graph, by things, and the number of statements not shown.

    `findings` are those of validating it now, `report` has what it would mean, and `rows` can be decided apart;
    `against` has what objects to them, by row.
    """

    rows: list[dict[str, Any]]
    against: dict[str, list[dict[str, object]]]
    things: list[tuple[LinkedText, list[ChangedStatement]]]
    more: int
    findings: list[dict[str, Any]]
    report: SubmissionReport


@dataclass(frozen=True)
class Queue:
    """Which proposals are asked for: in a `state` and of a `kind`, "" for any; in an `order`, "" for newest first."""

    state: str = ""
    kind: str = ""
    order: str = ""

    def address(self, **others: str) -> str:
        """Return the query of the address of the list, with other values for some."""
        said = {name: value for name, value in {**asdict(self), **others}.items() if value}
        return f"?{urlencode(said)}" if said else ""


def render_proposals(shown: Sequence[Mapping[str, Any]], total: int, queue: Queue, page: int) -> str:
    """Return a page of the list."""
    read = [service.curation.proposals.get(one["number"]) for one in shown if one["state"] != ProposalState.DRAFT]
    return render_template(
        "proposals.html",
        shown=shown,
        told=sentences_of(read),
        last_words={one.number: last_word(service.curation.proposals.notes(one.number)) for one in read},
        fallen={one.number: why for one in read if (why := why_fallen(one))},
        queue=queue,
        states=STATES,
        kinds=KINDS,
        turned=turned_pages(queue.address(), page, total),
    )


def turned_pages(query: str, page: int, total: int) -> dict[str, str]:
    """Return the addresses of the pages before and behind one of a list with a query, by relation."""
    found = {"prev": page - 1} if page > 1 else {}
    found |= {"next": page + 1} if total > page * PAGE else {}
    return {name: f"{query or '?'}{'&' if query else ''}page={number}" for name, number in found.items()}


def render_proposal(who: Principal, told: Mapping[str, Any], proposal: Proposal, texts: Sequence[SubmittedText]) -> str:
    """Return the page of a proposal; `told` is the proposal as JSON, `texts` are those that were sent."""
    notes = service.curation.proposals.notes(proposal.number)
    state, is_own = ProposalState(told["state"]), told["proposer"] == who.name
    is_open = state is ProposalState.OPEN
    acceptance = told.get("acceptance")
    is_begun = acceptance is not None and "error" not in acceptance
    effect = wrong = None
    changes = changes_of(proposal, notes)
    made = service.curation.history.get(proposal.change) if proposal.change else None
    try:
        effect = _effect(proposal) if is_open and sum(len(text.body) for text in texts) <= _MOST_BYTES else None
    except (RefusedSubmissionError, ConflictError) as error:
        wrong = {"message": error.message, **error.details()}
    rows = [] if effect is None else [one["row"] for row in effect.rows for one in (row, *row["under"])]
    notes_on = {thing: [note for note in notes if note.thing == thing] for thing in rows}
    found = effect.findings if effect is not None else proposal.findings
    source, stated = NamedNode(told["source"]), [text for text in texts if text.part in PARTS]
    is_over = wrong is not None or state in (ProposalState.REFUSED, ProposalState.WITHDRAWN)
    return render_template(
        "proposal.html",
        told=told,
        acceptance=acceptance,
        is_begun=is_begun,
        words=WORDS[state] if wrong is None else "It can no longer be accepted",
        source=Labels.of([source]).value(source),
        findings=found,
        objection=SubmissionReport.OBJECTION,
        is_chinese=AnswerType.reader_language() == "zh",
        effect=effect,
        wrong=wrong,
        told_words=[] if effect is not None else sentences_of([proposal]).get(proposal.number, []),
        pages=[] if made is None else pages_of(made),
        undone_by=undone_by(changes),
        sent=_sent(notes),
        parts=_parts(proposal, notes),
        notes_on=notes_on,
        asked=[note for note in notes if note.change is None and note.thing not in notes_on],
        asks=is_open and (is_own or who.role is Role.CURATOR),
        again=_form_again(texts) if is_own and is_over else "",
        texts=[(text, text.body.decode(errors="replace")) for text in stated if len(text.body) <= _MOST_BYTES],
        reviews=is_open and not is_begun and not is_own and who.role is Role.CURATOR,
        withdraws=is_open and not is_begun and is_own,
        broken=any(finding["severity"] == "Violation" for finding in found),
        warned=any(finding["severity"] == "Warning" for finding in found),
    )


def _form_again(texts: Sequence[SubmittedText]) -> str:
    """Return the address of the form that texts come from, filled in as they were; empty if they are of none."""
    form, given = SubmittedText.written_form(texts)
    given.pop("edits", None)  # what it edited may be gone, or another by now
    return f"/desk/add/{form}?{urlencode(given, doseq=True)}" if form in FORMS else ""


def changes_of(proposal: Proposal, notes: Sequence[Note]) -> list[int]:
    """Return the changes that a proposal became, or parts of it did, oldest first."""
    return sorted({number for number in (proposal.change, *(note.change for note in notes)) if number})


def _sent(notes: Sequence[Note]) -> Note | None:
    """Return the note that the reader has just sent, which their form names in the address that it leads to."""
    number = request.args.get("said", 0, int)
    return notes[number - 1] if 0 < number <= len(notes) else None


def undone_by(numbers: Sequence[int]) -> dict[int, int | None]:
    """Return by changes the one that undid each, None if none did."""
    return dict(zip(numbers, service.workers.read(HistoryGraph.undone_by, [*numbers]), strict=True))


def why_fallen(proposal: Proposal) -> str:
    """Return why what an open proposal builds on is gone, in a sentence; empty if it stands, or is long."""
    is_table = proposal.media_type == ImportedChange.MEDIA_TYPE
    if proposal.state is not ProposalState.OPEN or is_table or _is_long(proposal):
        return ""
    try:
        service.curation.refuse_fallen(proposal)
    except ConflictError as error:
        return f"change {error.changes[-1].number} removed what it would change." if error.changes else error.message
    except RefusedSubmissionError as error:
        return error.message
    return ""


def _is_long(proposal: Proposal) -> bool:
    return len(service.curation.proposals.body(proposal.number)) > _MOST_TOLD_BYTES


def sentences_of(proposals: Sequence[Proposal]) -> dict[int, list[Any]]:
    """Return by number what proposals add and remove in sentences, by thing; none of tables and of what is long."""
    changes = {}
    for one in proposals:
        if one.media_type != ImportedChange.MEDIA_TYPE and not _is_long(one):
            with suppress(RefusedSubmissionError, ConflictError):
                changes[one.number] = _lines(one)
    told = service.workers.read(changes_in_words, [*changes.values()]) if changes else []
    return dict(zip(changes, LinkedText.throughout(told), strict=True))


def _lines(proposal: Proposal) -> tuple[Sequence[str], Sequence[str]]:
    """Return what a proposal has added and removed, or would by now: what is there already has no sentence."""
    if proposal.change is not None and (made := service.curation.history.get(proposal.change)) is not None:
        return made.of_whole_things(MOST_SHOWN)
    change = service.curation.submission(proposal).change.remaining_in(service.revisions.newest_snapshot().store)
    return lines_of(change.added), lines_of(change.removed)


def last_word(notes: Sequence[Note]) -> str:
    """Return who has asked or answered last about a proposal, empty without a note."""
    return next((note.author for note in reversed(notes) if note.change is None), "")


def _parts(proposal: Proposal, notes: Sequence[Note]) -> list[tuple[Note, list[str]]]:
    """Return what was decided on parts, each with the names of its things; without them if what was sent is gone."""
    parts = [note for note in notes if note.change is not None]
    names: list[list[str]] = [[] for _ in parts]
    with suppress(CityKgError):
        names = service.curation.names_in(proposal, [note.subjects for note in parts]) if parts else []
    return [*zip(parts, names, strict=True)]


def _effect(proposal: Proposal) -> ProposalEffect:
    """Return the effect of an open proposal.

    Raises RefusedSubmissionError, ConflictError if it can no longer be read, or removes what is gone.
    """
    store = service.revisions.newest_snapshot().store
    all_answers = service.questions.asks_all(request.args.get("answers"))
    with service.clients.charging():
        submission = service.curation.submission(proposal)
        report = service.curation.validation.report(submission)
    report = service.questions.with_answers(report, all_of_them=all_answers)
    change = submission.change
    known = report.effects
    rows = proposal_rows.rows(proposal, submission, None if known is None else known.sentences)
    shown = LinkedText.throughout(rows, change.new_in(store) if known is None else known.new)
    added, removed = [quad for quad in change.added if quad not in store], [*(change.removed - change.added)]
    changed = [(quad, False) for quad in removed] + [(quad, True) for quad in added]
    labels = Labels.of([term for quad, _ in changed for term in quad.triple])
    more = max(0, len(changed) - MOST_SHOWN)
    findings = [finding.as_dict() for finding in report.findings]
    raised = () if known is None else known.objections.raised
    against = {row["row"]: [one.as_dict() for one in raised if one.statement in row["subjects"]] for row in rows}
    return ProposalEffect(shown, against, statements_by_thing(labels, changed), more, findings, report)
