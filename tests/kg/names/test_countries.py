"""The states of the world by code and by name, under the IRIs that the gazetteer has for them."""

from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from kg.names import identifier_of
from kg.names.countries import (
    countries,
    country_statements,
    find_country,
    find_former_country,
    find_subdivision,
    nearest_countries,
)
from kg.names.countries.wikidata import ITEMS
from kg.rdf import namespaces as ns
from kg.rdf.authorities import LINKS
from kg.rdf.vocabulary import CD, RDF
from kg.resources import FACTS


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        *(("DE", "DE"), ("DEU", "DE"), ("Germany", "DE"), ("Deutschland", "DE"), ("德国", "DE"), (" germany ", "DE")),
        *(("Turkey", "TR"), ("Türkiye", "TR"), ("UK", "GB"), ("USA", "US"), ("Russia", "RU"), ("Côte d’Ivoire", "CI")),
        *(("South Korea", "KR"), ("Korea, Republic of", "KR"), ("Democratic Republic of the Congo", "CD")),
        *(("Taiwan", "TW"), ("Hong Kong", "HK"), ("Czech Republic", "CZ"), ("Republic of Korea", "KR")),
        *(
            ("Russie", "RU"),
            ("Rusia", "RU"),
            ("Россия", "RU"),
            ("Palästina", "PS"),
            ("State of Palestine", "PS"),
            ("Grossbritannien", "GB"),
        ),
    ],
)
def test_found_by_code_or_by_a_name_in_any_language(asked: str, code: str) -> None:
    found = find_country(asked)
    assert found is not None
    assert found.alpha2 == code


@pytest.mark.parametrize("asked", ["", "de", "ZZ", "ZZZ", "Atlantis", "Korea", "Nigeri", "England", "276"])
def test_unknown_or_with_several_meanings(asked: str) -> None:
    assert find_country(asked) is None  # "Nigeri" is Niger in one language and Nigeria in another


@pytest.mark.parametrize(
    ("asked", "code", "name"),
    [
        *(("Schottland", "GB-SCT", "Scotland"), ("Шотландия", "GB-SCT", "Scotland"), ("Wales", "GB-WLS", "Wales")),
        *(("Bayern", "DE-BY", "Bayern"), ("texas", "US-TX", "Texas")),
    ],
)
def test_a_part_of_a_state_is_found_by_a_name_in_any_language(asked: str, code: str, name: str) -> None:
    found = find_subdivision(asked)
    assert found is not None
    assert (found.code, found.name, found.of.alpha2) == (code, name, code[:2])


@pytest.mark.parametrize("asked", ["", "Nowhere at all", "Santa Cruz", "Essen", "Germany"])
def test_no_part_or_one_of_several_states(asked: str) -> None:
    assert (
        find_subdivision(asked) is None
    )  # Essen transcribes Eschen in Serbian, Santa Cruz is in Argentina and in Bolivia


@pytest.mark.parametrize(
    ("asked", "year", "successor"),
    [
        *(
            ("Czechoslovakia", "1993", None),
            ("Tschechoslowakei", "1993", None),
            ("捷克斯洛伐克社会主义共和国", "1993", None),
        ),
        *(("Yugoslavia", "2003", None), ("Socialist Federal Republic of Yugoslavia", "2003", None)),
        *(("German Democratic Republic", "1990", "DE"), ("DDR", "1990", "DE"), ("Zaire", "1997", "CD")),
        *(("USSR", "1992", None), ("Serbia and Montenegro", "2006", None), ("Upper Volta", "1984", "BF")),
    ],
)
def test_a_country_that_is_gone_is_found_with_its_only_successor(asked: str, year: str, successor: str | None) -> None:
    found = find_former_country(asked)
    assert find_country(asked) is None
    assert found is not None
    assert (found.year, found.successor and found.successor.alpha2) == (year, successor)


def test_no_country_of_today_is_a_former_one() -> None:
    assert find_former_country("Atlantis") is None
    assert find_former_country("") is None


@pytest.mark.parametrize(
    ("asked", "codes"),
    [("Deutchland", ["DE"]), ("Untied Kingdom", ["GB"]), ("Korea", ["KP", "KR"]), ("xx", []), ("", []), ("-99", [])],
)
def test_the_nearest_names_of_states(asked: str, codes: list[str]) -> None:
    assert [land.alpha2 for land in nearest_countries(asked)] == codes


def test_an_english_name_comes_before_the_same_in_another_language() -> None:
    mexico = find_country("Mexico")  # in one of the languages that of Malaysia, by an error there
    assert mexico is not None
    assert mexico.alpha2 == "MX"


def test_every_state_is_found_by_all_that_it_is_shown_with() -> None:
    for land in countries():
        assert {find_country(name) for name in (land.alpha2, land.alpha3, land.name, land.zh)} == {land}


def test_no_two_have_one_iri_or_name() -> None:
    for many in ([land.iri for land in countries()], [land.name for land in countries()]):
        assert [one for one, count in Counter(many).items() if count > 1] == []
    assert all(ns.SLUG.fullmatch(land.iri.rpartition("/")[2]) for land in countries())


@pytest.mark.parametrize(
    ("code", "name"),
    [
        *(("CI", "country/cote-d-ivoire"), ("TR", "country/turkiye"), ("ST", "country/sao-tome-and-principe")),
        *(("CW", "polity/curacao"), ("AX", "polity/aland-islands"), ("BQ", "polity/bonaire-sint-eustatius-and-saba")),
        *(("GW", "country/guinea-bissau"), ("HK", "city/hong-kong")),
    ],
)
def test_iris_stay_as_they_are_in_graphs(code: str, name: str) -> None:
    land = find_country(code)
    assert land is not None
    assert land.iri == ns.ID + name


def test_iris_are_those_of_the_gazetteer() -> None:
    gazetteer = list(parse(path=str(FACTS / "gazetteer.trig"), format=RdfFormat.TRIG))
    coded = {quad.object.value: quad.subject.value for quad in gazetteer if quad.predicate == CD.isoAlpha2}
    named = {land.alpha2: land.iri for land in countries()}
    assert len(coded) > 20
    assert {code: named[code] for code in coded} == coded
    classes = {quad.subject.value for quad in gazetteer if quad.predicate == RDF.type and quad.object == CD.State}
    assert {code for code, iri in coded.items() if iri in classes} == {
        land.alpha2 for land in countries() if land.alpha2 in coded and land.is_state
    }


def test_items_are_those_of_the_gazetteer() -> None:
    gazetteer = list(parse(path=str(FACTS / "gazetteer.trig"), format=RdfFormat.TRIG))
    items = {land.iri: land.item for land in countries()}
    linked = [(quad.subject.value, identifier_of(quad.object.value)) for quad in gazetteer if quad.predicate in LINKS]
    known = {iri: one.name for iri, one in linked if iri in items and one.authority == "Wikidata"}
    assert len(known) > 20
    assert {iri: items[iri] for iri in known} == known
    assert items[f"{ns.ID}country/palestine"] == ""  # nor has the gazetteer one


def test_each_land_but_one_has_an_item_of_its_own() -> None:
    items = [land.item for land in countries() if land.item]
    assert len(items) == len(set(items)) == len(countries()) - 1
    assert set(ITEMS) <= {land.alpha2 for land in countries()}
    (link,) = (one.object for one in country_statements(countries()[0]) if one.predicate in LINKS)
    assert link == NamedNode("http://www.wikidata.org/entity/Q228")  # Andorra


def test_what_is_no_state_gets_no_class_of_its_own() -> None:
    greenland, ghana = find_country("Greenland"), find_country("Ghana")
    assert greenland is not None
    assert ghana is not None
    classes = [
        next(one.object for one in country_statements(land) if one.predicate == RDF.type) for land in (greenland, ghana)
    ]
    assert classes == [CD.Polity, CD.State]
    assert NamedNode(greenland.iri) == NamedNode(ns.ID + "polity/greenland")
    assert sum(land.is_state for land in countries()) == 195  # 193 members of the United Nations, 2 observers
