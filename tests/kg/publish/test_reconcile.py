"""Which things the cells of a table mean: matched is what an import would take, all else is listed and scored."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.names.names import names_of
from kg.publish.reconciliation_api import (
    MOST,
    PROPERTIES,
    TYPES,
    ReconciliationCandidate,
    candidates,
    extend,
    find_candidate,
    suggest,
)
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, OWL, SKOS
from kg.reconciliation import Reconciler, ThingDescription


def found(store: Store, text: str, **more: Any) -> list[ReconciliationCandidate]:
    return candidates(store, {"q": {"query": text, **more}})["q"]


def in_land(land: str) -> dict[str, Any]:
    return {"properties": [{"pid": "country", "v": land}]}


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        *(("Birmingham", "city/birmingham"), ("Peking", "city/beijing"), ("北京", "city/beijing")),
        *(("Q84", "city/london"), ("city/leeds", "city/leeds"), ("city:leeds", "city/leeds")),
        *((ns.ID + "city/leeds", "city/leeds"), (" the City  of Leeds ", "city/leeds"), ("C40", "network/c40")),
    ],
)
def test_what_a_cell_says_plainly_is_matched(store: Store, text: str, thing: str) -> None:
    first = found(store, text)[0]
    assert (first["id"], first["match"], first["score"]) == (thing, True, 100)


def test_what_is_nearly_so_is_listed_and_not_matched(store: Store) -> None:
    first = found(store, "Birmingam")[0]
    assert first["id"] == "city/birmingham"
    assert not first["match"]
    assert 0 < first["score"] < 100
    assert found(store, "xyzzy") == []


@pytest.mark.drawn
def test_a_country_speaks_for_a_thing_or_against_it(store: Store) -> None:
    here, there = (found(store, "Birmingham", **in_land(land))[0] for land in ("UK", "United States"))
    assert here["match"]
    assert not there["match"]
    assert there["score"] < here["score"]
    assert {"id": "country", "value": False} in there["features"]
    assert not found(store, "Birmingham", **in_land("Nowhere at all"))[0]["match"]
    assert found(store, "Glasgow", **in_land("Schottland"))[0]["match"]  # as in an import
    as_entity = {"properties": [{"pid": "country", "v": {"id": "country/united-kingdom"}}]}
    assert found(store, "Birmingham", **as_entity)[0]["match"]


def test_an_identifier_goes_before_a_name(store: Store) -> None:
    def asked(number: str, text: str = "") -> list[ReconciliationCandidate]:
        return found(store, text, properties=[{"pid": "wikidata", "v": number}])

    assert asked("Q84")[0]["id"] == "city/london"
    assert asked("https://www.wikidata.org/wiki/Q84")[0]["match"]
    assert asked("wd:Q84")[0]["match"]
    assert not any(one["match"] for one in asked("Q84", "Leeds"))  # the row contradicts itself
    assert asked("n.a.", "Leeds")[0]["match"]


@pytest.mark.parametrize("text", ["Leeds (Yorkshire)", "Leeds, Yorkshire", "Leeds/Yorkshire"])
def test_a_name_with_an_addition_that_nothing_confirms_is_listed_first(store: Store, text: str) -> None:
    for more in ({}, {"type": "city"}, in_land("GB")):
        first = found(store, text, **more)[0]
        assert (first["id"], first["score"], first["match"]) == ("city/leeds", 90, False)


def test_a_thing_of_another_type_is_not_matched(store: Store) -> None:
    first = found(store, "Manchester", type="country")[0]
    assert (first["id"], first["match"]) == ("city/manchester", False)
    assert found(store, "Manchester", type=["country", "city"])[0]["match"]


def test_a_body_of_which_nobody_has_said_what_it_is_ranks_before_a_thing_of_another_type() -> None:
    known = Store()
    for path in ("polity/q3167", "network/siegen", "country/siegen"):
        known.add(Quad(NamedNode(ns.ID + path), SKOS.prefLabel, Literal("Siegen", language="en"), DefaultGraph()))
    listed = {one["id"]: (one["score"], one["match"]) for one in found(known, "Siegen", type="city")}
    assert listed == {"polity/q3167": (90, False), "network/siegen": (80, False), "country/siegen": (80, False)}
    assert found(known, "Siegen", type="country")[0]["match"]
    assert ("polity/q3167", 80) in [(one["id"], one["score"]) for one in found(known, "Siegen", type="country")]


@pytest.mark.parametrize("name", ["Russland", "Rusia", "俄罗斯", "Deutschland"])
def test_a_country_is_matched_by_its_name_in_any_language(name: str) -> None:
    known = Store()
    for slug, code in (("russia", "RU"), ("germany", "DE")):
        land = NamedNode(f"{ns.ID}country/{slug}")
        known.add(Quad(land, SKOS.prefLabel, Literal(slug.title(), language="en"), DefaultGraph()))
        known.add(Quad(land, CD.isoAlpha2, Literal(code), DefaultGraph()))
    wanted = "country/germany" if name == "Deutschland" else "country/russia"
    for kind in ("country", "polity"):
        assert [one["id"] for one in found(known, name, type=kind) if one["match"]] == [wanted]
    assert not any(one["match"] for one in found(known, name, type="city"))
    assert not any(one["match"] for one in found(known, name, type="country", **in_land("FR")))


def test_a_name_of_a_country_in_another_language_is_no_clearer_than_its_english_one() -> None:
    known = Store()
    land, city = NamedNode(f"{ns.ID}country/luxembourg"), NamedNode(f"{ns.ID}polity/q1842")
    for thing in (land, city):
        known.add(Quad(thing, SKOS.prefLabel, Literal("Luxembourg", language="en"), DefaultGraph()))
    known.add(Quad(land, CD.isoAlpha2, Literal("LU"), DefaultGraph()))
    known.add(Quad(city, CD.within, land, DefaultGraph()))
    for name in ("Luxembourg", "Lussemburgo"):
        assert not any(one["match"] for one in found(known, name, type="polity"))
        assert not any(one["match"] for one in found(known, name, type="polity", **in_land("LU")))
        assert [one["id"] for one in found(known, name, type="country") if one["match"]] == ["country/luxembourg"]


def test_what_lies_in_a_country_that_it_is_called_by_is_not_that_country_in_another_language() -> None:
    known, land = Store(), NamedNode(f"{ns.ID}country/guatemala")
    known.add(Quad(land, SKOS.prefLabel, Literal("Guatemala", language="en"), DefaultGraph()))
    known.add(Quad(land, CD.isoAlpha2, Literal("GT"), DefaultGraph()))
    assert not any(one["match"] for one in found(known, "Gwatemala", type="polity", **in_land("GT")))
    assert found(known, "Gwatemala", type="polity")[0]["match"]


def test_a_country_that_is_withdrawn_is_not_matched() -> None:
    known, land = Store(), NamedNode(f"{ns.ID}country/russia")
    known.add(Quad(land, SKOS.prefLabel, Literal("Russia", language="en"), DefaultGraph()))
    known.add(Quad(land, CD.isoAlpha2, Literal("RU"), DefaultGraph()))
    known.add(Quad(land, OWL.deprecated, Literal(True), DefaultGraph()))
    assert not any(one["match"] for name in ("Russia", "Russland") for one in found(known, name, type="country"))


def test_a_city_is_a_polity_too(store: Store) -> None:
    first = found(store, "Birmingham", type="polity")[0]
    assert (first["id"], first["match"]) == ("city/birmingham", True)
    assert not any(one["match"] for one in found(store, "C40", type="polity"))


def test_a_name_in_a_state_is_likelier_in_its_nation_than_one_elsewhere() -> None:
    known = Store()
    scotland, kingdom = f"{ns.ID}nation/scotland", f"{ns.ID}country/united-kingdom"
    places = {"polity/q203000": kingdom, "polity/q3183": f"{ns.ID}country/australia"}
    for path, land in places.items():
        known.add(Quad(NamedNode(ns.ID + path), SKOS.prefLabel, Literal("Perth", language="en"), DefaultGraph()))
        known.add(Quad(NamedNode(ns.ID + path), CD.within, NamedNode(land), DefaultGraph()))
    known.add(Quad(NamedNode(scotland), CD.within, NamedNode(kingdom), DefaultGraph()))
    listed = found(known, "Perth", **in_land("nation/scotland"))
    assert [(one["id"], one["score"], one["match"]) for one in listed] == [
        ("polity/q203000", 90, False),
        ("polity/q3183", 70, False),
    ]


def test_a_query_says_how_many_it_wants(store: Store) -> None:
    assert len(found(store, "city", limit=3)) == 3
    assert len(found(store, "city", limit=10_000)) <= MOST


@given(st.data())
@pytest.mark.drawn
def test_a_match_is_what_an_import_would_take(store: Store, data: st.DataObject) -> None:
    names = sorted({name for name, thing in names_of(store).all() if ns.kind_of(thing) in TYPES})
    text = data.draw(st.sampled_from(names) | st.text(max_size=12))
    kind = data.draw(st.sampled_from([*TYPES]))
    kinds = ("city", "polity", "district", "region", "nation", "country") if kind == "polity" else (kind,)
    taken = Reconciler(names_of(store)).find(ThingDescription((), (" ".join(text.split()),), "", kinds))
    matched = [one["id"] for one in found(store, text, type=kind) if one["match"]]
    if taken is not None and taken.outcome == "known":
        assert matched == [taken.thing.removeprefix(ns.ID)]
    else:
        assert not matched or matched == [text]  # the identifier of a thing itself


def test_typing_goes_on_where_it_ended(store: Store) -> None:
    first = [one["id"] for one in suggest(store, "man", 0)]
    assert "city/manchester" in first
    assert [one["id"] for one in suggest(store, "man", 1)] == first[1:]
    assert suggest(store, "city/leeds", 0)[0]["name"] == "Leeds"


def test_columns_come_from_the_graph(store: Store) -> None:
    rows = extend(store, ["city/birmingham", "city/nowhere", "a b"], list(PROPERTIES))
    of = rows["city/birmingham"]
    assert {"id": "country/united-kingdom", "name": "United Kingdom"} in of["country"]
    assert {"id": "city/guangzhou", "name": "Guangzhou"} in of["twin"]
    assert of["name-zh"] == [{"str": "伯明翰"}]
    assert of["wikidata"] == [{"str": "Q2256"}]
    assert isinstance(of["latitude"][0]["float"], float)
    assert not any(rows["city/nowhere"].values())
    assert not any(rows["a b"].values())


def test_what_there_is_not_is_not_described(store: Store) -> None:
    assert find_candidate(store, "city/nowhere") is None
    assert find_candidate(store, "account/anything") is None
    leeds = find_candidate(store, "city/leeds")
    assert leeds is not None
    assert leeds["description"] == "City in England, United Kingdom"
