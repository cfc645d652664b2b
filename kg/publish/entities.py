"""Find an entity by its name, and describe it: its statements, dependent nodes, and the relations that refer to it.

A profile says how much a document contains of an entity (W3C, Content Negotiation by Profile, section 2: data profile).
Its IRI leads to the description of the data set, where `Profile.as_triples` describes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from enum import Enum
from functools import cached_property, lru_cache

from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions, QueryTriples, RdfFormat, Store, Triple

from kg.errors import UnknownNameError
from kg.names import Names
from kg.publish.paging import count_pages, rows_on_page
from kg.publish.withdrawn import is_withdrawn, raise_if_withdrawn
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMATS, GraphFormat
from kg.rdf.labels import LABELS
from kg.rdf.lines import Line, is_node, line_of, node_of, term_of
from kg.rdf.lookup import Term, match, match_each, nodes_with
from kg.rdf.passages import passages_of
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.triples import dataset_node, triples_about
from kg.rdf.vocabulary import CD, DCTERMS, GEO, PROV, RDF
from kg.readings import Reading
from kg.sparql.evaluation import select

PAGE_SIZE = 100
"""Things on a page beside the described one: what a passage states fits on one, what points at a country does not."""

_LABEL_CACHE_SIZE = 5_000

_REFERRERS = f"GRAPH ?graph {{ ?node ?by %s }} FILTER (?graph != {graphs.INFERRED} && ?by != {CD.within})"
_THINGS = f"FILTER (isIRI(?node) && STRSTARTS(STR(?node), '{ns.ID}'))"
_SOURCE_PREDICATES = (term_of(CD.statedIn), term_of(DCTERMS.source))
_TYPE, _HAS_GEOMETRY = term_of(RDF.type), term_of(GEO.hasGeometry)
_NOT_STATED = frozenset(str(graph).encode() for graph in graphs.NOT_STATED)
_END = b" )>> ."
_PROF = "http://www.w3.org/ns/dx/prof/"


class Profile(Enum):
    """A profile: its name in addresses, title, contents, the formats that can carry it, and its IRI."""

    DESCRIPTION = (
        "description",
        "Description",
        "The statements of an entity, its geometry and accounts, what points at it, and labels. It is what a document "
        "holds when no profile is asked for.",
        GRAPH_FORMATS,
    )
    CONCISE = ("concise", "Concise", "The statements of an entity itself, and nothing else.", GRAPH_FORMATS)
    PROVENANCE = (
        "provenance",
        "With provenance",
        "The description, each statement in the graph that states it, with what is known of the passages and "
        "sources that state it, and the changes that have stated these sources.",
        tuple(fmt for fmt in GRAPH_FORMATS if fmt.keeps_graphs),
    )

    def __init__(self, token: str, title: str, meaning: str, formats: tuple[GraphFormat, ...]) -> None:
        self.token = token
        self.title = title
        self.meaning = meaning
        self.formats = formats
        self.iri = dataset_node(f"profile-{token}")

    @classmethod
    def find(cls, token: str) -> Profile:
        """Return the profile of a name. Raises UnknownNameError with the names of all profiles."""
        if token not in _BY_TOKEN:
            raise UnknownNameError("profile", token, list(_BY_TOKEN))
        return _BY_TOKEN[token]

    def as_triples(self) -> Iterator[Triple]:
        """Yield its description in the terms of the Profiles Vocabulary (W3C note, section 6)."""
        yield Triple(self.iri, NamedNode(f"{_PROF}hasToken"), Literal(self.token))
        yield from triples_about(
            self.iri,
            ("rdf:type", NamedNode(f"{_PROF}Profile")),
            ("rdfs:label", Literal(self.title, language="en")),
            ("rdfs:comment", Literal(self.meaning, language="en")),
        )


_BY_TOKEN = {profile.token: profile for profile in Profile}


def find_entity(store: Store, kind: str, slug: str) -> NamedNode:
    """Return the entity of a kind with a slug, or with the slug as an alias (see `find_slug`).

    Raises UnknownNameError with the nearest names, and WithdrawnError for a withdrawn entity.
    """
    if kind.lower() not in ns.ENTITY_TYPES:
        raise UnknownNameError("kind of thing", kind, ns.ENTITY_TYPES)
    kind = kind.lower()
    name = find_slug(store, kind, slug)
    if name is None:
        raise UnknownNameError(kind, slug, _slugs(store, kind))
    entity = NamedNode(f"{ns.ID}{kind}/{name}")
    raise_if_withdrawn(store, entity)
    return entity


def find_slug(store: Store, kind: str, slug: str) -> str | None:
    """Return the slug under which the graph has an entity, None if it states nothing about it.

    This is the given slug in lower case, except for a twinning whose parties are in reverse order: it has the slug in
    alphabetical order (contract: Names).
    """
    for spelled in dict.fromkeys((slug, slug.lower())):
        with suppress(ValueError):  # not an IRI
            if next(match(store, NamedNode(f"{ns.ID}{kind}/{spelled}")), None) is not None:
                return spelled
    return _find_reversed_twinning(store, slug.lower()) if kind == "twinning" else None


@Reading
def entities_with(store: Store, predicate: str) -> list[str]:
    """Return kind and slug (`city/leeds`) of the entities with a predicate, sorted; for "" those of all entities."""
    by = NamedNode(predicate) if predicate else "?by"
    query = f"SELECT DISTINCT ?entity {{ ?entity {by} ?value FILTER STRSTARTS(STR(?entity), '{ns.ID}') }}"
    return sorted(row["entity"].value.removeprefix(ns.ID) for row in select(store, query))


class Description:
    """The statements about an entity, in a profile and in pages. Entities that refer to it are looked up once."""

    def __init__(self, store: Store, entity: NamedNode, profile: Profile = Profile.DESCRIPTION) -> None:
        self._store = store
        self.entity = entity
        self.profile = profile
        self._pages: dict[int, set[Line]] = {}

    @property
    def page_count(self) -> int:
        """The number of pages, at least one."""
        return count_pages(len(self.referrers), PAGE_SIZE)

    @cached_property
    def referrers(self) -> list[NamedNode]:
        """The entities that refer to this one, in the order of pages; none in the concise profile."""
        return [] if self.profile is Profile.CONCISE else _find_referrers(self._store, self.entity)

    def nodes(self, number: int) -> set[NamedNode]:
        """Return the nodes that a page describes: its share of the referrers, and on page 1 the entity."""
        return {*rows_on_page(self.referrers, number, PAGE_SIZE), *([self.entity] if number == 1 else [])}

    def page(self, number: int = 1) -> set[Line]:
        """Return the statements of a page, each with the graph that states it.

        These are the statements about the entity, its geometry and its accounts, and about each relation, finding or
        activity that refers to it, with their accounts; and the labels of everything that they name. A page holds
        `PAGE_SIZE` referrers, relations first; the statements about the entity itself are on page 1. The concise
        profile has only the latter; the profile with provenance adds what is known of the passages and sources, and of
        the changes that have stated these sources.
        """
        if number not in self._pages:
            self._pages[number] = self._page(number)
        return self._pages[number]

    def _page(self, number: int) -> set[Line]:
        if self.profile is Profile.CONCISE:
            return _statements_of(self._store, {self.entity}, inferred_of=self.entity)
        lines = self._statements_around(number)
        if self.profile is Profile.PROVENANCE:
            sources = _sources(lines) | {self.entity}
            nodes = sources | _passages(self._store, lines) | _changes(self._store, sources)
            lines |= _statements_of(self._store, nodes)
        return lines | _labels(self._store, lines)

    def _statements_around(self, number: int) -> set[Line]:
        nodes = self.nodes(number)
        accounts = _accounts(self._store, nodes)
        lines = _statements_of(self._store, nodes | accounts, inferred_of=self.entity)
        return lines | _statements_of(self._store, _geometries(lines, nodes) - nodes - accounts)


def types_of(entity: NamedNode, lines: Iterable[Line]) -> list[str]:
    """Return the classes that some graph states for an entity, sorted, from lines that include all these statements.

    Inferred ones are left out.
    """
    node = term_of(entity)
    stated = {(value, graph) for subject, predicate, value, graph in lines if (subject, predicate) == (node, _TYPE)}
    return sorted({node_of(value).value for value, graph in stated if graph not in _NOT_STATED and is_node(value)})


def count_description_pages(store: Store, entity: NamedNode, profile: Profile) -> int:
    """Return the number of pages of the description of an entity, without listing their contents."""
    if profile is Profile.CONCISE:
        return 1
    counted = select(store, f"SELECT (COUNT(DISTINCT ?node) AS ?count) {{ {_REFERRERS % entity} {_THINGS} }}")
    return count_pages(sum(int(row["count"].value) for row in counted), PAGE_SIZE)


def _slugs(store: Store, kind: str) -> list[str]:
    """Return the slugs of all entities of a kind, as in `id/<kind>/<slug>`, except for withdrawn ones."""
    prefix = f"{ns.ID}{kind}/"
    labelled = (row["thing"] for row in select(store, "SELECT DISTINCT ?thing { ?thing skos:prefLabel ?label }"))
    of_kind = [thing for thing in labelled if isinstance(thing, NamedNode) and thing.value.startswith(prefix)]
    marked = Names.withdrawn_in(store)
    known = (thing for thing in of_kind if thing.value not in marked or not is_withdrawn(store, thing))
    return sorted(thing.value.removeprefix(prefix) for thing in known)


def _find_reversed_twinning(store: Store, slug: str) -> str | None:
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
    return {account for node in nodes for account in nodes_with(store, CD.accountOf, node)}


def _geometries(lines: set[Line], nodes: set[NamedNode]) -> set[NamedNode]:
    """Return the geometries that some lines give to nodes."""
    given = ((subject, value) for subject, predicate, value, _ in lines if predicate == _HAS_GEOMETRY)
    return {node_of(value) for subject, value in given if is_node(value) and node_of(subject) in nodes}


def _passages(store: Store, lines: set[Line]) -> set[NamedNode]:
    """Return the passages whose graphs contain some lines; those of data sets are among the sources of lines."""
    named = {node_of(graph).value for graph in {line[3] for line in lines}}
    return {NamedNode(passage) for passage in passages_of(store, named).values()}


def _sources(lines: set[Line]) -> set[NamedNode]:
    """Return the passages and sources that some lines name as their origin."""
    return {node_of(value) for _, predicate, value, _ in lines if predicate in _SOURCE_PREDICATES and is_node(value)}


def _changes(store: Store, sources: set[NamedNode]) -> set[NamedNode]:
    """Return the changes that have stated sources."""
    return {change for source in sources for change in nodes_with(store, PROV.used, source, graphs.HISTORY)}


def _find_referrers(store: Store, entity: NamedNode) -> list[NamedNode]:
    """Return the entities that refer to this one, relations first; terms, places and inferred statements are left out.

    Relations are told apart only if the entities do not fit on one page.
    """
    found = store.query(f"SELECT ?node {{ {_REFERRERS % entity} }}")
    assert isinstance(found, QuerySolutions)
    every = {node for (node,) in found}
    nodes = [node for node in every if isinstance(node, NamedNode) and node.value.startswith(ns.ID)]
    relations = set()
    if len(nodes) > PAGE_SIZE:
        query = f"SELECT DISTINCT ?node {{ {_REFERRERS % entity} FILTER EXISTS {{ ?node a cd:Relation }} }}"
        relations = {node for (node,) in select(store, query)}
    return sorted(nodes, key=lambda node: (node not in relations, node.value))


def _statements_of(store: Store, nodes: set[NamedNode], inferred_of: NamedNode | None = None) -> set[Line]:
    """Return what graphs state of nodes; of one of them, with what is inferred.

    Most of what a document costs is that the engine looks up each term of its answer. So the query numbers the nodes,
    and does not have the default graph, which repeats what the others state. It has a graph in the place of the
    subject, since a graph of triples is what the engine writes as lines.
    """
    listed = list(nodes)
    if not listed:
        return set()
    numbered = " ".join(f"({node} <number:{number}>)" for number, node in enumerate(listed))
    computed = " && ".join(f"!sameTerm(?graph, {graph})" for graph in graphs.COMPUTED)
    wanted = f"{computed} || sameTerm(?node, {inferred_of})" if inferred_of in nodes else computed
    query = f"""CONSTRUCT {{ ?number <number:> <<( ?graph ?property ?value )>> }} {{
      VALUES (?node ?number) {{ {numbered} }} GRAPH ?graph {{ ?node ?property ?value }} FILTER ({wanted})
    }}"""
    answer = store.query(query)
    assert isinstance(answer, QueryTriples)
    subjects = {b"<number:%d>" % number: term_of(node) for number, node in enumerate(listed)}
    lines = set()
    for written in (answer.serialize(format=RdfFormat.N_TRIPLES) or b"").splitlines():
        number, _, _, graph, predicate, rest = written.split(b" ", 5)  # <number:7> <number:> <<( … )>> .
        lines.add((subjects[number], predicate, rest.removesuffix(_END), graph))
    return lines


def _labels(store: Store, lines: set[Line]) -> set[Line]:
    """Return the labels of the terms in lines, except for those of subjects, which are among the lines."""
    named = {predicate for _, predicate, _, _ in lines}.union([value for _, _, value, _ in lines if is_node(value)])
    find_labels = _label_finder(store)
    return {label for term in named.difference([subject for subject, *_ in lines]) for label in find_labels(term)}


@once_per_snapshot
def _label_finder(snapshot: Store) -> Callable[[bytes], tuple[Line, ...]]:
    """Return a function that finds the labels of a term in the graphs of a snapshot.

    Documents name the same properties, concepts and passages again and again: the latest ones are cached.
    """

    def find_labels(term: bytes) -> tuple[Line, ...]:
        labels = match_each(snapshot, ((node_of(term), predicate) for predicate in LABELS))
        return tuple(line_of(label) for label in labels if label.graph_name != DefaultGraph())

    return lru_cache(_LABEL_CACHE_SIZE)(find_labels)
