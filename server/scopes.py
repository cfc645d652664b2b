"""The scope that pages show: a switch of works in the address (`scope=`), which links to our own pages carry along.

Links are written in some 270 places of templates, drawn in figures, and come with what workers return. So the scope is
added to those of a finished page, in one place that knows which of our pages have a scope: no link can forget it, and
it takes fewer lines than a call at each link would.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import parse_qs, quote, urlencode

from flask import Flask, Response, g, request

from kg.queries import canned_queries
from kg.rdf.formats import HTML
from kg.rdf.scopes import EVERYTHING, REPORT, WORLD, scopes_of_works
from server.service import service
from server.web import Labels

_CARRIES = re.compile(r"/(?:(?:map|evidence|doc|search|ask|queries|disagreements|report|works)(?:[/.].*)?)?")
"""The paths of pages that show a scope, or lead to one that does."""
_OF_ONE_SCOPE = ("scope", "page", "offset", "work", "passage")
"""Parameters whose values another scope may not have."""
_LINK = re.compile(r'(<(?:a|link)\b[^>]*?\bhref=")(/[^"]*)"')


@dataclass(frozen=True)
class ScopeChoice:
    """A scope that a page can show: what it is called, the address, and whether it is shown now."""

    title: str
    href: str
    is_shown: bool


def chosen_scope(default: str = EVERYTHING) -> str:
    """Return the scope that the address asks for. Raises BadValueError, and WorkNotLoadedError for a known work."""
    g.shown_scope = scope = request.args.get("scope", "") or default
    service.revisions.current().require_scope(scope)
    return scope


@contextmanager
def in_chosen_scope(default: str = EVERYTHING) -> Iterator[str]:
    """Let the request read the scope that its address asks for until the block ends. Raises as `chosen_scope`."""
    with service.revisions.in_scope(scope := chosen_scope(default)):
        yield scope


def as_parameters() -> dict[str, str]:
    """Return the scope of the address as a parameter of addresses of ours; nothing if it names none."""
    scope = request.args.get("scope", "")
    return {"scope": scope} if scope else {}


def light_scope() -> str:
    """Return the scope of pages that draw all ties at once, of which the world has too many."""
    return REPORT if WORLD in service.revisions.current().works else EVERYTHING


def is_too_large_to_draw(scope: str) -> bool:
    """Return True if a scope has the twinnings of the world."""
    return scope == WORLD or (scope == EVERYTHING and light_scope() == REPORT)


def work_of_scope(scope: str) -> str | None:
    """Return the name of the work of a scope in the IRIs of its passages, None where the scope has several works."""
    if scope in (EVERYTHING, REPORT):
        return None if scope == EVERYTHING else ""
    with service.revisions.in_scope(EVERYTHING):
        names = Labels.of_works(data_sets=True)
    scopes = scopes_of_works(service.revisions.current().works)
    others = [name for name in names if name and name not in scopes]
    return scope if scope in names or not others else others[0]  # the world is the work wikidata-2016


def scope_titles() -> dict[str, str]:
    """Return the scopes that can be chosen by name, with the names of their works; none where there is one work."""
    works = service.revisions.current().works
    if not works:
        return {}
    with service.revisions.in_scope(EVERYTHING):
        names = Labels.of_works(data_sets=True)
    titles = {scope: names.get(work_of_scope(scope) or "", scope) for scope in (REPORT, *scopes_of_works(works))}
    return {EVERYTHING: "All works", **titles}


def scope_choices() -> list[ScopeChoice]:
    """Return the choices of the switch on the page of the current request; none where there is one work."""
    kept = {name: value for name, value in request.args.items() if name not in _OF_ONE_SCOPE}
    shown = g.get("shown_scope", EVERYTHING)
    path = quote(request.path)
    return [
        ScopeChoice(title, f"{path}?{urlencode({**kept, 'scope': scope})}", scope == shown)
        for scope, title in scope_titles().items()
    ]


def attach(app: Flask) -> None:
    """Let templates of an app show the switch, and the links of its pages carry the scope of the address."""
    app.jinja_env.globals["scope_choices"] = scope_choices
    app.after_request(_carry)


def _carry(response: Response) -> Response:
    """Add the scope of the address to the links of a page that lead to pages of ours."""
    scope = request.args.get("scope", "")
    if scope and response.mimetype == HTML and response.is_sequence:
        said = f"scope={quote(scope)}"
        text = response.get_data(as_text=True)
        response.set_data(_LINK.sub(lambda link: f'{link[1]}{escape(_with_scope(unescape(link[2]), said))}"', text))
    return response


def _with_scope(address: str, said: str) -> str:
    rest, mark, fragment = address.partition("#")
    path, _, query = rest.partition("?")
    if not _CARRIES.fullmatch(path) or "scope" in parse_qs(query, keep_blank_values=True):
        return address
    if query and path.startswith(("/queries/", "/map")):  # what its parameters name may be in no other scope
        return address
    question = canned_queries().get(re.sub(r"^/queries/|\.[a-z]+$", "", path))
    if question is not None and question.scope != REPORT:  # it asks what no other scope has
        return address
    return f"{path}?{query}{'&' if query else ''}{said}{mark}{fragment}"
