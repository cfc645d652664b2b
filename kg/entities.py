"""Describe an entity: its statements, its dependent nodes, and the whole relation nodes that point at it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kg import namespaces as ns
from kg import profiles
from kg.formats import GraphFormat
from kg.profiles import Profile
from kg.withdrawals import is_withdrawn
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


class Description:
    """What the graph states of an entity, in a profile and in pages. What points at it is looked up once."""

    def __init__(self, store: Store, entity: NamedNode, profile: Profile = profiles.DESCRIPTION) -> None:
        self._store = store
        self._entity = entity
        self._profile = profile

    @property
    def pages(self) -> int:
        """How many pages there are: at least one."""
        return max(1, -(-len(self._pointing) // PAGE_SIZE))

    def page(self, number: int = 1) -> list[Quad]:
        """Return the quads of a page, each in the graph that states it, sorted by graph.

        Those are the entity's own statements, those of its geometry and of the accounts of it, and of each relation,
        finding or activity that points at it, with the accounts of these; and the labels of whatever they name. Of
        what points at it a page holds `PAGE_SIZE` nodes, relations first; its own statements are on page 1. The
        concise profile keeps to the own statements; the one with provenance adds what is known of the passages.
        """
        if self._profile is profiles.CONCISE:
            return sorted(_stated(self._store, self._entity, with_inferred=True), key=by_graph)
        quads = self._around(number)
        if self._profile is profiles.PROVENANCE:
            quads |= {q for passage in _passages(quads) for q in _stated(self._store, passage, with_inferred=False)}
        return sorted(quads | _labels(self._store, quads), key=by_graph)

    @cached_property
    def _pointing(self) -> list[NamedNode]:
        return [] if self._profile is profiles.CONCISE else _pointing(self._store, self._entity)

    def _around(self, number: int) -> set[Quad]:
        nodes = {self._entity} | _dependents(self._store, self._entity) if number == 1 else set()
        for pointing in self._pointing[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]:
            nodes |= {pointing} | _dependents(self._store, pointing)
        return {q for node in nodes for q in _stated(self._store, node, with_inferred=node == self._entity)}


def types(store: Store, entity: NamedNode) -> list[str]:
    """Return the classes that some graph states an entity to be of, sorted; inferred ones are left out."""
    stated = store.quads_for_pattern(entity, ns.RDF_TYPE, None, None)
    asserted = (quad for quad in stated if quad.graph_name not in (DefaultGraph(), ns.INFERRED))
    return sorted({quad.object.value for quad in asserted if isinstance(quad.object, NamedNode)})


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


def _passages(quads: set[Quad]) -> set[NamedNode]:
    """Return the passages whose graphs some quads stand in."""
    graphs = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}
    return {NamedNode(f"{ns.ID}passage/{g.removeprefix(ns.REPORT)}") for g in graphs if g.startswith(ns.REPORT)}


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
    """Return the slugs of all entities of a kind, as `id/<kind>/<slug>` has them; what was withdrawn is left out."""
    prefix = f"{ns.ID}{kind}/"
    labelled = store.quads_for_pattern(None, _LABEL, None, DefaultGraph())
    subjects = {quad.subject for quad in labelled if isinstance(quad.subject, NamedNode)}
    of_kind = (entity for entity in subjects if entity.value.startswith(prefix))
    return sorted(entity.value.removeprefix(prefix) for entity in of_kind if not is_withdrawn(store, entity))
