"""/validate: what a change would do to the graph as it is. Nothing is stored, no token is needed. For people a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, Response, request

from kg.curation import SubmissionReport
from kg.errors import BadValueError, CityKgError, shorten
from kg.findings import RefusedSubmissionError
from kg.submissions import Submission
from server.change_requests import ChangeRequest
from server.curation import check_page
from server.errors import kind_of
from server.service import optional_principal, service
from server.web import AnswerType, Document, envelope

blueprint = Blueprint("validating", __name__)

MOST_WITHOUT_TOKEN = 2_000
"""Statements of a submission that is validated without a token."""


class TooManyStatementsError(CityKgError):
    """A submission that is validated without a token has too many statements."""

    title = "The body is too large"

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count:,} statements; without a token up to {MOST_WITHOUT_TOKEN:,} are validated at a time.",
            "Send it in parts, or with a token.",
        )


@blueprint.get("/validate")
def form() -> Response:
    """Show the form that takes a text; of the graph that the address names."""
    _refuse_unknown(("graph",))
    response = check_page.respond(check_page.CheckedText(graph=request.args.get("graph", "")))
    del response.headers["Cache-Control"]  # it holds nothing of anybody
    return Document.add_validators(response, "html")


@blueprint.post("/validate")
def validate() -> Response:
    """Return the report on what was sent, in the form that the client prefers: JSON, a SHACL report, text, a page."""
    if request.mimetype == ChangeRequest.FORM and AnswerType.prefers_page():
        return _check()
    sent = ChangeRequest.read(*ChangeRequest.RATIONALE, "graph", "answers")
    all_answers = service.questions.asks_all(sent.fields.get("answers"))
    with service.clients.charging():
        submission = sent.submission()
        _check_size(submission)
        report = service.curation.validation.report(submission)
    report = service.questions.with_answers(report, all_of_them=all_answers)
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
    all_answers = service.questions.asks_all(request.values.get("answers"))
    with service.clients.charging():
        try:
            _refuse_unknown(check_page.FIELDS)
            submission = checked.submission()
            _check_size(submission)
        except RefusedSubmissionError as error:
            return check_page.respond(checked, error=error)
        except (BadValueError, TooManyStatementsError) as error:
            envelope.note_error(error)
            response = check_page.respond(checked, wrong=error)
            response.status_code = kind_of(error).status
            return response
        report = service.curation.validation.report(submission)
    return check_page.respond(checked, service.questions.with_answers(report, all_of_them=all_answers))


def _refuse_unknown(names: Sequence[str]) -> None:
    """Raise BadValueError for a parameter of the current request that is none of those named."""
    for name in (*request.values, *request.files):
        if name not in names:
            raise BadValueError.of_unknown(f"There is no parameter {shorten(name)!r} here.", name, names)


def _check_size(submission: Submission) -> None:
    """Raise TooManyStatementsError for what a stranger may not take the time of the service for."""
    quads = len(submission.change.added) + len(submission.change.removed)
    if quads > MOST_WITHOUT_TOKEN and optional_principal(needs_token=True) is None:
        raise TooManyStatementsError(quads)


REPORT_TYPES = {"json": "application/json", "ttl": "text/turtle", "txt": "text/plain"}
_WRITERS: dict[str, Callable[[SubmissionReport], bytes]] = {
    "json": SubmissionReport.as_json,
    "ttl": SubmissionReport.as_turtle,
    "txt": lambda report: report.as_text().encode(),
}
