"""The graphs one by one: SPARQL 1.1 Graph Store HTTP Protocol, reading. Writing is in server.graph_store.write.

Direct: `/graph/<name>`, the graph's own address. Indirect: `/graphs?graph=<IRI>` or `/graphs?default`.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort, request
from pyoxigraph import DefaultGraph, NamedNode

from kg.publish import GraphDocument
from kg.rdf import namespaces as ns
from kg.rdf.lookup import parse_iri
from kg.rdf.rows import FirstRows
from server.service import service
from server.web import AnswerPage, Document

blueprint = Blueprint("graphs", __name__)


@blueprint.get("/graph/<path:name>")
def read_direct(name: str) -> Response:
    """Return the graph of this address, in the format that the client prefers (Graph Store Protocol, 4.1, 5.2)."""
    return _answer(_find_graph(ns.GRAPH + name))


@blueprint.get("/graphs")
def read_indirect() -> Response:
    """Return the graph that the request names (Graph Store Protocol, 4.2): exactly one of graph= and default."""
    named, is_default = request.args.getlist("graph"), "default" in request.args
    if len(named) + is_default != 1:
        abort(400, "Name exactly one graph: /graphs?graph=<IRI>, or /graphs?default")
    return _answer(DefaultGraph() if is_default else _find_graph(named[0]))


def _find_graph(iri: str) -> NamedNode:
    """Return an existing graph. Raises UnknownNameError with similar names."""
    service.revisions.current()  # which the answer names, whatever comes of it
    name = parse_iri(iri)
    if name is None:
        abort(400, f"graph={iri!r} is not an absolute IRI.")
    service.workers.read(GraphDocument.check, iri)
    return name


def _answer(name: NamedNode | DefaultGraph) -> Response:
    shown = "default" if isinstance(name, DefaultGraph) else f"graph={quote(name.value, safe='')}"
    response = Document("/graphs", query=shown).answer(None, lambda suffix: _render(name, suffix))
    del response.headers["Content-Location"], response.headers["Link"]  # a graph has no documents with suffixes
    return response


def _render(name: NamedNode | DefaultGraph, suffix: str) -> bytes:
    iri = None if isinstance(name, DefaultGraph) else name.value
    if suffix == "html":
        title = "The default graph" if iri is None else ns.compact(iri)
        return AnswerPage(title).write(
            FirstRows.from_json(service.workers.write(GraphDocument.write_rows, iri).read_all())
        )
    return service.workers.write(GraphDocument.write, iri, suffix).read_all()
