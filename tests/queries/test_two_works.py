"""Questions asked of both reports: passages of the two are numbered alike, and none is taken for another."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from kg.rdf import namespaces as ns
from kg.rdf.scopes import EVERYTHING
from kg.store import DataFolder
from tests.support.answers import rows_as_written as rows

OF_SECOND = "passage/rusi-2025/"


@pytest.fixture(scope="module")
def everything(both_reports: DataFolder) -> Store:
    return Store.read_only(str(both_reports.snapshot_in(EVERYTHING, both_reports.require_build())))


@pytest.mark.drawn
def test_a_disagreement_has_the_passages_of_its_sides_and_one_row(everything: Store) -> None:
    found = rows(everything, "disagreements", columns="disagreement,second,firstLabel,secondLabel,passages")
    assert len(found) == len({row["disagreement"] for row in found}) > 100
    assert sum(OF_SECOND in row["second"] for row in found) > 10
    for row in found:
        passages = row["passages"].split("; ")
        ends = [row["firstLabel"], row["secondLabel"] or row["firstLabel"]]
        assert ends == [passages[0], passages[-1]], row["disagreement"]


def test_interpretations_and_passages_that_disagree_are_read_work_by_work(everything: Store) -> None:
    firsts = [
        row["passages"].startswith("RUSI 2025") for row in rows(everything, "interpretations", kind="cd:Disagreement")
    ]
    assert firsts == sorted(firsts)
    others = [
        [name.startswith("RUSI 2025") for name in row["others"].split("; ")]
        for row in rows(everything, "disagreements", columns="part,others")
    ]
    assert any(len(set(one)) == 2 for one in others)
    assert [one for one in others if one != sorted(one)] == []


def test_a_recommendation_of_somebody_else_says_whose_it_is(everything: Store) -> None:
    found = {row["says"]: row["attributedTo"] for row in rows(everything, "recommendations")}
    (xi,) = (by for says, by in found.items() if says.startswith("Xi calls it a mission of diplomacy"))
    assert xi == "Xi Jinping"
    assert "" in found.values()


@pytest.mark.parametrize("name", ["ties-since-a-year", "twinnings-of-several-works"])
def test_an_account_does_not_object_to_itself(everything: Store, name: str) -> None:
    parts = {row["part"]: row["objections"] for row in rows(everything, name) if "taiyuan" in "".join(row.values())}
    former = next(part for part in parts if OF_SECOND in part)
    assert parts.pop(former) == ""
    assert all(f"<{ns.expand(former)}>" in objections for objections in parts.values())


def test_effects_of_twinning_have_twinning_as_their_cause(everything: Store) -> None:
    found = rows(everything, "effects", kind="twinning")
    assert {row["cause"] for row in found} > {"term:city-twinning", "group:uk-china-twinnings"}
    assert [row["says"] for row in found if row["affected"] == "group:uk-china-twinnings"] == []


def test_a_membership_that_a_work_takes_for_granted_is_implied(everything: Store) -> None:
    found = rows(everything, "memberships", other="network:c40")
    by = {(row["memberLabel"], OF_SECOND in row["passage"]): row["by"] for row in found}
    assert by["Chinese cities in general", True] == "implied"
    assert by["Chinese cities in general", False] == "stated"
