"""Which things of the graph are a place of the gazetteer: by identifier, or by name, country and position together."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.gazetteer import Place
from kg.names import Names
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, SCHEMA, SKOS, WGS84, XSD
from kg.reconciliation import Reconciler

LEEDS = Place(2644688, "Leeds", "GB", "ENG", 53.79648, -1.54785, 536280)


def things_at(path: str, name: str, country: str, latitude: str, geonames: int | None = None) -> list[str]:
    """Return what is found for Leeds in a graph with one thing."""
    store, thing = Store(), NamedNode(ns.ID + path)
    land = NamedNode(f"{ns.ID}country/{country.lower()}")

    def add(subject: NamedNode, predicate: NamedNode, value: NamedNode | Literal) -> None:
        store.add(Quad(subject, predicate, value, DefaultGraph()))

    add(thing, SKOS.prefLabel, Literal(name, language="en"))
    add(land, CD.isoAlpha2, Literal(country))
    add(thing, CD.within, land)
    if latitude:
        add(thing, WGS84.lat, Literal(latitude, datatype=XSD.decimal))
        add(thing, WGS84.long, Literal("-1.55", datatype=XSD.decimal))
    if geonames is not None:
        add(thing, SCHEMA.sameAs, NamedNode(f"https://sws.geonames.org/{geonames}/"))
    return [iri.removeprefix(ns.ID) for iri in Reconciler(Names(store)).known.things_at(LEEDS)]


def test_a_thing_with_the_identifier_is_the_place_whatever_its_name() -> None:
    assert things_at("city/leeds", "Loidis", "GB", "", 2644688) == ["city/leeds"]


def test_a_thing_of_that_name_in_that_country_near_it_is_the_place() -> None:
    assert things_at("polity/q39121", "City of Leeds", "GB", "53.9") == ["polity/q39121"]


@pytest.mark.parametrize(
    ("path", "name", "country", "latitude", "geonames"),
    [
        pytest.param("city/leeds", "Leeds", "GB", "54.1", None, id="34 km away"),
        pytest.param("city/leeds", "Leeds", "GB", "", None, id="nobody knows where"),
        pytest.param("city/leeds", "Leeds", "US", "53.8", None, id="in another country"),
        pytest.param("city/loidis", "Loidis", "GB", "53.8", None, id="of another name"),
        pytest.param("city/leeds", "Leeds", "GB", "53.8", 4072130, id="with another identifier"),
        pytest.param("network/leeds", "Leeds", "GB", "53.8", None, id="no place"),
        pytest.param("country/leeds", "Leeds", "GB", "53.8", None, id="a country"),
    ],
)
def test_anything_else_is_not(path: str, name: str, country: str, latitude: str, geonames: int | None) -> None:
    assert things_at(path, name, country, latitude, geonames) == []
