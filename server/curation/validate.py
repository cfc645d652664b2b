"""/validate: what a change would do to the graph as it is. Nothing is stored, no token is needed. For people a page."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, request

from kg.curation import SubmissionReport
from kg.findings import RefusedSubmissionError
from kg.submissions import Submission
from server.change_requests import ChangeRequest
from server.curation import check_page
from server.service import optional_principal, service
from server.web import AnswerType, Document

blueprint = Blueprint("validating", __name__)

MOST_WITHOUT_TOKEN = 2_000
"""Statements of a submission that is validated without a token."""


@blueprint.get("/validate")
def form() -> Response:
    """Show the form that takes a text."""
    return check_page.respond(check_page.CheckedText())


@blueprint.post("/validate")
def validate() -> Response:
    """Return the report on what was sent, in the form that the client prefers: JSON, a SHACL report, text, a page."""
    if request.mimetype == ChangeRequest.FORM and AnswerType.prefers_page():
        return _check()
    sent = ChangeRequest.read(*ChangeRequest.RATIONALE, "graph")
    with service.clients.charging():
        submission = sent.submission()
        _check_size(submission)
        report = service.curation.validation.report(submission)
    document = Document("/validate", alternatives=REPORT_TYPES)
    chosen = document.choose()
    response = document.response(_WRITERS[chosen](report), chosen)
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response


def _check() -> Response:
    """Return the page with the text of the form, and what was found in it."""
    checked = check_page.CheckedText.of_request()
    service.revisions.current()  # which the answer names, whatever comes of it
    with service.clients.charging():
        try:
            submission = checked.submission()
        except RefusedSubmissionError as error:
            return check_page.respond(checked, error=error)
        _check_size(submission)
        return check_page.respond(checked, service.curation.validation.report(submission))


def _check_size(submission: Submission) -> None:
    """Refuse what a stranger may not take the time of the service for."""
    quads = len(submission.change.added) + len(submission.change.removed)
    if quads > MOST_WITHOUT_TOKEN and optional_principal(needs_token=True) is None:
        abort(413, f"{quads:,} statements; without a token up to {MOST_WITHOUT_TOKEN:,} are validated at a time.")


REPORT_TYPES = {"json": "application/json", "ttl": "text/turtle", "txt": "text/plain"}
_WRITERS: dict[str, Callable[[SubmissionReport], bytes]] = {
    "json": SubmissionReport.as_json,
    "ttl": SubmissionReport.as_turtle,
    "txt": lambda report: report.as_text().encode(),
}
