"""What was withdrawn: an entity keeps a mark in the graph, so that its IRI says why it is gone and where to go.

The mark is the one that terms have (ontology/README.md, Deprecation): `owl:deprecated true`, the reason as
`skos:changeNote`, and `dcterms:isReplacedBy` what took its place, if anything did.
"""

from __future__ import annotations

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg import namespaces as ns
from kg.errors import CityKgError

_DEPRECATED = NamedNode(ns.PREFIXES["owl"] + "deprecated")
_REASON = NamedNode(ns.PREFIXES["skos"] + "changeNote")
_REPLACED_BY = NamedNode(ns.PREFIXES["dcterms"] + "isReplacedBy")
_TRUE = Literal("true", datatype=NamedNode(ns.PREFIXES["xsd"] + "boolean"))


class WithdrawnError(CityKgError):
    """An entity was withdrawn. `successors` are the IRIs of what took its place."""

    def __init__(self, entity: NamedNode, reason: str, successors: list[str]) -> None:
        hint = f"In its place: {', '.join(successors)}" if successors else "Nothing took its place."
        super().__init__(f"{ns.compact(entity.value)} was withdrawn. {reason}".strip(), hint)
        self.successors = successors


def is_withdrawn(store: Store, entity: NamedNode) -> bool:
    """Tell whether a graph marks an entity as withdrawn."""
    return Quad(entity, _DEPRECATED, _TRUE, DefaultGraph()) in store


def refuse_withdrawn(store: Store, entity: NamedNode) -> None:
    """Raise WithdrawnError, with the reason in English where there is a choice, if an entity was withdrawn."""
    if not is_withdrawn(store, entity):
        return
    notes = [quad.object for quad in store.quads_for_pattern(entity, _REASON, None, DefaultGraph())]
    reasons = sorted((note.language != "en", note.value) for note in notes if isinstance(note, Literal))
    replaced = [quad.object for quad in store.quads_for_pattern(entity, _REPLACED_BY, None, DefaultGraph())]
    successors = sorted(node.value for node in replaced if isinstance(node, NamedNode))
    raise WithdrawnError(entity, reasons[0][1] if reasons else "", successors)
