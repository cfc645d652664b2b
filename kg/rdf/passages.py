"""Passages and other sources: in which order passages are read, and whose statements a graph holds."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD


@lru_cache(maxsize=2)  # the present and one that ?at= asks for
def reading_order(store: Store) -> dict[str, int]:
    """Return the place of each passage in its work, by IRI, in a store that never changes."""
    stated = match(store, None, CD.order, None, DefaultGraph())
    return {
        quad.subject.value: int(quad.object.value)
        for quad in stated
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal)
    }


def passages_of(store: Store, graphs: Iterable[str]) -> dict[str, str]:
    """Return by graph the one passage whose statements it holds; graphs of none or of several are left out."""
    found = {
        iri: [quad.subject for quad in match(store, None, CD.statementGraph, NamedNode(iri), DefaultGraph())]
        for iri in graphs
    }
    return {iri: of[0].value for iri, of in found.items() if len(of) == 1 and isinstance(of[0], NamedNode)}


def sources_named(store: Store, graph: NamedNode, thing: NamedNode | None = None) -> frozenset[str]:
    """Return the sources that a graph names for a thing, or without one at all, by IRI."""
    found = match(store, thing, CD.statedIn, None, graph)
    return frozenset(quad.object.value for quad in found if isinstance(quad.object, NamedNode))
