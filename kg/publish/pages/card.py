"""A card: what a thing or a term is, in a few words, for who points at a link to it."""

from __future__ import annotations

from typing import TypedDict

from pyoxigraph import NamedNode, Store

from kg.publish.pages.page import kinds_in_words
from kg.publish.pages.words import Words
from kg.publish.search import description, search_of
from kg.publish.withdrawn import raise_if_withdrawn
from kg.rdf import namespaces as ns
from kg.rdf.labels import chinese_label
from kg.rdf.lookup import match, parse_iri
from kg.rdf.vocabulary import OWL, RDF, SKOS
from kg.readings import Reading

_TERMS = {
    OWL.Class: "class",
    OWL.ObjectProperty: "property",
    OWL.DatatypeProperty: "property",
    OWL.AnnotationProperty: "property",
}


class Card(TypedDict):
    """A thing or term: its name, its label in Chinese and a definition or sentence, each empty if there is none.

    `types` are its classes in words, of a concept its vocabulary. `passages` is the number of passages that name a
    thing, in so many `works`; 0 for a term.
    """

    iri: str
    label: str
    label_zh: str
    types: list[str]
    text: str
    passages: int
    works: int


@Reading
def card(store: Store, iri: str) -> Card | None:
    """Return the card of a thing or term, None if the graph states nothing about it. Raises WithdrawnError."""
    thing = parse_iri(iri)
    if thing is None or next(match(store, thing), None) is None:
        return None
    raise_if_withdrawn(store, thing)
    words = Words(store)
    counted = search_of(store).passages(iri) if ns.kind_of(iri) else ()
    return Card(
        iri=iri,
        label=words.name_of(thing)["text"],
        label_zh=chinese_label(store, thing),
        types=_types(words, thing),
        text=description(store, iri),
        passages=sum(number for _, number in counted),
        works=len(counted),
    )


def _types(words: Words, thing: NamedNode) -> list[str]:
    if ns.kind_of(thing.value):
        return [kind["text"] for kind in kinds_in_words(words, thing)]
    of_term = (_TERMS.get(of, "") for of in words.nodes(thing, RDF.type))
    schemes = (words.name_of(scheme)["text"] for scheme in words.nodes(thing, SKOS.inScheme))
    return list(dict.fromkeys(filter(None, (*of_term, *schemes))))
