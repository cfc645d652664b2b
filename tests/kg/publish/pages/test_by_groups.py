"""The pages of cities and networks follow groups as the questions do."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.publish.pages import entity_page
from kg.publish.pages.by_groups import members_by_group, networks_by_group
from kg.publish.pages.words import PropertyRow, Words
from kg.queries.catalogue import canned_queries
from kg.queries.question import Question
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, RDF
from kg.sparql.evaluation import execute
from tests.support.answers import rows_of

pytestmark = pytest.mark.drawn

MARKS = {
    "as part of a group": "group",
    "as part of a group, as the editors understand its name": "reading",
    "some members of a group to which it belongs": "group",
    "in this network or another of a list": "group",
}
Shown = set[tuple[str, str, str]]


def shown(rows: list[PropertyRow]) -> Shown:
    return {
        (str(value["value"]["iri"]), MARKS[row["label"]["text"]], str(source["iri"]))
        for row in rows
        for value in row["values"]
        for part in value["parts"]
        for source in part["sources"]
    }


def answered(store: Store, name: str, parameter: str, thing: NamedNode, column: str) -> Shown:
    text = Question(canned_queries()[name], {parameter: thing.value}).text_with_values()
    _, rows = rows_of(execute.run(store, text))
    values = [tuple(str(getattr(row[one], "value", "")) for one in (column, "by", "passage")) for row in rows]
    return {(thing, by, passage) for thing, by, passage in values if by not in ("stated", "implied")}


def instances(store: Store, of: NamedNode) -> list[NamedNode]:
    found = [quad.subject for quad in store.quads_for_pattern(None, RDF.type, of, DefaultGraph())]
    return [node for node in found if isinstance(node, NamedNode)]


def test_a_city_has_the_networks_by_groups_that_the_question_answers(store: Store) -> None:
    words = Words(store)
    seen: Shown = set()
    for city in instances(store, CD.City):
        rows = shown(networks_by_group(words, city))
        assert rows == answered(store, "memberships", "thing", city, "network")
        seen |= rows
    assert {by for _, by, _ in seen} == {"group", "reading"}


def test_a_network_has_the_members_by_groups_that_the_question_answers(store: Store) -> None:
    words = Words(store)
    for network in instances(store, CD.CityNetwork):
        rows = shown(members_by_group(words, network))
        assert rows == answered(store, "memberships", "other", network, "member")


def test_a_list_in_which_a_city_stands_has_the_sources_that_name_the_city(store: Store) -> None:
    def listed(city: str) -> set[str]:
        about = entity_page(store, str(ns.expand(city)))
        (lists,) = [section for section in about["sections"] if section["key"] == "lists"]
        (row,) = [row for row in lists["rows"] if row["label"]["text"] == "listed in"]
        (value,) = [one for one in row["values"] if one["value"]["text"] == "Members of Core Cities"]
        return {source["text"] for part in value["parts"] for source in part["sources"]}

    assert listed("city:leeds") == {"Box 2", "editors’ reading"}
    assert listed("city:sheffield") == {"Section 3.1, paragraph 1", "editors’ reading"}
    assert listed("city:bristol") == {"editors’ reading"}
