"""Linked data: 303 from a thing to the document about it, and the document in the format of choice."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, redirect, request
from pyoxigraph import NamedNode, Store
from werkzeug.wrappers import Response as AnyResponse

from kg import entities, terms
from kg import namespaces as ns
from kg.errors import UnknownNameError
from kg.formats import GRAPH_FORMAT
from server import graph, pages, representations
from server.representations import HTML, SUFFIX_OF, Document

blueprint = Blueprint("linked_data", __name__)


@blueprint.get("/id/<kind>/<slug>")
def thing(kind: str, slug: str) -> AnyResponse:
    """Send from a thing to the document about it, in the format that the client prefers (303)."""
    _, store = graph.current()
    name = _name(store, kind, slug)
    if name != slug:
        return redirect(f"/id/{kind}/{quote(name)}", 301)
    response = redirect(f"/doc/{kind}/{quote(slug)}.{SUFFIX_OF[representations.preferred()]}", 303)
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
    entity = NamedNode(f"{ns.ID}{kind}/{name}")
    count = entities.pages(store, entity)
    page = _page(count)
    links = representations.signposts(entity.value, entities.types(store, entity), terms.licence(store))
    turned = _turned(f"{address}.{suffix}" if suffix else address, page, count)
    described = Document(address, (*links, *turned.items()), f"page={page}" if page > 1 else "")

    def write(media_type: str) -> bytes:
        quads = entities.describe(store, entity, page)
        if media_type == HTML:
            return pages.entity(store, described, entity, quads, turned).encode()
        fmt = GRAPH_FORMAT[SUFFIX_OF[media_type]]
        # readers of JSON-LD look into the default graph; whoever wants to know who says so asks for TriG
        return entities.write(entities.merge(quads) if fmt.name == "jsonld" else quads, fmt)

    return representations.answer(described, suffix, write)


def _page(count: int) -> int:
    """Return the number of the page that was asked for, of so many. Raises UnknownNameError that names those."""
    known = {str(number): number for number in range(1, count + 1)}
    asked = request.args.get("page", "1")
    if asked not in known:
        raise UnknownNameError("page of this document", asked, list(known))
    return known[asked]


def _turned(address: str, page: int, count: int) -> dict[str, str]:
    """Return the addresses of the pages before and behind one, by relation (RFC 8288)."""
    turned = {"prev": page - 1, "next": page + 1}
    return {relation: f"{address}?page={number}" for relation, number in turned.items() if 1 <= number <= count}


def _name(store: Store, kind: str, slug: str) -> str:
    """Return the slug under which a thing goes: the one that was asked for, or the one that this is an alias of.

    Raises UnknownNameError that names what is near.
    """
    if kind not in ns.ENTITY_TYPES:
        raise UnknownNameError("kind of thing", kind, ns.ENTITY_TYPES)
    name = entities.name_of(store, kind, slug)
    if name is None:
        raise UnknownNameError(kind, slug, entities.slugs(store, kind))
    return name
