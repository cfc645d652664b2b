"""Answers that follow groups: within one passage, marked, and beside what is stated."""

from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, RDF
from tests.support.answers import rows_as_written as rows
from tests.support.answers import written
from tests.support.stores import copied, state

pytestmark = pytest.mark.drawn

ALL = {"all", "all except"}


def node(name: str) -> NamedNode:
    return NamedNode(str(ns.expand(name)))


@pytest.fixture
def planted(store: Store) -> Store:
    return copied(store)


@pytest.fixture(scope="module")
def cities(store: Store) -> list[str]:
    found = store.quads_for_pattern(None, RDF.type, CD.City, DefaultGraph())
    return sorted(ns.compact(quad.subject.value) for quad in found if isinstance(quad.subject, NamedNode))


@pytest.fixture(scope="module")
def networks(store: Store) -> list[str]:
    found = store.quads_for_pattern(None, RDF.type, CD.CityNetwork, DefaultGraph())
    return sorted(ns.compact(quad.subject.value) for quad in found if isinstance(quad.subject, NamedNode))


def member_of(store: Store) -> set[tuple[str, str]]:
    found = store.quads_for_pattern(None, CD.memberOf, None, DefaultGraph())
    return {(written(quad.subject), written(quad.object)) for quad in found}


def lists(store: Store, passage: str, group: str, member: str) -> bool:
    """Return True if the passage's own graph lists a member of a group."""
    (quad,) = store.quads_for_pattern(node(passage), CD.statementGraph, None, DefaultGraph())
    assert isinstance(quad.object, NamedNode)
    return Quad(node(group), CD.groupMember, node(member), quad.object) in store


def read(store: Store, group: str, member: str) -> bool:
    return Quad(node(group), CD.groupMember, node(member), node("graph:interpretation")) in store


def test_a_row_that_is_marked_as_stated_is_a_membership_that_follows_without_groups(
    store: Store, cities: list[str]
) -> None:
    found = {
        (city, row["network"])
        for city in cities
        for row in rows(store, "memberships", thing=city)
        if row["by"] == "stated" and row["isMember"] == "true"
    }
    assert found == {(city, network) for city, network in member_of(store) if city in set(cities)}


def test_each_row_by_a_group_goes_back_to_the_passage_or_reading_that_lists_the_city(
    store: Store, cities: list[str]
) -> None:
    seen: Counter[str] = Counter()
    for city in cities:
        for row in rows(store, "memberships", thing=city):
            seen[row["by"]] += 1
            if row["by"] == "group":
                assert lists(store, row["passage"], row["group"], city)
            if row["by"] == "reading":
                assert read(store, row["group"], city)
                assert not lists(store, row["passage"], row["group"], city)
                assert row["quantifier"] in ALL
    assert seen.keys() == {"stated", "group", "reading"}


def test_the_members_of_a_network_are_those_whose_networks_have_it(
    store: Store, cities: list[str], networks: list[str]
) -> None:
    from_cities = {
        (city, row["network"], row["by"], row["group"], row["passage"])
        for city in cities
        for row in rows(store, "memberships", thing=city)
        if row["network"] in set(networks) and (row["by"] == "stated" or row["quantifier"] in ALL)
    }
    from_networks = {
        (row["member"], network, row["by"], row["group"], row["passage"])
        for network in networks
        for row in rows(store, "memberships", other=network, columns="member,by,group,passage,oneOf")
        if row["member"] in set(cities) and not row["oneOf"]
    }
    assert from_cities == from_networks


def test_counts_count_what_is_stated(store: Store) -> None:
    stated = Counter(member for member, _ in member_of(store))
    for row in rows(store, "cities-by-number-of-networks"):
        assert int(row["networks"]) + int(row["organisations"]) == stated[row["city"]]
    members = Counter(network for member, network in member_of(store) if not member.startswith("group:"))
    for row in rows(store, "networks", columns="network,inside:polities,naming"):
        assert int(row["polities"]) == members[row["network"]]


def test_a_list_of_another_passage_gives_no_row(planted: Store) -> None:
    state(
        planted,
        "report:box-2",
        "group:national-networks-of-the-core-cities cd:groupMember network:key-cities",
        "group:international-city-networks cd:groupMember network:cdia",
        "group:chinese-cities-studied cd:groupMember city:york",
    )
    assert all(row["oneOf"] == "" for row in rows(planted, "memberships", other="network:key-cities", columns="oneOf"))
    assert all(row["oneOf"] == "" for row in rows(planted, "memberships", other="network:cdia", columns="oneOf"))
    assert {row["network"] for row in rows(planted, "memberships", thing="city:york")} == {"network:key-cities"}
    counted = {row["city"]: row["byGroup"] for row in rows(planted, "cities-by-number-of-networks")}
    assert counted["city:york"] == "0"


def test_who_is_excepted_gets_no_row(store: Store, planted: Store) -> None:
    sheffield = {row["network"] for row in rows(store, "memberships", thing="city:sheffield")}
    assert sheffield == {"network:core-cities", "group:national-networks-of-the-core-cities"}
    assert rows(store, "memberships", thing="city:macao") == []
    state(
        planted,
        "report:section-3.1-p1",
        "membership:x rdf:type cd:Membership",
        "membership:x cd:member group:core-cities-members",
        "membership:x cd:network network:iclei",
        "account:x cd:accountOf membership:x",
        "account:x cd:statedIn passage:section-3.1-p1",
        "account:x cd:role role:member",
        "account:x cd:quantifier quantifier:all-except",
        "account:x cd:exception city:leeds",
    )
    found = {row["member"]: row["by"] for row in rows(planted, "memberships", other="network:iclei")}
    assert "city:leeds" not in found
    assert (found["city:sheffield"], found["city:bristol"]) == ("group", "reading")


@pytest.mark.parametrize("word", ["almost-all", "most", "many", "several", "some", "few"])
def test_what_is_said_of_some_of_a_group_is_said_of_nobody_in_particular(planted: Store, word: str) -> None:
    state(
        planted,
        "report:section-3.1-p1",
        "membership:x rdf:type cd:Membership",
        "membership:x cd:member group:core-cities-members",
        "membership:x cd:network network:iclei",
        "account:x cd:accountOf membership:x",
        "account:x cd:statedIn passage:section-3.1-p1",
        "account:x cd:role role:member",
        f"account:x cd:quantifier quantifier:{word}",
    )
    found = {row["member"] for row in rows(planted, "memberships", other="network:iclei")}
    assert found.isdisjoint({"city:sheffield", "city:bristol", "city:leeds"})
    assert "group:core-cities-members" in found
    (row,) = [row for row in rows(planted, "memberships", thing="city:sheffield") if row["network"] == "network:iclei"]
    assert (row["by"], row["isMember"], row["quantifier"]) == ("group", "false", word.replace("-", " "))
    assert "network:iclei" not in {row["network"] for row in rows(planted, "memberships", thing="city:bristol")}


@pytest.mark.parametrize(
    ("name", "values", "of"),
    [
        ("shared-memberships", {"thing": "city:bristol", "other": "city:leeds"}, "reading"),
        ("shared-memberships", {"thing": "city:guangzhou", "other": "city:beijing"}, "stated"),
        ("shared-memberships", {"thing": "network:c40", "other": "network:uclg"}, "stated"),
        ("shared-memberships", {"thing": "city:sheffield", "other": "city:leeds"}, "group"),
    ],
)
def test_what_two_share_is_marked_by_the_weaker_of_both(
    store: Store, name: str, values: dict[str, str], of: str
) -> None:
    found = rows(store, name, **values)
    assert {row["by"] for row in found} == set(of.split())
    assert all(bool(row["groups"]) == (row["by"] != "stated") for row in found)


def test_networks_of_a_country_show_groups_and_do_not_count_them(store: Store) -> None:
    columns = "network,inside,outside,byGroup,groups"
    china = {row["network"]: row for row in rows(store, "networks", country="country:china", columns=columns)}
    mayors = china["network:china-association-of-mayors"]
    assert (mayors["inside"], mayors["outside"], mayors["byGroup"]) == ("0", "0", "0")
    assert mayors["groups"] == "Chinese cities in general (all)"
    uk = {row["network"]: row for row in rows(store, "networks", country="country:united-kingdom", columns=columns)}
    assert (uk["network:core-cities"]["inside"], uk["network:core-cities"]["byGroup"]) == ("5", "5")
    assert uk["network:uclg"]["groups"] == "UK cities in general"


def test_questions_on_roles_and_countries_and_cities_side_by_side_follow_groups_alike(
    store: Store, cities: list[str]
) -> None:
    led = [
        (city, row)
        for city in cities
        for row in rows(store, "memberships", thing=city)
        if row["by"] != "stated" and row["quantifier"] in ALL
    ]
    roles = {
        (row["member"], row["network"], row["role"], row["by"])
        for row in rows(store, "memberships", kind="special")
        if row["by"] not in ("stated", "implied") and row["member"] in set(cities)
    }
    plain = {"role:member", "role:direct-member"}
    assert roles == {(city, row["network"], row["role"], row["by"]) for city, row in led if row["role"] not in plain}
    for city in ("city:leeds", "city:sheffield", "city:amsterdam"):
        beside = rows(store, "cities-side-by-side", one=city, other="city:kobe")
        shown = {
            (name, row["by"])
            for row in beside
            if row["city"] == city and row["kind"] == "membership" and row["by"] != "stated"
            for name in row["with"].split("; ")
        }
        assert shown == {(row["networkLabel"], row["by"]) for of, row in led if of == city}
    counted = {row["city"]: row["byGroup"] for row in rows(store, "cities-by-number-of-networks")}
    of_country = rows(store, "places", country="country:united-kingdom", columns="place:city,byGroup")
    assert {row["city"]: row["byGroup"] for row in of_country if row["byGroup"] != "0"} == {
        city: number
        for city, number in counted.items()
        if number != "0" and city in {row["city"] for row in of_country}
    }
