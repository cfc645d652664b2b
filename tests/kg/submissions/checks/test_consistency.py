"""No submission may pass that makes the ontology inconsistent: disjoint classes, circles, members that do not fit."""

from __future__ import annotations

from itertools import combinations

import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, QuerySolutions, Store

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.vocabulary import OWL, RDF, SKOS
from kg.submissions.checks.consistency import check_disjoint
from kg.submissions.checks.graph_after import GraphAfterChange
from tests.kg.submissions.checks.test_run import GRAPH, SOURCED, findings, grown
from tests.support.stores import copied

pytestmark = pytest.mark.drawn

PAIRS = """
SELECT DISTINCT ?one ?other WHERE {
  { ?above owl:disjointWith ?over } UNION { ?over owl:disjointWith ?above }
  UNION {
    ?axiom a owl:AllDisjointClasses ; owl:members ?list .
    ?list rdf:rest*/rdf:first ?above . ?list rdf:rest*/rdf:first ?over FILTER (?above != ?over)
  }
  ?one rdfs:subClassOf* ?above . ?other rdfs:subClassOf* ?over .
  FILTER (STR(?one) < STR(?other))
}
"""
"""Two disjoint classes by the axioms alone, asked in another way than the check does."""


def pairs(store: Store) -> set[tuple[str, str]]:
    found = store.query(PAIRS, prefixes=ns.PREFIXES, default_graph=graphs.ONTOLOGY)
    assert isinstance(found, QuerySolutions)
    return {(row["one"].value, row["other"].value) for row in found}


def classes(store: Store) -> list[str]:
    declared = store.quads_for_pattern(None, RDF.type, OWL.Class, graphs.ONTOLOGY)
    return sorted(quad.subject.value for quad in declared if isinstance(quad.subject, NamedNode))


def refused(store: Store, wanted: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those of the pairs of classes of which a thing that has both is refused."""
    things = {NamedNode(f"{ns.ID}x/{number}"): pair for number, pair in enumerate(wanted)}
    quads = [
        Quad(thing, RDF.type, NamedNode(name), NamedNode(GRAPH)) for thing, pair in things.items() for name in pair
    ]
    told = check_disjoint(GraphAfterChange(Change.of(quads), store))
    return {things[quad.subject] for quad, _ in told if isinstance(quad.subject, NamedNode)}


def test_each_pair_of_disjoint_classes_is_refused_and_no_other_one(store: Store) -> None:
    """But for concepts: that they are nothing else is told by the checks of concepts, and of what defines terms."""
    disjoint = {pair for pair in pairs(store) if SKOS.Concept.value not in pair}
    assert len(disjoint) > 1500
    assert refused(store, list(combinations(classes(store), 2))) == disjoint


@pytest.mark.parametrize("kind", ["disjointWith", "AllDisjointClasses"])
def test_a_new_axiom_makes_new_pairs_fail_also_of_the_classes_below(store: Store, kind: str) -> None:
    copy = copied(store)
    activity, company = NamedNode(ns.CD + "Activity"), NamedNode(ns.CD + "Company")
    if kind == "disjointWith":
        copy.add(Quad(company, OWL.disjointWith, activity, graphs.ONTOLOGY))
    else:
        nodes = [BlankNode(f"planted{number}") for number in range(3)]
        planted = [
            (nodes[0], RDF.type, OWL.AllDisjointClasses),
            (nodes[0], OWL.members, nodes[1]),
            *((nodes[1], RDF.first, activity), (nodes[1], RDF.rest, nodes[2])),
            *((nodes[2], RDF.first, company), (nodes[2], RDF.rest, RDF.nil)),
        ]
        copy.extend(Quad(*triple, graphs.ONTOLOGY) for triple in planted)
    new = pairs(copy) - pairs(store)
    assert (ns.CD + "Company", ns.CD + "Study") in new
    assert refused(store, list(new)) == set()
    assert refused(copy, list(new)) == new


def test_the_ontology_says_what_is_disjoint_in_the_two_ways_that_the_check_reads(store: Store) -> None:
    others = ("disjointUnionOf", "complementOf", "propertyDisjointWith", "AsymmetricProperty", "AllDisjointProperties")
    unread = {NamedNode(ns.PREFIXES["owl"] + name) for name in others}
    said = list(store.quads_for_pattern(None, None, None, graphs.ONTOLOGY))
    assert not unread.intersection(term for quad in said for term in (quad.predicate, quad.object))


def test_a_second_type_of_a_thing_that_is_there_is_told_with_its_place(store: Store) -> None:
    (finding,) = (found for found in findings(store, "\ncity:leeds a cd:Finding .") if found.step == "policy")
    assert (finding.step, finding.severity, finding.focus, finding.line) == ("policy", "Violation", "city:leeds", 3)
    assert finding.message == "city:leeds cannot be both cd:Finding and cd:City: these classes are disjoint."
    assert finding.message_zh == "city:leeds 不能既是 cd:Finding 又是 cd:City：二者互斥。"


def test_a_type_that_goes_with_it_makes_room_for_another(store: Store) -> None:
    there = grown(store, f"city:x a cd:City ; skos:prefLabel 'X'@en ; cd:within country:china ; {SOURCED} .")
    found = findings(there, f"city:x a cd:Person ; {SOURCED} .", removed="city:x a cd:City .")
    assert [finding for finding in found if "classes are disjoint" in finding.message] == []


def test_a_kind_that_stands_for_a_class_is_disjoint_with_what_the_class_is(store: Store) -> None:
    war = "activity:cold-war a cd:HistoricalEvent ; cd:activityKind activity-kind:{} ."
    (message,) = disjoint(store, war.format("event"))
    assert message.startswith("activity:cold-war cannot be both cd:HistoricalEvent and activity-kind:event:")
    assert disjoint(store, war.format("negotiation")) == []


def disjoint(store: Store, text: str) -> list[str]:
    return [finding.message for finding in findings(store, text) if "classes are disjoint" in finding.message]


CIRCLES = {
    "group:a cd:subgroupOf group:b . group:b cd:subgroupOf group:c . group:c cd:subgroupOf group:a .": "cd:subgroupOf",
    "group:uk-cities cd:subgroupOf group:uk-cities .": "cd:subgroupOf",
    "group:uk-cities cd:groupMember group:uk-cities .": "cd:groupMember",
    "group:a cd:groupMember group:b . group:b cd:groupMember group:a .": "cd:groupMember",
    "theme:a skos:broader theme:b . theme:b skos:broader theme:a .": "skos:broader",
    "activity:a cd:partOf activity:b . activity:b cd:partOf activity:a .": "cd:partOf",
    "city:a cd:within city:b . city:b cd:within city:c . city:c cd:within city:d . city:d cd:within city:e . "
    "city:e cd:within city:f . city:f cd:within city:a .": "cd:within",
}


@pytest.mark.parametrize("text", CIRCLES)
def test_a_circle_is_told_once_with_the_way_round(store: Store, text: str) -> None:
    (finding,) = (found for found in findings(store, text) if "leads from" in found.message)
    assert finding.path == CIRCLES[text]
    assert finding.message.count("→") == text.count(" .")
    assert "→" in finding.message_zh


def test_what_closes_a_circle_with_what_is_there_is_told_and_what_does_not_is_not(store: Store) -> None:
    there = grown(store, "group:a cd:subgroupOf group:b . group:b cd:subgroupOf group:uk-cities .")
    (finding,) = (f for f in findings(there, "group:uk-cities cd:subgroupOf group:a .") if "leads from" in f.message)
    assert finding.message.endswith("group:uk-cities → group:a → group:b → group:uk-cities.")
    assert not any("leads from" in f.message for f in findings(there, "group:a cd:subgroupOf group:uk-cities ."))
    removed = "group:b cd:subgroupOf group:uk-cities ."
    assert not any(
        "leads from" in f.message for f in findings(there, "group:uk-cities cd:subgroupOf group:a .", removed)
    )


def test_a_property_that_the_ontology_comes_to_call_irreflexive_has_no_circles(store: Store) -> None:
    text = "city:leeds cd:closeBy city:york . city:york cd:closeBy city:leeds ."
    assert not any("leads from" in finding.message for finding in findings(store, text))
    copy = copied(store)
    copy.add(Quad(NamedNode(ns.CD + "closeBy"), RDF.type, OWL.IrreflexiveProperty, graphs.ONTOLOGY))
    assert any("leads from" in finding.message for finding in findings(copy, text))


GROUP = f"group:x a cd:Group ; {SOURCED} ; cd:groupOf "
MISFITS = [
    f"{GROUP} cd:City ; cd:groupMember organisation:cpaffc .",
    f"{GROUP} cd:Person ; cd:subgroupOf group:uk-cities .",
    f"{GROUP} cd:City ; cd:groupMember theme:trade .",
    f"{GROUP} cd:City ; cd:groupMember activity:cold-war .",
    "group:uk-cities cd:groupMember organisation:cpaffc .",
    "group:uk-cities cd:groupMember network:c40 .",
]
FITS = [
    f"{GROUP} cd:City ; cd:groupMember city:leeds , city:hong-kong .",
    f"{GROUP} cd:City , cd:Organization ; cd:groupMember city:leeds , organisation:cpaffc .",
    f"{GROUP} aspect:economy ; cd:groupMember city:leeds .",
    f"{GROUP} skos:Concept ; cd:groupMember theme:trade .",
    f"{GROUP} cd:Polity ; cd:groupMember city:leeds .",
    f"{GROUP} cd:City ; cd:subgroupOf group:uk-cities .",
    f"{GROUP} cd:City ; cd:groupMember city:not-there .",
]


def test_a_group_of_a_kind_has_what_can_be_of_that_kind(store: Store) -> None:
    events = f"{GROUP} activity-kind:event ; cd:groupMember "
    (message,) = misfits(store, events + "city:leeds .")
    assert "a group of activity-kind:event" in message
    assert misfits(store, events + "activity:international-aids-week .") == []


def misfits(store: Store, text: str) -> list[str]:
    return [finding.message for finding in findings(store, text) if "does not belong to" in finding.message]


@pytest.mark.parametrize("text", MISFITS)
def test_what_does_not_fit_what_a_group_is_of_is_told(store: Store, text: str) -> None:
    (message,) = misfits(store, text)
    assert "a group of cd:City" in message


@pytest.mark.parametrize("text", FITS)
def test_what_fits_or_may_fit_passes(store: Store, text: str) -> None:
    assert misfits(store, text) == []


def test_what_a_group_is_of_may_come_after_its_members(store: Store) -> None:
    there = grown(store, f"group:x a cd:Group ; {SOURCED} ; cd:groupMember organisation:cpaffc .")
    assert len(misfits(there, "group:x cd:groupOf cd:City .")) == 1
