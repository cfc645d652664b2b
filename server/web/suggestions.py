"""Suggestions for an unknown address: the same without a slash at its end, or pages with similar names."""

from __future__ import annotations

from flask import current_app, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from kg.errors import CityKgError
from kg.publish.lists import TITLES, find_kinds
from kg.publish.search import suggestions
from server.service import service
from server.web.documents import Document
from server.web.labels import LinkedText

_KINDS = {"queries": ["question"], "vocabulary": ["vocabulary", "concept"], "ontology": ["term"]}
"""Kinds of things by the first part of a path; below /id and the like the second part is the kind."""


def for_path() -> list[dict[str, str | None]]:
    """Return what the path of the current request may mean, by its last part: label, address, of a thing kind and IRI.

    Empty where the graph cannot be read now, for a number, and for requests that do more than read.
    """
    parts = [part for part in request.path.split("/") if part]
    if request.method not in ("GET", "HEAD") or not parts:
        return []
    text = Document.split_suffix(parts[-1])[0].replace("-", " ").replace("_", " ")
    if not any(map(str.isalpha, text)):
        return []
    kinds = list(list_of_kind()) or _KINDS.get(parts[0], [])
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


def list_of_kind() -> dict[str, str]:
    """Return the title of the list of things of the kind that the current request is about, by the kind; or nothing."""
    first, kind, *_ = [*request.path.split("/")[1:], "", ""]
    is_of_thing = first in ("id", "doc", "linkset")
    return {name: title for group in TITLES.values() for name, title in group.items() if is_of_thing and name == kind}


def redirect_without_slash() -> AnyResponse | None:
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
