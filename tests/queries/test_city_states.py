"""A city that is a state of its own counts as the country that it is in."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, RdfFormat, Store

from kg.queries.catalogue import canned_queries
from kg.queries.question import Question
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import RDFS
from tests.queries.test_queries import answered

WORLD = (
    "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in ns.PREFIXES.items())
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


def rows(world: Store, name: str, **values: str) -> list[dict[str, str]]:
    return answered(world, Question(canned_queries()[name], values).bound())[1]


def test_its_twinnings_are_between_countries(world: Store) -> None:
    (row,) = rows(world, "twinnings-between-countries")
    assert (row["oneLabel"], row["otherLabel"], row["twinnings"]) == ("Monaco", "United Kingdom", "1")


def test_it_has_a_country_as_a_twin(world: Store) -> None:
    (row,) = rows(world, "twins-of-a-city", city="city:leeds")
    assert (row["twin"], row["country"]) == ("city:monaco", "Monaco")


def test_it_is_the_city_of_its_country(world: Store) -> None:
    (row,) = rows(world, "cities-of-a-country", country="city:monaco")
    assert (row["city"], row["twins"]) == ("city:monaco", "1")
    (row,) = rows(world, "cities-of-a-country", country="country:united-kingdom")
    assert row["city"] == "city:leeds"
