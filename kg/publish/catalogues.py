"""Catalogues in RDF: the works that the graph is drawn from (DCAT 3), the canned queries (SHACL executables)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store, Triple

from kg.publish.dataset import prefix_declarations
from kg.publish.works import works
from kg.queries import canned_queries
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.triples import DATASET, dataset_node, integer, node, triples_about
from kg.rdf.vocabulary import DCTERMS
from kg.readings import TriplesReading

CATALOGUE_OF_WORKS = NamedNode(ns.BASE + "works")
"""The IRI of the catalogue of works."""

_OF_WORKS = (DCTERMS.title, DCTERMS.creator, DCTERMS.issued, DCTERMS.publisher, DCTERMS.license, DCTERMS.rights)
"""What the catalogue says of a work, besides its name."""


@TriplesReading
def works_description(store: Store) -> list[Triple]:
    """Return the catalogue of works: each with the part of the data set that holds what its passages state.

    That part is a data set of its own: its graphs are a subset of all.
    """
    heading = (("rdf:type", node("dcat:Catalog")), ("dcterms:title", Literal("Works", language="en")))
    found = list(triples_about(CATALOGUE_OF_WORKS, *heading, ("dcterms:isPartOf", DATASET)))
    for work in works(store):
        found += _work(store, work)
    return found


def _work(store: Store, work: Mapping[str, Any]) -> Iterator[Triple]:
    iri = NamedNode(work["iri"])
    part = dataset_node(f"works/{quote(work['name'])}" if work["name"] else "report")
    title = Literal(work["title"]["text"], language=work["title"]["lang"] or None)
    yield from triples_about(CATALOGUE_OF_WORKS, ("dcat:dataset", part), ("dcat:resource", iri))
    yield from triples_about(
        part,
        *(("rdf:type", node(kind)) for kind in ("dcat:Dataset", "void:Dataset")),
        ("dcterms:title", title),
        ("dcterms:source", iri),
        ("dcterms:isPartOf", DATASET),
        ("void:entities", integer(work["passages"])),
    )
    yield from triples_about(iri, ("rdfs:label", title))
    for predicate in _OF_WORKS:
        for quad in match(store, iri, predicate, None, DefaultGraph()):
            if isinstance(quad.object, NamedNode | Literal):
                yield quad.triple


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
