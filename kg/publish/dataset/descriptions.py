"""What the graph and its endpoint say of themselves: SPARQL 1.1 Service Description, VoID, DCAT, SHACL examples.

Every number is counted in the store. Nodes have IRIs below the data set's own address (no blank nodes), so that the
same store always gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

from pyoxigraph import Literal, NamedNode, Store, Triple

from kg.publish import Profile
from kg.publish.dataset import dcat, dumps
from kg.publish.dataset.construct import construct
from kg.queries import canned_queries
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMATS, RESULT_FORMATS
from kg.rdf.triples import DATASET, SPARQL, dataset_node, node, triples_about
from kg.readings import Reading, TriplesReading


@TriplesReading
def service_description(store: Store, endpoint: str) -> list[Triple]:
    """Return the description of the endpoint at an address (SPARQL 1.1 Service Description).

    `endpoint` is the address of `/sparql` as the client knows it; the service keeps its IRI.
    """
    service = NamedNode(f"{SPARQL.value}#service")
    return [
        *construct(store, "service"),
        *triples_about(service, ("sd:endpoint", NamedNode(endpoint))),
        *triples_about(service, *(("sd:resultFormat", NamedNode(iri)) for iri in _format_iris())),
        *construct(store, "graphs"),
        *prefix_declarations(),
    ]


@TriplesReading
def void_description(store: Store) -> list[Triple]:
    """Return the description of the data set (VoID, DCAT 3): sizes, partitions, graphs, dumps, licence, version.

    Counts are those of the default graph. Licence, version and dates are those that the ontology's header states, but
    the last change may be later. Where the data set is queried is left out, and dumps are named below the base of all
    IRIs: both depend on the client (`with_service_addresses`).
    """
    return [
        *construct(store, "dataset"),
        *(triple for profile in Profile for triple in profile.as_triples()),
        *construct(store, "void"),
        *construct(store, "links"),
        *construct(store, "graphs"),
        *_subsets(store),
        *dcat.distributions(store),
        *prefix_declarations(),
    ]


class DatasetSummary(TypedDict):
    """The description of the data set for its page: as schema.org has it, and triples by the name of their graph."""

    described: dict[str, Any]
    sizes: dict[str, int]


@Reading
def dataset_summary(store: Store) -> DatasetSummary:
    """Return what the page about the data set shows."""
    size = node("void:triples")
    sizes = {
        triple.subject.value.removeprefix(ns.GRAPH): int(triple.object.value)
        for triple in construct(store, "graphs")
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, Literal) and triple.predicate == size
    }
    return DatasetSummary(described=dcat.schema_org(store), sizes=dict(sorted(sizes.items())))


def query_examples(endpoint: str) -> list[Triple]:
    """Return the canned queries as SHACL executables, in the form that SPARQL editors look for.

    The text of a query needs the prefixes that its `sh:prefixes` declares, and runs at the address of the endpoint.
    """
    triples = list(prefix_declarations())
    for query in canned_queries().values():
        triples += triples_about(
            NamedNode(ns.QUERIES + query.name),
            ("rdf:type", node("sh:SPARQLExecutable")),
            ("rdf:type", node("sh:SPARQLSelectExecutable")),
            ("rdfs:label", Literal(query.name)),
            ("rdfs:comment", Literal(query.summary, language="en")),
            ("dcterms:description", Literal(query.description.strip(), language="en")),
            ("sh:select", Literal(query.body)),
            ("sh:prefixes", DATASET),
            ("schema:target", NamedNode(endpoint)),
            *(("schema:keywords", Literal(tag)) for tag in query.tags),
        )
    return triples


def prefix_declarations() -> Iterator[Triple]:
    """Yield the prefixes that queries may use without declaring them, as `sh:declare` of the data set."""
    for prefix, namespace in ns.PREFIXES.items():
        declaration = dataset_node(f"prefix-{prefix}")
        yield from triples_about(DATASET, ("sh:declare", declaration))
        yield from triples_about(
            declaration,
            ("rdf:type", node("sh:PrefixDeclaration")),
            ("sh:prefix", Literal(prefix)),
            ("sh:namespace", Literal(namespace, datatype=node("xsd:anyURI"))),
        )


def _format_iris() -> Iterator[str]:
    yield from (fmt.iri for fmt in RESULT_FORMATS)
    yield from (fmt.engine.iri for fmt in GRAPH_FORMATS)


def _subsets(store: Store) -> Iterator[Triple]:
    for graph in dumps.named_graphs(store):
        if graphs.in_default_graph(graph):
            yield from triples_about(DATASET, ("void:subset", graph))
        dump = dumps.Dump(graph.value.removeprefix(ns.GRAPH), GRAPH_FORMATS[0])
        yield from triples_about(graph, ("void:dataDump", NamedNode(dcat.DUMPS + dump.file)))
