"""Linked data: 303 from a thing to the document about it, and the document in the format and profile of choice."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import Blueprint, redirect, request
from pyoxigraph import NamedNode, Store
from werkzeug.wrappers import Response as AnyResponse

from kg import entities, profiles, terms
from kg import namespaces as ns
from kg.entities import Description
from kg.errors import UnknownNameError
from kg.formats import GRAPH_FORMAT
from kg.profiles import Profile
from kg.withdrawals import refuse_withdrawn
from server import graph, linksets, pages, representations
from server.representations import HTML, SUFFIX_OF, Document, Link

blueprint = Blueprint("linked_data", __name__)


@blueprint.get("/id/<kind>/<slug>")
def thing(kind: str, slug: str) -> AnyResponse:
    """Send from a thing to the document about it, in the format that the client prefers (303)."""
    _, store = graph.current()
    name = _name(store, kind, slug)
    if name != slug:
        return redirect(f"/id/{kind}/{quote(name)}", 301)
    profile = _profile()
    suffix = SUFFIX_OF[representations.preferred(profile.formats)]
    response = redirect(Document(f"/doc/{kind}/{quote(slug)}", query=_query(profile, 1)).at(suffix), 303)
    response.vary.add("Accept")
    return response


@blueprint.get("/doc/<kind>/<slug>")
def document(kind: str, slug: str) -> AnyResponse:
    """Return the description of a thing; a known suffix decides the format, otherwise the client."""
    _, store = graph.current()
    stem, suffix = representations.split_suffix(slug)
    name = _name(store, kind, stem)
    address = f"/doc/{kind}/{quote(name)}"
    if name != stem:
        return redirect(f"{address}.{suffix}" if suffix else address, 301)
    entity, profile = NamedNode(f"{ns.ID}{kind}/{name}"), _profile()
    description = Description(store, entity, profile)
    page = _page(description.pages)
    turned = _turned(f"{address}.{suffix}" if suffix else address, profile, page, description.pages)
    links = (*_links(store, entity, address, profile, page), *turned.items())
    ways = pages.Ways(turned, profile, {_at(address, other): other for other in profiles.PROFILES.values()})
    described = Document(address, links, _query(profile, page), profile.formats)

    def write(media_type: str) -> bytes:
        quads = description.page(page)
        if media_type == HTML:
            return pages.entity(store, described, entity, quads, ways).encode()
        fmt = GRAPH_FORMAT[SUFFIX_OF[media_type]]
        # readers of JSON-LD look into the default graph; whoever wants to know who says so asks for TriG
        is_merged = fmt.name == "jsonld" and profile is not profiles.PROVENANCE
        return entities.write(entities.merge(quads) if is_merged else quads, fmt)

    return representations.answer(described, suffix, write)


@blueprint.get("/linkset/<kind>/<slug>")
def linkset(kind: str, slug: str) -> AnyResponse:
    """Return the typed links of the document about a thing (RFC 9264)."""
    _, store = graph.current()
    name = _name(store, kind, slug)
    if name != slug:
        return redirect(f"/linkset/{kind}/{quote(name)}", 301)
    address, entity = f"/doc/{kind}/{quote(name)}", NamedNode(f"{ns.ID}{kind}/{name}")
    return linksets.answer(Document(address, _links(store, entity, address, profiles.DESCRIPTION, 1)))


def _links(
    store: Store, entity: NamedNode, address: str, profile: Profile, page: int
) -> tuple[Link | tuple[str, str], ...]:
    """Return the links of a document about an entity: signposts, its profile, the same thing in the other profiles."""
    others = [other for other in profiles.PROFILES.values() if other is not profile]
    return (
        *representations.signposts(entity.value, entities.types(store, entity), terms.licence(store)),
        Link("linkset", f"/linkset/{address.removeprefix('/doc/')}", linksets.MEDIA_TYPE),
        Link("canonical", _at(address, profiles.DESCRIPTION, page)),
        Link("profile", profile.iri.value),
        *(Link("alternate", _at(address, other), profile=other.iri.value) for other in others),
    )


def _profile() -> Profile:
    """Return the profile that was asked for. Raises UnknownNameError that names those there are."""
    return profiles.find(request.args.get("profile", profiles.DESCRIPTION.name))


def _page(count: int) -> int:
    """Return the number of the page that was asked for, of so many. Raises UnknownNameError that names those."""
    known = {str(number): number for number in range(1, count + 1)}
    asked = request.args.get("page", "1")
    if asked not in known:
        raise UnknownNameError("page of this document", asked, list(known))
    return known[asked]


def _query(profile: Profile, page: int) -> str:
    """Return what an address says behind the question mark; what goes without saying is left out."""
    asked = {"profile": profile.name} if profile is not profiles.DESCRIPTION else {}
    return urlencode(asked | ({"page": str(page)} if page > 1 else {}))


def _at(address: str, profile: Profile, page: int = 1) -> str:
    query = _query(profile, page)
    return f"{address}?{query}" if query else address


def _turned(address: str, profile: Profile, page: int, count: int) -> dict[str, str]:
    """Return the addresses of the pages before and behind one, by relation (RFC 8288)."""
    turned = {"prev": page - 1, "next": page + 1}
    in_profile = f"{_query(profile, 1)}&" if _query(profile, 1) else ""
    return {
        relation: f"{address}?{in_profile}page={number}" for relation, number in turned.items() if 1 <= number <= count
    }


def _name(store: Store, kind: str, slug: str) -> str:
    """Return the slug under which a thing goes: the one that was asked for, or the one that this is an alias of.

    Raises UnknownNameError that names what is near, WithdrawnError for what was withdrawn.
    """
    if kind not in ns.ENTITY_TYPES:
        raise UnknownNameError("kind of thing", kind, ns.ENTITY_TYPES)
    name = entities.name_of(store, kind, slug)
    if name is None:
        raise UnknownNameError(kind, slug, entities.slugs(store, kind))
    refuse_withdrawn(store, NamedNode(f"{ns.ID}{kind}/{name}"))
    return name
