"""Find an entity by its name, and describe it: its statements, its dependent nodes, the relations that point at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property, lru_cache

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.errors import UnknownNameError
from kg.names import Names
from kg.publish.paging import pages_of, window
from kg.publish.profiles import Profile
from kg.publish.withdrawn import is_withdrawn, refuse_withdrawn
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import LABELS
from kg.rdf.lookup import Term, match, match_each
from kg.rdf.passages import passages_of
from kg.rdf.serialise import by_graph
from kg.rdf.snapshots import of_snapshot
from kg.rdf.vocabulary import CD, DCTERMS, GEO, PROV, RDF
from kg.sparql.evaluation import select

PAGE_SIZE = 50

_REMEMBERED = 5_000

_POINTING = "GRAPH ?graph { ?node ?by %s } FILTER (?graph != graph:inferred && ?by != cd:within)"
_THINGS = f"FILTER (isIRI(?node) && STRSTARTS(STR(?node), '{ns.ID}'))"
_TAKEN_FROM = (CD.statedIn, DCTERMS.source)


def find_entity(store: Store, kind: str, slug: str) -> NamedNode:
    """Return the entity of a kind that goes by a slug, or of which the slug is an alias (see `name_of`).

    Raises UnknownNameError that names what is near, WithdrawnError for what was withdrawn.
    """
    if kind.lower() not in ns.ENTITY_TYPES:
        raise UnknownNameError("kind of thing", kind, ns.ENTITY_TYPES)
    kind = kind.lower()
    name = name_of(store, kind, slug)
    if name is None:
        raise UnknownNameError(kind, slug, _slugs(store, kind))
    entity = NamedNode(f"{ns.ID}{kind}/{name}")
    refuse_withdrawn(store, entity)
    return entity


def name_of(store: Store, kind: str, slug: str) -> str | None:
    """Return the slug under which the graph knows an entity of a kind, None if it states nothing of it.

    It is the given one, in small letters, except for a twinning whose parties stand in reverse: that goes by the
    alphabetical one (contract: Names).
    """
    for spelled in dict.fromkeys((slug, slug.lower())):
        with suppress(ValueError):  # not an IRI
            if next(match(store, NamedNode(f"{ns.ID}{kind}/{spelled}")), None) is not None:
                return spelled
    return _twinning_of_reverse(store, slug.lower()) if kind == "twinning" else None


def entities_with(store: Store, predicate: str) -> list[str]:
    """Return kind and slug (`city/leeds`) of the entities of which a predicate states something, sorted.

    Without one, that is for "", of all of which anything is stated.
    """
    by = NamedNode(predicate) if predicate else "?by"
    asked = f"SELECT DISTINCT ?entity {{ ?entity {by} ?value FILTER STRSTARTS(STR(?entity), '{ns.ID}') }}"
    return sorted(row["entity"].value.removeprefix(ns.ID) for row in select(store, asked))


class Description:
    """What the graph states of an entity, in a profile and in pages. What points at it is looked up once."""

    def __init__(self, store: Store, entity: NamedNode, profile: Profile = Profile.DESCRIPTION) -> None:
        self._store = store
        self.entity = entity
        self.profile = profile

    @property
    def pages(self) -> int:
        """The number of pages, at least one."""
        return pages_of(len(self._pointing), PAGE_SIZE)

    def page(self, number: int = 1) -> list[Quad]:
        """Return the quads of a page (`statements`), sorted by graph."""
        return sorted(self.statements(number), key=by_graph)

    def statements(self, number: int = 1) -> set[Quad]:
        """Return the quads of a page, each in the graph that states it.

        Those are the entity's own statements, those of its geometry and of the accounts of it, and of each relation,
        finding or activity that points at it, with the accounts of these; and the labels of whatever they name. Of
        what points at it a page holds `PAGE_SIZE` nodes, relations first; its own statements are on page 1. The
        concise profile keeps to the own statements; the one with provenance adds what is known of the passages and
        sources, and of the changes that have stated these sources.
        """
        if self.profile is Profile.CONCISE:
            return _stated(self._store, {self.entity}, inferred_of=self.entity)
        quads = self._around(number)
        if self.profile is Profile.PROVENANCE:
            sources = _sources(quads) | {self.entity}
            nodes = sources | _passages(self._store, quads) | _changes(self._store, sources)
            quads |= _stated(self._store, nodes)
        return quads | _labels(self._store, quads)

    @cached_property
    def _pointing(self) -> list[NamedNode]:
        return [] if self.profile is Profile.CONCISE else _pointing(self._store, self.entity)

    def _around(self, number: int) -> set[Quad]:
        nodes = set(window(self._pointing, number, PAGE_SIZE))
        if number == 1:
            nodes.add(self.entity)
        accounts = _accounts(self._store, nodes)
        quads = _stated(self._store, nodes | accounts, inferred_of=self.entity)
        return quads | _stated(self._store, _geometries(quads, nodes) - nodes - accounts)


def types_of(entity: NamedNode, quads: Iterable[Quad]) -> list[str]:
    """Return the classes that some graph states an entity to be of, sorted, by quads that hold all of these statements.

    Inferred ones are left out.
    """
    stated = (quad for quad in quads if quad.predicate == RDF.type and quad.subject == entity)
    asserted = (quad.object for quad in stated if quad.graph_name not in graphs.NOT_STATED)
    return sorted({of.value for of in asserted if isinstance(of, NamedNode)})


def page_count(store: Store, entity: NamedNode, profile: Profile) -> int:
    """Return how many pages the description of an entity has, without listing what they hold."""
    if profile is Profile.CONCISE:
        return 1
    counted = select(store, f"SELECT (COUNT(DISTINCT ?node) AS ?count) {{ {_POINTING % entity} {_THINGS} }}")
    return pages_of(sum(int(row["count"].value) for row in counted), PAGE_SIZE)


def _slugs(store: Store, kind: str) -> list[str]:
    """Return the slugs of all entities of a kind, as `id/<kind>/<slug>` has them; what was withdrawn is left out."""
    prefix = f"{ns.ID}{kind}/"
    labelled = (row["thing"] for row in select(store, "SELECT DISTINCT ?thing { ?thing skos:prefLabel ?label }"))
    of_kind = [thing for thing in labelled if isinstance(thing, NamedNode) and thing.value.startswith(prefix)]
    marked = Names.withdrawn_in(store)
    known = (thing for thing in of_kind if thing.value not in marked or not is_withdrawn(store, thing))
    return sorted(thing.value.removeprefix(prefix) for thing in known)


def _twinning_of_reverse(store: Store, slug: str) -> str | None:
    for quad in match(store, None, RDF.type, CD.Twinning, DefaultGraph()):
        name = _slug(quad.subject)
        first, second = sorted(_slug(q.object) for q in match(store, quad.subject, CD.twin, None, DefaultGraph()))
        year = name.removeprefix(f"{first}-{second}")
        if slug == f"{second}-{first}{year}":
            return name
    return None


def _slug(entity: Term) -> str:
    assert isinstance(entity, NamedNode)
    return entity.value.rpartition("/")[2]


def _accounts(store: Store, nodes: set[NamedNode]) -> set[NamedNode]:
    found = match_each(store, ((None, CD.accountOf, node, DefaultGraph()) for node in nodes))
    return {quad.subject for quad in found if isinstance(quad.subject, NamedNode)}


def _geometries(quads: set[Quad], nodes: set[NamedNode]) -> set[NamedNode]:
    """Return the geometries that some quads give to nodes."""
    found = (quad for quad in quads if quad.predicate == GEO.hasGeometry and quad.subject in nodes)
    return {quad.object for quad in found if isinstance(quad.object, NamedNode)}


def _passages(store: Store, quads: set[Quad]) -> set[NamedNode]:
    """Return the passages whose graphs some quads stand in; those of data sets are among the sources of quads."""
    named = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}
    return {NamedNode(passage) for passage in passages_of(store, named).values()}


def _sources(quads: set[Quad]) -> set[NamedNode]:
    """Return the passages and sources from which some quads say that something is taken."""
    return {quad.object for quad in quads if quad.predicate in _TAKEN_FROM and isinstance(quad.object, NamedNode)}


def _changes(store: Store, sources: set[NamedNode]) -> set[NamedNode]:
    """Return the changes that have stated sources."""
    used = match_each(store, ((None, PROV.used, source, graphs.HISTORY) for source in sources))
    return {quad.subject for quad in used if isinstance(quad.subject, NamedNode)}


def _pointing(store: Store, entity: NamedNode) -> list[NamedNode]:
    """Return the entities that point at this one, relations first: neither terms, nor places, nor what is inferred.

    Which are relations is asked only where not all of them go on one page.
    """
    found = {node for (node,) in select(store, f"SELECT ?node {{ {_POINTING % entity} }}")}
    nodes = [node for node in found if isinstance(node, NamedNode) and node.value.startswith(ns.ID)]
    relations = set()
    if len(nodes) > PAGE_SIZE:
        asked = f"SELECT DISTINCT ?node {{ {_POINTING % entity} FILTER EXISTS {{ ?node a cd:Relation }} }}"
        relations = {node for (node,) in select(store, asked)}
    return sorted(nodes, key=lambda node: (node not in relations, node.value))


def _stated(store: Store, nodes: set[NamedNode], inferred_of: NamedNode | None = None) -> set[Quad]:
    """Return what graphs state of nodes; of one of them, with what is inferred.

    Most of what a document costs is that the engine looks up each term of its answer. So the query numbers the nodes,
    and does not have the default graph, which repeats what the others state.
    """
    listed = list(nodes)
    if not listed:
        return set()
    numbered = " ".join(f"({node} {number})" for number, node in enumerate(listed))
    computed = " && ".join(f"?graph != {graph}" for graph in graphs.COMPUTED)
    wanted = f"{computed} || ?number = {listed.index(inferred_of)}" if inferred_of in nodes else computed
    asked = f"""SELECT ?number ?property ?value ?graph {{
      VALUES (?node ?number) {{ {numbered} }} GRAPH ?graph {{ ?node ?property ?value }} FILTER ({wanted})
    }}"""
    rows = select(store, asked)
    return {Quad(listed[int(number.value)], predicate, value, graph) for number, predicate, value, graph in rows}


def _labels(store: Store, quads: set[Quad]) -> set[Quad]:
    """Return the labels of what quads name, without those of their subjects, which they state themselves."""
    named = {term for quad in quads for term in (quad.predicate, quad.object) if isinstance(term, NamedNode)}
    stated = _labels_stated(store)
    return {label for term in named.difference(quad.subject for quad in quads) for label in stated(term)}


@of_snapshot
def _labels_stated(snapshot: Store) -> Callable[[NamedNode], tuple[Quad, ...]]:
    """Return what finds the labels of a term in the graphs of a store that never changes.

    Documents name the same properties, concepts and passages again and again: those named last are remembered.
    """

    def stated(term: NamedNode) -> tuple[Quad, ...]:
        labels = match_each(snapshot, ((term, predicate) for predicate in LABELS))
        return tuple(label for label in labels if label.graph_name != DefaultGraph())

    return lru_cache(_REMEMBERED)(stated)
