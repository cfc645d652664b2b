"""Describe an entity: its statements, its dependent nodes, and the whole relation nodes that point at it."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kg import namespaces as ns
from kg.formats import GraphFormat
from kg.writing import to_bytes

Term = NamedNode | BlankNode | Literal | Triple

PAGE_SIZE = 50

_ACCOUNT_OF = NamedNode(ns.CD + "accountOf")
_HAS_GEOMETRY = NamedNode(ns.PREFIXES["geo"] + "hasGeometry")
_TWIN, _TWINNING = NamedNode(ns.CD + "twin"), NamedNode(ns.CD + "Twinning")
_RELATION = NamedNode(ns.CD + "Relation")
_LABEL = NamedNode(ns.PREFIXES["skos"] + "prefLabel")
_LABELS = (_LABEL, NamedNode(ns.PREFIXES["rdfs"] + "label"))


def name_of(store: Store, kind: str, slug: str) -> str | None:
    """Return the slug under which the graph knows an entity of a kind, None if it states nothing of it.

    It is the given one, except for a twinning whose parties stand in reverse: that goes by the alphabetical one
    (contract: Names).
    """
    try:
        entity = NamedNode(f"{ns.ID}{kind}/{slug}")
    except ValueError:
        return None
    if next(store.quads_for_pattern(entity, None, None, None), None) is not None:
        return slug
    return _twinning_of_reverse(store, slug) if kind == "twinning" else None


def describe(store: Store, entity: NamedNode, page: int = 1) -> list[Quad]:
    """Return the quads that describe an entity, each in the graph that states it, sorted by graph.

    Those are its own statements, those of its geometry and of the accounts of it, and of each relation, finding or
    activity that points at it, with the accounts of these; and the labels of whatever they name. Of what points at it
    a page holds `PAGE_SIZE` nodes, relations first; its own statements are on page 1.
    """
    nodes = {entity} | _dependents(store, entity) if page == 1 else set()
    for pointing in _pointing(store, entity)[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]:
        nodes |= {pointing} | _dependents(store, pointing)
    quads = {quad for node in nodes for quad in _stated(store, node, with_inferred=node == entity)}
    return sorted(quads | _labels(store, quads), key=by_graph)


def types(store: Store, entity: NamedNode) -> list[str]:
    """Return the classes that some graph states an entity to be of, sorted; inferred ones are left out."""
    stated = store.quads_for_pattern(entity, ns.RDF_TYPE, None, None)
    asserted = (quad for quad in stated if quad.graph_name not in (DefaultGraph(), ns.INFERRED))
    return sorted({quad.object.value for quad in asserted if isinstance(quad.object, NamedNode)})


def pages(store: Store, entity: NamedNode) -> int:
    """Return how many pages the description of an entity has: at least one."""
    return max(1, -(-len(_pointing(store, entity)) // PAGE_SIZE))


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


def _twinning_of_reverse(store: Store, slug: str) -> str | None:
    for quad in store.quads_for_pattern(None, ns.RDF_TYPE, _TWINNING, DefaultGraph()):
        name = _slug(quad.subject)
        first, second = sorted(
            _slug(q.object) for q in store.quads_for_pattern(quad.subject, _TWIN, None, DefaultGraph())
        )
        year = name.removeprefix(f"{first}-{second}")
        if slug == f"{second}-{first}{year}":
            return name
    return None


def _slug(entity: Term) -> str:
    assert isinstance(entity, NamedNode)
    return entity.value.rpartition("/")[2]


def _dependents(store: Store, node: NamedNode) -> set[NamedNode]:
    accounts = {quad.subject for quad in store.quads_for_pattern(None, _ACCOUNT_OF, node, DefaultGraph())}
    geometry = {quad.object for quad in store.quads_for_pattern(node, _HAS_GEOMETRY, None, DefaultGraph())}
    return {found for found in accounts | geometry if isinstance(found, NamedNode)}


def _pointing(store: Store, entity: NamedNode) -> list[NamedNode]:
    """Return the entities that point at this one, relations first: neither terms, nor places, nor what is inferred."""
    found = {
        quad.subject
        for quad in store.quads_for_pattern(None, None, entity, None)
        if isinstance(quad.subject, NamedNode)
        and quad.subject.value.startswith(ns.ID)
        and quad.graph_name not in (DefaultGraph(), ns.INFERRED)
        and quad.predicate.value != ns.CD + "within"
    }
    return sorted(found, key=lambda node: (not _is_relation(store, node), node.value))


def _is_relation(store: Store, node: NamedNode) -> bool:
    return Quad(node, ns.RDF_TYPE, _RELATION, DefaultGraph()) in store


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
