"""The record of the data set for catalogues: DCAT 3 as triples, schema.org as JSON-LD.

Nothing is in it that neither the graph nor the ontology's header states. No publication about the data set is known, so
`dcterms:isReferencedBy` stands only the other way round, at the report that the data set refers to; and no period is
given, since the report states none for the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pyoxigraph import Literal, NamedNode, Store, Triple

from kg.publish import Profile
from kg.publish.dataset import dumps
from kg.publish.dataset.dumps import Digest, Dump
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.triples import DATASET, SPARQL, below, node, rows, said

DUMPS = ns.BASE + "dumps/"
TITLES = {"en": "City Diplomacy Knowledge Graph", "zh-Hans": "城市外交知识图谱"}
DESCRIPTION = (
    "Who is twinned with whom, which cities belong to which networks, how cities organise their foreign affairs: what "
    "a report on city diplomacy states, each passage a named graph, with an ontology and vocabularies in English and "
    "Chinese. The name w3id.org/city-diplomacy is not registered yet: ask for the same paths at the server that gave "
    "you this."
)
LANGUAGES = {"en": "ENG", "zh-Hans": "ZHO"}
KEYWORDS = ("city diplomacy", "city networks", "sister cities", "twin towns", "paradiplomacy")

_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_LANGUAGE_CODES = "http://publications.europa.eu/resource/authority/language/"
_ONTOLOGY = NamedNode(ns.CD.removesuffix("#"))
_STANDARDS = (_ONTOLOGY, NamedNode(ns.SHAPES.removesuffix("#")))
_GZIP = "application/gzip"
_SPDX = "http://spdx.org/rdf/terms#"
_REPORTS = "SELECT DISTINCT ?report { ?passage a cd:Passage ; dcterms:isPartOf ?report } ORDER BY ?report"
# the states that the report says of itself that it is about
_STATES = """SELECT DISTINCT ?state ?label {
    { SELECT DISTINCT ?report { ?passage a cd:Passage ; dcterms:isPartOf ?report } }
    ?finding cd:about ?report , ?state .
    ?state a cd:State ; skos:prefLabel ?label FILTER (LANG(?label) = "en")
} ORDER BY ?state"""


def metadata(store: Store) -> Iterator[Triple]:
    """Yield title, description, sources, coverage, profiles; licence, version, dates as the ontology's header has."""
    yield from said(DATASET, ("rdf:type", node("void:Dataset")), ("rdf:type", node("dcat:Dataset")))
    yield from said(DATASET, *(("dcterms:title", Literal(t, language=lang)) for lang, t in TITLES.items()))
    yield from said(DATASET, ("dcterms:description", Literal(DESCRIPTION, language="en")))
    yield from said(DATASET, *(("dcat:keyword", Literal(word, language="en")) for word in KEYWORDS))
    yield from said(DATASET, *(("dcterms:language", NamedNode(_LANGUAGE_CODES + code)) for code in LANGUAGES.values()))
    yield from said(DATASET, ("dcat:landingPage", DATASET))
    yield from said(DATASET, *(("dcterms:conformsTo", standard) for standard in _STANDARDS))
    for row in rows(store, _REPORTS):
        yield from said(DATASET, ("dcterms:source", row["report"]))
        yield from said(row["report"], ("dcterms:isReferencedBy", DATASET))
    yield from said(DATASET, *(("dcterms:spatial", row["state"]) for row in rows(store, _STATES)))
    for profile in Profile:
        yield from profile.described()
    for name in ("dcterms:license", "dcterms:creator"):
        yield from said(DATASET, *((name, NamedNode(value)) for value in _stated(store, name)))
    for name, header in (("dcterms:issued", "dcterms:created"), ("dcterms:modified", "dcterms:modified")):
        dates = (Literal(value, datatype=node("xsd:date")) for value in _stated(store, header))
        yield from said(DATASET, *((name, date) for date in dates))
    yield from said(DATASET, *(("dcat:version", Literal(value)) for value in _stated(store, "owl:versionInfo")))


def access(endpoint: str) -> Iterator[Triple]:
    """Yield where the data set is queried, for VoID and for DCAT; the service keeps its IRI wherever it is reached."""
    yield from said(DATASET, ("void:sparqlEndpoint", NamedNode(endpoint)))
    yield from said(SPARQL, ("rdf:type", node("dcat:DataService")), ("dcat:endpointURL", NamedNode(endpoint)))
    yield from said(SPARQL, ("dcterms:title", Literal("SPARQL endpoint", language="en")))
    yield from said(SPARQL, ("dcat:servesDataset", DATASET))


def distributions(store: Store) -> Iterator[Triple]:
    """Yield the dumps of the whole, for VoID and for DCAT."""
    licences = [NamedNode(licence) for licence in _stated(store, "dcterms:license")]
    for dump, digest in _offered(store):
        part, address = below(f"dumps/{dump.file}"), NamedNode(DUMPS + dump.file)
        yield from said(DATASET, ("void:dataDump", address), ("dcat:distribution", part))
        yield from said(DATASET, ("void:feature", NamedNode(dump.format.engine.iri)))
        yield from said(part, ("rdf:type", node("dcat:Distribution")), ("dcterms:title", Literal(dump.file)))
        yield from said(part, ("dcat:accessURL", address), ("dcat:downloadURL", address))
        yield from said(part, ("dcat:mediaType", NamedNode(_MEDIA_TYPES + dump.format.media_type)))
        if dump.packed:
            yield from said(part, ("dcat:compressFormat", NamedNode(_MEDIA_TYPES + _GZIP)))
        yield from said(part, *(("dcterms:conformsTo", standard) for standard in _STANDARDS))
        yield from said(part, *(("dcterms:license", licence) for licence in licences))
        yield from _measured(part, digest)


def schema_org(store: Store) -> dict[str, Any]:
    """Return the description of the data set as a schema.org `Dataset`, to be written as JSON-LD.

    Sizes and checksums of the downloads stand in DCAT alone: a page does not wait until they are measured.
    """
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": DATASET.value,
        "url": DATASET.value,
        "name": TITLES["en"],
        "alternateName": TITLES["zh-Hans"],
        "description": DESCRIPTION,
        "keywords": list(KEYWORDS),
        "inLanguage": list(LANGUAGES),
        "license": _header(store, "dcterms:license"),
        "version": _header(store, "owl:versionInfo"),
        "datePublished": _header(store, "dcterms:created"),
        "dateModified": _header(store, "dcterms:modified"),
        "creator": {"@type": "Organization", "@id": _header(store, "dcterms:creator"), "name": TITLES["en"]},
        "isAccessibleForFree": True,
        "spatialCoverage": [
            {"@type": "Place", "@id": row["state"].value, "name": row["label"].value} for row in rows(store, _STATES)
        ],
        "isBasedOn": [row["report"].value for row in rows(store, _REPORTS)],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": dump.file,
                "contentUrl": DUMPS + dump.file,
                "encodingFormat": [dump.format.media_type, *([_GZIP] if dump.packed else [])],
            }
            for dump in _of_the_whole(store)
        ],
    }


def _measured(part: NamedNode, digest: Digest) -> Iterator[Triple]:
    """Yield size and checksum of a distribution (DCAT 3, sections 6.8.18 and 6.17)."""
    checksum = NamedNode(f"{part.value}-sha256")
    size = Literal(str(digest.size), datatype=node("xsd:nonNegativeInteger"))
    yield from said(part, ("dcat:byteSize", size))
    yield Triple(part, NamedNode(f"{_SPDX}checksum"), checksum)
    yield from said(checksum, ("rdf:type", NamedNode(f"{_SPDX}Checksum")))
    yield Triple(checksum, NamedNode(f"{_SPDX}algorithm"), NamedNode(f"{_SPDX}checksumAlgorithm_sha256"))
    yield Triple(checksum, NamedNode(f"{_SPDX}checksumValue"), Literal(digest.sha256, datatype=node("xsd:hexBinary")))


@lru_cache(maxsize=1)
def _offered(store: Store) -> list[tuple[Dump, Digest]]:
    """Return the dumps of the whole (every named graph, or the default graph), each with its digest.

    To measure them takes a second or two, hence once for each store: a snapshot never changes.
    """
    whole = _of_the_whole(store)
    digests = dumps.digests(store, (dump for dump in whole if not dump.packed))
    return [(dump, digests[dump.file]) for dump in whole]


def _of_the_whole(store: Store) -> list[Dump]:
    return [dump for dump in dumps.dumps(store).values() if dump.name in (dumps.ALL, dumps.DEFAULT)]


def _header(store: Store, name: str) -> str | None:
    return next(iter(_stated(store, name)), None)


def _stated(store: Store, name: str) -> list[str]:
    """Return what the ontology's header states under a name, sorted."""
    quads = match(store, _ONTOLOGY, node(name), None, graphs.ONTOLOGY)
    return sorted(quad.object.value for quad in quads if isinstance(quad.object, NamedNode | Literal))
