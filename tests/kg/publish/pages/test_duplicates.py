"""What the editors read as one body is one for readers: on pages of both and of their twins, in lists and ties."""

from __future__ import annotations

from typing import Any

import pytest
from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, parse

from kg.publish.lists import KindList, list_table
from kg.publish.lists.listing import labelled_things, unlabelled_things
from kg.publish.pages import entity_page
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD
from tests.support.stores import changed
from tests.support.turtle import PREFIXES, node

TWICE = """
graph:interpretation {
  polity:city-of-leeds cd:duplicateOf city:leeds .
  reading:one-body a cd:Reading ; skos:prefLabel "City of Leeds and Leeds: one body"@en ;
    cd:about polity:city-of-leeds , city:leeds ; cd:onPassage passage:table-1 ;
    cd:reason "The one governs the other."@en .
}
<https://w3id.org/city-diplomacy/graph/curated/list> {
  polity:city-of-leeds a cd:Polity ; skos:prefLabel "City of Leeds"@en .
  polity:durban a cd:Polity ; skos:prefLabel "Durban"@en .
  source:list skos:prefLabel "A list"@en .
  twinning:city-of-leeds-hangzhou a cd:Twinning ; cd:twin polity:city-of-leeds , city:hangzhou .
  twinning:city-of-leeds-durban a cd:Twinning ; cd:twin polity:city-of-leeds , polity:durban .
  account:list--one cd:accountOf twinning:city-of-leeds-hangzhou ; cd:statedIn source:list .
  account:list--other cd:accountOf twinning:city-of-leeds-durban ; cd:statedIn source:list .
}
"""


@pytest.fixture(scope="module")
def twice(store: Store) -> Store:
    return changed(store, parse(PREFIXES + TWICE, format=RdfFormat.TRIG))


def rows(store: Store, name: str, key: str) -> dict[str, list[Any]]:
    """Return the rows of a section by their names, empty without the section."""
    about = entity_page(store, node(name).value)
    found = [section for section in about["sections"] if section["key"] == key]
    return {row["label"]["text"]: row["values"] for section in found for row in section["rows"]}


def twins(store: Store, name: str) -> dict[str, set[str]]:
    """Return the names of the twins on a page, each once, with the names of who says so."""
    values = rows(store, name, "twinnings")["twinned with"]
    found = {one["value"]["text"]: {by["text"] for part in one["parts"] for by in part["sources"]} for one in values}
    assert len(found) == len(values)
    return found


def test_the_page_of_what_stands_for_both_has_the_twins_of_both_with_who_says_so(store: Store, twice: Store) -> None:
    before, after = twins(store, "city:leeds"), twins(twice, "city:leeds")
    assert after == {**before, "Hangzhou": before["Hangzhou"] | {"A list"}, "Durban": {"A list"}}
    (named,) = rows(twice, "city:leeds", "lists")["also entered as"]
    assert named["value"]["text"] == "City of Leeds"


def test_the_page_of_a_duplicate_keeps_its_own_twins_and_says_who_stands_for_it_and_why(twice: Store) -> None:
    assert twins(twice, "polity:city-of-leeds") == {"Hangzhou": {"A list"}, "Durban": {"A list"}}
    about = entity_page(twice, node("polity:city-of-leeds").value)
    (standing,) = (row["values"] for row in about["first"] if row["label"]["text"] == "duplicate of")
    assert [one["value"]["text"] for one in standing] == ["Leeds"]
    (evidence,) = (section for section in about["sections"] if section["key"] == "evidence")
    assert [one["value"]["text"] for one in evidence["sayings"]] == ["The one governs the other."]


def test_pages_of_twins_name_what_stands_for_both_once(store: Store, twice: Store) -> None:
    assert twins(twice, "city:hangzhou").keys() == twins(store, "city:hangzhou").keys()
    assert twins(twice, "polity:durban") == {"Leeds": {"A list"}}


def test_lists_leave_out_duplicates_and_the_twinnings_that_they_repeat(store: Store, twice: Store) -> None:
    polities, twinnings = (
        set(labelled_things(twice)["polity"].split()) - set(labelled_things(store)["polity"].split()),
        set(unlabelled_things(twice, "twinning").split()) - set(unlabelled_things(store, "twinning").split()),
    )
    assert polities == {node("polity:durban").value}
    assert twinnings == {node("twinning:city-of-leeds-durban").value}
    for kind, listed in (("polity", polities), ("twinning", twinnings)):
        assert list_table(twice, KindList(kind).page(sorted(listed)))["duplicates"] == 1
        assert list_table(store, KindList(kind).page([]))["duplicates"] == 0


def test_direct_ties_follow_for_what_stands_for_both_alone(twice: Store) -> None:
    for tie in (CD.twinnedWith, CD.currentlyTwinnedWith):
        assert Quad(node("city:leeds"), tie, node("polity:durban"), DefaultGraph()) in twice
        assert Quad(node("polity:durban"), tie, node("city:leeds"), DefaultGraph()) in twice
        assert not list(match(twice, node("polity:city-of-leeds"), tie))
        assert not list(match(twice, None, tie, node("polity:city-of-leeds")))


@pytest.mark.drawn
def test_two_duplicates_repeat_the_twinning_of_those_that_stand_for_them(twice: Store) -> None:
    both = """
    graph:interpretation { polity:city-of-hangzhou cd:duplicateOf city:hangzhou . }
    <https://w3id.org/city-diplomacy/graph/curated/list> {
      twinning:both a cd:Twinning ; cd:twin polity:city-of-leeds , polity:city-of-hangzhou .
      account:list--both cd:accountOf twinning:both ; cd:statedIn source:list .
    }"""
    after = changed(twice, parse(PREFIXES + both, format=RdfFormat.TRIG))
    repeated = {quad.object for quad in match(after, node("twinning:both"), CD.repeats)}
    assert repeated == {node("twinning:hangzhou-leeds"), node("twinning:city-of-leeds-hangzhou")}
