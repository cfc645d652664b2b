"""What the graph and its endpoint say of themselves: SPARQL 1.1 Service Description, VoID, DCAT, SHACL examples.

Every number is counted in the store. Nodes have IRIs below the data set's own address (no blank nodes), so that the
same store always gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypedDict

from pyoxigraph import Literal, NamedNode, Store, Triple

from kg.publish.dataset import dcat, dumps, void
from kg.queries import canned_queries
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMATS, RESULT_FORMATS
from kg.rdf.graphs import REPORT_UNION
from kg.rdf.triples import DATASET, SPARQL, below, count, node, rows, said

_AVAILABLE = below("available-graphs")
_GRAPHS = "SELECT ?graph (COUNT(*) AS ?triples) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ORDER BY ?graph"
_UNION = f"""SELECT (COUNT(*) AS ?triples) {{
  {{ SELECT DISTINCT ?s ?p ?o {{ GRAPH ?graph {{ ?s ?p ?o }} FILTER (STRSTARTS(STR(?graph), "{ns.REPORT}")) }} }}
}}"""
_PASSAGES = "SELECT ?passage ?whole { ?passage a cd:Passage ; dcterms:isPartOf ?whole }"
_STATED = "SELECT ?graph ?passage { ?passage cd:statementGraph ?graph }"
_SOURCES = "SELECT DISTINCT ?graph ?source { GRAPH ?graph { ?s prov:wasDerivedFrom ?source } }"


def service_description(store: Store, endpoint: str) -> list[Triple]:
    """Return the description of the endpoint at an address (SPARQL 1.1 Service Description).

    `endpoint` is the address of `/sparql` as the client knows it; the service keeps its IRI.
    There is no `sd:UnionDefaultGraph`, since the default graph leaves out the graphs of shapes and history, and no
    other feature, since none of them is true.
    """
    service = NamedNode(f"{SPARQL.value}#service")
    return [
        *said(service, ("rdf:type", node("sd:Service")), ("sd:endpoint", NamedNode(endpoint))),
        *said(service, ("sd:supportedLanguage", node("sd:SPARQL10Query"))),
        *said(service, ("sd:supportedLanguage", node("sd:SPARQL11Query"))),
        *said(service, *(("sd:resultFormat", NamedNode(iri)) for iri in _format_iris())),
        *said(service, ("sd:defaultEntailmentRegime", node("ent:Simple")), ("sd:defaultDataset", DATASET)),
        *said(service, ("sd:availableGraphs", _AVAILABLE)),
        *_default_dataset(store),
        *_available_graphs(store),
        *_graphs(store),
        *prefix_declarations(),
    ]


def void_description(store: Store) -> list[Triple]:
    """Return the description of the data set (VoID, DCAT 3): sizes, partitions, graphs, dumps, licence, version.

    Counts are those of the default graph. Licence, version and dates are those that the ontology's header states. Where
    it is queried is left out (`access`), since that depends on the client.
    """
    return [
        *dcat.metadata(store),
        *void.sizes(store),
        *void.by_class(store),
        *void.by_property(store),
        *_graphs(store),
        *_subsets(store),
        *dcat.distributions(store),
        *prefix_declarations(),
    ]


class Summary(TypedDict):
    """The description of the data set for its page: as schema.org has it, and triples by the name of their graph."""

    described: dict[str, Any]
    sizes: dict[str, int]


def summary(store: Store) -> Summary:
    """Return what the page about the data set shows."""
    sizes = {graph.value.removeprefix(ns.GRAPH): size for graph, size in graph_sizes(store).items()}
    return Summary(described=dcat.schema_org(store), sizes=sizes)


def query_examples() -> list[Triple]:
    """Return the canned queries as SHACL executables, in the form that SPARQL editors look for.

    The text of a query needs the prefixes that its `sh:prefixes` declares.
    """
    triples = list(prefix_declarations())
    for query in canned_queries().values():
        triples += said(
            NamedNode(ns.QUERIES + query.name),
            ("rdf:type", node("sh:SPARQLExecutable")),
            ("rdf:type", node("sh:SPARQLSelectExecutable")),
            ("rdfs:label", Literal(query.name)),
            ("rdfs:comment", Literal(query.summary, language="en")),
            ("dcterms:description", Literal(query.description.strip(), language="en")),
            ("sh:select", Literal(query.body)),
            ("sh:prefixes", DATASET),
            ("schema:target", SPARQL),
            *(("schema:keywords", Literal(tag)) for tag in query.tags),
        )
    return triples


def prefix_declarations() -> Iterator[Triple]:
    """Yield the prefixes that queries may use without declaring them, as `sh:declare` of the data set."""
    for prefix, namespace in ns.PREFIXES.items():
        declaration = below(f"prefix-{prefix}")
        yield from said(DATASET, ("sh:declare", declaration))
        yield from said(
            declaration,
            ("rdf:type", node("sh:PrefixDeclaration")),
            ("sh:prefix", Literal(prefix)),
            ("sh:namespace", Literal(namespace, datatype=node("xsd:anyURI"))),
        )


def graph_sizes(store: Store) -> dict[NamedNode, int]:
    """Return the number of triples of each named graph, by name."""
    return {row["graph"]: int(row["triples"].value) for row in rows(store, _GRAPHS)}


def _format_iris() -> Iterator[str]:
    yield from (fmt.iri for fmt in RESULT_FORMATS)
    yield from (fmt.engine.iri for fmt in GRAPH_FORMATS)


def _default_dataset(store: Store) -> Iterator[Triple]:
    default = below("default-graph")
    yield from said(DATASET, ("rdf:type", node("sd:Dataset")), ("sd:defaultGraph", default))
    yield from said(default, ("rdf:type", node("sd:Graph")), ("void:triples", void.totals(store)["triples"]))
    yield from _named_graphs(DATASET, graph_sizes(store))


def _available_graphs(store: Store) -> Iterator[Triple]:
    """Yield the graphs that a data set may be made of: those of the default data set, and the union of all passages."""
    union = NamedNode(REPORT_UNION)
    (size,) = rows(store, _UNION)
    yield from said(_AVAILABLE, ("rdf:type", node("sd:GraphCollection")))
    yield from _named_graphs(_AVAILABLE, [*graph_sizes(store), union])
    yield from _sized(union, int(size["triples"].value))
    yield from said(union, *(("dcterms:source", row["whole"]) for row in rows(store, _PASSAGES)))


def _named_graphs(collection: NamedNode, graphs: Iterable[NamedNode]) -> Iterator[Triple]:
    for graph in graphs:
        named = below(graph.value.removeprefix(ns.BASE))
        yield from said(collection, ("sd:namedGraph", named))
        yield from said(named, ("rdf:type", node("sd:NamedGraph")), ("sd:name", graph), ("sd:graph", graph))
        yield from said(graph, ("rdf:type", node("sd:Graph")))


def _graphs(store: Store) -> Iterator[Triple]:
    """Yield size and source of each named graph: the passage that a report graph holds, else what it was taken from.

    A passage is part of what it was taken from.
    """
    for graph, size in graph_sizes(store).items():
        yield from _sized(graph, size)
    for row in rows(store, _STATED):
        yield from said(row["graph"], ("dcterms:source", row["passage"]))
    for row in rows(store, _PASSAGES):
        yield from said(row["passage"], ("dcterms:isPartOf", row["whole"]))
    for row in rows(store, _SOURCES):
        yield from said(row["graph"], ("dcterms:source", row["source"]))


def _sized(graph: NamedNode, size: int) -> Iterator[Triple]:
    yield from said(graph, ("rdf:type", node("void:Dataset")), ("void:triples", count(size)))
    yield from said(graph, ("rdfs:label", Literal(graph.value.removeprefix(ns.GRAPH))))


def _subsets(store: Store) -> Iterator[Triple]:
    for graph in graph_sizes(store):
        if graphs.in_default_graph(graph):
            yield from said(DATASET, ("void:subset", graph))
        dump = dumps.Dump(graph.value.removeprefix(ns.GRAPH), GRAPH_FORMATS[0])
        yield from said(graph, ("void:dataDump", NamedNode(dcat.DUMPS + dump.file)))
