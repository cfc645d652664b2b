"""What has taken the place of a term or concept that was replaced."""

from __future__ import annotations

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.rdf.lookup import match
from kg.rdf.vocabulary import DCTERMS, OWL, XSD

_TRUE = Literal("true", datatype=XSD.boolean)


def successor_of(store: Store, term: NamedNode) -> NamedNode:
    """Return the one term that has taken the place of another; the term itself if none has, or several have."""
    if Quad(term, OWL.deprecated, _TRUE, DefaultGraph()) not in store:
        return term
    found = [quad.object for quad in match(store, term, DCTERMS.isReplacedBy, None, DefaultGraph())]
    return found[0] if len(found) == 1 and isinstance(found[0], NamedNode) else term
