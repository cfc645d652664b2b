"""Disagreements with their sides, compared with what their references name."""

from __future__ import annotations

import re

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.publish.works import disagreement, disagreements
from kg.publish.works.sides import Disagreement
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, RDF, SKOS
from tests.support import two_works
from tests.support.stores import changed
from tests.support.turtle import node

pytestmark = pytest.mark.drawn

PREFIXED = re.compile(rf"\b({'|'.join(ns.PREFIXES)}):\S")


@pytest.fixture(scope="module")
def listed(store: Store) -> list[Disagreement]:
    found = [disagreement(store, brief["iri"]) for brief in disagreements(store, "", "")["all"]]
    return [one for one in found if one]


def words(found: Disagreement) -> list[tuple[str, list[str]]]:
    return [
        (side["source"]["text"] if side["source"] else "", [text["text"] for text in side["words"]])
        for side in found["sides"]
    ]


def test_a_tie_on_which_works_differ_by_rule_is_listed_with_both_accounts(store: Store) -> None:
    graph, account = NamedNode(f"{ns.GRAPH}curated/council"), node("account:council--tie")
    tie, source = node("twinning:birmingham-guangzhou"), node("source:council")
    stated = ((CD.accountOf, tie), (CD.statedIn, source), (CD.status, node("status:former")))
    after = changed(store, [Quad(account, predicate, value, graph) for predicate, value in stated])
    found = disagreements(after, "in-tension", "")
    drawn = [one for one in found["all"] if one["iri"] == tie.value]
    assert [one["title"]["text"] for one in drawn] == ["Twinning of Birmingham and Guangzhou"]
    assert {one["iri"] for one in drawn[0]["passages"]} == {source.value, node("passage:table-2").value}
    assert len(found["all"]) == len(disagreements(store, "in-tension", "")["all"]) + 1


def test_both_sides_of_birmingham_are_sentences_with_their_passages(store: Store) -> None:
    found = disagreement(store, node("disagreement:birmingham-twin-tables").value)
    assert found is not None
    assert found["kind"] is not None
    assert found["kind"]["text"] == "denies"
    assert words(found) == [
        ("Table 1", ['Where an official Chinese twin of Birmingham would stand, Table 1 prints "n.a.".']),
        ("Table 2", ["Guangzhou is a major twin of Birmingham."]),
    ]
    assert found["explanation"] is not None
    assert found["explanation"]["text"].startswith("Table 1, captioned as giving the official twins")
    assert [side["statements"] for side in found["sides"]] == [
        [node("absence:table-1--birmingham-china").value],
        [node("twinning:birmingham-guangzhou").value],
    ]


def test_statements_of_one_passage_are_one_side_unless_it_disagrees_with_itself(store: Store) -> None:
    across = disagreement(store, node("disagreement:birmingham-twin-text").value)
    within = disagreement(store, node("disagreement:shanghai-cdia-funder").value)
    assert across is not None
    assert within is not None
    assert [(source, len(said)) for source, said in words(across)] == [("Section 3.1, paragraph 2", 2), ("Table 2", 1)]
    assert [source for source, _ in words(within)] == ["Section 3.2, paragraph 6"] * 2


def test_a_name_is_said_as_printed(listed: list[Disagreement]) -> None:
    (macao,) = [found for found in listed if found["iri"] == node("disagreement:spelling-macao").value]
    assert {said[-1] for _, said in words(macao)} == {f"Printed as “{name}”." for name in ("MACAO", "Macao", "Macau")}


def test_all_are_listed_with_what_their_references_name(store: Store, listed: list[Disagreement]) -> None:
    nodes = {quad.subject.value for quad in store.quads_for_pattern(None, CD.onStatement, None, DefaultGraph())}
    assert sorted(found["iri"] for found in listed) == sorted(nodes)
    for found in listed:
        references = [
            quad.object
            for quad in store.quads_for_pattern(NamedNode(found["iri"]), CD.onStatement, None, DefaultGraph())
        ]
        wanted = {(one(store, r, CD.inGraph), one(store, r, RDF.subject)) for r in references}
        assert {(side["graph"], subject) for side in found["sides"] for subject in side["statements"]} == wanted
        assert len(found["sides"]) > 1 or len(references) == 1, found["iri"]
        assert found["explanation"], found["iri"]
        assert found["reason"], found["iri"]
        for side in found["sides"]:
            assert side["source"], found["iri"]
            assert not [text for text in side["words"] if PREFIXED.search(text["text"])], side
            assert len({text["text"] for text in side["words"]}) == len(side["words"])


def test_what_our_copy_lacks_is_no_disagreement_and_counted_apart(store: Store) -> None:
    read = disagreements(store, "", "")
    *of_disagreements, of_our_copy = read["kinds"]
    pattern = (None, RDF.type, NamedNode(ns.CD + "Disagreement"), DefaultGraph())
    stated = sum(1 for _ in store.quads_for_pattern(*pattern))
    assert sum(kind["count"] for kind in of_disagreements) == stated + read["by_rule"]
    gaps = disagreements(store, of_our_copy["name"], "")["all"]
    assert of_our_copy["name"] == "copy-gap"
    assert node("disagreement:copy-footnote-7").value in {gap["iri"] for gap in gaps}
    for gap in gaps:
        assert not list(store.quads_for_pattern(NamedNode(gap["iri"]), CD.disagreementKind, None))


def one(store: Store, node: NamedNode, predicate: NamedNode) -> str:
    (quad,) = store.quads_for_pattern(node, predicate, None, DefaultGraph())
    return str(quad.object.value)


def test_pages_of_all_kinds_have_each_disagreement_once(store: Store, listed: list[Disagreement]) -> None:
    shown = []
    for kind in disagreements(store, "", "")["kinds"]:
        first = disagreements(store, kind["name"], "")
        pages = [disagreements(store, kind["name"], str(number + 1)) for number in range(first["pages"])]
        shown += [one["iri"] for page in pages for one in page["shown"]]
        assert len(first["all"]) == kind["count"]
        assert kind["meaning"]
    assert len(shown) == len({*shown}) == len(listed) + disagreements(store, "", "")["by_rule"]
    assert {found["iri"] for found in listed} <= {*shown}


def test_what_lies_within_works_and_between_sources_is_counted_by_what_the_passages_are_of(store: Store) -> None:
    read = disagreements(store, "", "")
    works = {brief["iri"]: {p["iri"].rpartition("/")[0] for p in brief["passages"]} for brief in read["all"]}
    assert set(read["within"]) == {""}
    assert all(f"{ns.ID}passage" not in works[iri] or len(works[iri]) > 1 for iri in read["between"])
    assert any(works[iri] == {f"{ns.ID}source"} for iri in read["between"])  # two data sets


def test_what_is_no_disagreement_has_no_sides(store: Store) -> None:
    assert disagreement(store, node("city:leeds").value) is None


def test_a_source_that_is_no_passage_is_named(store: Store) -> None:
    curated, lone = NamedNode(f"{ns.GRAPH}curated/council"), NamedNode(f"{ns.GRAPH}curated/nobody")
    own = Store()
    own.extend(two_works.quads())
    for graph, reference in ((curated, "reference:leeds-1"), (lone, "reference:leeds-2")):
        (quad,) = own.quads_for_pattern(node(reference), CD.inGraph, None, DefaultGraph())
        own.remove(quad)
        own.add(Quad(quad.subject, CD.inGraph, graph, DefaultGraph()))
    source = NamedNode(f"{ns.ID}source/council-list")
    own.add(Quad(source, SKOS.prefLabel, Literal("The council", language="en"), curated))
    own.add(Quad(NamedNode(f"{ns.ID}account/council-list--twinning"), CD.statedIn, source, curated))
    found = disagreement(own, node("disagreement:leeds").value)
    assert found is not None
    assert {side["source"]["text"] if side["source"] else side["graph"] for side in found["sides"]} == {
        "The council",
        lone.value,
    }


def test_each_entry_of_a_data_set_is_a_side_and_comes_after_the_passages() -> None:
    own = Store()
    own.extend(two_works.quads())
    shared, disagreement_of = NamedNode(f"{ns.GRAPH}report/set"), node("disagreement:leeds")
    for number, name in enumerate(("Q1", "Q2"), start=3):
        entry, account = (NamedNode(f"{ns.ID}{path}/{name}") for path in ("passage/set", "account"))
        reference = node(f"reference:leeds-{number}")
        twinning = node("twinning:hangzhou-leeds")
        own.add(Quad(entry, CD.statementGraph, shared, DefaultGraph()))
        own.add(Quad(entry, SKOS.prefLabel, Literal(f"The entry {name}", language="en"), DefaultGraph()))
        for graph in (shared, DefaultGraph()):
            own.add(Quad(account, CD.statedIn, entry, graph))
            own.add(Quad(account, CD.accountOf, twinning, graph))
        own.add(Quad(disagreement_of, CD.onStatement, reference, DefaultGraph()))
        stated = ((CD.inGraph, shared), (RDF.subject, account), (RDF.predicate, CD.accountOf), (RDF.object, twinning))
        for predicate, value in stated:
            own.add(Quad(reference, predicate, value, DefaultGraph()))
    found = disagreement(own, disagreement_of.value)
    assert found is not None
    assert words(found)[-2:] == [
        (f"The entry {name}", ["Hangzhou and Leeds are named as twins."]) for name in ("Q1", "Q2")
    ]
    assert {side["source"]["text"] for side in found["sides"][:-2] if side["source"]} == {"Paragraph 1", "First part"}
