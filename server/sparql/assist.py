"""`/sparql/assist`: completion, checks, formatting and words on hovering, for editors of queries.

What is asked is read here, the text of the query by a worker that can be killed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache
from flask import Blueprint, Response, abort, jsonify, request

from kg.assist import check, complete, format_query, hover
from kg.errors import BadValueError, shorten
from kg.rdf.scopes import EVERYTHING
from kg.sparql import Query
from kg.workers import LimitReachedError
from server.service import service
from server.web import LinkedText

blueprint = Blueprint("assist", __name__)

_slow: LRUCache[str, bool] = LRUCache(32)
"""Questions over which the engine took too long: they are not asked again while more is typed at their place."""
_EXPLICIT = {"yes": True, "true": True, "1": True, True: True, "no": False, "false": False, "0": False, False: False}
_MOST_DIGITS = 9  # of an offset in a text: Python reads a number from 4,300 at most


@dataclass(frozen=True)
class _Asked:
    """What an editor asks: the text, an offset in units of UTF-16, and whether its user has asked for completion."""

    what: str
    text: str
    offset: int
    explicit: bool
    scope: str
    revision: str


@blueprint.route("/sparql/assist", methods=["GET", "POST"])
def assist() -> Response:
    """Complete, check or format the text of a query, or say what stands at a place of it."""
    asked = _read()
    service.revisions.select(asked.revision, "")
    with service.revisions.in_scope(asked.scope):
        found = _ANSWERS[asked.what](asked)
    response = jsonify({"revision": service.revisions.current().revision, **found})
    response.cache_control.no_store = True
    return response


def _read() -> _Asked:
    """Return what the request asks. Aborts with 400; raises BadValueError, QueryError."""
    given = request.args.to_dict() if request.method == "GET" else request.get_json(silent=True)
    if not isinstance(given, Mapping):
        abort(400, 'The body is not an object of JSON: send {"do": "check", "text": "SELECT …"} as application/json.')
    what, text = given.get("do", "complete"), given.get("text", "")
    if not isinstance(what, str) or what not in _ANSWERS:
        raise BadValueError.of_unknown(f"do cannot be {shorten(str(what))!r}.", str(what), _ANSWERS)
    if not isinstance(text, str) or not all(isinstance(given.get(name, ""), str) for name in ("scope", "at")):
        raise BadValueError("text, scope and at are strings.", "Send the query as text.")
    Query.check_text(text, service.limits.query_length)
    explicit = given.get("explicit", True)
    if not isinstance(explicit, (str, bool)) or explicit not in _EXPLICIT:
        raise BadValueError(f"explicit cannot be {shorten(str(explicit))!r}.", "In an address write yes or no.")
    scope = given.get("scope") or EVERYTHING
    return _Asked(what, text, _offset(given.get("offset"), text), _EXPLICIT[explicit], scope, given.get("at", ""))


def _offset(given: Any, text: str) -> int:
    """Return an offset; the end of the text where none is given, or one beyond it. Raises BadValueError."""
    end = 2 * len(text)
    if isinstance(given, str) and given.isdecimal():
        given = int(given) if len(given) <= _MOST_DIGITS else end
    if given is None:
        return end
    if isinstance(given, bool) or not isinstance(given, int):
        raise BadValueError(f"offset cannot be {shorten(str(given))!r}.", "Count from 0, in units of UTF-16.")
    return max(0, min(given, end))


def _complete(asked: _Asked) -> Mapping[str, Any]:
    """Return what may stand at a place; without asking the engine about the query where that has taken too long."""
    wanted = asked.text, asked.offset, asked.explicit
    try:
        return service.workers.assist(complete, *wanted, list(_slow))
    except LimitReachedError:
        found = service.workers.assist(complete, *wanted, None)
    _slow[found["question"]] = True
    return found


def _check(asked: _Asked) -> Mapping[str, Any]:
    """Return the findings; for a text that could not be checked in time, one that says so."""
    try:
        return service.workers.assist(check, asked.text)
    except LimitReachedError as error:
        place = {"from": 0, "to": 0, "line": 1, "column": 1}
        return {"findings": [{**place, "severity": "info", "message": error.message, "hint": error.hint, "mend": None}]}


def _format(asked: _Asked) -> Mapping[str, Any]:
    return service.workers.assist(format_query, asked.text)


def _hover(asked: _Asked) -> Mapping[str, Any]:
    found = service.workers.assist(hover, asked.text, asked.offset)
    return {"hover": found and {**found, "href": LinkedText.of(found["label"], found["iri"]).href}}


_ANSWERS: Mapping[str, Callable[[_Asked], Mapping[str, Any]]] = {
    "complete": _complete,
    "check": _check,
    "format": _format,
    "hover": _hover,
}
