"""Search finds by any part of a name, puts what is likeliest first, and takes any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.names import Names
from kg.names.plain import plain, plain_words
from kg.names.search import KINDS, LONGEST_QUERY, Extra, Search
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import OWL, SKOS

QUESTION = Extra(
    f"{ns.QUERIES}twins-of-a-city",
    (Literal("With which cities is a city twinned?", language="en"),),
)


@pytest.fixture(scope="module")
def search(store: Store) -> Search:
    return Search(Names(store)).with_extras([QUESTION])


def found(search: Search, text: str) -> list[str]:
    return [ns.compact(hit.thing.iri) for hit in search.find(text)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Macau", "city:macao"),
        ("北京", "city:beijing"),
        ("北京市", "city:beijing"),
        ("BEIJING", "city:beijing"),
        ("Peking", "city:beijing"),
        ("city:beijing", "city:beijing"),
        (f"{ns.ID}city/beijing", "city:beijing"),
        ("Anshang", "city:anshan"),
        ("Q956", "city:beijing"),
        ("https://sws.geonames.org/1816670/", "city:beijing"),
        ("CN", "country:china"),
        ("birm", "city:birmingham"),
        ("tyne", "city:newcastle-upon-tyne"),
        ("city of york", "city:york"),
        ("Dusseldorf", "city:dusseldorf"),
        ("guangzhou birmingham", "twinning:birmingham-guangzhou"),
        ("birmingham-guangzhou", "twinning:birmingham-guangzhou"),
        ("table 1", "passage:table-1"),
        ("Section 3.2 paragraph 4", "passage:section-3.2-p4"),
        ("section-3.2-p4", "passage:section-3.2-p4"),
        ("twinned with", "cd:twinnedWith"),
        ("twinnedWith", "cd:twinnedWith"),
        ("cd:twinnedWith", "cd:twinnedWith"),
        ("友好城市关系", "cd:Twinning"),
        ("functions of diplomacy", f"{ns.VOCABULARY}diplomatic-function"),
        ("sister city", "cd:Twinning"),
        ("twin town", "cd:Twinning"),
        ("jumelage", "cd:Twinning"),
        ("友好城市", "cd:Twinning"),
        ("外办", "office-kind:foreign-affairs-office"),
        ("dormant", "character:latent"),
        ("with which cities", f"{ns.QUERIES}twins-of-a-city"),
        ("twins-of-a-city", f"{ns.QUERIES}twins-of-a-city"),
    ],
)
def test_what_is_likeliest_comes_first(search: Search, text: str, first: str) -> None:
    assert found(search, text)[0] == first


@pytest.mark.parametrize(
    "text", ["", " ", "!?", "\0\x1b\u202e", "<>", "a" * (LONGEST_QUERY + 1), "北" * 10_000, "xyzzy", "http://["]
)
def test_what_nothing_bears_finds_nothing(search: Search, text: str) -> None:
    assert search.find(text) == []


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Birmingam", "Birmingham"),
        ("Sheffeild", "Sheffield"),
        ("Guangzhuo", "Guangzhou"),
        ("Beijng", "Beijing"),
        ("Nirmingham", "Birmingham"),
    ],
)
def test_a_slip_is_near_what_was_meant(search: Search, text: str, near: str) -> None:
    assert search.nearest(text)[0].thing.label.value == near


@pytest.mark.parametrize("text", ["", "xyzzy", "!", "Birmingham" * 1_000])
def test_nothing_is_near_what_is_like_nothing(search: Search, text: str) -> None:
    assert search.nearest(text) == []


def test_letters_are_looked_for_where_words_begin() -> None:
    store = Store()
    for name in ("Qom", "Aqaba", "Wadi Qelt", "Iraq", "businesses and cities", "城市关系"):
        store.add(Quad(NamedNode(f"{ns.ID}city/{plain(name)}"), SKOS.prefLabel, Literal(name, language="en")))
    search = Search(Names(store))
    assert found(search, "q") == ["city:qom", "city:wadiqelt"]
    assert found(search, "wadiq") == ["city:wadiqelt"]  # words are joined in a plain form
    assert found(search, "aba") == found(search, "san") == found(search, "sandcities") == []
    assert found(search, "and cities") == ["city:businessesandcities"]
    assert found(search, "关系") == ["city:城市关系"]  # no spaces between words


def _of_data_set(names: dict[str, int]) -> Store:
    """Return a store with a data set of many statements, in which a thing of each name is twinned so often."""
    store, graph = Store(), NamedNode(f"{ns.REPORT}world")
    store.add(Quad(NamedNode(f"{ns.ID}passage/world/1"), NamedNode(f"{ns.CD}statementGraph"), graph))
    for iri, often in names.items():
        thing = NamedNode(ns.ID + iri)
        store.add(Quad(thing, SKOS.prefLabel, Literal(iri.partition("/")[2].replace("-", " ").title(), language="en")))
        for number in range(often):
            twinning = NamedNode(f"{ns.ID}twinning/{number}-{iri.replace('/', '-')}")
            store.add(Quad(twinning, NamedNode(f"{ns.CD}twin"), thing, graph))
    return store


def test_the_place_of_which_much_more_is_said_comes_before_the_one_with_the_exact_name() -> None:
    said = {"polity/san": 2, "polity/san-francisco": 16, "city/san-diego": 15, "polity/sandwich": 90, "city/lasan": 99}
    search = Search(Names(_of_data_set(said)))
    assert found(search, "San") == ["polity:san-francisco", "polity:san", "city:san-diego", "polity:sandwich"]
    assert not search.find("San")[0].is_exact


def test_no_place_comes_before_a_term_or_a_network_with_the_exact_name() -> None:
    said = {"network/cities": 1, "city/cities-of-old": 90}
    assert found(Search(Names(_of_data_set(said))), "cities") == ["network:cities", "city:cities-of-old"]


def test_each_hit_says_whether_it_is_called_so(search: Search) -> None:
    hits = {ns.compact(hit.thing.iri): hit for hit in search.find("Beijing")}
    assert hits["city:beijing"].is_exact
    assert not hits["team:beijing"].is_exact  # the last part of its IRI is no name in full


def test_kinds_have_their_order_and_how_much_is_said_decides_within_one(search: Search) -> None:
    hits = [hit for hit in search.find("b") if hit.name is not None and plain(hit.name.value).startswith("b")]
    of_kinds = [hit.thing.kind for hit in hits if not hit.thing.is_place]
    assert sorted(of_kinds, key=KINDS.index) == of_kinds
    places = [hit.thing.said for hit in hits if hit.thing.is_place]
    assert len(places) > 5
    assert sorted(places, reverse=True) == places
    assert all(hit.thing.is_place for hit in hits[: len(places)])


@pytest.mark.parametrize("entries", [1, 50])  # fewer statements than names, and more
def test_a_data_set_counts_once_whatever_its_size(entries: int) -> None:
    store, graph, twin = Store(), NamedNode(f"{ns.REPORT}work"), NamedNode(f"{ns.CD}twin")
    cities = [NamedNode(f"{ns.ID}city/{name}") for name in ("aa", "ab", "ac", "ad", "ae", "af")]
    for city in cities:
        store.add(Quad(city, SKOS.prefLabel, Literal(city.value[-2:], language="en")))
    for entry in range(entries):
        passage, account = NamedNode(f"{ns.ID}passage/work/{entry}"), NamedNode(f"{ns.ID}account/{entry}")
        store.add(Quad(passage, NamedNode(f"{ns.CD}statementGraph"), graph))
        store.add(Quad(NamedNode(f"{ns.ID}twinning/{entry}"), twin, cities[0], graph))
        store.add(Quad(account, NamedNode(f"{ns.CD}statedIn"), cities[2], graph))
    store.add(Quad(cities[1], NamedNode(f"{ns.CD}statedIn"), NamedNode(f"{ns.ID}passage/work/0"), graph))
    passages = {hit.thing.label.value: dict(hit.thing.passages) for hit in Search(Names(store)).find("a")}
    assert passages == {"aa": {"work": 1}, "ab": {"work": 1}, "ac": {}, "ad": {}, "ae": {}, "af": {}}


@pytest.mark.drawn
def test_further_things_are_found_beside_those_of_the_store_and_by_no_other_search(store: Store) -> None:
    plain_search = Search(Names(store))
    wider = plain_search.with_extras([QUESTION])
    assert found(wider, "With which cities")[0] == ns.compact(QUESTION.iri)
    assert found(wider, "birm") == found(plain_search, "birm")
    assert ns.compact(QUESTION.iri) not in found(plain_search, "With which cities")


def test_what_is_withdrawn_is_not_found_and_a_new_search_knows_what_is_new() -> None:
    store, city = Store(), NamedNode(f"{ns.ID}city/ys")
    store.add(Quad(city, SKOS.prefLabel, Literal("Ys", language="br")))
    before = Search(Names(store))
    store.add(Quad(city, OWL.deprecated, Literal("true", datatype=NamedNode(ns.PREFIXES["xsd"] + "boolean"))))
    assert [hit.thing.label.value for hit in before.find("ys")] == ["Ys"]
    assert Search(Names(store)).find("ys") == []


@given(st.text(max_size=2 * LONGEST_QUERY))
def test_any_text_can_be_looked_for_and_each_named_hit_has_its_words(search: Search, text: str) -> None:
    for hit in search.find(text):
        assert hit.thing.kind in KINDS
        if hit.name is not None and not hit.is_exact:
            letters = plain(hit.name.value)
            assert plain(text) in letters or all(word in letters for word in plain_words(text).split())
    assert len(search.nearest(text)) <= 50


def test_every_kind_of_thing_with_a_name_can_be_found() -> None:
    assert set(ns.ENTITY_TYPES) - set(KINDS) == {"account", "geometry", "reference"}
