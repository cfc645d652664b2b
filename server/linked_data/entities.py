"""Linked data: 303 from a thing to the document about it, and the document in the format and profile of choice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from urllib.parse import quote, urlencode

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kg.errors import CityKgError, UnknownNameError
from kg.publish import AboutEntity, Profile, about_entity, entity_iri, write_entity
from kg.publish.pages import EntityPage
from kg.publish.pages import entity_page as page_of
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMAT
from kg.rdf.scopes import EVERYTHING
from kg.rdf.serialise import from_text
from server import scopes
from server.linked_data import entity_page
from server.linked_data.entity_page import Navigation, crumbs, scope_note
from server.service import service
from server.web import Document, Link, LinkedText

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*")|<(?P<iri>[^<>\s]*)>|(?P<name>[A-Za-z][\w-]*:(?:[\w.:%-]|\\.)*[\w\\/-])
    |(?P<keyword>\ba\b(?=\s))|(?P<other>[^"<\w@]+|.)""",
    re.VERBOSE | re.DOTALL,
)
"""Tokens of Turtle and TriG as the engine writes them: strings on one line, IRIs, prefixed names, and the rest."""

_PREFIXES = re.compile(r"(?:@prefix .*\n)*")


def render_turtle(document: Document, about: EntityPage, text: str, curl: str, ways: Navigation) -> bytes:
    """Return the page of a text of Turtle or TriG."""
    prefixes = _PREFIXES.match(text)
    assert prefixes
    page = render_template(
        "turtle.html",
        about=LinkedText.throughout(about),
        document=document,
        prefixes=prefixes[0].splitlines(),
        tokens=list(tokens(text[prefixes.end() :])),
        curl=curl,
        crumbs=crumbs(about),
        scope_note=scope_note(document, ways.iri),
        ways=ways,
    )
    return page.encode()


def tokens(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield the parts of a text: each with its kind (string, name, keyword, or empty), and where a name leads."""
    plain = ""
    for found in _TOKEN.finditer(text):
        kind, part = found.lastgroup or "", found[0]
        if kind == "other":
            plain += part
            continue
        if plain:
            yield "", plain, None
            plain = ""
        yield _token(kind, part, found)
    if plain:
        yield "", plain, None


def _token(kind: str, part: str, found: re.Match[str]) -> tuple[str, str, str | None]:
    if kind == "iri":
        return "name", part, LinkedText.of("", found["iri"]).href
    if kind == "name":
        iri = ns.expand(re.sub(r"\\(.)", r"\1", part))
        return "name", part, LinkedText.of("", iri).href if iri else None
    return kind, part, None


blueprint = Blueprint("linked_data", __name__)

PAGE, TURTLE, STATEMENTS = VIEWS = ("page", "turtle", "statements")
_READY = "ttl"
_CHANGES_SHOWN = 3


@blueprint.get("/id/<kind>/<slug>")
@blueprint.get("/id/passage/<work>/<slug>", defaults={"kind": "passage"})
def thing(kind: str, slug: str, work: str = "") -> AnyResponse:
    """Send from a thing to the document about it, in the format that the client prefers (303)."""
    name = _thing_name(work, slug)
    ready, _ = _find_ready(kind, name)
    path = _path(ready["iri"] if ready else service.workers.read(entity_iri, kind, name))
    if path != f"{kind}/{name}":
        return redirect(f"/id/{quote(path)}", 301)
    profile = Profile.find(_profile_token())
    described = Document(f"/doc/{quote(path)}", query=_query_string(profile, 1), formats=profile.formats)
    response = redirect(described.at(described.choose()), 303)
    response.vary.add("Accept")
    return response


@blueprint.get("/doc/<kind>/<slug>")
@blueprint.get("/doc/passage/<work>/<slug>", defaults={"kind": "passage"})
def document(kind: str, slug: str, work: str = "") -> AnyResponse:
    """Return the description of a thing; a known suffix decides the format, otherwise the client.

    With scope= a work, it is what that work says of the thing; of a thing that it does not name what all say.
    """
    stem, suffix = Document.split_suffix(_thing_name(work, slug))
    with service.revisions.in_scope(_scope_with(kind, stem)):
        return _document(kind, stem, suffix)


def _scope_with(kind: str, name: str) -> str:
    """Return the scope that is asked for, if it has a thing; else that of all works."""
    scope = scopes.chosen_scope()
    if scope != EVERYTHING:
        with service.revisions.in_scope(scope), suppress(UnknownNameError):
            service.workers.read(entity_iri, kind, name)
            return scope
    return EVERYTHING


def _document(kind: str, stem: str, suffix: str | None) -> AnyResponse:
    about, written = _read_description(kind, stem, _statement_format(suffix))
    address = f"/doc/{quote(_path(about['iri']))}"
    if _path(about["iri"]) != f"{kind}/{stem}":
        return redirect(f"{address}.{suffix}" if suffix else address, 301)
    profile, page, view = Profile.find(_profile_token()), about["page"], _view()
    turned = _neighbours(f"{address}.{suffix}" if suffix else address, profile, page, about["pages"], view)
    links = (*_links(about, profile, address), *(Link(*item) for item in turned.items()))
    described = Document(address, links, _in_scope(_query_string(profile, page, view)), profile.formats)

    def write(suffix: str) -> bytes:
        if suffix != "html":
            return written
        ways = _navigation(about, profile, address, turned)
        told = service.workers.read(page_of, about["iri"], ways.is_overview)
        if ways.is_overview and kind == "passage":
            return entity_page.render_passage(described, told, ways).encode()
        if view != TURTLE:
            return entity_page.render_entity(described, told, from_text(written.decode()), ways).encode()
        same = Document(address, query=_query_string(profile, page)).at(_text_format(profile))
        return render_turtle(described, told, written.decode(), _curl(same), ways)

    return described.answer(suffix, write)


def _statement_format(suffix: str | None) -> str:
    """Return the format of statements that the answer needs: its own, N-Quads for a page, "" for none.

    A request that cannot be answered needs none; it is refused once the thing is found.
    """
    try:
        profile, view = Profile.find(_profile_token()), _view()
        chosen = Document("", formats=profile.formats).choose(suffix)
    except CityKgError:
        return ""
    if chosen != "html":
        return chosen
    if view == TURTLE:
        return _text_format(profile)
    leads = view == PAGE and profile is Profile.DESCRIPTION and request.args.get("page", "1") in ("", "1")
    return "" if leads else "nq"


def _text_format(profile: Profile) -> str:
    """Return the suffix of the format in which a page shows the statements of a profile: Turtle, or TriG."""
    return "ttl" if GRAPH_FORMAT["ttl"] in profile.formats else "trig"


def _read_description(kind: str, slug: str, suffix: str) -> tuple[AboutEntity, bytes]:
    """Return which page of a description is meant, and what that states in the format of a suffix, "" for nothing."""
    asked = (kind, slug, _profile_token(), request.args.get("page") or "1")
    if suffix in ("", _READY) and asked[2:] == (Profile.DESCRIPTION.token, "1"):
        about, written = _find_ready(kind, slug)
        if about is not None:
            return about, written if suffix else b""
    if not suffix:
        return service.workers.read(about_entity, *asked), b""
    return _split_header(service.workers.write(write_entity, suffix, *asked).read_all())


def _find_ready(kind: str, slug: str) -> tuple[AboutEntity | None, bytes]:
    """Return the first page of a description in Turtle as `_read_description` does, None where it is not ready."""
    is_ready = service.revisions.scope() == EVERYTHING
    written = service.documents.find(service.revisions.current(), f"{kind}/{slug}") if is_ready else None
    return (None, b"") if written is None else _split_header(written)


def _split_header(written: bytes) -> tuple[AboutEntity, bytes]:
    """Return which page it is that `write_entity` has written, and what that states."""
    about, _, stated = written.partition(b"\n")
    return json.loads(about), stated


@blueprint.get("/linkset/<kind>/<slug>")
@blueprint.get("/linkset/passage/<work>/<slug>", defaults={"kind": "passage"})
def linkset(kind: str, slug: str, work: str = "") -> AnyResponse:
    """Return the typed links of the document about a thing (RFC 9264)."""
    name = _thing_name(work, slug)
    ready, _ = _find_ready(kind, name)
    about = ready or service.workers.read(about_entity, kind, name, Profile.DESCRIPTION.token, "1")
    path = _path(about["iri"])
    if path != f"{kind}/{name}":
        return redirect(f"/linkset/{quote(path)}", 301)
    address = f"/doc/{quote(path)}"
    return Document(address, _links(about, Profile.DESCRIPTION, address)).linkset()


def _thing_name(work: str, slug: str) -> str:
    """Return what follows the kind in an address: the name of a thing; of a passage of another work, also the work."""
    return f"{work}/{slug}" if work else slug


def _path(iri: str) -> str:
    """Return the IRI of an entity without what all of them begin with: kind and slug."""
    return iri.removeprefix(ns.ID)


def _links(about: AboutEntity, profile: Profile, address: str) -> tuple[Link, ...]:
    """Return the links of a document about an entity: signposts, its profile, the same thing in the other profiles."""
    others = [other for other in Profile if other is not profile]
    return (
        *Link.signposts(about["iri"], about["types"], about["licence"], about["creator"]),
        Link.to_dataset(),
        Link("linkset", f"/linkset/{address.removeprefix('/doc/')}", Document.LINKSET),
        Link("canonical", _address(address, Profile.DESCRIPTION, about["page"])),
        Link("profile", profile.iri.value),
        *(Link("alternate", _address(address, other), profile=other.iri.value) for other in others),
    )


def _curl(address: str) -> str:
    """Return the line of a terminal that gets an address of this server."""
    return f"curl '{service.addresses.root()}{address}'"


def _navigation(about: AboutEntity, profile: Profile, address: str, turned: dict[str, str]) -> entity_page.Navigation:
    """Return where the page that was asked for leads, and which of the views it is."""
    data = {
        "Statements": _address(address, Profile.DESCRIPTION, view=STATEMENTS),
        "Turtle": _address(address, Profile.DESCRIPTION, view=TURTLE),
        **{other.title: _address(address, other) for other in Profile if other is not Profile.DESCRIPTION},
    }
    view = _view() if profile is Profile.DESCRIPTION else PAGE
    if view == PAGE and about["page"] > 1:
        view = STATEMENTS  # since words stand on the first page
    asked = _address(address, profile, view=view)
    changes = service.curation.history.records_about([about["iri"]], service.revisions.current().changes)
    return entity_page.Navigation(
        neighbours=turned,
        views={"Page": address, "Data": data["Statements"]},
        data=data,
        view=next((title for title, at in data.items() if at == asked), "Page"),
        is_overview=about["page"] == 1 and asked == address,
        canonical=_address(address, Profile.DESCRIPTION, about["page"]),
        page=about["page"],
        count=about["pages"],
        iri=about["iri"],
        changes=[change.number for change in islice(changes, _CHANGES_SHOWN)],
    )


def _view() -> str:
    """Return which view of the page is asked for. Raises UnknownNameError."""
    view = request.args.get("view", PAGE)
    if view not in VIEWS:
        raise UnknownNameError("view of a page", view, list(VIEWS))
    return view


def _profile_token() -> str:
    """Return the name of the profile that was asked for."""
    return request.args.get("profile", Profile.DESCRIPTION.token)


def _query_string(profile: Profile, page: int, view: str = PAGE) -> str:
    """Return what an address says behind the question mark; what goes without saying is left out."""
    if profile is Profile.DESCRIPTION and view == PAGE and page == 1:
        return ""
    asked = {"profile": profile.token} if profile is not Profile.DESCRIPTION else {}
    asked |= {"view": view} if view != PAGE else {}
    return urlencode(asked | ({"page": str(page)} if page > 1 else {}))


def _address(address: str, profile: Profile, page: int = 1, view: str = PAGE) -> str:
    query = _query_string(profile, page, view)
    return f"{address}?{query}" if query else address


def _in_scope(query: str) -> str:
    """Return the query of an address with the scope that is asked for."""
    return "&".join(filter(None, (query, urlencode(scopes.as_parameters()))))


def _neighbours(address: str, profile: Profile, page: int, count: int, view: str) -> dict[str, str]:
    """Return the addresses of the pages before and behind one, by relation (RFC 8288)."""
    if count == 1:
        return {}
    asked = _in_scope(_query_string(profile, 1, view))
    in_profile = f"{asked}&" if asked else ""
    return {
        relation: f"{address}?{in_profile}page={number}" for relation, number in Link.neighbours(page, count).items()
    }
