"""The evidence pair by pair, compared with what SPARQL says of the graphs of passages."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Quad, QuerySolutions, Store

from kg.publish.works import membership_evidence, twinning_evidence
from kg.publish.works.pairs import Pair
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD
from tests.support.stores import changed
from tests.support.turtle import PREFIXES

Cell = tuple[frozenset[str], str, bool]
"""The two of a pair, a passage, and whether it states or denies."""


def asked(store: Store, text: str) -> list[tuple[str, ...]]:
    found = store.query(PREFIXES + text)
    assert isinstance(found, QuerySolutions)
    return [tuple(term.value for term in row) for row in found]


def cells(pairs: list[Pair]) -> set[Cell]:
    return {
        (frozenset({pair["first"]["iri"], pair["second"]["iri"]}), one["passage"]["iri"], one["states"])
        for pair in pairs
        for one in pair["said"]
    }


def test_each_cell_of_twinnings_is_what_a_graph_states_or_denies(store: Store) -> None:
    stated = asked(
        store,
        """SELECT ?a ?b ?p { GRAPH ?g { ?account cd:accountOf ?t } ?p cd:statementGraph ?g . ?t a cd:Twinning ;
        cd:twin ?a , ?b . FILTER (STR(?a) < STR(?b)) }""",
    )
    denied = asked(
        store,
        """SELECT ?a ?b ?p { GRAPH ?g { ?absence cd:tieKind tie:twinning ; cd:absentFor ?a ; cd:counterpart ?c }
        ?p cd:statementGraph ?g . ?b cd:within ?c . ?t cd:twin ?a , ?b }""",
    )
    wanted = {(frozenset({a, b}), p, True) for a, b, p in stated} | {
        (frozenset({a, b}), p, False) for a, b, p in denied
    }
    evidence = twinning_evidence(store, "")
    assert cells([pair for group in evidence["groups"] for pair in group["pairs"]]) == wanted
    assert len(evidence["denials"]) == 10


def test_the_pairs_of_the_two_countries_with_most_come_first(store: Store) -> None:
    first, others = twinning_evidence(store, "")["groups"]
    assert [country["text"] for country in first["countries"] or []] == ["United Kingdom", "China"]
    assert [passage["text"] for passage in first["passages"]] == [
        *("Table 1", "Table 2", "Section 3.1, paragraph 2"),
        "Section 3.2, paragraph 11",
    ]
    assert others["countries"] is None
    verdicts = {f"{pair['first']['text']}-{pair['second']['text']}": pair["verdict"] for pair in first["pairs"]}
    assert len(verdicts) == 15
    assert [pair for pair, verdict in verdicts.items() if verdict == "contradict"] == ["Birmingham-Guangzhou"]
    assert [pair for pair, verdict in verdicts.items() if verdict == "agree"] == [
        "Bristol-Guangzhou",
        "Liverpool-Shanghai",
        "London-Beijing",
        "Manchester-Wuhan",
    ]
    of_others = {f"{pair['first']['text']}-{pair['second']['text']}": pair["verdict"] for pair in others["pairs"]}
    assert {pair for pair, verdict in of_others.items() if verdict == "implied"} == {
        *("Moscow-Beijing", "Düsseldorf-Chongqing", "Antwerp-Chongqing", "Ulaanbaatar-Tianjin"),
    }
    assert of_others["Amsterdam-Beijing"] == "one"  # Table 3 states it, the text implies it


@pytest.mark.drawn
def test_what_the_editors_judged_otherwise_is_no_contradiction(store: Store) -> None:
    """As in every other door: an absence beside a tie denies it unless they found the two in tension."""
    denies, in_tension = (NamedNode(f"{ns.VOCABULARY}disagreement-kind/{kind}") for kind in ("denies", "in-tension"))
    judged = set(store.quads_for_pattern(None, CD.disagreementKind, denies, graphs.INTERPRETATION))
    after = changed(store, [Quad(one.subject, one.predicate, in_tension, one.graph_name) for one in judged], judged)
    pairs = [pair for group in twinning_evidence(after, "")["groups"] for pair in group["pairs"]]
    assert [pair["verdict"] for pair in pairs if pair["first"]["text"] == "Birmingham"] == ["one"]


def test_each_cell_of_memberships_is_what_a_graph_states_or_denies(store: Store) -> None:
    stated = asked(
        store,
        """SELECT ?a ?b ?p { GRAPH ?g { ?account cd:accountOf ?t } ?p cd:statementGraph ?g . ?t a cd:Membership ;
        cd:member ?a ; cd:network ?b . ?a a cd:City . ?b a cd:CityNetwork }""",
    )
    denied = asked(
        store,
        """SELECT ?a ?b ?p { GRAPH ?g {
        ?absence cd:tieKind tie:network-membership ; cd:absentFor ?a ; cd:counterpart ?b }
        ?p cd:statementGraph ?g . ?b a cd:CityNetwork }""",
    )
    wanted = {(frozenset({a, b}), p, True) for a, b, p in stated} | {
        (frozenset({a, b}), p, False) for a, b, p in denied
    }
    evidence = membership_evidence(store, "")
    assert cells(evidence["pairs"]) == wanted
    assert [one["city"]["text"] for one in evidence["denials"]] == ["Sheffield", "Macao"]
    assert (evidence["cities"][0]["text"], evidence["networks"][0]["text"]) == ("Hong Kong", "C40")
