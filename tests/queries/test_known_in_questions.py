"""What counts or compares ties, or says that there are none, says whether they are denied, listed in full, or open."""

from __future__ import annotations

import re

import pytest
from pyoxigraph import Store

from kg.queries.catalogue import CannedQuery, canned_queries
from tests.support.answers import rows_as_written as rows
from tests.support.stores import copied, state

pytestmark = pytest.mark.drawn

QUERIES = canned_queries()
COUNTS = re.compile(r"\b(?:COUNT|SUM)\s*\(")
LACKS = re.compile(r"\bMINUS\b|\bNOT EXISTS\b|!\s*EXISTS\b|cd:AbsenceFinding|cd:absentFor|cd:denies|cd:rulesOut")

_STATEMENTS = "counts what sources say or name, of which the graph has all that it was given, and no ties"
_EDITORS = "counts or lists what the editors found, which is all in the graph"
_TERMS = "counts terms of the ontology and uses of them"
_PLACED = "counts sources of a tie that is there"
_OBJECTED = "looks for the gravest objection to a tie that is there"
EXEMPT = {
    "accounts-that-differ": "lists accounts and numbers that are there, beside those of other works",
    "twinnings-that-wikidata-lacks": "is a file whose form others prescribe, without twinnings that are denied",
    "disagreements": _EDITORS,
    "recommendations-and-findings": _EDITORS,
    "persons": "lists persons with what is stated of them; what is missing are roles that a row has already",
    "comparisons": "lists what sources compare, in their words",
    "coverage": _STATEMENTS,
    "entities-by-number-of-passages": _STATEMENTS,
    "passages-on-two-entities": _STATEMENTS,
    "works-side-by-side": _STATEMENTS,
    "groups": "counts the members of a group that somebody lists, which is no tie",
    "ties": _PLACED,
    "cooperations-of-city": _OBJECTED,
    "who-funds-what": _OBJECTED,
    "who-mediates-for-whom": _OBJECTED,
    "agreements": _OBJECTED,
    "twinnings-of-several-works": _PLACED,
    "cooperation-between-twins": "the one look for what is missing tells whether a twinning is implied or stated",
    "ties-since-a-year": "lists changes that a source tells of; its description says that others may have been",
    "chronology": "leaves out properties that are inferred",
    "what-is-said": "leaves out properties that are inferred, and wider classes",
    "who-states-each-twinning": "its column denied says so of each source",
    "numbers": "lists numbers as they are printed",
    "twins-that-share-a-network": "lists pairs that are there",
    "triangles-of-a-city": "lists pairs that are there",
    "printed-names": "lists names as they are printed",
    "concepts-of-scheme": _TERMS,
    "terms": _TERMS,
    "functions-by-activity": _EDITORS,
}
"""Questions that count, compare or look for what is missing, and say nothing of what is known: each with the reason."""


def code(query: CannedQuery) -> str:
    """Return a query without comments."""
    return "\n".join(line for line in query.body.splitlines() if not line.lstrip().startswith("#"))


def rests_on_ties(query: CannedQuery) -> bool:
    return bool(COUNTS.search(code(query)) or LACKS.search(code(query))) or "comparison" in " ".join(query.tags)


def says_what_is_known(query: CannedQuery) -> bool:
    return "known" in query.all_columns or bool(query.known)


def test_what_counts_compares_or_looks_for_what_is_missing_says_what_is_known_or_why_not() -> None:
    silent = {name for name, query in QUERIES.items() if rests_on_ties(query) and not says_what_is_known(query)}
    assert silent - EXEMPT.keys() == set(), "add a column known (docs/decisions/known.md), or the reason why not"


def test_no_question_is_exempt_that_need_not_be() -> None:
    silent = {name for name, query in QUERIES.items() if rests_on_ties(query) and not says_what_is_known(query)}
    assert EXEMPT.keys() - silent == set()
    assert all(EXEMPT.values())


LIST = (
    "completeness:z cd:tieKind tie:twinning",
    "completeness:z cd:counterpart group:cities",
    "completeness:z cd:statedIn passage:table-1",
    "completeness:z cd:listsAll list:ties",
)


def of_networks(facts: tuple[str, ...], to: str = "group:city-networks") -> tuple[str, ...]:
    return tuple(one.replace("tie:twinning", "tie:network-membership").replace("group:cities", to) for one in facts)


CASES = [
    ("places", {"country": "country:united-kingdom", "columns": "place:city,known"}, "city=city:leeds", "tie:twinning"),
    ("most-twinned-cities", {"country": "country:china", "least": "0"}, "city=city:beijing", "tie:twinning"),
    ("offices", {"kind": "tie:office-abroad"}, "operator=city:bristol", "tie:office-abroad"),
    ("offices", {"kind": "tie:international-team"}, "operator=city:birmingham", "tie:international-team"),
    ("strategies-by-kind", {}, "actor=city:chongqing", "tie:strategy"),
]


@pytest.fixture
def planted(store: Store) -> Store:
    return copied(store)


def known(store: Store, name: str, values: dict[str, str], where: dict[str, str], column: str = "known") -> set[str]:
    found = [row for row in rows(store, name, **values) if all(row[key] == value for key, value in where.items())]
    assert found
    return {row[column] for row in found}


@pytest.mark.parametrize(("name", "values", "row", "kind"), CASES)
def test_a_count_is_open_until_a_source_lists_all_or_denies(
    planted: Store, name: str, values: dict[str, str], row: str, kind: str
) -> None:
    column, _, actor = row.partition("=")
    state(planted, "report:table-1", "city:london cd:twinnedWith city:seoul", "city:seoul cd:twinnedWith city:london")
    facts = [one.replace("tie:twinning", kind) for one in LIST]
    assert known(planted, name, values, {column: actor}) == {"open"}
    state(planted, "report:table-1", *facts, f"completeness:z cd:appliesTo {actor}")
    assert known(planted, name, values, {column: actor}) == {"complete"}
    denied = [one.replace("completeness:z", "absence:z") for one in facts if "listsAll" not in one]
    state(planted, "report:table-1", *denied, f"absence:z cd:absentFor {actor}", f"absence:z cd:appliesTo {actor}")
    assert known(planted, name, values, {column: actor}) == {"denied"}


COUNTRIES = {"one": "country:china", "other": "country:united-kingdom"}


@pytest.mark.parametrize("counterpart", ["country:china", "group:chinese-cities", "group:cities"])
def test_the_twinnings_of_two_countries_are_known_where_those_of_all_cities_are(
    planted: Store, counterpart: str
) -> None:
    name, values, where = "twinnings-between-countries", {}, COUNTRIES
    facts = (
        "completeness:z cd:completeFor {}",
        "completeness:z cd:tieKind tie:twinning",
        f"completeness:z cd:counterpart {counterpart}",
        "completeness:z cd:listsAll list:ties",
    )
    state(planted, "report:table-1", *(one.format("group:uk-cities") for one in facts[:3]))
    assert known(planted, name, values, where) == {"open"}
    state(planted, "report:table-1", facts[3])
    assert known(planted, name, values, where) == {"complete"}
    state(planted, "report:table-1", "completeness:z cd:exception city:leeds")
    assert known(planted, name, values, where) == {"open"}


def test_the_list_of_a_smaller_group_says_nothing_of_its_country(planted: Store) -> None:
    state(
        planted,
        "report:table-1",
        "completeness:z cd:completeFor group:uk-cities-of-table-1",
        "completeness:z cd:tieKind tie:twinning",
        "completeness:z cd:counterpart country:china",
        "completeness:z cd:listsAll list:ties",
    )
    assert known(planted, "twinnings-between-countries", {}, COUNTRIES) == {"open"}


def test_what_two_share_is_complete_where_both_lists_are(planted: Store) -> None:
    values = {"thing": "city:beijing", "other": "city:guangzhou"}
    asked = ("shared-memberships", values, {"shared": "network:uclg"})
    assert known(planted, *asked) == {"open"}
    state(planted, "report:table-1", *of_networks(LIST), "completeness:z cd:appliesTo city:beijing")
    assert known(planted, *asked) == {"open"}
    state(planted, "report:table-1", "completeness:z cd:appliesTo city:guangzhou")
    assert known(planted, *asked) == {"complete"}
    state(planted, "report:table-1", "absence:z cd:denies membership:beijing-uclg")
    assert known(planted, *asked) == {"denied"}
    assert known(planted, *asked[:2], {"shared": "network:c40"}) == {"complete"}


def test_two_networks_are_compared_in_full_where_both_name_all_members(planted: Store) -> None:
    values = {"thing": "network:c40", "other": "network:uclg"}
    asked = ("shared-memberships", values, {"shared": "city:beijing"})
    assert known(planted, *asked) == {"open"}
    members = of_networks(LIST, "group:cities")
    state(planted, "report:table-1", *members, "completeness:z cd:appliesTo network:c40")
    assert known(planted, *asked) == {"open"}
    state(planted, "report:table-1", "completeness:z cd:appliesTo network:uclg")
    assert known(planted, *asked) == {"complete"}


@pytest.mark.parametrize(
    ("name", "values", "where", "expected"),
    [
        ("twinnings", {"columns": "twinning,known"}, {"twinning": "twinning:birmingham-guangzhou"}, "denied"),
        ("twinnings", {"columns": "twinning,known"}, {"twinning": "twinning:hangzhou-leeds"}, "open"),
        ("cities-in-several-tables", {}, {"city": "city:birmingham"}, "denied"),
        ("cities-in-several-tables", {}, {"city": "city:sheffield"}, "complete"),
        ("cities-in-several-tables", {}, {"city": "city:hangzhou"}, "open"),
        ("twinnings-by-standing", {"standing": "standing:official"}, {"stated": "false"}, "denied"),
        ("twinnings-by-standing", {"standing": "standing:official"}, {"stated": "true"}, "complete"),
        (
            "twinnings",
            {"table": "no", "columns": "twinning,known"},
            {"twinning": "twinning:beijing-moscow"},
            "open",
        ),
    ],
)
def test_the_tables_deny_list_in_full_or_leave_open(
    store: Store, name: str, values: dict[str, str], where: dict[str, str], expected: str
) -> None:
    assert known(store, name, values, where) == {expected}


def test_two_lists_that_are_all_give_each_row_once(planted: Store) -> None:
    before = rows(planted, "networks", columns="network,known,naming")
    for name in ("completeness:y", "completeness:z"):
        facts = (one.replace("completeness:z", name) for one in of_networks(LIST, "group:cities"))
        state(planted, "report:table-1", *facts, f"{name} cd:completeFor network:c40")
    after = rows(planted, "networks", columns="network,known,naming")
    assert [row["network"] for row in after] == [row["network"] for row in before]
    assert {row["network"] for row in after if row["known"] == "complete"} == {"network:c40"}


def test_members_by_a_group_are_apart_in_questions_on_twins_cities_and_parts(planted: Store) -> None:
    """Of all of a group that a passage lists: Beijing and Seoul in another network, where Leeds alone is stated."""
    state(
        planted,
        "report:section-4.2-p4",
        "network:n rdf:type cd:CityNetwork",
        "group:g cd:groupMember city:beijing",
        "group:g cd:groupMember city:seoul",
        "group:g cd:memberOf network:n",
        "membership:x cd:member group:g",
        "membership:x cd:network network:n",
        "account:x cd:accountOf membership:x",
        "account:x cd:statedIn passage:section-4.2-p4",
        "account:x cd:quantifier quantifier:all",
        "city:leeds cd:memberOf network:n",
        "membership:y cd:member city:leeds",
        "membership:y cd:network network:n",
    )
    planted.update(
        """INSERT { <https://w3id.org/city-diplomacy/id/network/n> ?label "N"@en } WHERE { BIND
        (<http://www.w3.org/2004/02/skos/core#prefLabel> AS ?label) }"""
    )
    twinned = {row["city"]: row for row in rows(planted, "members-of-a-network-twinned", network="network:n")}
    assert {city: (row["by"], row["twins"], row["twinsByGroup"]) for city, row in twinned.items()} == {
        "city:beijing": ("group", "0", "1"),
        "city:seoul": ("group", "0", "1"),
    }
    assert {(row["members"], row["membersByGroup"]) for row in twinned.values()} == {("1", "2")}
    (pair,) = rows(planted, "twins-that-share-a-network", thing="network:n")
    assert (pair["one"], pair["other"], pair["by"]) == ("city:beijing", "city:seoul", "group")
    cities = {
        row["city"]: row for row in rows(planted, "places", country="country:china", columns="place:city,byGroup")
    }
    assert int(cities["city:beijing"]["byGroup"]) >= 1
    beside = rows(planted, "cities-side-by-side", one="city:beijing", other="city:seoul")
    by_group = {row["city"]: row["with"] for row in beside if row["by"] == "group" and row["kind"] == "membership"}
    assert "N" in by_group["city:beijing"].split("; ")
