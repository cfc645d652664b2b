"""Helpers to build descriptions: terms by prefixed name, triples, integers, sorted output."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from kg.rdf import namespaces as ns
from kg.rdf.formats import GraphFormat
from kg.rdf.serialise import to_bytes

DATASET = NamedNode(ns.BASE + "dataset")
SPARQL = NamedNode(ns.BASE + "sparql")

_VOCABULARIES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "ent": "http://www.w3.org/ns/entailment/",
    "formats": "http://www.w3.org/ns/formats/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
}
PREFIXES = {**ns.PREFIXES, **_VOCABULARIES}

Value = NamedNode | Literal


def node(name: str) -> NamedNode:
    """Return the term of a prefixed name: ours, or dcat, ent, formats, hydra, sd, void. Raises KeyError."""
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def dataset_node(local: str) -> NamedNode:
    """Return a node of the description of the data set, which has no blank nodes."""
    return NamedNode(f"{DATASET.value}#{local}")


def integer(number: int) -> Literal:
    """Return a number as an xsd:integer."""
    return Literal(str(number), datatype=node("xsd:integer"))


def triples_about(subject: NamedNode, *pairs: tuple[str, Value]) -> Iterator[Triple]:
    """Return the triples of a subject, from pairs of a property's prefixed name and a value."""
    return (Triple(subject, node(name), value) for name, value in pairs)


def write(triples: list[Triple], graph_format: GraphFormat) -> bytes:
    """Write triples, sorted and each once, with the prefixes of the vocabularies that it uses."""
    return to_bytes(sorted(set(triples), key=str), graph_format.engine, PREFIXES)
