"""Names that people expect of other vocabularies, and the term that this graph has in their place.

A table of data: names that are spelt alike, labels and other names of terms are found without it
(kg.sparql.hints.meanings).
"""

from __future__ import annotations

from kg.rdf import namespaces as ns

_NAMES = {
    "cd:within": "cd:country cd:inCountry cd:locatedIn cd:isIn schema:addressCountry",
    "cd:CityNetwork": "cd:Network",
    "cd:State": "cd:Country schema:Country",
    "cd:City": "cd:Town schema:City",
    "cd:twinnedWith": "cd:sisterCity cd:sisterCities cd:partnerCity cd:twinCity cd:twinTown cd:twinWith cd:hasTwin",
    "cd:memberOf": "cd:isMemberOf cd:belongsTo",
    "cd:begin": "cd:since cd:start cd:began cd:startYear cd:yearBegun cd:startDate",
    "cd:end": "cd:until cd:ended cd:endDate cd:endYear",
    "cd:atTime": "cd:date cd:year",
    "skos:prefLabel": "cd:name cd:label foaf:name schema:name",
    "dcterms:title": "cd:title",
    "dcterms:creator": "cd:author schema:author",
    "rdf:type": "cd:type dcterms:type",
    "cd:statedIn": "cd:source cd:statedBy cd:saidBy",
    "schema:sameAs": "cd:sameAs cd:wikidata owl:sameAs skos:exactMatch",
    "foaf:homepage": "cd:website cd:homepage schema:url",
    "wgs84:lat": "cd:lat cd:latitude schema:latitude",
    "wgs84:long": "cd:long cd:lon cd:longitude schema:longitude geo:lon wgs84:lon",
    "geo:asWKT": "cd:coordinates",
    "dcterms:issued": "dcterms:date",
    "cd:Organization": "schema:Organization foaf:Organization",
    "cd:Person": "schema:Person foaf:Person",
}
"""By term the names that people write in its place, with spaces between."""

INSTEAD = {name: term for term, names in _NAMES.items() for name in names.split()}
"""The term to write, by the name that is written in its place."""


def usual_words() -> dict[str, tuple[str, ...]]:
    """Return by the IRI of a term the names that people expect for it, each with its prefix and without."""
    both = {
        term: [word for name in names.split() for word in (name, name.partition(":")[2])]
        for term, names in _NAMES.items()
    }
    return {ns.expand(term) or term: tuple(dict.fromkeys(words)) for term, words in both.items()}
