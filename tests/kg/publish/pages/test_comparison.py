"""Comparisons of two things, with what the report says of them as it was read by hand."""

from __future__ import annotations

from typing import Any

import pytest
from pyoxigraph import Store

from kg.errors import AmbiguousValueError, BadValueError
from kg.publish.pages import Comparison, compared_triples, comparison
from kg.rdf.vocabulary import CD
from tests.support.turtle import node


def section(found: Comparison, key: str) -> Any:
    return next(one for one in found["sections"] if one["key"] == key)


def things(found: Comparison, key: str, on: str) -> set[str]:
    return {item["thing"]["text"] for item in section(found, key)["items"] if item["on"] == on}


def words(found: Comparison, key: str) -> dict[str, str]:
    return {side: known["word"] for side, known in section(found, key)["known"].items()}


def test_a_denial_of_one_city_stands_beside_the_twin_of_the_other(store: Store) -> None:
    """Table 1: Bristol has Guangzhou, York "n.a."; Box 2: York is one of the Key Cities."""
    found = comparison(store, "bristol", "York")
    assert things(found, "twinnings", "a") == {"Guangzhou"}
    assert not things(found, "twinnings", "b") | things(found, "twinnings", "both")
    assert words(found, "twinnings") == {"a": "complete", "b": "denied"}
    assert things(found, "networks", "b") == {"Key Cities"}
    assert things(found, "lists", "both") == {"UK cities reviewed in Table 1"}
    (said, *_) = section(found, "twinnings")["items"][0]["said"]
    assert said["value"]["text"] == "Bristol is an official twin of Guangzhou."
    shown = [value["value"]["iri"] for one in found["sections"] for item in one["items"] for value in item["said"]]
    assert node("absence:table-1--york-china").value not in shown  # which stands with the twinnings, once


def test_networks_that_are_not_named_are_open_and_not_denied(store: Store) -> None:
    """Section 4.2: Copenhagen is in one of three big networks, and which is not said; footnotes 17 and 18: Beijing."""
    found = comparison(store, "Beijing", "Copenhagen")
    assert things(found, "networks", "both") == set()
    assert {"C40", "United Cities and Local Governments (UCLG)"} <= things(found, "networks", "a")
    assert things(found, "networks", "b") == {"UCLG, ICLEI and C40"}
    assert words(found, "networks") == {"both": "open"}
    assert things(found, "twinnings", "both") == {"Twinning of Beijing and Copenhagen"}  # Table 3
    assert {"Amsterdam", "London", "Seoul"} <= things(found, "twinnings", "a")


def test_members_of_two_networks_are_named_once(store: Store) -> None:
    """Footnotes 17 (UCLG) and 18 (C40); section 4.2 on Seoul; London in section 3.1."""
    found = comparison(store, "C40", "UCLG")
    assert {"Beijing", "Guangzhou", "Seoul", "Shenzhen"} <= things(found, "members", "both")
    assert {"Hong Kong", "London"} <= things(found, "members", "a")
    assert "Chongqing" in things(found, "members", "b")
    named = [item["thing"]["iri"] for item in section(found, "members")["items"]]
    assert len(named) == len({*named})


@pytest.mark.drawn
def test_countries_are_compared_by_the_ties_of_their_cities(store: Store) -> None:
    """Tables 1 and 2 pair cities of the UK and China; Tables 2 and 3 cities of one of them with others."""
    found = comparison(store, "UK", "China")
    assert "Twinning of Birmingham and Guangzhou" in things(found, "twinnings", "both")
    assert {"Seoul", "Amsterdam"} <= things(found, "twinnings", "b")
    assert not {"Seoul", "Amsterdam"} & things(found, "twinnings", "a")
    assert "C40" in things(found, "networks", "both")


@pytest.mark.parametrize("pair", [("Leeds", "Wuhan"), ("C40", "CityNet"), ("London", "C40"), ("this-report", "York")])
@pytest.mark.drawn
def test_the_other_order_has_the_other_sides(store: Store, pair: tuple[str, str]) -> None:
    turned = {"a": "b", "b": "a", "both": "both"}
    one, other = comparison(store, *pair), comparison(store, *reversed(pair))
    assert one["sections"]
    for here, there in zip(one["sections"], other["sections"], strict=True):
        on = sorted((item["thing"]["text"], turned[item["on"]]) for item in here["items"])
        assert on == sorted((item["thing"]["text"], item["on"]) for item in there["items"])
        assert {turned[side]: known for side, known in here["known"].items()} == there["known"]


PAIRS = [("Birmingham", "Sheffield"), ("Core Cities", "Key Cities"), ("Manchester", "Liverpool")]


@pytest.mark.parametrize("pair", PAIRS)
def test_each_statement_is_made_once(store: Store, pair: tuple[str, str]) -> None:
    found = comparison(store, *pair)
    said = [value for one in found["sections"] for item in one["items"] for value in item["said"]]
    said += [value for one in found["sections"] for known in one["known"].values() for value in known["said"]]
    stated = [value["value"]["iri"] for value in said if "linked" in value or not value["parts"]]
    assert len(stated) == len(set(stated)) > 1
    sentences = [value["value"]["text"] for value in said if value["value"]["text"].endswith(".")]
    assert len(sentences) == len(set(sentences))


def test_what_a_denial_says_is_not_said_again_and_marks_the_twins(store: Store) -> None:
    """Section 3.1, paragraph 1: every Core City except Sheffield is in an international network."""
    found = comparison(store, "Birmingham", "Sheffield")
    text = str(found)
    assert text.count("the only Core City that takes part in no international network") == 1
    assert "Every Core City except Sheffield is in" not in text
    assert "all except Sheffield" in text
    twins = {item["thing"]["text"]: item["said"] for item in section(found, "twinnings")["items"]}
    assert [one["kind"] for one in twins["Guangzhou"][0]["against"]] == ["denies", "denies"]
    assert [value["against"] for value in twins["Anshan"]] == [[]]


def test_what_differs_is_marked(store: Store) -> None:
    """Box 2 lists Birmingham as a Core City, and Sheffield in its group alone."""
    differing = [
        item for item in section(comparison(store, "Birmingham", "Sheffield"), "networks")["items"] if item["differs"]
    ]
    assert differing[0]["label"] == "Birmingham: belongs to; Sheffield: as part of a group"


def test_one_thing_alone_has_partners_to_compare_it_with(store: Store) -> None:
    for found in (comparison(store, "York", "city:york"), comparison(store, "", "York")):
        assert found["sections"] == []
        named = {partner["text"] for partner in found["partners"]}
        assert "Cambridge" in named  # of the Key Cities, too
        assert "York" not in named


@pytest.mark.drawn
def test_a_name_must_mean_one_thing(store: Store) -> None:
    with pytest.raises(BadValueError) as wrong:
        comparison(store, "Leeds", "Yorkk")
    assert {"parameter": "b", "value": "city:york", "label": "York"} in wrong.value.suggestions
    with pytest.raises(AmbiguousValueError) as several:
        comparison(store, "International Team", "York")
    assert len(several.value.suggestions) > 1


def test_the_triples_are_those_of_the_statements_shown(store: Store) -> None:
    triples = compared_triples(store, "Bristol", "York")
    accounts = {triple.subject for triple in triples if triple.predicate == CD.accountOf}
    assert node("account:table-1--twinning-bristol-guangzhou") in accounts
    assert {node("city:bristol"), node("city:york")} <= {triple.subject for triple in triples}
