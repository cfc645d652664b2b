"""What was withdrawn: an entity keeps a mark in the graph, so that its IRI says why it is gone and where to go.

The mark is the one that terms have (ontology/README.md, Deprecation): `owl:deprecated true`, the reason as
`skos:changeNote`, and `dcterms:isReplacedBy` what took its place, or `cd:withoutSuccessor true`. What files state is
withdrawn by files alone: a mark that a curated graph gives it, as the gate once let pass, counts for nothing.
"""

from __future__ import annotations

from typing import Any

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.errors import CityKgError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import preferred_literal
from kg.rdf.lookup import match
from kg.rdf.vocabulary import DCTERMS, OWL, RDF, SKOS, XSD

_TRUE = Literal("true", datatype=XSD.boolean)


class WithdrawnError(CityKgError):
    """An entity was withdrawn. `successors` are the IRIs of what took its place."""

    title = "This was withdrawn"

    def __init__(self, entity: NamedNode, reason: str, successors: list[str]) -> None:
        hint = f"In its place: {', '.join(successors)}" if successors else "Nothing took its place."
        super().__init__(f"{ns.compact(entity.value)} was withdrawn. {reason}".strip(), hint)
        self.successors = successors

    def details(self) -> dict[str, Any]:
        """Return what took its place."""
        return {"replacedBy": self.successors or None}


def is_withdrawn(store: Store, entity: NamedNode) -> bool:
    """Tell whether a graph marks an entity as withdrawn."""
    if Quad(entity, OWL.deprecated, _TRUE, DefaultGraph()) not in store:
        return False
    if any(graphs.is_from_files(mark.graph_name) for mark in match(store, entity, OWL.deprecated, _TRUE)):
        return True
    return not any(graphs.is_from_files(said.graph_name) for said in match(store, entity, RDF.type))


def raise_if_withdrawn(store: Store, entity: NamedNode) -> None:
    """Raise WithdrawnError, with the reason in English where there is a choice, if an entity was withdrawn."""
    if not is_withdrawn(store, entity):
        return
    reason = preferred_literal(quad.object for quad in match(store, entity, SKOS.changeNote, None, DefaultGraph()))
    replaced = [quad.object for quad in match(store, entity, DCTERMS.isReplacedBy, None, DefaultGraph())]
    successors = sorted(node.value for node in replaced if isinstance(node, NamedNode))
    raise WithdrawnError(entity, reason.value if reason else "", successors)
