"""Linked data: 303 from a thing to the document about it, and the document in the format of choice."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from pyoxigraph import NamedNode, Store
from werkzeug.wrappers import Response as AnyResponse

from kg import entities
from kg import namespaces as ns
from kg.errors import UnknownNameError
from kg.formats import GRAPH_FORMAT, GRAPH_FORMATS
from server import graph, pages
from server.negotiation import negotiate
from server.problems import NotAcceptableError

blueprint = Blueprint("linked_data", __name__)

HTML = "text/html"
_OFFERS = [*(fmt.media_type for fmt in GRAPH_FORMATS), HTML]
_SUFFIX_OF = {fmt.media_type: fmt.suffix for fmt in GRAPH_FORMATS} | {HTML: "html"}


@blueprint.get("/id/<kind>/<slug>")
def thing(kind: str, slug: str) -> AnyResponse:
    """Send from a thing to the document about it, in the format that the client prefers (303)."""
    _, store = graph.current()
    _existing(store, kind, slug)
    suffix = _SUFFIX_OF[_preferred()]
    response = redirect(f"/doc/{kind}/{quote(slug)}.{suffix}", 303)
    response.vary.add("Accept")
    return response


@blueprint.get("/doc/<kind>/<slug>")
def document(kind: str, slug: str) -> Response:
    """Return the description of a thing; a known suffix decides the format, otherwise the client."""
    _, store = graph.current()
    stem, _, suffix = slug.rpartition(".")
    by_suffix = suffix in _SUFFIX_OF.values() and stem != ""
    entity = _existing(store, kind, stem if by_suffix else slug)
    media_type = next(m for m, s in _SUFFIX_OF.items() if s == suffix) if by_suffix else _preferred()
    response = _described(store, entity, media_type)
    if not by_suffix:
        response.vary.add("Accept")
        response.headers["Content-Location"] = f"/doc/{kind}/{quote(slug)}.{_SUFFIX_OF[media_type]}"
    return response


def _described(store: Store, entity: NamedNode, media_type: str) -> Response:
    quads = entities.describe(store, entity)
    if media_type == HTML:
        return Response(pages.entity(store, entity, quads), mimetype=HTML)
    return Response(entities.write(quads, GRAPH_FORMAT[_SUFFIX_OF[media_type]]), content_type=media_type)


def _preferred() -> str:
    media_type = negotiate(request.headers.get("Accept"), _OFFERS)
    if media_type is None:
        raise NotAcceptableError(_OFFERS)
    return media_type


def _existing(store: Store, kind: str, slug: str) -> NamedNode:
    """Return the entity's IRI. Raises UnknownNameError that names what is near."""
    iri = f"{ns.ID}{kind}/{slug}"
    try:
        entity = NamedNode(iri)
    except ValueError:
        raise UnknownNameError("kind of thing", kind, ns.ENTITY_TYPES) from None
    if entities.exists(store, entity):
        return entity
    if kind not in ns.ENTITY_TYPES:
        raise UnknownNameError("kind of thing", kind, ns.ENTITY_TYPES)
    raise UnknownNameError(kind, slug, entities.slugs(store, kind))
