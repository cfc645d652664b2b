"""Blocks of canned queries, the columns that are chosen of them, and questions that were replaced."""

from __future__ import annotations

import re

import pytest
from pyoxigraph import Store

from kg.errors import BadValueError
from kg.queries import CannedQuery, Question, canned_queries, find_query
from kg.queries.blocks import names_of_blocks, with_blocks
from kg.queries.catalogue import find_replacement
from tests.support.answers import rows_as_written

QUERY = find_query("disagreements")


def test_a_text_has_the_blocks_of_what_is_given_and_chosen_alone() -> None:
    plain = Question(QUERY).text()
    assert "#?" not in plain
    assert "birmingham" not in plain
    assert "?secondLabel" not in plain
    assert "?thing" in Question(QUERY, {"thing": "city:leeds"}).text()
    assert "?secondLabel" in Question(QUERY.choose("label,second")).text()
    assert "VALUES ?kind" not in Question(QUERY.choose("kind")).text()  # its column, not the parameter


def test_objections_that_nobody_asks_for_cost_nothing() -> None:
    query = find_query("memberships")
    assert "cd:countsOtherwise" in Question(query).runnable_text()
    assert "cd:countsOtherwise" in Question(query.choose("member,objections")).runnable_text()
    assert "cd:countsOtherwise" not in Question(query.choose("member,network")).runnable_text()


def test_columns_come_in_the_order_and_by_the_names_that_are_asked_for(store: Store) -> None:
    denies = "disagreement-kind:denies"
    plain = rows_as_written(store, "disagreements", kind=denies)
    columns = "kindLabel:label,label:kindLabel,label:third"
    swapped = rows_as_written(store, "disagreements", kind=denies, columns=columns)
    assert plain
    assert [list(row.values()) for row in swapped] == [[row["kindLabel"], row["label"], row["label"]] for row in plain]
    assert {*swapped[0]} == {"label", "kindLabel", "third"}


def test_different_values_of_a_column_are_counted_for_each_row_of_the_others(store: Store) -> None:
    plain = rows_as_written(store, "absences")
    told: dict[str, set[str]] = {}
    for row in plain:
        told.setdefault(row["kindLabel"], set()).add(row["actor"])
    columns = "kindLabel:kind,actor.count:actors"  # a name that a column of its own has
    counted = rows_as_written(store, "absences", columns=columns)
    assert {row["kind"]: int(row["actors"]) for row in counted} == {kind: len(actors) for kind, actors in told.items()}
    assert [int(row["actors"]) for row in counted] == sorted((len(actors) for actors in told.values()), reverse=True)
    (all_of_them,) = rows_as_written(store, "absences", columns="actor.count")
    assert all_of_them == {"actorCount": str(len(set[str]().union(*told.values())))}


def test_different_values_of_a_column_are_listed_in_their_order(store: Store) -> None:
    told: dict[str, set[str]] = {}
    for row in rows_as_written(store, "absences"):
        told.setdefault(row["kindLabel"], set()).add(row["actorLabel"])
    listed = rows_as_written(store, "absences", columns="kindLabel:kind,actorLabel.list:actorLabel")
    assert {row["kind"]: row["actorLabel"] for row in listed} == {
        kind: ", ".join(sorted(actors)) for kind, actors in told.items()
    }
    assert any("," in row["actorLabel"] for row in listed)


def test_a_block_of_what_is_not_asked_for_is_there_without_it() -> None:
    places = find_query("places")
    assert "\n  FILTER (BOUND(?lat))" in Question(places).text()
    for columns in ("place,twins", "place,native"):
        assert "BOUND(?lat)" not in Question(places.choose(columns)).text()
    assert "  # FILTER (BOUND(?lat))" in places.text


def test_a_block_may_have_others_within() -> None:
    text = "a\n#? one\nb\n  #? two three\nc\n  #?\n#? not two\n# d\n#?\n#?\ne\n"
    assert names_of_blocks(text) == {"one", "two", "three"}
    given = {"": "ae", "one": "abde", "two": "ae", "one two": "abce", "one three": "abcde"}
    assert {names: with_blocks(text, names.split()).replace("\n", "") for names in given} == given


@pytest.mark.parametrize("query", canned_queries().values(), ids=lambda query: query.name)
def test_a_column_alone_selects_nothing_that_no_pattern_binds(query: CannedQuery) -> None:
    for column in query.more:
        head, _, where = with_blocks(query.body, [column, *(one.name for one in query.parameters)]).partition("WHERE")
        where = re.sub(r"(?s)(GROUP|ORDER) BY[^{}]*$", "", where)
        selected = {name for name in re.findall(r"\?(\w+)", head) if f"AS ?{name})" not in head}
        assert selected <= {*re.findall(r"\?(\w+)", where)}, column


@pytest.mark.parametrize(
    "columns",
    ["nothing", "nothing.count", "label.sum", "label,label:label", "label:kind,kind", "label:a-b", ",", "l" * 9999],
)
def test_columns_that_cannot_be_are_refused_with_the_way_out(columns: str) -> None:
    with pytest.raises(BadValueError) as refused:
        QUERY.choose(columns)
    assert refused.value.hint.startswith(("Available: disagreement, label", "For example: columns="))
    assert len(str(refused.value)) < 500


def test_what_is_chosen_goes_on_in_json_and_addresses() -> None:
    asked = Question(QUERY.choose("label:name,first"), {"thing": "city:leeds"})
    assert Question.from_json(asked.as_json()) == asked
    assert asked.address.endswith("&columns=label%3Aname%2Cfirst")


def test_a_question_of_before_is_asked_with_its_columns_and_scope() -> None:
    replaced = find_replacement("all-absences", ())
    assert replaced
    assert dict(replaced.given([("actor", "leeds"), ("limit", "3"), ("kind", "")])) == {
        "scope": "report",
        "columns": find_query("absences").replaces["all-absences"].columns,
        "thing": "leeds",
        "limit": "3",
    }
    assert dict(replaced.given([("scope", "all")]))["scope"] == "all"
    assert find_replacement("absences", ["thing"]) is None
    assert find_replacement("nothing-of-that-name", ()) is None


def test_what_is_replaced_is_there_no_more_and_its_columns_are() -> None:
    for query in canned_queries().values():
        for name, replaced in query.replaces.items():
            assert name == query.name or name not in canned_queries()
            assert {*replaced.parameters.values(), *replaced.values} <= {one.name for one in query.parameters}
            query.choose(replaced.columns)
