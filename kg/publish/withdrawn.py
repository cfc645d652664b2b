"""Withdrawn entities: a mark in the graph lets their IRI explain why they were withdrawn, and what replaces them.

The mark is the same as for terms (ontology/README.md, Deprecation): `owl:deprecated true`, the reason as
`skos:changeNote`, and a replacement as `dcterms:isReplacedBy`, or `cd:withoutSuccessor true`. Statements of files can
only be withdrawn by files: a mark in a curated graph, as the gate once accepted, is ignored.
"""

from __future__ import annotations

from typing import Any

from pyoxigraph import NamedNode, Store

from kg.errors import CityKgError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import preferred_literal
from kg.rdf.lookup import literals_of, match, nodes_of
from kg.rdf.ontology import TRUE, is_deprecated
from kg.rdf.vocabulary import DCTERMS, OWL, RDF, SKOS


class WithdrawnError(CityKgError):
    """An entity was withdrawn. `successors` are the IRIs of its replacements."""

    title = "This was withdrawn"

    def __init__(self, entity: NamedNode, reason: str, successors: list[str]) -> None:
        hint = f"In its place: {', '.join(successors)}" if successors else "Nothing took its place."
        super().__init__(f"{ns.compact(entity.value)} was withdrawn. {reason}".strip(), hint)
        self.successors = successors

    def details(self) -> dict[str, Any]:
        """Return the replacements."""
        return {"replacedBy": self.successors or None}


def is_withdrawn(store: Store, entity: NamedNode) -> bool:
    """Return True if a graph marks an entity as withdrawn."""
    if not is_deprecated(store, entity):
        return False
    if any(graphs.is_from_files(mark.graph_name) for mark in match(store, entity, OWL.deprecated, TRUE)):
        return True
    return not any(graphs.is_from_files(quad.graph_name) for quad in match(store, entity, RDF.type))


def raise_if_withdrawn(store: Store, entity: NamedNode) -> None:
    """Raise WithdrawnError if an entity was withdrawn, with the reason in English if there is a choice."""
    if not is_withdrawn(store, entity):
        return
    reason = preferred_literal(literals_of(store, entity, SKOS.changeNote))
    successors = sorted(node.value for node in nodes_of(store, entity, DCTERMS.isReplacedBy))
    raise WithdrawnError(entity, reason.value if reason else "", successors)
