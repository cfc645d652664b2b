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
        "The update is refused",
        403,
        "The update loads from the web, asks another server, or writes a graph that files and rules write.",
        "Write to graph/curated/<source> only. Fetch what you want to load, look at it, and send it to /changes.",
    ),
    Explanation(
        "The update writes to the default graph",
        422,
        "The default graph follows from the named graphs; an operation writes to it without naming a graph.",
        "The answer has the update rewritten, with WITH or GRAPH.",
    ),
    Explanation(
        "This revision is not kept",
        410,
        "The graph as it was at the revision that ?at= names is no longer there, or never was.",
        "The answer names the nearest revision that is kept; without ?at= you get the present one.",
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
        "A token is needed",
        401,
        "Reading is open to everybody. Proposing and changing are for those who have a token.",
        "Send a header Authorization: Bearer <token>. Whoever runs the service makes tokens.",
    ),
    Explanation(
        "The token is not valid",
        401,
        "Nobody has the token that was sent, or it was revoked.",
        "Check that it was copied whole; if it was revoked, ask whoever runs the service for another one.",
    ),
    Explanation(
        "The Authorization header does not fit",
        400,
        "The header says Bearer, and what follows is not one token: nothing, several, or text with spaces in it.",
        "Send one header of the form Authorization: Bearer <token>.",
    ),
    Explanation(
        "Another role is needed",
        403,
        "The token is valid, and its role is not enough: contributors propose, curators change and decide.",
        "Propose the change instead, or ask whoever runs the service for a token with the role that the answer names.",
    ),
    Explanation(
        "Too many wrong tokens",
        429,
        "More wrong tokens came from one address within a minute than this service tries.",
        "Go on after the seconds that Retry-After names, with the right token.",
    ),
    Explanation(
        "The proposal is not yours",
        403,
        "Only whoever made a proposal can withdraw it.",
        "Ask them to, or ask a curator to refuse it.",
    ),
    Explanation(
        "The proposal is decided already",
        409,
        "The proposal was accepted, refused or withdrawn before you decided on it. Nothing was done.",
        "The answer says who decided what, and when.",
    ),
    Explanation(
        "The idempotency key was used before",
        422,
        "The Idempotency-Key came before with another request, so this is not the same request sent again.",
        "Give each request that is new a new key. To send one again, send it unchanged.",
    ),
    Explanation(
        "The proposal is your own",
        403,
        "A proposal is reviewed by somebody else than who made it.",
        "Ask another curator, or submit it as a change, if your role allows that.",
    ),
    Explanation(
        "The type is not supported",
        415,
        "The body has no Content-Type, or one that is not read here.",
        "The answer lists the types that are. With curl: -H 'Content-Type: text/turtle'.",
    ),
    Explanation(
        "The submission cannot be read",
        400,
        "The text is not well-formed, too large, or in a form that could hurt. Nothing was stored.",
        "The answer lists the places, with line and column, under findings.",
    ),
    Explanation(
        "The change does not conform",
        422,
        "The graph as it would be breaks constraints, or the change brings warnings that nobody has acknowledged.",
        "The answer lists what was found, where, and what would do. Warnings pass with acknowledge=yes.",
    ),
    Explanation(
        "Something depends on the change",
        409,
        "The change cannot be taken back: later statements would be left without what they need.",
        "The answer lists them under findings. Take those back first, or change them.",
    ),
    Explanation(
        "The change does not fit the graph",
        409,
        "What it removes is not there, what it adds is there already, or another change has come in between.",
        "The answer lists the statements and the changes that made them so. Read the graph again, then decide.",
    ),
    Explanation(
        "The graph is at another revision",
        412,
        "If-Match names a revision, and the graph has changed since.",
        "The answer lists the changes in between. Read the graph again, and send its X-Revision.",
    ),
    Explanation(
        "The graph cannot be written",
        403,
        "Only graph/curated/<source> can be written through the service; all else comes from files or by rules.",
        "Write to a curated graph. If a file is wrong, tell whoever keeps it.",
    ),
    Explanation(
        "A precondition failed",
        412,
        "If-None-Match: * asks that the graph is not there yet, If-Match: * that it is, and it is the other way round.",
        "Read the graph, then decide whether to write it, and leave the header out or name its ETag.",
    ),
    Explanation(
        "Others were quicker",
        503,
        "An update is evaluated upon one revision; others changed the graph each time before it could be made.",
        "Send it again in a moment.",
    ),
    Explanation(
        "Another process writes",
        503,
        "Another process holds the data folder, or it cannot be written. Reading works.",
        "Try again when it has finished; the answer names it.",
    ),
    Explanation(
        "Tokens and proposals are not available",
        503,
        "The file in which the service keeps them cannot be read or written at the moment. Reading the graph works.",
        "Try again in a moment; if it happens again, tell whoever runs the service what the answer says.",
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
