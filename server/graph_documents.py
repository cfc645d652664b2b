"""A graph as a document: its triples in each format, and the entity tag of each."""

from __future__ import annotations

from pyoxigraph import DefaultGraph, NamedNode, Store, Triple

from kg import dumps
from kg import namespaces as ns
from kg.formats import GRAPH_FORMAT
from kg.writing import to_bytes
from server import answers, representations
from server.labels import Labels
from server.representations import HTML, SUFFIX_OF


def triples(store: Store, name: NamedNode | DefaultGraph) -> list[Triple]:
    """Return what a graph states, sorted."""
    return [quad.triple for quad in dumps.statements(store, name)]


def written(store: Store, name: NamedNode | DefaultGraph, stated: list[Triple], media_type: str) -> bytes:
    """Return what a graph states in a format."""
    if media_type == HTML:
        title = "The default graph" if isinstance(name, DefaultGraph) else ns.compact(name.value)
        return answers.page(stated, Labels(store), answers.Words(title)).encode()
    return to_bytes(stated, GRAPH_FORMAT[SUFFIX_OF[media_type]].engine)


def tag(store: Store, name: NamedNode, suffix: str) -> str | None:
    """Return the entity tag of a graph in the format of a suffix, None if there is no such format."""
    if suffix not in GRAPH_FORMAT:
        return None
    return representations.tag(to_bytes(triples(store, name), GRAPH_FORMAT[suffix].engine), suffix)
