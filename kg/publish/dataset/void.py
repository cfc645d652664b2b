"""Sizes of the default graph, and its partitions by class and by property (VoID, section 4)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Store, Triple

from kg.rdf import namespaces as ns
from kg.rdf.triples import DATASET, Value, below, count, rows, said

_TOTALS = """
SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?distinctSubjects) (COUNT(DISTINCT ?o) AS ?distinctObjects)
       (COUNT(DISTINCT ?p) AS ?properties) { ?s ?p ?o }"""
_CLASSES = "SELECT ?class (COUNT(DISTINCT ?s) AS ?entities) { ?s a ?class FILTER isIRI(?class) } GROUP BY ?class"
_PROPERTIES = """
SELECT ?property (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?distinctSubjects)
       (COUNT(DISTINCT ?o) AS ?distinctObjects)
{ ?s ?property ?o } GROUP BY ?property"""
_PROPERTIES_OF_CLASSES = """
SELECT ?class ?property (COUNT(*) AS ?triples) { ?s a ?class ; ?property ?o FILTER isIRI(?class) }
GROUP BY ?class ?property"""
_ENTITIES = "SELECT ?s (COUNT(*) AS ?triples) { ?s ?p ?o FILTER (isIRI(?s) && STRSTARTS(STR(?s), '%s')) } GROUP BY ?s"


def sizes(store: Store) -> Iterator[Triple]:
    """Yield the numbers of the whole, its vocabularies, and an example of each kind of thing.

    An entity (void:entities) is what has an IRI below the uriSpace.
    """
    yield from said(DATASET, *((f"void:{name}", number) for name, number in totals(store).items()))
    classes = [row["class"] for row in rows(store, _CLASSES)]
    properties = [row["property"] for row in rows(store, _PROPERTIES)]
    yield from said(DATASET, ("void:classes", count(len(classes))), ("void:uriSpace", Literal(ns.ID)))
    vocabularies = {_namespace(term.value) for term in (*classes, *properties)}
    yield from said(DATASET, *(("void:vocabulary", NamedNode(iri)) for iri in vocabularies))
    said_of = {row["s"]: int(row["triples"].value) for row in rows(store, _ENTITIES % ns.ID)}
    yield from said(DATASET, ("void:entities", count(len(said_of))))
    yield from said(DATASET, *(("void:exampleResource", entity) for entity in _examples(said_of)))


def totals(store: Store) -> dict[str, Value]:
    """Return the numbers of triples, distinct subjects and objects, and properties of the default graph."""
    row = rows(store, _TOTALS)[0]
    return {name: row[name] for name in ("triples", "distinctSubjects", "distinctObjects", "properties")}


def by_class(store: Store) -> Iterator[Triple]:
    """Yield a partition for each class: its entities, and within it one for each property of these."""
    for row in rows(store, _CLASSES):
        part = _partition("class", row["class"])
        yield from said(DATASET, ("void:classPartition", part))
        yield from said(part, ("void:class", row["class"]), ("void:entities", row["entities"]))
    for row in rows(store, _PROPERTIES_OF_CLASSES):
        part = _partition("class", row["class"])
        inner = _partition("class", row["class"], row["property"])
        yield from said(part, ("void:propertyPartition", inner))
        yield from said(inner, ("void:property", row["property"]), ("void:triples", row["triples"]))


def by_property(store: Store) -> Iterator[Triple]:
    """Yield a partition for each property: its triples, distinct subjects and distinct objects."""
    for row in rows(store, _PROPERTIES):
        part = _partition("property", row["property"])
        yield from said(DATASET, ("void:propertyPartition", part))
        yield from said(part, ("void:property", row["property"]))
        counted = ("triples", "distinctSubjects", "distinctObjects")
        yield from said(part, *((f"void:{name}", row[name]) for name in counted))


def _examples(said_of: dict[NamedNode, int]) -> list[NamedNode]:
    """Return for each kind of thing the one of which most is said."""
    best: dict[str, NamedNode] = {}
    for entity in sorted(said_of, key=lambda entity: (-said_of[entity], entity.value)):
        best.setdefault(entity.value.removeprefix(ns.ID).partition("/")[0], entity)
    return list(best.values())


def _partition(kind: str, *terms: NamedNode) -> NamedNode:
    names = (quote(ns.compact(term.value), safe=":") for term in terms)
    return below("/".join((kind, *names)))


def _namespace(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]
