"""Which answers a change alters is found by asking before and after: rows that come, that go, and that stay."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pytest
from pyoxigraph import Literal, NamedNode, Store

from kg.curation.effects import Answers, Effects, effects_of
from kg.publish.answer_changes import answer_changes
from kg.queries import Question, find_query
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.vocabulary import SKOS
from kg.store import DataFolder
from kg.store.staging import changed_copy
from tests.kg.curation.test_effects import CHANGCHUN, change, member, twins

LEEDS_AND_CHENGDU = twins("chengdu", "leeds")


@pytest.fixture(scope="module")
def store(both_reports: DataFolder) -> Store:
    return both_reports.open()


def answers(
    folder: DataFolder, store: Store, effects: Effects, names: Sequence[str], times: tuple[float, float] = (60, 60)
) -> Answers:
    asked = [one for one in effects.asked if one.question.query.name in names]
    with changed_copy(folder, store, effects.whole) as copy:
        described = [one.question.as_json() for one in asked]
        return Answers.of(asked, answer_changes(store, str(copy), described, *times))


def test_the_first_questions_are_about_what_is_touched(store: Store) -> None:
    first = effects_of(store, change(LEEDS_AND_CHENGDU)).asked[:4]
    assert {one.address for one in first} >= {
        f"queries/twins-of-a-city?thing=city%3A{city}&scope=all" for city in ("leeds", "chengdu")
    }
    assert "With which cities is Leeds twinned?" in {one.text for one in first}


def test_the_first_question_on_a_membership_is_one_that_it_alters(both_reports: DataFolder, store: Store) -> None:
    effects = effects_of(store, change(member("chengdu", "core-cities")))
    first = effects.asked[0].question.query.name
    assert first in {one.question.query.name for one, _ in answers(both_reports, store, effects, [first]).changed}


def test_questions_that_take_a_large_work_come_after_the_others_about_a_thing(store: Store) -> None:
    asked = [one.question for one in effects_of(store, change(LEEDS_AND_CHENGDU)).asked if one.question.values]
    large = [bool(one.query.works) for one in asked if not one.query.needs_value]
    assert large == sorted(large)
    assert {*large} == {False, True}


def test_a_tie_is_a_row_more_for_both_and_none_less(both_reports: DataFolder, store: Store) -> None:
    effects = effects_of(store, change(LEEDS_AND_CHENGDU))
    found = answers(both_reports, store, effects, ("twins-of-a-city", "cooperations-of-city"))
    assert {one.text: (rows["after"] - rows["before"], rows["new"], rows["gone"]) for one, rows in found.changed} == {
        "With which cities is Leeds twinned?": (1, 1, 0),
        "With which cities is Chengdu twinned?": (1, 1, 0),
    }
    assert (found.compared, found.as_dict()["notTried"]) == (4, [])


def test_what_is_taken_away_takes_rows_away(both_reports: DataFolder, store: Store) -> None:
    said = store.quads_for_pattern(NamedNode(ns.expand(CHANGCHUN) or ""), None, None, None)
    change = Change(frozenset(), frozenset(one for one in said if "report" in str(one.graph_name)))
    found = answers(both_reports, store, effects_of(store, change), ("twins-of-a-city",))
    of_birmingham = {one.text: rows for one, rows in found.changed}["With which cities is Birmingham twinned?"]
    assert (of_birmingham["new"], of_birmingham["gone"]) == (0, 1)


def test_a_row_of_which_a_cell_changes_comes_and_goes(both_reports: DataFolder, store: Store) -> None:
    leeds = NamedNode(f"{ns.ID}city/leeds")
    renamed = change('city:leeds skos:prefLabel "Leeds upon Aire"@en .')
    said = store.quads_for_pattern(leeds, SKOS.prefLabel, Literal("Leeds", language="en"), None)
    named = frozenset(one for one in said if isinstance(one.graph_name, NamedNode))
    effects = effects_of(store, Change(renamed.added, named))
    found = answers(both_reports, store, effects, ("places",))
    assert [(rows["before"] == rows["after"], rows["new"], rows["gone"]) for _, rows in found.changed] == [(True, 1, 1)]


@pytest.mark.parametrize("times", [(-1, 60), (60, -1)])
def test_what_no_time_is_left_for_is_said(both_reports: DataFolder, store: Store, times: tuple[float, float]) -> None:
    effects = effects_of(store, change(LEEDS_AND_CHENGDU))
    found = answers(both_reports, store, effects, ("twins-of-a-city",), times)
    assert (found.compared, len(found.not_tried)) == (0, 2)


def test_a_thing_that_is_new_is_not_asked_about(store: Store) -> None:
    new = change('city:graz a cd:City ; skos:prefLabel "Graz"@en ; cd:within country:austria .')
    assert not any("graz" in one.address for one in effects_of(store, new).asked)


def test_every_other_question_is_asked_that_needs_no_value(store: Store) -> None:
    asked = {one.address for one in effects_of(store, change(LEEDS_AND_CHENGDU)).asked}
    assert {"queries/places?scope=all", "queries/works-side-by-side"} <= asked
    assert Question(find_query("what-is-said")).address not in asked


def test_a_copy_is_removed_whatever_happens(both_reports: DataFolder, store: Store) -> None:
    effects = effects_of(store, change(LEEDS_AND_CHENGDU))
    with suppress(ZeroDivisionError), changed_copy(both_reports, store, effects.whole) as copy:
        assert copy.exists()
        1 / 0  # noqa: B018
    assert not copy.parent.exists()
