"""Errors as problem details (RFC 9457) for programs, as a page for people; and the page that explains each kind.

For an unknown address there are suggestions: the same without a slash at its end, or pages with similar names.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, has_request_context, json, redirect, render_template, request
from pyoxigraph import Literal, NamedNode
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from kg.errors import CityKgError, DamageError, DataFolderError, UnknownNameError, is_damage, shorten
from kg.findings import Finding
from kg.history import Record
from kg.publish.lists import TITLES, find_kinds
from kg.publish.search import suggestions
from kg.publish.withdrawn import WithdrawnError
from kg.rdf import namespaces as ns
from kg.rdf.labels import preferred_literal
from kg.rdf.vocabulary import OWL, SKOS
from kg.shortage import is_shortage, write_error
from server.errors import KINDS, MEDIA_TYPE, kind_of, problem, slug
from server.front import Answer, Request
from server.service import service
from server.web import envelope
from server.web.answers import AnswerType
from server.web.documents import Document
from server.web.labels import Labels, LinkedText

blueprint = Blueprint("error_pages", __name__)

_MOST_PAGES = 50
"""Pages to which that of an error leads."""


def attach(app: Flask) -> None:
    """Give every error of an app the one shape, and each kind of error its page."""
    app.register_error_handler(CityKgError, _answer_error)
    app.register_error_handler(OSError, _answer_os_error)
    app.register_error_handler(RuntimeError, _answer_engine_error)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_blueprint(blueprint)
    logging.getLogger(app.name).addFilter(_name_request)  # the app's own makes a handler as soon as it is asked for


@blueprint.get("/docs/errors/<slug>")
def explanation(slug: str) -> str:
    """Explain a kind of error."""
    if slug not in KINDS:
        raise UnknownNameError("kind of error", slug, list(KINDS))
    return render_template("error_type.html", explained=KINDS[slug])


def _name_request(record: logging.LogRecord) -> bool:
    """Add the id of the current request, the X-Request-ID of the answer, to a log record."""
    record.request_id = _request_id()
    return True


def _request_id() -> str:
    return str(request.environ.get(Request.ID, "")) if has_request_context() else ""


def _answer_error(error: CityKgError) -> Response:
    error = _name_damaged_file(error) if error.may_be_damage else error
    envelope.note_error(error)
    kind = kind_of(error)
    more = error.details()
    sought = error.name if isinstance(error, UnknownNameError) and error.name in request.path else ""
    if sought:
        more |= {"suggestions": _suggestions_for_path() or None, "changes": _last_change_of_path()}
    withdrawal = _withdrawal_of_path() if isinstance(error, WithdrawnError) else None
    if withdrawal is not None:
        more |= {"changes": [withdrawal.as_dict()]}
    message = error.public_message(service.folder.path)
    if message != error.message:
        current_app.logger.error("%s", error)  # only the operator may see the place
    members = problem(kind.title, kind.status, message, hint=error.hint, **more)
    is_of_path = sought and request.path.removesuffix(".html").endswith(f"/{sought}")
    label = _label_before(withdrawal) if withdrawal is not None else ""
    return _respond(members, kind.status, error.brief, sought.replace("-", " ") if is_of_path else "", label)


def _answer_os_error(error: OSError) -> Response:
    """Answer where there was no room, such as for a large answer on its way. Raises as `_of_engine`."""
    if is_shortage(error):
        return _answer_error(write_error(Path(tempfile.gettempdir()), error))
    return _answer_engine_error(error)


def _answer_engine_error(error: RuntimeError | OSError) -> Response:
    """Answer an error of the engine in this process by which a damaged file shows. Raises any other error."""
    if not is_damage(error):
        raise error
    return _answer_error(DamageError(service.folder.path, str(error)))


def _name_damaged_file(error: CityKgError) -> CityKgError:
    """Return an error, or one that names the damaged file of the current snapshot by which it has come."""
    integrity = service.folder.integrity
    try:
        build = service.revisions.newest_build()
        integrity.refuse_known_damage(build)
        integrity.refuse_damaged(build)
    except DataFolderError as found:
        return found
    return error


def _answer_http_error(error: HTTPException) -> AnyResponse:
    status = error.code or 500
    if status == 404 and (elsewhere := _redirect_without_slash()):
        return elsewhere
    request.environ[Answer.CAUSE] = slug(error.name)
    if status == 404:
        return _respond(_not_found_problem(error), status)
    number = _request_id() if status == 500 else ""
    hint = f"If it comes again, tell the operator the number of this request: {number}." if number else ""
    response = _respond(problem(error.name, status, error.description or "", hint=hint), status)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _not_found_problem(error: HTTPException) -> dict[str, object]:
    """Return the problem details of an address that leads nowhere."""
    return problem(
        error.name,
        404,
        f"There is no page at {shorten(request.path)}.",
        hint="Search for what you are looking for, or begin at the start page.",
        suggestions=_suggestions_for_path() or None,
    )


def _links_onward(members: Mapping[str, Any]) -> list[LinkedText]:
    """Return the links of an error page: to the successors of a thing, or to the pages that exist.

    Of many pages it leads to the first and the last; where the address asks for a part, to where the whole begins.
    """
    named = [NamedNode(iri) for iri in members.get("replacedBy") or ()]
    labels = Labels.of(named)
    successors = [labels.value(one) for one in named]
    given = {name: value for name, value in request.args.items() if name != "page"}
    count = members.get("pages", 0)
    numbers = sorted({*range(1, min(count, _MOST_PAGES) + 1), *([count] if count else [])})
    pages = [
        LinkedText(
            f"Page {number}{', the last' if number == count > 1 else ''}",
            f"{request.path}?{urlencode({**given, 'page': number})}",
        )
        for number in numbers
    ]
    start = [LinkedText(f"From the beginning, at {request.path}", request.path)] if count and given else []
    return successors + pages + start


def _as_text(members: Mapping[str, Any]) -> str:
    """Return problem details for a terminal: the problem, each finding with its place, and the hint."""
    detail = str(members["detail"])
    found = [line for one in members.get("findings") or () for line in Finding(**one).lines()]
    lines = [f"{members['title']} ({members['status']})", detail]
    lines += [line for line in found if line not in detail.splitlines()]  # unreadable texts have them there already
    lines += [f"change {one['number']} by {one['agent']}: {one['summary']}" for one in members.get("changes") or ()]
    return "\n".join([*lines, *([str(members["hint"])] if "hint" in members else [])]) + "\n"


def _respond(members: dict[str, object], status: int, brief: str = "", sought: str = "", label: str = "") -> Response:
    """Return problem details as the client would have them.

    A page says them in `brief` beside what it lists; the name of a thing that was `sought` is its heading, or the
    `label` that a withdrawn one had.
    """
    if AnswerType.prefers_page():
        response = Response(
            render_template(
                "problem.html",
                kinds=_list_of_kind(),
                ways=_links_onward(members),
                brief=brief,
                sought=sought,
                label=label,
                iri=_iri_of_path(),
                **members,
            ),
            status,
            mimetype="text/html",
        )
    elif AnswerType.prefers_plain_text():
        response = Response(_as_text(members), status, mimetype="text/plain")
    else:
        response = Response(json.dumps(members), status, mimetype=MEDIA_TYPE)
    response.vary.add("Accept")
    return response


_KINDS = {"queries": ["question"], "vocabulary": ["vocabulary", "concept"], "ontology": ["term"]}
"""Kinds of things by the first part of a path; below /id and the like the second part is the kind."""


def _suggestions_for_path() -> list[dict[str, str | None]]:
    """Return what the path of the current request may mean, by its last part: label, address, of a thing kind and IRI.

    Empty where the graph cannot be read now, for a number, and for requests that do more than read.
    """
    parts = [part for part in request.path.split("/") if part]
    if request.method not in ("GET", "HEAD") or not parts:
        return []
    text = Document.split_suffix(parts[-1])[0].replace("-", " ").replace("_", " ")
    if not any(map(str.isalpha, text)):
        return []
    kinds = list(_list_of_kind()) or _KINDS.get(parts[0], [])
    named: list[dict[str, str | None]] = [
        {"label": title, "address": f"/doc/{kind}"} for kind, title in find_kinds(text).items()
    ]
    try:
        found = service.workers.read(suggestions, text, kinds, service.questions.unanswerable())
    except CityKgError:
        return named
    for one in found:
        shown = LinkedText.of_search_result(one)
        if shown.href != request.path:
            of_thing = {"lang": shown.lang, "kind": one["kind"], "iri": one["iri"]}
            named.append({"label": shown.text, **of_thing, "address": shown.href})
    return named


def _last_change_of_path() -> list[dict[str, Any]] | None:
    """Return the change after which the thing of the path was there no longer, if it once was."""
    return [record.as_dict() for record in islice(_changes_of_path(), 1)] or None


def _withdrawal_of_path() -> Record | None:
    """Return the change that withdrew the thing of the path, None if none did."""
    mark = f"<{_iri_of_path()}> {OWL.deprecated} "
    return next((one for one in _changes_of_path() if any(line.startswith(mark) for line in one.added)), None)


def _label_before(withdrawal: Record) -> str:
    """Return what the thing of the path was called in English before it was withdrawn, empty if that is not known."""
    thing = NamedNode(_iri_of_path())
    labels = (
        one.object for one in withdrawal.removed_quads() if (one.subject, one.predicate) == (thing, SKOS.prefLabel)
    )
    found = preferred_literal([one for one in labels if isinstance(one, Literal)])
    return found.value if found is not None else ""


def _changes_of_path() -> Iterator[Record]:
    """Yield the changes of the thing of the path, newest first; none of a path of no thing."""
    if iri := _iri_of_path():
        yield from service.curation.history.records_about([iri], service.revisions.current().changes)


def _iri_of_path() -> str:
    named = request.view_args or {}
    is_of_thing = {"kind", "slug"} <= named.keys()
    return f"{ns.ID}{named['kind']}/{Document.split_suffix(named['slug'])[0]}" if is_of_thing else ""


def _list_of_kind() -> dict[str, str]:
    """Return the title of the list of things of the kind that the current request is about, by the kind; or nothing."""
    first, kind, *_ = [*request.path.split("/")[1:], "", ""]
    is_of_thing = first in ("id", "doc", "linkset")
    return {name: title for group in TITLES.values() for name, title in group.items() if is_of_thing and name == kind}


def _redirect_without_slash() -> AnyResponse | None:
    """Return the way to the address without the slash at its end (308), None if nothing is there either."""
    path = request.path.rstrip("/")
    adapter = current_app.create_url_adapter(request)
    if path in ("", request.path) or path.startswith("//") or adapter is None:
        return None
    try:
        adapter.match(path, method=request.method)
    except (HTTPException, RequestRedirect):
        return None
    query = request.query_string.decode("latin-1")
    return redirect(path + (f"?{query}" if query else ""), 308)
