"""Things by what they are called: one that fits is found, several are all found, and nothing that does not fit."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Store

from kg.names import Names, names_of
from kg.names.names import LONGEST_QUERY
from kg.rdf import namespaces as ns
from tests.support.turtle import PREFIXES


def graph(text: str) -> Store:
    store = Store()
    store.update(f"{PREFIXES} INSERT DATA {{ {text} }}")
    return store


PLACES = graph(
    """city:york cd:within nation:england ; skos:prefLabel "York"@en ; skos:altLabel "Eboracum"@la .
    nation:england skos:prefLabel "England"@en .
    city:new-york-city skos:prefLabel "New York City"@en ; cd:nativeName "New York"@en .
    city:newcastle-upon-tyne skos:prefLabel "Newcastle"@en ; cd:within nation:england .
    city:newcastle-nsw skos:prefLabel "Newcastle"@en .
    city:mexico-city skos:prefLabel "Mexico City"@en . country:mexico skos:prefLabel "Mexico"@en .
    city:beijing skos:prefLabel "Beijing"@en , "北京"@zh-Hans ; skos:altLabel "Peking"@en ;
        schema:sameAs <http://www.wikidata.org/entity/Q956> , <https://sws.geonames.org/1816670/> ,
        <https://www.openstreetmap.org/relation/912940> ,
        <https://en.wikipedia.org/wiki/Beijing> .
    country:mexico cd:isoAlpha2 "MX" ; cd:isoAlpha3 "MEX" .
    city:london skos:prefLabel "伦敦"@zh-Hans . city:hiroshima skos:prefLabel "广岛"@zh-Hans ; cd:nativeName "広島"@ja .
    network:uclg skos:prefLabel "United Cities and Local Governments (UCLG)"@en .
    organisation:fcdo skos:prefLabel "Foreign, Commonwealth & Development Office (FCDO)"@en .
    city:frankfurt-oder skos:prefLabel "Frankfurt (Oder)"@en .
    city:gone skos:prefLabel "Gone"@en ; owl:deprecated true .
    spelling:x cd:spelling "YORKE" ; cd:identifiedAs city:york .
    twinning:york-x skos:prefLabel "Twinning of York"@en ."""
)


def found(text: str, kind: str = "") -> list[str]:
    things = Names(PLACES).resolve(text, lambda thing: thing.value.startswith(f"{ns.ID}{kind}")).things
    return [ns.compact(thing.value) for thing in things]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("YORK", ["city:york"]),
        ("eboracum", ["city:york"]),
        ("yorke", ["city:york"]),
        ("city of york", ["city:york"]),
        ("United Cities and Local Governments", ["network:uclg"]),
        ("uclg", ["network:uclg"]),
        ("Foreign, Commonwealth & Development Office", ["organisation:fcdo"]),
        ("foreign", []),
        ("Frankfurt", []),
        ("Oder", []),
        ("newcastle upon tyne", ["city:newcastle-upon-tyne"]),
        ("Newcastle", ["city:newcastle-nsw", "city:newcastle-upon-tyne"]),
        ("New York", ["city:new-york-city"]),
        ("Mexico", ["country:mexico"]),
        ("Mexico City", ["city:mexico-city"]),
        ("The Mexico", ["city:mexico-city", "country:mexico"]),
        ("Peking", ["city:beijing"]),
        ("北京市", ["city:beijing"]),
        *(("倫敦", ["city:london"]), ("伦敦市", ["city:london"]), ("廣島", ["city:hiroshima"]), ("東京都", [])),
        ("Q956", ["city:beijing"]),
        ("wd:Q956", ["city:beijing"]),
        ("https://www.wikidata.org/wiki/q956", ["city:beijing"]),
        ("1816670", ["city:beijing"]),
        ("osm:relation/912940", ["city:beijing"]),
        ("GeoNames: 1816670", ["city:beijing"]),
        ("http://geonames.org/1816670/beijing.html", ["city:beijing"]),
        ("https://en.wikipedia.org/wiki/Beijing", ["city:beijing"]),
        ("MX", ["country:mexico"]),
        ("MEX", ["country:mexico"]),
        ("mex", []),
        ("Gone", []),
        ("Twinning of York", []),
        ("http://[", []),
        ("", []),
        ("York" * LONGEST_QUERY, []),
    ],
)
def test_a_thing_is_found_by_what_it_is_called(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_a_name_in_full_that_does_not_fit_leaves_one_in_part_that_does() -> None:
    assert found("Mexico", "city") == ["city:mexico-city"]


def test_a_thing_is_shown_with_label_and_where_it_lies() -> None:
    names = names_of(PLACES)
    assert names.display_name(NamedNode(f"{ns.ID}city/york")) == "city:york “York” in England"
    assert names.display_name(NamedNode(f"{ns.ID}city/newcastle-nsw")) == "city:newcastle-nsw “Newcastle”"
    assert names is names_of(PLACES)


def test_namesakes_in_one_country_are_told_apart_by_their_twins() -> None:
    names = Names(
        graph(
            """country:united-states skos:prefLabel "United States"@en . polity:q13395 skos:prefLabel "Viterbo"@und .
            polity:q40325 skos:prefLabel "Springfield"@en ; cd:within country:united-states .
            polity:q49158 skos:prefLabel "Springfield"@en ; cd:within country:united-states .
            twinning:q13395-q49158 cd:twin polity:q13395 , polity:q49158 ."""
        )
    )
    one, other = (names.display_name(NamedNode(f"{ns.ID}polity/{number}")) for number in ("q40325", "q49158"))
    assert one == "polity:q40325 “Springfield” in United States"
    assert other == "polity:q49158 “Springfield” in United States, twinned with Viterbo"
