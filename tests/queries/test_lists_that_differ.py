"""Two sources that both say "all" and differ: both stand, and questions and pages show what each leaves out."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kg.objections import as_literal, objections_of, shorten
from kg.publish.pages import entity_page
from kg.rdf import namespaces as ns
from tests.support.answers import rows_as_written as rows
from tests.support.stores import changed
from tests.support.turtle import PREFIXES

SOURCE = """
source:{name} a cd:Source ; skos:prefLabel "Register {name}"@en .
twinning:{tie} a cd:Twinning ; cd:twin city:leeds , city:{twin} .
account:{name}--twinning-{tie} a cd:Account ; cd:accountOf twinning:{tie} ; cd:statedIn source:{name} .
completeness:{name}--leeds a cd:CompletenessStatement ; skos:prefLabel "All Chinese twins of Leeds by {name}"@en ;
  cd:statedIn source:{name} ; cd:completeFor city:leeds ; cd:tieKind tie:twinning ; cd:counterpart country:china ;
  cd:listsAll list:ties ; cd:says "These are all."@en .
"""
UNCALLED = """
source:c a cd:Source ; skos:prefLabel "Register c"@en .
twinning:bristol-tianjin a cd:Twinning ; skos:prefLabel "Twinning of Bristol and Tianjin"@en ;
  cd:twin city:bristol , city:tianjin .
account:c--twinning-bristol-tianjin a cd:Account ; cd:accountOf twinning:bristol-tianjin ; cd:statedIn source:c .
"""
HOLDERS = """
source:a a cd:Source ; skos:prefLabel "Register a"@en .
completeness:a--core-cities a cd:CompletenessStatement ; skos:prefLabel "All Core Cities but Cardiff"@en ;
  cd:statedIn source:a ; cd:completeFor group:core-cities-members ; cd:tieKind tie:twinning ;
  cd:counterpart country:denmark ; cd:listsAll list:holders ; cd:exception city:cardiff ;
  cd:says "All but Cardiff have one."@en .
"""
DENIAL = """
source:b a cd:Source ; skos:prefLabel "Register b"@en .
absence:b--leeds a cd:AbsenceFinding ; skos:prefLabel "None of Leeds"@en ; cd:statedIn source:b ;
  cd:absentFor city:{city} ; cd:tieKind tie:twinning ; cd:counterpart country:denmark ; cd:says "It has none."@en .
"""


def quads(name: str, text: str) -> list[Quad]:
    graph = NamedNode(f"{ns.GRAPH}curated/{name}")
    triples = parse(PREFIXES + text, RdfFormat.TURTLE)
    return [Quad(one.subject, one.predicate, one.object, graph) for one in triples]


@pytest.fixture(scope="module")
def differing(store: Store) -> Store:
    texts = {
        "a": SOURCE.format(name="a", tie="hangzhou-leeds", twin="hangzhou"),
        "b": SOURCE.format(name="b", tie="leeds-tianjin", twin="tianjin"),
    }
    texts["b"] += 'twinning:leeds-tianjin skos:prefLabel "Twinning of Leeds and Tianjin"@en .'
    texts["b"] += "account:b--twinning-leeds-tianjin cd:standing standing:official ."
    texts["c"] = UNCALLED
    return changed(store, [quad for name, text in texts.items() for quad in quads(name, text)])


def test_each_list_is_told_with_what_it_leaves_out(differing: Store) -> None:
    left_out = {row["list"]: row["leftOut"] for row in rows(differing, "complete-lists", kind="tie:twinning")}
    assert left_out["completeness:a--leeds"] == "Twinning of Leeds and Tianjin"
    assert left_out["completeness:b--leeds"] == "Twinning of Hangzhou and Leeds"
    official = left_out["completeness:table-1--official-chinese-twins"].split("; ")
    assert "Twinning of Leeds and Tianjin" in official
    assert "Twinning of Bristol and Tianjin" in official  # nobody says that it is another one


def test_both_lists_are_known_and_neither_denies(differing: Store) -> None:
    values = {"thing": "city:leeds", "kind": "tie:twinning", "other": "country:china"}
    found = rows(differing, "what-is-known", **values)
    assert {row["known"] for row in found} == {"complete"}
    assert {"source:a", "source:b", "passage:table-1"} <= {row["passage"] for row in found}


def test_the_twins_that_either_leaves_out_have_the_objection_in_answers_and_on_pages(differing: Store) -> None:
    twins = {row["twinning"]: row for row in rows(differing, "twins-of-a-city", thing="city:leeds")}
    objections = {tie: shorten(row["objections"]) for tie, row in twins.items()}
    assert "in-tension source:b" in objections["twinning:hangzhou-leeds"]
    assert "in-tension source:a" in objections["twinning:leeds-tianjin"]
    for tie in ("twinning:hangzhou-leeds", "twinning:leeds-tianjin"):
        iri = str(ns.expand(tie))
        assert "in-tension source:" in shorten(as_literal(objections_of(differing).to([iri])))
        assert "Register" in str([one["against"] for one in all_values(entity_page(differing, iri))])


def test_the_page_of_a_list_has_the_ties_that_it_leaves_out_with_who_names_them(differing: Store) -> None:
    (disputes,) = [
        section
        for section in entity_page(differing, str(ns.expand("completeness:a--leeds")))["sections"]
        if section["key"] == "disputes"
    ]
    (row,) = disputes["rows"]
    (value,) = row["values"]
    assert (row["label"]["text"], value["value"]["text"]) == ("leaves out", "Twinning of Leeds and Tianjin")
    assert [source["text"] for part in value["parts"] for source in part["sources"]] == ["Register b (curated)"]


def all_values(page: object) -> list[dict[str, object]]:
    """Return all values on a page that have objections."""
    if isinstance(page, dict):
        own = [page] if page.get("against") else []
        return own + [one for value in page.values() for one in all_values(value)]
    return [one for value in page for one in all_values(value)] if isinstance(page, list | tuple) else []


def test_a_row_stands_once_however_many_lists_leave_it_out(store: Store, differing: Store) -> None:
    for name, values in (
        ("twinnings", {"table": "no", "columns": "twinning,source,known"}),
        ("one-sided-twinnings-of-a-country", {"country": "country:china"}),
        ("ties-of-one-work", {"city": "city:leeds"}),
    ):
        found = [tuple(row.values()) for row in rows(differing, name, **values)]
        assert len(found) == len(set(found)), name


@pytest.mark.parametrize(("city", "denied"), [("leeds", "Leeds"), ("cardiff", "")])
@pytest.mark.drawn
def test_whom_a_list_says_to_have_one_and_another_denies_is_told(store: Store, city: str, denied: str) -> None:
    after = changed(store, [*quads("a", HOLDERS), *quads("b", DENIAL.format(city=city))])
    found = {row["list"]: row["deniedOf"] for row in rows(after, "complete-lists", kind="tie:twinning")}
    assert found["completeness:a--core-cities"] == denied
    assert {of for name, of in found.items() if name != "completeness:a--core-cities"} == {""}
