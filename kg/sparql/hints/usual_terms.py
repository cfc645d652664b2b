"""Names that people expect of other vocabularies, and the term that this graph has in their place.

A table of data: names that are spelt alike, labels and other names of terms are found without it
(kg.sparql.hints.meanings).
"""

from __future__ import annotations

from collections import defaultdict

from kg.rdf import namespaces as ns

INSTEAD = {
    "cd:country": "cd:within",
    "cd:inCountry": "cd:within",
    "cd:locatedIn": "cd:within",
    "cd:isIn": "cd:within",
    "cd:Network": "cd:CityNetwork",
    "cd:Country": "cd:State",
    "cd:Town": "cd:City",
    "cd:sisterCity": "cd:twinnedWith",
    "cd:sisterCities": "cd:twinnedWith",
    "cd:partnerCity": "cd:twinnedWith",
    "cd:twinCity": "cd:twinnedWith",
    "cd:twinTown": "cd:twinnedWith",
    "cd:twinWith": "cd:twinnedWith",
    "cd:hasTwin": "cd:twinnedWith",
    "cd:isMemberOf": "cd:memberOf",
    "cd:belongsTo": "cd:memberOf",
    "cd:since": "cd:begin",
    "cd:start": "cd:begin",
    "cd:began": "cd:begin",
    "cd:startYear": "cd:begin",
    "cd:yearBegun": "cd:begin",
    "cd:startDate": "cd:begin",
    "cd:until": "cd:end",
    "cd:ended": "cd:end",
    "cd:endDate": "cd:end",
    "cd:endYear": "cd:end",
    "cd:date": "cd:atTime",
    "cd:year": "cd:atTime",
    "cd:name": "skos:prefLabel",
    "cd:label": "skos:prefLabel",
    "cd:title": "dcterms:title",
    "cd:author": "dcterms:creator",
    "cd:type": "rdf:type",
    "cd:source": "cd:statedIn",
    "cd:statedBy": "cd:statedIn",
    "cd:saidBy": "cd:statedIn",
    "cd:sameAs": "schema:sameAs",
    "cd:wikidata": "schema:sameAs",
    "cd:website": "foaf:homepage",
    "cd:homepage": "foaf:homepage",
    "cd:lat": "wgs84:lat",
    "cd:latitude": "wgs84:lat",
    "cd:long": "wgs84:long",
    "cd:lon": "wgs84:long",
    "cd:longitude": "wgs84:long",
    "cd:coordinates": "geo:asWKT",
    "owl:sameAs": "schema:sameAs",
    "skos:exactMatch": "schema:sameAs",
    "foaf:name": "skos:prefLabel",
    "schema:name": "skos:prefLabel",
    "dcterms:type": "rdf:type",
    "dcterms:date": "dcterms:issued",
    "schema:latitude": "wgs84:lat",
    "schema:longitude": "wgs84:long",
    "geo:lon": "wgs84:long",
    "wgs84:lon": "wgs84:long",
    "schema:addressCountry": "cd:within",
    "schema:url": "foaf:homepage",
    "schema:author": "dcterms:creator",
    "schema:Country": "cd:State",
    "schema:City": "cd:City",
    "schema:Organization": "cd:Organization",
    "foaf:Organization": "cd:Organization",
    "schema:Person": "cd:Person",
    "foaf:Person": "cd:Person",
}
"""The term to write, by the name that is written in its place."""


def usual_words() -> dict[str, tuple[str, ...]]:
    """Return by the IRI of a term the names that people expect for it, each with its prefix and without."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, term in INSTEAD.items():
        found[ns.expand(term) or term] += [name, name.partition(":")[2]]
    return {iri: tuple(dict.fromkeys(words)) for iri, words in found.items()}
