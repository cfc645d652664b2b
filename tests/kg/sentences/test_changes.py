"""What a change adds to things and removes from them is told in sentences, thing by thing."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from kg.rdf import namespaces as ns
from kg.rdf.change import NO_CHANGE, Change
from kg.rdf.vocabulary import CD, OWL, SKOS
from kg.sentences import changed_sentences
from tests.support.stores import changed
from tests.support.turtle import PREFIXES, node

SOURCE = 'source:council a cd:Source ; skos:prefLabel "List of the council"@en .'
TWINNING = """twinning:jinan-york a cd:Twinning ; skos:prefLabel "Twinning of Jinan and York"@en ;
    cd:twin city:jinan , city:york .
account:council--jinan-york a cd:Account ; cd:accountOf twinning:jinan-york ; cd:statedIn source:council ;
    cd:status status:current ; cd:begin "2019"^^xsd:gYear ; cd:printedName "Tsinan" ."""
CITY = 'city:graz a cd:City ; skos:prefLabel "Graz"@en , "格拉茨"@zh-Hans ; cd:within country:germany .'
STATISTIC = """statistic:york-twins a cd:Statistic ; skos:prefLabel "Twins of York"@en ; cd:counts "twins"@en ;
    cd:value 7 ; cd:measure measure:count ; cd:unit unit:one ; cd:ofPopulation city:york ;
    cd:statedIn source:council ."""
TABLE = "account:table-2--twinning-birmingham-guangzhou"


def quads(text: str) -> frozenset[Quad]:
    graph = NamedNode(f"{ns.GRAPH}curated/council")
    scratch = Store()
    scratch.extend(Quad(*quad.triple, graph) for quad in parse(PREFIXES + text, RdfFormat.TURTLE))
    return frozenset(scratch)


def told(store: Store, change: Change) -> dict[str, tuple[list[str], list[str]]]:
    """The sentences added and removed, with their sources, by the name of the thing."""

    def words(kind: list[dict[str, object]]) -> list[str]:
        return [f"{one['text']} [{', '.join(by['text'] for by in one['sources'])}]" for one in kind]

    return {
        one["thing"]["text"]: (words(one["added"]), words(one["removed"])) for one in changed_sentences(store, change)
    }


NEW = {
    "Twinning of Jinan and York": [
        "Jinan and York are twinned, since 2019. [List of the council (curated)]",
        "Printed as “Tsinan”. [List of the council (curated)]",
    ],
    "Graz": ["Graz is a city; in Chinese: 格拉茨; within: Germany. []"],
    "List of the council (curated)": ["List of the council (curated) is a source. []"],
    "Twins of York": ["York has 7 twins. [List of the council (curated)]"],
}


def test_what_is_new_is_told_by_thing_ties_first_and_told_alike_once_it_is_there(store: Store) -> None:
    change = Change(quads(SOURCE + TWINNING + CITY + STATISTIC), frozenset())
    found = told(store, change)
    assert found == {name: (sentences, []) for name, sentences in NEW.items()}
    assert next(iter(found)) == "Twinning of Jinan and York"
    after = changed(store, change.added)
    assert told(after, change) == found
    assert told(after, change.remaining_in(after)) == told(store, NO_CHANGE) == {}
    back = told(after, Change(frozenset(), change.added))
    assert back == {name: ([], sentences) for name, sentences in NEW.items()}


def test_what_is_put_otherwise_is_told_before_and_after(store: Store) -> None:
    account, graph = node(TABLE), node("graph:report/table-2")
    standing = Quad(account, CD.standing, node("standing:official"), graph)
    old = Quad(account, CD.standing, node("standing:major"), graph)
    found = told(store, Change(frozenset({standing}), frozenset({old})))
    assert found == {
        "Twinning of Birmingham and Guangzhou": (
            ["Guangzhou is an official twin of Birmingham. [Table 2]"],
            ["Guangzhou is a major twin of Birmingham. [Table 2]"],
        )
    }


def test_a_tie_that_gets_another_party_is_told_by_all_its_accounts(store: Store) -> None:
    tie, graph = node("twinning:birmingham-guangzhou"), node("graph:report/table-2")
    old, new = (Quad(tie, CD.twin, node(f"city:{name}"), graph) for name in ("guangzhou", "jinan"))
    (added, removed) = told(store, Change(frozenset({new}), frozenset({old})))["Twinning of Birmingham and Guangzhou"]
    assert "Jinan is a major twin of Birmingham. [Table 2]" in added
    assert "Guangzhou is a major twin of Birmingham. [Table 2]" in removed


def test_a_thing_of_which_only_the_marks_are_left_is_told_of_by_its_name_and_when_it_is_back(store: Store) -> None:
    said = quads(TWINNING)
    there = changed(store, quads(SOURCE) | said)
    marks = quads("""twinning:jinan-york owl:deprecated true ; skos:changeNote "It was misread."@en ;
        cd:withoutSuccessor true .""")
    withdrawn = [
        "The twinning of Jinan and York is withdrawn, and nothing takes its place. []",
        "It was misread. []",
    ]
    name = "Twinning of Jinan and York"
    assert told(there, Change(marks, said)) == {name: (withdrawn, NEW[name])}
    gone = changed(store, quads(SOURCE) | marks)
    assert told(gone, Change(said, marks)) == {name: (NEW[name], withdrawn)}


def test_a_thing_that_is_withdrawn_says_nothing_any_more(store: Store) -> None:
    there = changed(store, quads(SOURCE + TWINNING))
    gone = quads("""twinning:jinan-york owl:deprecated true ; skos:changeNote "It was misread."@en ;
        dcterms:isReplacedBy twinning:hangzhou-leeds .""")
    assert told(there, Change(gone, frozenset())) == {
        "Twinning of Jinan and York": (
            [
                "The twinning of Jinan and York is withdrawn, and replaced by the twinning of Hangzhou and Leeds. []",
                "It was misread. []",
            ],
            NEW["Twinning of Jinan and York"],
        )
    }


@pytest.mark.parametrize("predicate", [SKOS.altLabel, OWL.sameAs])
def test_a_text_that_a_curator_sends_stands_in_the_sentence_as_it_is(store: Store, predicate: NamedNode) -> None:
    text = Literal("<b>{name} {0}</b>", language="en")
    change = Change(frozenset({Quad(node("city:york"), predicate, text, node("graph:curated/x"))}), frozenset())
    ((added, _),) = told(store, change).values()
    assert added[0].endswith(": <b>{name} {0}</b>. []")
