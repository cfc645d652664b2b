"""Graphs of a few places, each with a name, what it lies within, where, and its number in GeoNames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, SCHEMA, SKOS, WGS84, XSD

Place = tuple[str, str, str, str, str]
"""Kind and name in the IRI, name, the IRI of what it lies within in short, latitude and longitude, GeoNames."""


def graph_of_places(places: Iterable[Place], codes: Mapping[str, str]) -> Store:
    """Return the graph of some places, in countries with these codes by name."""
    known = Store()

    def add(path: str, predicate: NamedNode, value: NamedNode | Literal) -> None:
        known.add(Quad(NamedNode(ns.ID + path), predicate, value, DefaultGraph()))

    for path, name, within, position, number in places:
        add(path, SKOS.prefLabel, Literal(name, language="en"))
        if within:
            add(path, CD.within, NamedNode(ns.ID + within))
        if number:
            add(path, SCHEMA.sameAs, NamedNode(f"https://sws.geonames.org/{number}/"))
        for predicate, degrees in zip((WGS84.lat, WGS84.long), position.split(), strict=False):
            add(path, predicate, Literal(degrees, datatype=XSD.decimal))
    for country, code in codes.items():
        add(f"country/{country}", CD.isoAlpha2, Literal(code))
    return known
