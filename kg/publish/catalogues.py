"""Catalogues in RDF: the works that the graph is drawn from (DCAT 3), the canned queries (SHACL executables)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypedDict
from urllib.parse import quote

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store, Triple

from kg.publish.dataset import prefix_declarations
from kg.publish.terms import Terms
from kg.publish.works import works
from kg.queries import CannedQuery
from kg.rdf import namespaces as ns
from kg.rdf.graphs import is_passage
from kg.rdf.lookup import match
from kg.rdf.triples import DATASET, dataset_node, integer, node, triples_about
from kg.rdf.vocabulary import CD, DCTERMS
from kg.readings import Reading, TriplesReading

CATALOGUE_OF_WORKS = NamedNode(ns.BASE + "works")
CATALOGUE_OF_QUERIES = NamedNode(ns.BASE + "queries")
"""The IRIs of the catalogues."""

_OF_WORKS = (DCTERMS.title, DCTERMS.creator, DCTERMS.issued, DCTERMS.publisher, DCTERMS.license, DCTERMS.rights)
"""What the catalogue says of a work, besides its name."""


class CatalogueRights(TypedDict):
    """Under which licence the catalogues are, and who makes them: those of all our own work."""

    licence: str | None
    creator: str | None


@Reading
def catalogue_rights(store: Store) -> CatalogueRights:
    """Return the licence and the maker of the catalogues."""
    terms = Terms.of(store)
    return CatalogueRights(licence=terms.licence, creator=terms.creator)


@TriplesReading
def works_description(store: Store) -> list[Triple]:
    """Return the catalogue of works: each with the part of the data set that holds what its passages state.

    That part is a data set of its own: its graphs are a subset of all.
    """
    terms = Terms.of(store)
    rights = (("dcterms:license", terms.licence), ("dcterms:publisher", terms.creator))
    found = list(
        triples_about(
            CATALOGUE_OF_WORKS,
            ("rdf:type", node("dcat:Catalog")),
            ("dcterms:title", Literal("Works", language="en")),
            ("dcterms:description", Literal("The works whose passages the graph has.", language="en")),
            ("dcterms:isPartOf", DATASET),
            *((name, NamedNode(iri)) for name, iri in rights if iri),
        )
    )
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
            if isinstance(quad.object, NamedNode | Literal) and not _says_itself(store, quad.triple):
                yield quad.triple


def _says_itself(store: Store, stated: Triple) -> bool:
    """Return True if a passage states it of its work; what a work is, is what is known about it."""
    accounts = (
        quad
        for quad in match(store, None, CD.accountOf, stated.subject)
        if isinstance(quad.graph_name, NamedNode) and is_passage(quad.graph_name.value)
    )
    return any(any(match(store, q.subject, stated.predicate, stated.object, q.graph_name)) for q in accounts)


def query_examples(queries: Iterable[CannedQuery], endpoint: str) -> list[Triple]:
    """Return canned queries as SHACL executables, in the form that SPARQL editors look for.

    The text of a query needs the prefixes that its `sh:prefixes` declares, and runs at the address of the endpoint.
    """
    triples = list(prefix_declarations())
    triples += triples_about(
        CATALOGUE_OF_QUERIES,
        ("rdf:type", node("dcat:Catalog")),
        ("dcterms:title", Literal("Canned queries", language="en")),
        ("dcterms:isPartOf", DATASET),
    )
    for query in queries:
        triples += triples_about(
            NamedNode(ns.QUERIES + query.name),
            ("rdf:type", node("sh:SPARQLExecutable")),
            ("rdf:type", node("sh:SPARQLSelectExecutable")),
            ("rdfs:label", Literal(query.name)),
            ("rdfs:comment", Literal(query.summary, language="en")),
            ("dcterms:description", Literal(query.description.strip(), language="en")),
            ("sh:select", Literal(query.body)),
            ("sh:prefixes", DATASET),
            ("dcterms:isPartOf", CATALOGUE_OF_QUERIES),
            ("schema:target", NamedNode(endpoint)),
            *(("schema:keywords", Literal(tag)) for tag in query.tags),
        )
    return triples
