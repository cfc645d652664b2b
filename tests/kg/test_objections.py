"""Who objects to which tie, and how: what the passages say, read one by one, in tests/expected/objections.csv."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, QuerySolution, Store

from kg.objections import KINDS, Objection, as_literal, objections_of, parse_objections, shorten
from kg.queries.catalogue import canned_queries
from kg.queries.question import Question
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD
from kg.sparql.evaluation import select
from tests.support.stores import changed

pytestmark = pytest.mark.drawn

EXPECTED = Path(__file__).parents[1] / "expected" / "objections.csv"
SILENT = """
membership:xian-uclg membership:tianjin-uclg membership:chongqing-uclg membership:chengdu-uclg membership:guangzhou-uclg
membership:wuhan-c40 membership:shanghai-c40 membership:hong-kong-c40 membership:uk-cities-uclg twinning:kobe-tianjin
twinning:shanghai-yokohama twinning:kuopio-pudong twinning:beijing-moscow
""".split()
"""Ties beside which the editors set something general, such as that one network leads to others: nobody objects."""


def ties_of(store: Store, *classes: str) -> list[str]:
    values = " ".join(f"cd:{name}" for name in classes)
    return [row["tie"].value for row in select(store, f"SELECT DISTINCT ?tie {{ VALUES ?c {{ {values} }} ?tie a ?c }}")]


def of(store: Store, tie: str) -> str:
    return shorten(as_literal(objections_of(store).to([ns.expand(tie) or tie])))


def test_all_ties_have_the_objections_that_the_passages_make_and_no_others(store: Store) -> None:
    ties = ties_of(store, "Twinning", "Membership", "Office")
    assert len(ties) == 32 + 67 + 13
    found = {ns.compact(tie): of(store, tie) for tie in ties}
    expected = {row["tie"]: row["objections"] for row in csv.DictReader(EXPECTED.read_text().splitlines())}
    assert {tie: objections for tie, objections in found.items() if objections} == expected


@pytest.mark.parametrize("tie", SILENT)
def test_what_is_said_in_general_objects_to_no_tie(store: Store, tie: str) -> None:
    assert of(store, tie) == ""


def test_an_objection_says_in_words_what_its_passage_says(store: Store) -> None:
    told = {
        one.passage.rpartition("/")[2]: one
        for one in objections_of(store).to([ns.expand("twinning:birmingham-guangzhou") or ""])
    }
    assert told["section-3.1-p2"].as_json() == {
        "kind": "denies",
        "passage": f"{ns.ID}passage/section-3.1-p2",
        "text": "Denied by Section 3.1, paragraph 2: Birmingham is the only Core City without a sister city in China.",
    }
    assert told["table-1"].about == f"{ns.ID}disagreement/birmingham-twin-tables"
    london = min(objections_of(store).to([ns.expand("twinning:london-shanghai") or ""]), key=lambda one: one.kind)
    assert london.text == (
        "Counted otherwise by Section 3.1, paragraph 2: The number of Chinese sister cities of London is one."
    )


def test_an_absence_is_objected_to_by_whoever_states_the_tie(store: Store) -> None:
    """Not by those who agree with it, nor by who has such twins of "almost all": one without goes with that."""
    assert of(store, "absence:table-1--birmingham-china") == "denies passage:table-2"
    assert of(store, "absence:table-1--york-china") == ""


def test_two_numbers_of_the_same_count_object_to_each_other(store: Store) -> None:
    assert of(store, "statistic:section-5-p1--implications") == "counts-otherwise passage:section-5-p2"
    assert of(store, "statistic:section-5-p2--lessons") == "counts-otherwise passage:section-5-p1"
    assert of(store, "statistic:section-3.1-p2--chinese-sisters-of-london") == "counts-otherwise passage:table-2"


def test_what_stands_beside_its_own_objection_has_none(store: Store) -> None:
    absence, tie = (
        ns.expand(name) or "" for name in ("absence:table-1--birmingham-china", "twinning:birmingham-guangzhou")
    )
    assert [one.passage.rpartition("/")[2] for one in objections_of(store).to([absence, tie])] == ["section-3.1-p2"]


def test_beside_an_absence_other_ties_that_it_denies_do_not_object(store: Store) -> None:
    """Else a source would object to the row of a tie of which it says nothing."""
    after = grown(store, "twinning/birmingham-jinan", "source/council", "city/birmingham", "city/jinan")
    absence = "absence:table-1--birmingham-china"
    assert "denies source:council" in of(after, absence)
    assert "denies passage:table-2" in of(after, absence)
    for tie in ("twinning:birmingham-guangzhou", "twinning:birmingham-jinan"):
        named = [ns.expand(name) or "" for name in (absence, tie)]
        assert [one.passage.rpartition("/")[2] for one in objections_of(after).to(named)] == ["section-3.1-p2"]


def test_a_gap_is_no_objection_and_all_other_kinds_are(store: Store) -> None:
    scheme = NamedNode(f"{ns.VOCABULARY}disagreement-kind")
    rows = select(store, f"SELECT ?kind {{ ?kind skos:inScheme {scheme} MINUS {{ ?kind owl:deprecated true }} }}")
    assert {row["kind"].value.rpartition("/")[2] for row in rows} == {*KINDS, "gap"}
    assert of(store, "office:kobe-shanghai") == of(store, "twinning:chongqing-leicester") == ""


def test_what_the_editors_judged_otherwise_is_no_denial(store: Store) -> None:
    """As where a table prints n.a. for a major twin, and another source does not tell major ones from others."""
    judged = NamedNode(f"{ns.ID}disagreement/birmingham-twin-text")
    tension = NamedNode(f"{ns.VOCABULARY}disagreement-kind/in-tension")
    (kind,) = store.quads_for_pattern(judged, CD.disagreementKind, None, graphs.INTERPRETATION)
    after = changed(store, [Quad(judged, CD.disagreementKind, tension, graphs.INTERPRETATION)], [kind])
    assert of(after, "twinning:birmingham-guangzhou") == "denies passage:table-1 in-tension passage:section-3.1-p2"


def test_the_question_on_twins_has_the_same_for_each_city(store: Store) -> None:
    query = canned_queries()["twins-of-a-city"]
    cities = [
        row["city"].value for row in select(store, "SELECT DISTINCT ?city { ?t cd:twin ?city . ?city a cd:City }")
    ]
    rows: list[QuerySolution] = [
        row for city in cities for row in select(store, Question(query, {"thing": city}).text())
    ]
    assert len(rows) > 50
    for row in rows:
        assert row["objections"].value == as_literal(objections_of(store).to([row["twinning"].value]))


def test_a_denial_of_the_gravest_kind_stands_for_its_source() -> None:
    assert as_literal(Objection(kind, "urn:p", "", "", "", "") for kind in KINDS[1::-1]) == (
        "counts-otherwise <urn:p> denies <urn:p>"
    )
    assert parse_objections("denies <urn:p> in-tension <urn:q>") == (("denies", "urn:p"), ("in-tension", "urn:q"))
    for other in (
        "",
        "denies",
        "sees <urn:p>",
        "denies <urn:p>, in-tension <urn:q>",
        "It denies <urn:p>",
        "denies <x>",
        "denies <urn:p> in-tension <q>",
        "denies <urn:{p}>",
        "denies <http://[>",
    ):
        assert parse_objections(other) == ()
        assert shorten(other) == other


def test_curated_denials_count(store: Store) -> None:
    """A tie that a curator adds falls under an absence of the report: Table 1 prints n.a., the text has none."""
    after = grown(store, "twinning/jinan-york", "source/council", "city/jinan", "city/york")
    assert of(after, "twinning:jinan-york") == "denies passage:table-1"
    after = grown(store, "twinning/birmingham-jinan", "source/council", "city/birmingham", "city/jinan")
    assert of(after, "twinning:birmingham-jinan") == "denies passage:section-3.1-p2 denies passage:table-1"


def grown(store: Store, tie: str, source: str, *twins: str) -> Store:
    """Return the graph with a twinning that a source of curators states."""
    graph = NamedNode(f"{ns.GRAPH}curated/council")
    account = NamedNode(f"{ns.ID}account/council--{tie.partition('/')[2]}")
    added = [
        (account, CD.accountOf, NamedNode(ns.ID + tie)),
        (account, CD.statedIn, NamedNode(ns.ID + source)),
        *((NamedNode(ns.ID + tie), CD.twin, NamedNode(ns.ID + twin)) for twin in twins),
    ]
    return changed(store, [Quad(*triple, graph) for triple in added])
