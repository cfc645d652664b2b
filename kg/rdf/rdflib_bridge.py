"""Conversion between terms of the engine and of rdflib, letter by letter; and the algebra of rdflib's queries.

rdflib rewrites some literals when it makes them (`…00Z` to `…00+00:00`). Then a look-up in the engine would miss, and
two literals that the engine tells apart would count as one. So no literal is normalised here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.algebra import traverse
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

EngineTerm: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal
Triple: TypeAlias = tuple[Node, Node, Node]

_STRING = "http://www.w3.org/2001/XMLSchema#string"
_CACHED = 1 << 16


@lru_cache(_CACHED)
def to_rdflib(term: EngineTerm) -> Node:
    """Return the term of rdflib; a plain string has no datatype there."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = None if term.datatype.value == _STRING else URIRef(term.datatype.value)
    return Literal(term.value, datatype=datatype, normalize=False)


@lru_cache(_CACHED)
def to_engine(term: Node) -> EngineTerm:
    """Return the term of the engine, which keeps language tags in lower case. Raises ValueError for a bad IRI."""
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
    assert isinstance(term, Literal)
    if term.language:
        return ox.Literal(str(term), language=term.language.lower())
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype or _STRING)))


def prepare_query(text: str, prefixes: Mapping[str, str]) -> Query:
    """Return a query as rdflib's parser reads it. Raises any exception of that.

    The parser leaves its frames in cycles, and with them what their callers hold: a store would stay open until garbage
    is collected. The frame of a generator, as here, does not refer to that of its caller.
    """
    return next(_prepared_query(text, prefixes))


def _prepared_query(text: str, prefixes: Mapping[str, str]) -> Iterator[Query]:
    yield prepareQuery(text, initNs=dict(prefixes))


def to_triple(statement: ox.Triple | ox.Quad) -> Triple:
    """Return the triple of rdflib."""
    subject, predicate, value = statement.subject, statement.predicate, statement.object
    assert not isinstance(subject, ox.Triple)
    assert not isinstance(value, ox.Triple)
    return to_rdflib(subject), to_rdflib(predicate), to_rdflib(value)


def as_graph(statements: Iterable[ox.Triple] | Iterable[ox.Quad]) -> Graph:
    """Return an rdflib graph of the triples, each once."""
    graph = Graph()
    for statement in statements:
        graph.add(to_triple(statement))
    return graph


def algebra_nodes(node: Any) -> list[CompValue]:
    """Return all nodes of the algebra within a node, itself first."""
    found: list[Any] = []
    traverse(node, visitPre=found.append)
    return [part for part in found if isinstance(part, CompValue)]
