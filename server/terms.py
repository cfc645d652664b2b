"""The terms over HTTP: `/ontology`, `/vocabulary/…`, `/shapes`, as pages for people and as RDF.

The IRI of a term of the ontology leads to `/ontology`, where the page has an anchor for it.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response
from pyoxigraph import NamedNode, Triple

from kg import namespaces as ns
from kg import terms
from kg.errors import UnknownNameError
from kg.formats import GRAPH_FORMAT
from kg.writing import to_bytes
from server import graph, representations, term_pages
from server.representations import HTML, MEDIA_TYPE_OF, SUFFIX_OF, Document

blueprint = Blueprint("terms", __name__)


@blueprint.get("/ontology")
@blueprint.get("/ontology.<suffix>")
def ontology(suffix: str | None = None) -> Response:
    """Return the ontology; a suffix decides the format, otherwise the client."""
    _, store = graph.current()
    return _answer("/ontology", suffix, terms.ONTOLOGY, terms.ontology(store))


@blueprint.get("/ontology/<version>")
def version(version: str) -> Response:
    """Return the version of the ontology that its version IRI names; there is no other than the current one yet."""
    _, store = graph.current()
    name, suffix = representations.split_suffix(version)
    current = terms.version(store)
    if name != current:
        raise UnknownNameError("version of the ontology", name, [current])
    latest = (("latest-version", "/ontology"),)
    return _answer(f"/ontology/{quote(name)}", suffix, terms.ONTOLOGY, terms.ontology(store), latest)


@blueprint.get("/shapes")
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str | None = None) -> Response:
    """Return the shapes; a suffix decides the format, otherwise the client."""
    _, store = graph.current()
    return _answer("/shapes", suffix, terms.SHAPES, terms.shapes(store))


@blueprint.get("/vocabulary/<scheme>")
def vocabulary(scheme: str) -> Response:
    """Return a vocabulary with its concepts; a known suffix decides the format, otherwise the client."""
    _, store = graph.current()
    name, suffix = representations.split_suffix(scheme)
    return _answer(f"/vocabulary/{quote(name)}", suffix, *terms.scheme(store, name))


@blueprint.get("/vocabulary/<scheme>/<concept>")
def concept(scheme: str, concept: str) -> Response:
    """Return a concept; a known suffix decides the format, otherwise the client."""
    _, store = graph.current()
    name, suffix = representations.split_suffix(concept)
    return _answer(f"/vocabulary/{quote(scheme)}/{quote(name)}", suffix, *terms.concept(store, scheme, name))


def _answer(
    address: str, suffix: str | None, about: NamedNode, stated: list[Triple], further: tuple[tuple[str, str], ...] = ()
) -> Response:
    if suffix is not None and suffix not in MEDIA_TYPE_OF:
        raise UnknownNameError(f"format of {address}", suffix, list(MEDIA_TYPE_OF))
    _, store = graph.current()
    of_about = (t.object for t in stated if t.subject == about and t.predicate == ns.RDF_TYPE)
    types = [kind.value for kind in of_about if isinstance(kind, NamedNode)]
    links = representations.signposts(ns.BASE + address.removeprefix("/"), types, terms.licence(store))
    document = Document(address, (*links, *further))

    def write(media_type: str) -> bytes:
        if media_type == HTML:
            return term_pages.page(store, document, about, stated).encode()
        return to_bytes(stated, GRAPH_FORMAT[SUFFIX_OF[media_type]].engine)

    return representations.answer(document, suffix, write)
