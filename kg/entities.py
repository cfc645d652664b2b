"""Describe an entity: its statements, its dependent nodes, and the whole relation nodes that point at it."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg import namespaces as ns
from kg.formats import GraphFormat
from kg.writing import to_bytes

_ACCOUNT_OF = NamedNode(ns.CD + "accountOf")
_HAS_GEOMETRY = NamedNode(ns.PREFIXES["geo"] + "hasGeometry")
_LABEL = NamedNode(ns.PREFIXES["skos"] + "prefLabel")
_LABELS = (_LABEL, NamedNode(ns.PREFIXES["rdfs"] + "label"))


def exists(store: Store, entity: NamedNode) -> bool:
    """Tell whether the graph states anything of the entity."""
    return next(store.quads_for_pattern(entity, None, None, None), None) is not None


def describe(store: Store, entity: NamedNode) -> list[Quad]:
    """Return the quads that describe an entity, each in the graph that states it, sorted by graph.

    Those are its own statements, those of its geometry and of the accounts of it, and of each relation, finding or
    activity that points at it, with the accounts of these; and the labels of whatever they name.
    """
    nodes = {entity} | _dependents(store, entity)
    for pointing in _pointing(store, entity):
        nodes |= {pointing} | _dependents(store, pointing)
    quads = {quad for node in nodes for quad in _stated(store, node, with_inferred=node == entity)}
    return sorted(quads | _labels(store, quads), key=by_graph)


def merge(quads: Iterable[Quad]) -> list[Quad]:
    """Return each triple once, outside any graph, sorted."""
    triples = {quad.triple for quad in quads}
    return sorted((Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples), key=str)


def write(quads: list[Quad], graph_format: GraphFormat) -> bytes:
    """Write quads in a format; one that has no named graphs gets the merged set."""
    content = quads if graph_format.keeps_graphs else [quad.triple for quad in merge(quads)]
    return to_bytes(content, graph_format.engine)


def by_graph(quad: Quad) -> tuple[str, str]:
    """Sort key that keeps the statements of a graph together."""
    return str(quad.graph_name), str(quad)


def _dependents(store: Store, node: NamedNode) -> set[NamedNode]:
    accounts = {quad.subject for quad in store.quads_for_pattern(None, _ACCOUNT_OF, node, DefaultGraph())}
    geometry = {quad.object for quad in store.quads_for_pattern(node, _HAS_GEOMETRY, None, DefaultGraph())}
    return {found for found in accounts | geometry if isinstance(found, NamedNode)}


def _pointing(store: Store, entity: NamedNode) -> set[NamedNode]:
    """Return the entities that point at this one: neither terms, nor places, nor what was only inferred."""
    return {
        quad.subject
        for quad in store.quads_for_pattern(None, None, entity, None)
        if isinstance(quad.subject, NamedNode)
        and quad.subject.value.startswith(ns.ID)
        and quad.graph_name not in (DefaultGraph(), ns.INFERRED)
        and quad.predicate.value != ns.CD + "within"
    }


def _stated(store: Store, node: NamedNode, *, with_inferred: bool) -> set[Quad]:
    return {
        quad
        for quad in store.quads_for_pattern(node, None, None, None)
        if quad.graph_name != DefaultGraph() and (with_inferred or quad.graph_name != ns.INFERRED)
    }


def _labels(store: Store, quads: set[Quad]) -> set[Quad]:
    named = {term for quad in quads for term in (quad.predicate, quad.object) if isinstance(term, NamedNode)}
    return {
        label
        for term in named
        for predicate in _LABELS
        for label in store.quads_for_pattern(term, predicate, None, None)
        if label.graph_name != DefaultGraph()
    }


def slugs(store: Store, kind: str) -> list[str]:
    """Return the slugs of all entities of a kind, as `id/<kind>/<slug>` has them."""
    prefix = f"{ns.ID}{kind}/"
    labelled = store.quads_for_pattern(None, _LABEL, None, DefaultGraph())
    subjects = {quad.subject.value for quad in labelled if isinstance(quad.subject, NamedNode)}
    return sorted(iri.removeprefix(prefix) for iri in subjects if iri.startswith(prefix))
