"""How terms of the ontology are used: how often, where for example, and which shapes speak of them."""

from __future__ import annotations

from itertools import islice

from pyoxigraph import DefaultGraph, NamedNode, Store, Triple

from kg.rdf import graphs
from kg.rdf.lookup import match_each
from kg.rdf.vocabulary import RDF, SH
from kg.sparql.evaluation import select

_EXAMPLES = 5
_COUNTS = """
SELECT ?term ?number WHERE {
  { SELECT ?term (COUNT(*) AS ?number) WHERE { { ?thing a ?term } UNION { ?thing ?term ?value } } GROUP BY ?term }
  FILTER STRSTARTS(STR(?term), STR(cd:))
}"""
"""Grouped before it is filtered: the engine reads the text of each term once, not once for each statement."""


def counts_of_terms(store: Store) -> dict[str, int]:
    """Return by IRI how many things a class of the ontology has, and how many statements a property."""
    return {row["term"].value: int(row["number"].value) for row in select(store, _COUNTS)}


def examples_of_term(store: Store, iri: str) -> list[Triple]:
    """Return some statements that use a class as type, or a property."""
    term = NamedNode(iri)
    used = match_each(store, ((None, RDF.type, term, DefaultGraph()), (None, term, None, DefaultGraph())))
    return [quad.triple for quad in islice(used, _EXAMPLES)]


def shapes_of_term(store: Store, iri: str) -> list[str]:
    """Return the IRIs of the shapes that have a class as target or a property as path, sorted."""
    patterns = ((None, predicate, NamedNode(iri), graphs.SHAPES) for predicate in (SH.targetClass, SH.path))
    found = {quad.subject for quad in match_each(store, patterns)}
    return sorted(shape.value for shape in found if isinstance(shape, NamedNode))
