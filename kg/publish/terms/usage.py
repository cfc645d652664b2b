"""Usage of terms: how often, with examples, in which shapes, and the things with each concept."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypedDict

from pyoxigraph import DefaultGraph, NamedNode, Store, Triple

from kg.publish.withdrawn import is_withdrawn
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match, match_each, nodes_with
from kg.rdf.vocabulary import RDF, SH, SKOS
from kg.readings import Reading, TriplesReading
from kg.sparql.evaluation import select

_EXAMPLES = 5
_COUNTS = """
SELECT ?term (COUNT(*) AS ?number) WHERE { { ?thing a ?term } UNION { ?thing ?term ?value } } GROUP BY ?term"""


class ConceptUse(TypedDict):
    """The things with a concept by one property: the IRI of the property, their number, and the first of them."""

    property: str
    count: int
    things: list[str]


@Reading
def uses_of_concept(store: Store, iri: str) -> list[ConceptUse]:
    """Return the things with a concept, by property, the most frequent property first."""
    found: dict[str, list[str]] = {}
    for predicate, thing in _things_with(store, NamedNode(iri)):
        found.setdefault(predicate, []).append(thing)
    uses = [ConceptUse(property=p, count=len(things), things=sorted(things)[:_EXAMPLES]) for p, things in found.items()]
    return sorted(uses, key=lambda use: (-use["count"], use["property"]))


@Reading
def things_by_concept(store: Store, scheme: str) -> dict[str, int]:
    """Return the number of things with each concept of a vocabulary, by the IRI of the concept."""
    return {
        concept.value: len({thing for _, thing in _things_with(store, concept)})
        for concept in nodes_with(store, SKOS.inScheme, NamedNode(scheme))
    }


def _things_with(store: Store, concept: NamedNode) -> Iterator[tuple[str, str]]:
    """Yield the things with a concept, each after the property of ours that links them."""
    for quad in match(store, None, None, concept, DefaultGraph()):
        thing = quad.subject
        if not isinstance(thing, NamedNode) or not quad.predicate.value.startswith(ns.CD):
            continue  # such as narrower concepts, or the reference of a disagreement
        if thing.value.startswith(ns.ID) and not is_withdrawn(store, thing):
            yield quad.predicate.value, thing.value


@Reading
def counts_of_terms(store: Store, others: bool = False) -> dict[str, int]:
    """Return the number of things of each class of the ontology, and of statements with each property, by IRI.

    With `others` those of other vocabularies are counted, too.
    """
    counted = ((row["term"], row["number"]) for row in select(store, _COUNTS))
    terms = ((term.value, int(number.value)) for term, number in counted if isinstance(term, NamedNode))
    return {iri: number for iri, number in terms if others or iri.startswith(ns.CD)}


@TriplesReading
def examples_of_term(store: Store, iri: str) -> list[Triple]:
    """Return some statements that use a class as type, or a property."""
    term = NamedNode(iri)
    used = match_each(store, ((None, RDF.type, term, DefaultGraph()), (None, term, None, DefaultGraph())))
    return [quad.triple for quad in islice(used, _EXAMPLES)]


@Reading
def shapes_of_term(store: Store, iri: str) -> list[str]:
    """Return the IRIs of the shapes that have a class as target or a property as path, sorted."""
    patterns = ((None, predicate, NamedNode(iri), graphs.SHAPES) for predicate in (SH.targetClass, SH.path))
    found = {quad.subject for quad in match_each(store, patterns)}
    return sorted(shape.value for shape in found if isinstance(shape, NamedNode))
