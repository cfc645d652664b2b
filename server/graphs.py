"""The graphs one by one: SPARQL 1.1 Graph Store HTTP Protocol, reading. Writing is in server.graph_writes.

Direct: `/graph/<name>`, the graph's own address. Indirect: `/graphs?graph=<IRI>` or `/graphs?default`.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort, request
from pyoxigraph import DefaultGraph, NamedNode

from kg import namespaces as ns
from kg.errors import UnknownNameError
from server import graph, graph_documents, representations
from server.representations import Document

blueprint = Blueprint("graphs", __name__)


@blueprint.get("/graph/<path:name>")
def direct(name: str) -> Response:
    """Return the graph of this address, in the format that the client prefers (Graph Store Protocol, 4.1, 5.2)."""
    return _answer(_existing(ns.GRAPH + name))


@blueprint.get("/graphs")
def indirect() -> Response:
    """Return the graph that the request names (Graph Store Protocol, 4.2): exactly one of graph= and default."""
    named, is_default = request.args.getlist("graph"), "default" in request.args
    if len(named) + is_default != 1:
        abort(400, "Name exactly one graph: /graphs?graph=<IRI>, or /graphs?default")
    return _answer(DefaultGraph() if is_default else _existing(named[0]))


def _existing(iri: str) -> NamedNode:
    """Return a graph that is there. Raises UnknownNameError that names what is near."""
    _, store = graph.current()
    try:
        name = NamedNode(iri)
    except ValueError:
        abort(400, f"graph={iri!r} is no absolute IRI.")
    if not store.contains_named_graph(name):
        raise UnknownNameError("graph", iri, [g.value for g in store.named_graphs() if isinstance(g, NamedNode)])
    return name


def _answer(name: NamedNode | DefaultGraph) -> Response:
    _, store = graph.current()
    shown = "default" if isinstance(name, DefaultGraph) else f"graph={quote(name.value, safe='')}"
    triples = graph_documents.triples(store, name)
    response = representations.answer(
        Document("/graphs", query=shown),
        None,
        lambda media_type: graph_documents.written(store, name, triples, media_type),
    )
    del response.headers["Content-Location"], response.headers["Link"]  # a graph has no documents with suffixes
    return response
