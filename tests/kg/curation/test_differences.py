"""What a change would contradict and confirm is told beforehand, by the rules, run on the graph as it would be."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kg.curation.differences import Differences, differences
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from tests.support.turtle import PREFIXES

TIE = "twinning:birmingham-guangzhou"


def told(store: Store, says: str, tie: str = TIE, source: str = 'cd:asOf "2025"^^xsd:gYear') -> Differences:
    text = f"""source:council a cd:Source ; {source} .
        account:council--tie a cd:Account ; cd:accountOf {tie} ; cd:statedIn source:council ; {says} ."""
    graph = NamedNode(f"{ns.GRAPH}curated/council")
    scratch = Store()
    scratch.extend(Quad(*quad.triple, graph) for quad in parse(PREFIXES + text, RdfFormat.TURTLE))
    return differences(store, Change(frozenset(scratch), frozenset()))


def test_a_tie_that_is_over_by_the_change_and_current_by_the_report_is_told(store: Store) -> None:
    found = told(store, "cd:status status:former")
    of_tables = [one for one in found.found if one.objects]
    assert [(one.kind, ns.compact(one.other)) for one in of_tables] == [
        ("in-tension", "account:table-2--twinning-birmingham-guangzhou")
    ]
    assert "Guangzhou" in of_tables[0].text
    assert of_tables[0].sources == (f"{ns.ID}passage/table-2",)


@pytest.mark.drawn
def test_what_the_report_denies_is_told_as_well(store: Store) -> None:
    """Both absences of Birmingham speak of this tie, whoever states it."""
    found = told(store, "cd:status status:current", tie="twinning:birmingham-jinan")
    assert found.counts == {}  # the tie has no parties in this change
    parties = " . twinning:birmingham-jinan a cd:Twinning ; cd:twin city:birmingham , city:jinan"
    found = told(store, "cd:status status:current" + parties, tie="twinning:birmingham-jinan")
    assert found.counts == {"in-tension": 1}  # it may have begun since
    found = told(store, 'cd:begin "1990"^^xsd:gYear' + parties, tie="twinning:birmingham-jinan")
    assert found.counts == {"denies": 1}
    assert found.as_dict()["contradicts"] == 1
    assert {ns.compact(one.other) for one in found.found if one.kind == "denies"} == {
        "absence:section-3.1-p2--birmingham-china"
    }


def test_an_end_after_the_report_has_changed_since(store: Store) -> None:
    assert told(store, 'cd:status status:former ; cd:end "2019"^^xsd:gYear').counts == {"changed-since": 1}


def test_what_says_the_same_confirms(store: Store) -> None:
    found = told(store, "cd:status status:current")
    assert found.found == ()
    assert found.confirming == (f"{ns.ID}account/council--tie",)
    assert [one.severity for one in found.findings()] == ["Info"]


@pytest.mark.parametrize("tie", ["twinning:leeds-lille", "twinning:hull-freetown"])
def test_of_a_tie_that_nobody_else_states_nothing_is_told(store: Store, tie: str) -> None:
    found = told(store, "cd:status status:current", tie=tie)
    assert (found.found, found.confirming, list(found.findings())) == ((), (), [])
