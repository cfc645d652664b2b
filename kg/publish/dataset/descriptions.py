"""Descriptions of the graph and its endpoint: SPARQL 1.1 Service Description, VoID, DCAT 3, schema.org, SHACL examples.

Every number is counted in the store. Nodes have IRIs below the address of the data set (no blank nodes), so that the
same store always gives the same bytes. CONSTRUCT queries are in the files beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, QueryTriples, Store, Triple

from kg.publish import Profile
from kg.publish.dataset import dumps
from kg.publish.dataset.dumps import Dump, DumpDigest
from kg.publish.works import works
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMATS, RESULT_FORMATS
from kg.rdf.labels import display_names
from kg.rdf.lookup import Term
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.triples import DATASET, PREFIXES, SPARQL, Value, dataset_node, node, triples_about
from kg.readings import Reading, TriplesReading


@TriplesReading
def service_description(store: Store, endpoint: str) -> list[Triple]:
    """Return the description of the endpoint at an address (SPARQL 1.1 Service Description).

    `endpoint` is the address of `/sparql` as the client knows it; the service keeps its IRI. Sizes and partitions
    (VoID) are in it, since programs that draw which classes an endpoint joins look for them here.
    """
    service = NamedNode(f"{SPARQL.value}#service")
    return [
        *construct(store, "service"),
        *triples_about(service, ("sd:endpoint", NamedNode(endpoint))),
        *triples_about(service, *(("sd:resultFormat", NamedNode(iri)) for iri in _format_iris())),
        *construct(store, "graphs"),
        *construct(store, "void"),
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
        *distributions(store),
    ]


class DatasetSummary(TypedDict):
    """The description of the data set for its page: in terms of schema.org, and size and licences of each graph."""

    described: dict[str, Any]
    sizes: dict[str, int]
    licences: dict[str, list[str]]


@Reading
def dataset_summary(store: Store) -> DatasetSummary:
    """Return the contents of the page about the data set."""
    stated: dict[NamedNode, dict[str, list[str]]] = {node("void:triples"): {}, node("dcterms:license"): {}}
    for triple in construct(store, "graphs"):
        if triple.predicate in stated and isinstance(triple.subject, NamedNode):
            assert isinstance(triple.object, NamedNode | Literal)
            graph = triple.subject.value.removeprefix(ns.GRAPH)
            stated[triple.predicate].setdefault(graph, []).append(triple.object.value)
    counted, licences = stated.values()
    sizes = {graph: int(size) for graph, (size,) in sorted(counted.items())}
    return DatasetSummary(described=schema_org(store), sizes=sizes, licences=licences)


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
        yield from triples_about(graph, ("void:dataDump", NamedNode(DUMPS + dump.file)))


DUMPS = ns.BASE + "dumps/"

_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_FILE_TYPES = "http://publications.europa.eu/resource/authority/file-type/"
# DCAT-AP: there is no promise to keep the service up, and its permanent name is not registered yet
_AVAILABILITY = NamedNode("http://data.europa.eu/r5r/availability")
_EXPERIMENTAL = NamedNode("http://publications.europa.eu/resource/authority/planned-availability/EXPERIMENTAL")
_GZIP = "application/gzip"
_HELD = {
    dumps.ALL: "All named graphs: each passage and source, the ontology, the shapes, the history",
    dumps.DEFAULT: "What a query without a data set of its own reads: all graphs but shapes and history, as one",
}
_SPDX = "http://spdx.org/rdf/terms#"


def with_service_addresses(description: Iterable[Triple], endpoint: str) -> Iterator[Triple]:
    """Yield a description of the data set for clients that reach the endpoint at an address.

    Dumps are files of the service: they get the address by which the client reaches it, while things keep their IRIs.
    The address of the endpoint is added for VoID and for DCAT: the endpoint describes itself, and OpenAPI the other
    addresses.
    """
    root = endpoint.removesuffix("sparql")
    for triple in description:
        value = triple.object
        if isinstance(value, NamedNode) and value.value.startswith(DUMPS):
            yield Triple(triple.subject, triple.predicate, NamedNode(root + value.value.removeprefix(ns.BASE)))
        else:
            yield triple
    openapi = NamedNode(root + "openapi.json")
    yield from triples_about(DATASET, ("void:sparqlEndpoint", NamedNode(endpoint)))
    yield from triples_about(DATASET, ("dcat:landingPage", NamedNode(root + "dataset")))
    yield from triples_about(SPARQL, ("rdf:type", node("dcat:DataService")), ("dcat:endpointURL", NamedNode(endpoint)))
    yield from triples_about(SPARQL, ("dcterms:title", Literal("SPARQL endpoint", language="en")))
    yield from triples_about(
        SPARQL, ("dcat:servesDataset", DATASET), ("dcat:keyword", Literal("SPARQL", language="en"))
    )
    yield from triples_about(
        SPARQL, *(("dcat:endpointDescription", described) for described in (NamedNode(endpoint), openapi))
    )


def distributions(store: Store) -> Iterator[Triple]:
    """Yield the dumps of the whole data set, for VoID and for DCAT; `with_service_addresses` adds their addresses."""
    of_all = [
        (name, value)
        for name in ("dcterms:license", "dcterms:rights", "dcterms:conformsTo")
        for value in _dataset_properties(store).get(node(name), [])
    ]
    for dump, digest in _whole_dumps_with_digests(store):
        part, address = dataset_node(f"dumps/{dump.file}"), NamedNode(DUMPS + dump.file)
        yield from triples_about(DATASET, ("void:dataDump", address), ("dcat:distribution", part))
        yield from triples_about(DATASET, ("void:feature", NamedNode(dump.format.engine.iri)))
        packed = ", packed with gzip" if dump.compressed else ""
        held = Literal(f"{_HELD[dump.name]}, as {dump.format.media_type}{packed}", language="en")
        yield from triples_about(
            part,
            ("rdf:type", node("dcat:Distribution")),
            ("dcterms:title", Literal(dump.file)),
            ("dcterms:description", held),
            *of_all,
        )
        yield from triples_about(part, ("dcat:accessURL", address), ("dcat:downloadURL", address))
        yield from triples_about(part, ("dcterms:format", NamedNode(_FILE_TYPES + dump.format.file_type)))
        yield Triple(part, _AVAILABILITY, _EXPERIMENTAL)
        yield from triples_about(part, ("dcat:mediaType", NamedNode(_MEDIA_TYPES + dump.format.media_type)))
        if dump.compressed:
            yield from triples_about(part, ("dcat:compressFormat", NamedNode(_MEDIA_TYPES + _GZIP)))
        yield from _size_and_checksum(part, digest)


def schema_org(store: Store) -> dict[str, Any]:
    """Return the description of the data set as a schema.org `Dataset`, to be written as JSON-LD.

    Sizes and checksums of the downloads are only in DCAT, so that a page does not wait for them. The addresses of the
    page and of the downloads depend on the client, and are left out.
    """
    stated = {name: [value.value for value in values] for name, values in _dataset_properties(store).items()}
    english, chinese = stated[node("dcterms:title")]

    ours = [iri for iri in stated.get(node("dcterms:spatial"), []) if iri.startswith(ns.ID)]

    def one(name: str) -> str | None:
        return next(iter(stated.get(node(name), [])), None)

    maker = {"@type": "Organization", "@id": one("dcterms:creator"), "name": english}
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": DATASET.value,
        "name": english,
        "alternateName": chinese,
        "description": one("dcterms:description"),
        "keywords": stated[node("dcat:keyword")],
        "inLanguage": ["en", "zh-Hans"],
        "license": one("dcterms:license"),
        "version": one("dcat:version"),
        "datePublished": one("dcterms:issued"),
        "dateModified": one("dcterms:modified"),
        "creator": maker,
        "publisher": maker,
        "isAccessibleForFree": True,
        "spatialCoverage": [
            {"@type": "Place", "@id": iri, "name": name} for iri, name in display_names(store, ours).items()
        ],
        "isBasedOn": [_source_work(work) for work in works(store)],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": dump.file,
                "encodingFormat": [dump.format.media_type, *([_GZIP] if dump.compressed else [])],
            }
            for dump in _whole_dumps(store)
        ],
    }


def _source_work(work: Mapping[str, Any]) -> dict[str, Any]:
    """Return a work from which data is taken, with its authors and date if sources state them."""
    named = {"@id": work["iri"], "name": work["title"]["text"]}
    if (published := work["publication"]) is None:
        return {"@type": "CreativeWork", **named}
    details = {
        "author": [{"@type": "Person", "name": name} for name in published["authors"]],
        "datePublished": published["issued"],
        "publisher": published["publisher"] and {"@type": "Organization", "name": published["publisher"]},
    }
    return {"@type": "Report", **named, **{name: value for name, value in details.items() if value}}


def _dataset_properties(store: Store) -> dict[NamedNode, list[Value]]:
    """Return the statements about the data set by property, sorted (the English title comes first)."""
    found: dict[NamedNode, set[Value]] = {}
    for triple in construct(store, "dataset"):
        if triple.subject == DATASET and isinstance(triple.object, NamedNode | Literal):
            found.setdefault(triple.predicate, set()).add(triple.object)
    return {predicate: sorted(values, key=str) for predicate, values in found.items()}


def _size_and_checksum(part: NamedNode, digest: DumpDigest) -> Iterator[Triple]:
    """Yield size and checksum of a distribution (DCAT 3, sections 6.8.18 and 6.17)."""
    checksum = NamedNode(f"{part.value}-sha256")
    size = Literal(str(digest.size), datatype=node("xsd:nonNegativeInteger"))
    yield from triples_about(part, ("dcat:byteSize", size))
    yield Triple(part, NamedNode(f"{_SPDX}checksum"), checksum)
    yield from triples_about(checksum, ("rdf:type", NamedNode(f"{_SPDX}Checksum")))
    yield Triple(checksum, NamedNode(f"{_SPDX}algorithm"), NamedNode(f"{_SPDX}checksumAlgorithm_sha256"))
    yield Triple(checksum, NamedNode(f"{_SPDX}checksumValue"), Literal(digest.sha256, datatype=node("xsd:hexBinary")))


@once_per_snapshot
def _whole_dumps_with_digests(store: Store) -> list[tuple[Dump, DumpDigest]]:
    """Return the dumps of the whole data set (all named graphs, or the default graph), each with its digest.

    Measuring them takes a second or two, hence once for each store: a snapshot never changes.
    """
    whole = _whole_dumps(store)
    digests = dumps.digests(store, (dump for dump in whole if not dump.compressed))
    return [(dump, digests[dump.file]) for dump in whole]


def _whole_dumps(store: Store) -> list[Dump]:
    return [dump for dump in dumps.dumps(store).values() if dump.name in (dumps.ALL, dumps.DEFAULT)]


def construct(store: Store, name: str) -> list[Triple]:
    """Return the triples of the CONSTRUCT query of a name: dataset, void, links, graphs or service."""
    query = Path(__file__).with_name(f"{name}.rq").read_text(encoding="utf-8")
    answer = store.query(query, base_iri=ns.BASE, prefixes=PREFIXES, custom_functions=_FUNCTIONS)
    assert isinstance(answer, QueryTriples)
    return list(answer)


def _partition(kind: Literal, *terms: NamedNode) -> NamedNode:
    """Return the node of a partition, named after the class and property that it is of."""
    return dataset_node("/".join((kind.value, *(quote(ns.compact(term.value), safe=":") for term in terms))))


_FUNCTIONS: dict[NamedNode, Callable[..., Term | None]] = {NamedNode(f"{ns.BASE}partition"): _partition}
