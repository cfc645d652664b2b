"""A work as a publication: title, authors, date and publisher, as sources other than its own passages state them.

What a work says of itself stands in the graphs of its passages; what it is stands in that of the gazetteer, with the
sources that say so (`dcterms:source`).
"""

from __future__ import annotations

import calendar
from typing import TypedDict

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.publish.wording import Facts, NamedThing, TaggedText, Wording, texts
from kg.rdf.labels import NAMES
from kg.rdf.vocabulary import CD, DCTERMS, SKOS


class Publication(TypedDict):
    """A work as bibliographies have it; what no source states is empty."""

    iri: str
    title: str
    authors: list[str]
    """As the citation names them, in its order."""
    issued: str
    """A year, a month or a day, as in XML Schema: 2016-01."""
    published: str
    """The same as people read it: January 2016."""
    publisher: str
    series: str
    citation: str
    sources: list[NamedThing]
    notes: list[TaggedText]
    missing: list[TaggedText]
    """What our copy of the work lacks of all this."""


def publication(store: Store, work: NamedNode) -> Publication | None:
    """Return a work as a publication; None if no source tells its title and who wrote it."""
    wording = Wording(store)
    facts = wording.facts(work, DefaultGraph())

    def first(predicate: NamedNode) -> str:
        return next((text["text"] for text in texts(facts, predicate)), "")

    authors = _authors(wording, facts, first(DCTERMS.bibliographicCitation))
    if not first(DCTERMS.title) or not authors:
        return None
    sources = [value for value in facts.get(DCTERMS.source, []) if isinstance(value, NamedNode)]
    return Publication(
        iri=work.value,
        title=first(DCTERMS.title),
        authors=authors,
        issued=first(DCTERMS.issued),
        published=_readable_date(first(DCTERMS.issued)),
        publisher=first(DCTERMS.publisher),
        series=first(DCTERMS.isPartOf),
        citation=first(DCTERMS.bibliographicCitation),
        sources=[wording.name_of(source) for source in sources],
        notes=texts(facts, SKOS.editorialNote),
        missing=texts(facts, CD.missing),
    )


def _authors(wording: Wording, facts: Facts, citation: str) -> list[str]:
    """Return the creators by the names that a citation has for them, in its order; without a citation by their labels.

    RDF keeps no order of values, and a passage may count a body as the maker that the title page does not name.
    """
    creators = [value for value in facts.get(DCTERMS.creator, []) if isinstance(value, NamedNode)]
    if not citation:
        return [wording.name_of(one)["text"] for one in creators]
    places: dict[int, str] = {}
    for one in creators:
        named = wording.facts(one, DefaultGraph())
        names = [text["text"] for predicate in NAMES for text in texts(named, predicate)]
        for name in sorted(names, key=len):
            if name in citation:
                places[citation.index(name)] = name
                break
    return [places[place] for place in sorted(places)]


def _readable_date(issued: str) -> str:
    year, _, rest = issued.partition("-")
    month, _, day = rest.partition("-")
    return " ".join(part for part in (day.lstrip("0"), calendar.month_name[int(month or 0)], year) if part)
