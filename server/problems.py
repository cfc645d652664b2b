"""Errors as problem details (RFC 9457) for programs, as a page for people."""

from __future__ import annotations

from flask import Flask, Response, json, render_template, request
from werkzeug.exceptions import HTTPException

from kg.errors import BadValueError, CityKgError, DataFolderError, QueryError, UnknownNameError
from kg.query_guard import QueryTooLongError, RefusedQueryError
from kg.query_workers import BusyError, LimitReachedError, WorkerLostError
from kg.querying import QuerySyntaxError
from kg.remote_endpoints import EndpointFailedError
from kg.withdrawals import WithdrawnError
from server.negotiation import negotiate
from server.rate_limits import TooManyQuerySecondsError

MEDIA_TYPE = "application/problem+json"

_STATUS: tuple[tuple[type[CityKgError], int, str], ...] = (
    (RefusedQueryError, 403, "The query is refused"),
    (QueryTooLongError, 413, "The query is too long"),
    (LimitReachedError, 503, "A limit is reached"),
    (BusyError, 503, "All workers are busy"),
    (EndpointFailedError, 502, "Another endpoint failed"),
    (WorkerLostError, 503, "A worker was lost"),
    (TooManyQuerySecondsError, 429, "Too many query seconds"),
    (QueryError, 400, "The query cannot be run"),
    (BadValueError, 400, "A parameter does not fit"),
    (UnknownNameError, 404, "There is no such thing"),
    (WithdrawnError, 410, "This was withdrawn"),
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
    response = problem(status, title, error.message, hint=error.hint, **_details(error))
    if isinstance(error, BusyError | TooManyQuerySecondsError):
        response.headers["Retry-After"] = str(error.retry_after)
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
        **{name: value for name, value in more.items() if value not in ("", None)},
    }
    if negotiate(request.headers.get("Accept"), [MEDIA_TYPE, "text/html"]) == "text/html":
        response = Response(render_template("problem.html", **members), status, mimetype="text/html")
    else:
        response = Response(json.dumps(members), status, mimetype=MEDIA_TYPE)
    response.vary.add("Accept")
    return response
