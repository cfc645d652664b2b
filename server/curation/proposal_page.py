"""The pages of proposals, for people: the list, and one with what it would change, and forms to decide on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template
from pyoxigraph import NamedNode

from kg.accounts import Role
from kg.curation import ProposalState, SubmissionReport
from kg.findings import RefusedSubmissionError
from kg.history import ConflictError
from kg.submissions import SubmittedText, read
from server.curation.change_list import PAGE
from server.curation.change_page import MOST_SHOWN, ChangedStatement, statements_by_thing
from server.service import Principal, service
from server.web import Labels, LinkedText

STATES = {
    ProposalState.DRAFT: "Drafts of yours",
    ProposalState.OPEN: "Open",
    ProposalState.ACCEPTED: "Accepted",
    ProposalState.REFUSED: "Rejected",
    ProposalState.WITHDRAWN: "Withdrawn",
}
"""The names of the states in lists."""
WORDS = STATES | {ProposalState.OPEN: "Waiting for a curator"}
"""The state of a proposal in words."""
_MOST_BYTES = 500_000
"""Bytes of the texts beyond which a page does not read them; all are in JSON."""


@dataclass(frozen=True)
class ProposalEffect:
    """The effect of a proposal on the present graph, by things, and the number of statements not shown.

    `known` counts statements that the graph has already; `findings` are those of validating it now, and `report`
    has what it would mean.
    """

    things: list[tuple[LinkedText, list[ChangedStatement]]]
    more: int
    known: int
    findings: list[dict[str, Any]]
    report: SubmissionReport


def render_proposals(shown: Sequence[Mapping[str, Any]], total: int, state: str, page: int) -> str:
    """Return a page of the list, of proposals in a state, "" for all."""
    asked = f"state={state}&" if state else ""
    turned = {"prev": page - 1} if page > 1 else {}
    turned |= {"next": page + 1} if total > page * PAGE else {}
    return render_template(
        "proposals.html",
        shown=shown,
        state=state,
        states=STATES,
        turned={name: f"?{asked}page={number}" for name, number in turned.items()},
    )


def render_proposal(
    who: Principal, told: Mapping[str, Any], findings: list[dict[str, Any]], texts: Sequence[SubmittedText]
) -> str:
    """Return the page of a proposal; `told` is the proposal as JSON, `texts` are those that were sent."""
    state, is_own = ProposalState(told["state"]), told["proposer"] == who.name
    is_open = state is ProposalState.OPEN
    acceptance = told.get("acceptance")
    is_begun = acceptance is not None and "error" not in acceptance
    effect = wrong = None
    try:
        effect = _effect(told["graph"], texts) if is_open else None
    except (RefusedSubmissionError, ConflictError) as error:
        wrong = {"message": error.message, **error.details()}
    found = effect.findings if effect is not None else findings
    source = NamedNode(told["source"])
    return render_template(
        "proposal.html",
        told=told,
        acceptance=acceptance,
        is_begun=is_begun,
        words=WORDS[state],
        source=Labels.of([source]).value(source),
        findings=found,
        effect=effect,
        wrong=wrong,
        texts=[(text, text.body.decode(errors="replace")) for text in texts if len(text.body) <= _MOST_BYTES],
        reviews=is_open and not is_begun and not is_own and who.role is Role.CURATOR,
        withdraws=is_open and not is_begun and is_own,
        broken=any(finding["severity"] == "Violation" for finding in found),
        warned=any(finding["severity"] == "Warning" for finding in found),
    )


def _effect(graph: str, texts: Sequence[SubmittedText]) -> ProposalEffect | None:
    """Return the effect of a proposal; None if its texts are too large for a page.

    Raises RefusedSubmissionError, ConflictError if it can no longer be read, or removes what is gone.
    """
    if sum(len(text.body) for text in texts) > _MOST_BYTES:
        return None
    store = service.revisions.newest_snapshot().store
    with service.clients.charging():
        submission = read(texts, graph, store=store)
        report = service.curation.validation.report(submission)
    change = submission.change
    added, removed = [quad for quad in change.added if quad not in store], [*(change.removed - change.added)]
    changed = [(quad, False) for quad in removed] + [(quad, True) for quad in added]
    labels = Labels.of([term for quad, _ in changed for term in quad.triple])
    more = max(0, len(changed) - MOST_SHOWN)
    found = [finding.as_dict() for finding in report.findings]
    return ProposalEffect(statements_by_thing(labels, changed), more, len(change.added) - len(added), found, report)
