"""A property is said of what the ontology has it for; a reasoner would make a passage of a city with a paraphrase."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, NamedNode, Store

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, OWL, RDF, RDFS
from kg.submissions.checks.graph_after import GraphAfterChange
from kg.submissions.checks.policy import FOLLOWS_BY_RULE, MEASURES, check_domains
from tests.kg.submissions.checks.test_run import TWINNING, findings, submission

DOMAINS = [
    "cd:paraphrase 'x'@en",
    "cd:value 5",
    "cd:accountOf twinning:hangzhou-leeds",
    "cd:standing standing:official",
    "cd:participant city:york",
]


@pytest.mark.parametrize("said", DOMAINS)
def test_what_is_said_of_a_thing_of_another_kind_is_told_with_its_place(store: Store, said: str) -> None:
    (finding,) = (found for found in findings(store, f"\ncity:leeds {said} .") if found.step == "policy")
    assert (finding.severity, finding.focus, finding.line) == ("Violation", "city:leeds", 3)
    assert finding.path == said.split(maxsplit=1)[0]
    assert finding.path in finding.message
    assert finding.path in finding.message_zh


def test_what_belongs_on_an_account_leads_there(store: Store) -> None:
    (finding,) = findings(store, "\ncity:leeds cd:organisingStructure structure:split .")
    assert "cd:accountOf city:leeds" in finding.hint
    (finding,) = findings(store, TWINNING + "twinning:chengdu-leeds cd:implied true .")
    assert finding.step == "evidence", "told once"
    (finding,) = findings(store, TWINNING + "account:geonames--twinning-chengdu-leeds cd:value 5 .")
    assert "cd:Statistic" in finding.hint


def test_one_class_of_several_and_the_classes_below_do(store: Store) -> None:
    text = """
finding:x a cd:AbsenceFinding , cd:QuantifiedStatement ; cd:statedIn source:geonames ; cd:standing standing:official ;
  cd:quantifier quantifier:most ; cd:hedge hedge:possible ; cd:absentFor city:leeds .
activity:x a cd:Cooperation ; cd:participant city:leeds , city:chengdu ; cd:statedIn source:geonames .
"""
    assert [found for found in findings(store, text) if found.step == "policy"] == []


def test_the_type_may_come_with_it_and_has_to_be_there_afterwards(store: Store) -> None:
    typed = "statistic:x a cd:Statistic ; cd:value 5 ; cd:statedIn source:geonames ."
    assert [found for found in findings(store, typed) if found.step == "policy"] == []
    (untyped,) = (found for found in findings(store, "statistic:x cd:value 5 .") if found.step != "evidence")
    assert untyped.step == "vocabulary", "a thing without a type is told once"


def test_the_parties_of_a_relation_on_an_actor_are_left_to_the_shape_that_says_what_to_write(store: Store) -> None:
    assert [found for found in findings(store, "city:leeds cd:twin city:york .") if found.step == "policy"] == []
    (finding,) = findings(store, TWINNING + "account:geonames--twinning-chengdu-leeds cd:twin city:leeds .")
    assert finding.path == "cd:twin"


def test_every_property_with_a_domain_is_refused_of_a_geometry_and_of_another_class_of_ours(store: Store) -> None:
    """Of a zone those of places, those without a domain, and those that are told otherwise, may be said."""
    declared = store.quads_for_pattern(None, RDFS.domain, None, graphs.ONTOLOGY)
    named = {quad.subject.value: quad.object for quad in declared if isinstance(quad.subject, NamedNode)}
    replaced = {quad.subject.value for quad in store.quads_for_pattern(None, OWL.deprecated, None, graphs.ONTOLOGY)}  # type: ignore[union-attr]
    assert any(isinstance(domain, BlankNode) for domain in named.values()), "some are unions"
    of_places = {name for name, domain in named.items() if domain == CD.Place}
    lines = "".join(f"zone:dongjiang-port-area <{name}> zone:other .\n" for name in sorted(named))
    told = {quad.predicate.value for quad, _ in check_domains(GraphAfterChange(submission(lines).change, store))}
    by_policy = {f"{ns.CD}{name}" for name in (*FOLLOWS_BY_RULE, *MEASURES)}
    assert told == {name for name in named if name.startswith(ns.CD)} - by_policy - replaced - of_places
    assert RDF.type.value not in told
