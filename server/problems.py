"""Errors as problem details (RFC 9457) for programs, as a page for people."""

from __future__ import annotations

from flask import Flask, Response, current_app, json, render_template, request
from werkzeug.exceptions import HTTPException

from kg.authentication import InvalidTokenError, TooManyAttemptsError
from kg.curating import NeededByOthersError, ReadOnlyGraphError, RefusedChangeError, SamePersonError
from kg.errors import BadValueError, CityKgError, DataFolderError, DeskError, QueryError, UnknownNameError
from kg.faults import RefusedSubmissionError
from kg.gate import ConflictError, RevisionPassedError
from kg.idempotency import KeyReusedError
from kg.proposals import AlreadyDecidedError, NoSuchProposalError, NotTheProposerError
from kg.query_guard import QueryTooLongError, RefusedQueryError
from kg.query_workers import BusyError, LimitReachedError, WorkerLostError
from kg.querying import QuerySyntaxError
from kg.remote_endpoints import EndpointFailedError
from kg.snapshots import RevisionGoneError
from kg.submissions import UnsupportedTypeError
from kg.update_errors import DefaultGraphUpdateError, RefusedUpdateError
from kg.withdrawals import WithdrawnError
from server import refusals
from server.access import MalformedCredentialsError, RoleNeededError, TokenMissingError, challenge
from server.curation import OvertakenError, PreconditionFailedError, WrittenElsewhereError
from server.negotiation import negotiate
from server.rate_limits import TooManyQuerySecondsError

MEDIA_TYPE = "application/problem+json"
FOLDER = "CITYKG_FOLDER"
"""Where the configuration of an app has the path of the data folder, which answers do not tell."""

_STATUS: tuple[tuple[type[CityKgError], int, str], ...] = (
    (RefusedUpdateError, 403, "The update is refused"),
    (DefaultGraphUpdateError, 422, "The update writes to the default graph"),
    (RefusedQueryError, 403, "The query is refused"),
    (QueryTooLongError, 413, "The query is too long"),
    (LimitReachedError, 503, "A limit is reached"),
    (BusyError, 503, "All workers are busy"),
    (EndpointFailedError, 502, "Another endpoint failed"),
    (WorkerLostError, 503, "A worker was lost"),
    (TooManyQuerySecondsError, 429, "Too many query seconds"),
    (RevisionGoneError, 410, "This revision is not kept"),
    (QueryError, 400, "The query cannot be run"),
    (BadValueError, 400, "A parameter does not fit"),
    (UnknownNameError, 404, "There is no such thing"),
    (WithdrawnError, 410, "This was withdrawn"),
    (TokenMissingError, 401, "A token is needed"),
    (InvalidTokenError, 401, "The token is not valid"),
    (MalformedCredentialsError, 400, "The Authorization header does not fit"),
    (RoleNeededError, 403, "Another role is needed"),
    (TooManyAttemptsError, 429, "Too many wrong tokens"),
    (NoSuchProposalError, 404, "There is no such thing"),
    (NotTheProposerError, 403, "The proposal is not yours"),
    (AlreadyDecidedError, 409, "The proposal is decided already"),
    (KeyReusedError, 422, "The idempotency key was used before"),
    (SamePersonError, 403, "The proposal is your own"),
    (UnsupportedTypeError, 415, "The type is not supported"),
    (RefusedSubmissionError, 400, "The submission cannot be read"),
    (NeededByOthersError, 409, "Something depends on the change"),
    (RefusedChangeError, 422, "The change does not conform"),
    (ConflictError, 409, "The change does not fit the graph"),
    (RevisionPassedError, 412, "The graph is at another revision"),
    (ReadOnlyGraphError, 403, "The graph cannot be written"),
    (PreconditionFailedError, 412, "A precondition failed"),
    (OvertakenError, 503, "Others were quicker"),
    (WrittenElsewhereError, 503, "Another process writes"),
    (DeskError, 503, "Tokens and proposals are not available"),
    (DataFolderError, 503, "The graph is not available"),
    (CityKgError, 500, "Something is wrong with the files of this service"),
)


class NotAcceptableError(CityKgError):
    """None of the types on offer is acceptable to the client."""

    def __init__(self, offers: list[str]) -> None:
        super().__init__("None of the types that you accept is on offer.", f"Ask for one of: {', '.join(offers)}")


def register(app: Flask) -> None:
    """Give every error of an app the one shape."""
    app.register_error_handler(CityKgError, _known)
    app.register_error_handler(HTTPException, _http)


def _known(error: CityKgError) -> Response:
    status, title = next((s, t) for kind, s, t in _STATUS if isinstance(error, kind))
    if isinstance(error, NotAcceptableError):
        status, title = 406, "Not acceptable"
    message = error.message
    if folder := current_app.config.get(FOLDER):
        message = message.replace(folder, "the data folder")  # whose place on the machine is nobody's business
    response = problem(status, title, message, hint=error.hint, **_details(error), **refusals.members(error))
    if isinstance(error, BusyError | TooManyQuerySecondsError | TooManyAttemptsError | OvertakenError):
        response.headers["Retry-After"] = str(error.retry_after)
    if (wanted := challenge(error)) is not None:
        response.headers["WWW-Authenticate"] = wanted
    return response


def _details(error: CityKgError) -> dict[str, object]:
    if isinstance(error, QuerySyntaxError):
        return {"line": error.line, "column": error.column}
    if isinstance(error, WithdrawnError):
        return {"replacedBy": error.successors or None}
    return {"limit": error.limit, "reached": error.reached} if isinstance(error, LimitReachedError) else {}


def _http(error: HTTPException) -> Response:
    response = problem(error.code or 500, error.name, error.description or "")
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def problem(status: int, title: str, detail: str, **more: object) -> Response:
    """Return an error answer; `more` holds further members such as line, column, hint. Empty ones are left out."""
    members = {
        "type": f"/docs/errors/{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
        **{name: value for name, value in more.items() if value is not None and value != ""},
    }
    if negotiate(request.headers.get("Accept"), [MEDIA_TYPE, "text/html"]) == "text/html":
        response = Response(render_template("problem.html", **members), status, mimetype="text/html")
    else:
        response = Response(json.dumps(members), status, mimetype=MEDIA_TYPE)
    response.vary.add("Accept")
    return response
