"""The pages that the `type` of a problem leads to: what an error means and what to do (RFC 9457, section 3.1.1)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from werkzeug.exceptions import default_exceptions

from kg.errors import UnknownNameError

blueprint = Blueprint("error_pages", __name__)


@dataclass(frozen=True)
class Explanation:
    """What an error means, and the way out of it."""

    title: str
    status: int
    meaning: str
    remedy: str


_OURS = (
    Explanation(
        "The query is refused",
        403,
        "The query asks a server (SERVICE) that this one does not ask, or changes data (LOAD, INSERT and the like).",
        "Take that part out, or do what the answer says: ask the other server yourself, and join on your side.",
    ),
    Explanation(
        "The query is too long",
        413,
        "The text of the query is longer than this service reads.",
        "Shorten it: put long lists of values into several queries.",
    ),
    Explanation(
        "A limit is reached",
        503,
        "The query used up the time, memory, rows or bytes that one query may use. No part of the answer was sent.",
        "Ask for less at a time with LIMIT and OFFSET, connect the parts of the query, or take a dump.",
    ),
    Explanation(
        "All workers are busy",
        503,
        "As many queries are running and waiting as this service takes.",
        "Try again after the seconds that Retry-After names.",
    ),
    Explanation(
        "Another endpoint failed",
        502,
        "A SERVICE clause asks another server, which could not be reached in time or did not send a table.",
        "Try again later, ask it for less, or write SERVICE SILENT to have the rest without it.",
    ),
    Explanation(
        "A worker was lost",
        503,
        "The process that had the query ended, killed from outside or for a reason that could not be told.",
        "Try again. If it happens again with the same query, tell whoever runs the service.",
    ),
    Explanation(
        "Too many query seconds",
        429,
        "The queries of one client took more of the workers' time within a minute than this service gives.",
        "Go on after the seconds that Retry-After names; ask for less at a time, or take a dump.",
    ),
    Explanation(
        "The body is too large",
        413,
        "The request carries more bytes than this service reads.",
        "Send less at a time: split the data, or shorten the query.",
    ),
    Explanation(
        "The body came too slowly",
        408,
        "The request's body had not arrived when the time for it was over. Nothing was done.",
        "Send it again over a better connection, or in smaller parts.",
    ),
    Explanation(
        "The query cannot be run",
        400,
        "The text is not SPARQL, or it has no form in the format that was asked for.",
        "Go to the line and column that the answer names. Prefixes of ours need no declaration; all others do.",
    ),
    Explanation(
        "A parameter does not fit",
        400,
        "A canned query was given a value of the wrong kind, or a value that it needs is missing.",
        "The answer names the parameter and shows a value that would do; /queries explains each parameter.",
    ),
    Explanation(
        "There is no such thing",
        404,
        "Nothing goes by the name that was asked for: a thing, a query, a parameter, a graph, a format or a dump.",
        "The answer names what comes nearest and what there is.",
    ),
    Explanation(
        "This was withdrawn",
        410,
        "The thing was in the graph once, and whoever edits the graph took it out. It will not come back by this name.",
        "The answer says why, and names what took its place, if anything did (replacedBy).",
    ),
    Explanation(
        "The graph is not available",
        503,
        "The service has no graph to read: none is built, or its folder cannot be read.",
        "Whoever runs the service: run citykg build. Everybody else: try again later.",
    ),
    Explanation(
        "Something is wrong with the files of this service",
        500,
        "A file that belongs to the service, such as a canned query, is not as it should be.",
        "Your request is not to blame. Tell whoever runs the service what the answer says.",
    ),
    Explanation(
        "Not acceptable",
        406,
        "The Accept header, or the format that was asked for, leaves none of the types on offer.",
        "The answer names the types on offer: ask for one of them, or send no Accept header.",
    ),
)


@blueprint.get("/docs/errors/<slug>")
def explanation(slug: str) -> str:
    """Explain a kind of error."""
    known = _explanations()
    if slug not in known:
        raise UnknownNameError("kind of error", slug, list(known))
    return render_template("error_type.html", explained=known[slug])


def _explanations() -> dict[str, Explanation]:
    """Return all explanations by the last part of their address: HTTP's own, and ours, which come first."""
    plain = (error() for error in default_exceptions.values())
    http = (Explanation(e.name, e.code or 500, e.description or "", "The answer itself says more.") for e in plain)
    return {_slug(explained.title): explained for explained in (*http, *_OURS)}


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")
