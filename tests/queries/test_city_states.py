"""A city that is a state of its own counts as the country that it is in; so does a state that is itself a twin."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store

from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import RDFS
from tests.support.answers import rows_as_written as rows
from tests.support.turtle import PREFIXES

WORLD = (
    PREFIXES
    + """
city:leeds a cd:City ; skos:prefLabel "Leeds"@en ; cd:within country:united-kingdom ; cd:twinnedWith city:monaco .
city:monaco a cd:City , cd:State ; skos:prefLabel "Monaco"@en ; cd:twinnedWith city:leeds .
country:united-kingdom a cd:State ; skos:prefLabel "United Kingdom"@en .
twinning:leeds-monaco a cd:Twinning ; skos:prefLabel "Twinning of Leeds and Monaco"@en ;
    cd:twin city:leeds , city:monaco .
account:a cd:accountOf twinning:leeds-monaco ; cd:statedIn source:list . source:list skos:prefLabel "List"@en .
cd:City rdfs:label "city"@en .
"""
)


@pytest.fixture(scope="module")
def world() -> Store:
    store = Store()
    store.load(WORLD.encode(), RdfFormat.TURTLE, to_graph=DefaultGraph())
    assert any(store.quads_for_pattern(None, RDFS.label, None))
    return store


def test_its_twinnings_are_between_countries(world: Store) -> None:
    (row,) = rows(world, "twinnings-between-countries")
    assert (row["oneLabel"], row["otherLabel"], row["twinnings"]) == ("Monaco", "United Kingdom", "1")


def test_it_has_a_country_as_a_twin(world: Store) -> None:
    (row,) = rows(world, "twins-of-a-city", thing="city:leeds")
    assert (row["twin"], row["country"]) == ("city:monaco", "Monaco")


def test_it_is_the_city_of_its_country(world: Store) -> None:
    (row,) = rows(world, "places", country="city:monaco", columns="place,twins")
    assert (row["place"], row["twins"]) == ("city:monaco", "1")
    (row,) = rows(world, "places", country="country:united-kingdom", columns="place,twins")
    assert row["place"] == "city:leeds"


KUWAIT = (
    PREFIXES
    + """
polity:q35178 a cd:Polity ; skos:prefLabel "Kuwait City"@en ; cd:within country:kuwait ;
    wgs84:lat 29.3 ; wgs84:long 47.9 ; schema:sameAs <http://www.wikidata.org/entity/Q35178> .
country:kuwait a cd:State ; skos:prefLabel "Kuwait"@en .
country:monaco a cd:State ; skos:prefLabel "Monaco"@en ; wgs84:lat 43.7 ; wgs84:long 7.4 ;
    schema:sameAs <http://www.wikidata.org/entity/Q235> .
twinning:monaco-q35178 a cd:Twinning ; cd:twin country:monaco , polity:q35178 .
account:wikidata-2016-q235--twinning-monaco-q35178 cd:accountOf twinning:monaco-q35178 ; cd:statedIn source:q235 .
source:q235 dcterms:isPartOf source:wikidata-2016 ; skos:prefLabel "Q235"@en .
"""
)


@pytest.fixture(scope="module")
def of_wikidata() -> Store:
    store = Store()
    for graph in (DefaultGraph(), NamedNode(f"{ns.GRAPH}report/wikidata-2016")):
        store.load(KUWAIT.encode(), RdfFormat.TURTLE, to_graph=graph)
    return store


@pytest.mark.parametrize(
    ("name", "values", "shown"),
    [
        (
            "map-of-countries",
            {"least": "1"},
            {"oneLabel": "Kuwait", "otherLabel": "Monaco", "wkt": "LINESTRING(47.9 29.3, 7.4 43.7)"},
        ),
        (
            "map-of-a-countrys-cities",
            {"country": "country:monaco"},
            {"bodyLabel": "Monaco", "twins": "1", "abroad": "1"},
        ),
        ("countries-twinned-with-a-country", {"country": "country:monaco"}, {"partnerLabel": "Kuwait", "bodies": "1"}),
        ("countries-twinned-with-a-country", {"country": "country:kuwait"}, {"partnerLabel": "Monaco", "bodies": "1"}),
        ("twins-of-any-city", {"thing": "polity:q35178"}, {"label": "Monaco", "country": "Monaco"}),
        ("twins-of-any-city", {"thing": "country:monaco"}, {"label": "Kuwait City", "country": "Kuwait"}),
    ],
)
def test_a_state_that_is_a_twin_counts_as_a_country(
    of_wikidata: Store, name: str, values: dict[str, str], shown: dict[str, str]
) -> None:
    (row,) = rows(of_wikidata, name, **values)
    assert {column: row[column] for column in shown} == shown


def test_its_statements_are_counted_as_those_of_a_country(of_wikidata: Store) -> None:
    counted = {row["countryLabel"]: (row["here"], row["elsewhere"]) for row in rows(of_wikidata, "statements-by-side")}
    assert counted == {"Monaco": ("1", "0"), "Kuwait": ("0", "1")}
