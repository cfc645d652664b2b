"""Each check finds its planted fault, and nothing in the same facts without it."""

from __future__ import annotations

import pytest
from pyoxigraph import Quad, RdfFormat, Store, parse

from kg.building.pipeline import run_check, run_checks
from kg.building.sources import load
from kg.findings import Finding
from kg.queries.catalogue import check_queries
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.graphs import default_graph_once
from kg.sparql.evaluation import select
from tests.support import data_set
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

SOUND = """
graph:passages {
  passage:table-1 a cd:Passage ; skos:prefLabel "Table 1"@en ; cd:textAvailability availability:present ;
    cd:statementGraph report:table-1 .
  passage:footnote-7 a cd:Passage ; skos:prefLabel "Footnote 7"@en ; cd:textAvailability availability:absent .
}
graph:register {
  twinning:anshan-sheffield a cd:Twinning ; skos:prefLabel "Twinning of Anshan and Sheffield"@en .
  finding:table-1--x a cd:Finding ; skos:prefLabel "A finding"@en .
}
graph:gazetteer {
  city:anshan a cd:City ; skos:prefLabel "Anshan"@en .
  city:sheffield a cd:City ; skos:prefLabel "Sheffield"@en .
}
graph:interpretation {
  spelling:anshang a cd:SpellingVariant ; skos:prefLabel "Anshang"@en ; cd:spelling "Anshang" ; cd:reason "So."@en .
  disagreement:d a cd:Disagreement ; skos:prefLabel "D"@en ; cd:onStatement reference:r ; cd:reason "So."@en .
  reference:r a cd:StatementReference ; rdf:subject account:a ; rdf:predicate cd:status ; rdf:object status:current ;
    cd:inGraph report:table-1 .
}
report:table-1 {
  twinning:anshan-sheffield a cd:Twinning ; cd:twin city:anshan , city:sheffield .
  account:a a cd:Account ; cd:accountOf twinning:anshan-sheffield ; cd:statedIn passage:table-1 ;
    cd:printedName "SHEFFIELD" , "ANSHANG" ; cd:status status:current .
  finding:table-1--x a cd:Finding ; cd:statedIn passage:table-1 ; cd:about city:anshan .
}
"""

FAULTS = {
    "bare-node": 'graph:register { group:cities a cd:Group ; skos:prefLabel "Cities"@en }',
    "statement-outside-its-graph": "report:table-1 { finding:table-1--x cd:statedIn passage:footnote-7 }",
    "statement-without-source": "report:table-1 { finding:table-1--y a cd:Finding ; cd:about city:anshan }",
    "relation-without-account": "report:box-1 { twinning:anshan-sheffield a cd:Twinning }",
    "two-accounts-in-one-passage": (
        "report:table-1 { account:b a cd:Account ; cd:accountOf twinning:anshan-sheffield ;"
        " cd:statedIn passage:table-1 }"
    ),
    "relation-says-more-than-its-parties": "report:table-1 { twinning:anshan-sheffield cd:status status:former }",
    "not-registered": "report:table-1 { finding:table-1--x cd:about city:atlantis }",
    "type-differs-from-register": "report:table-1 { city:anshan a cd:State }",
    "label-outside-the-register": 'report:table-1 { city:anshan skos:prefLabel "Anshang"@en }',
    "undeclared-term": "report:table-1 { account:a cd:theme theme:clymate }",
    "reference-not-verbatim": (
        "graph:interpretation { reference:s a cd:StatementReference ; rdf:subject account:a ;"
        " rdf:predicate cd:status ; rdf:object status:former ; cd:inGraph report:table-1 }"
    ),
    "graph-without-passage": "report:footnote-7 { finding:f a cd:Finding }",
    "passage-without-statement": (
        'graph:passages { passage:box-1 a cd:Passage ; skos:prefLabel "Box 1"@en ;'
        " cd:textAvailability availability:present }"
    ),
    "twinning-name-differs-from-its-parties": (
        "report:table-1 { twinning:sheffield-anshan a cd:Twinning ; cd:twin city:anshan , city:sheffield }"
    ),
    "place-within-itself": "graph:gazetteer { city:anshan cd:within city:anshan }",
    "place-far-from-its-country": (
        "graph:gazetteer { city:anshan cd:within country:china ; wgs84:lat 22.6 ; wgs84:long 11.4 ."
        " country:china a cd:State ; wgs84:lat 32.5 ; wgs84:long 106.3 }"
    ),
    "group-member-elsewhere": (
        "graph:register { group:x cd:inPlace country:china ; cd:groupMember city:anshan , city:leeds }"
        " graph:gazetteer { country:china a cd:State . city:anshan cd:within country:china ."
        " country:uk a cd:State . city:leeds cd:within country:uk }"
    ),
    "group-within-itself": (
        "graph:register { group:x a cd:Group ; cd:subgroupOf group:y . group:y a cd:Group }"
        " report:table-1 { group:x cd:groupMember group:z . group:z cd:groupMember group:y }"
    ),
    "name-in-another-language": 'graph:gazetteer { city:anshan skos:altLabel "鞍山"@cn }',
    "printed-name-not-identified": 'report:table-1 { account:a cd:printedName "Anschan" }',
    "passages-out-of-order": (
        "graph:passages { passage:table-1 cd:order 4 ; dcterms:isPartOf publication:this-report ."
        " passage:footnote-7 cd:order 4 ; dcterms:isPartOf publication:this-report }"
    ),
    "share-alike-elsewhere": (
        "graph:gazetteer { source:w a cd:Source ; dcterms:license <https://creativecommons.org/licenses/by-sa/4.0/> ."
        " city:anshan dcterms:source source:w }"
    ),
    "disagreement-within-nothing": (
        'graph:interpretation { disagreement:e a cd:Disagreement ; skos:prefLabel "E"@en }'
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def terms() -> list[Quad]:
    return [q for q in load() if q.graph_name == graphs.ONTOLOGY or "vocabulary/" in str(q.graph_name)]


def findings(terms: list[Quad], text: str, check: str) -> list[Finding]:
    store = Store()
    quads = [*terms, *parse(PREFIXES + text, RdfFormat.TRIG)]
    store.extend([*quads, *default_graph_once(quads)])
    return run_check(store, check_queries()[check])


@pytest.mark.parametrize("check", sorted(check_queries()))
def test_a_check_finds_its_planted_fault_and_nothing_without_it(terms: list[Quad], check: str) -> None:
    assert findings(terms, SOUND, check) == []
    assert findings(terms, SOUND + FAULTS[check], check)


def test_no_check_minds_several_works_and_the_one_graph_of_a_data_set(terms: list[Quad]) -> None:
    assert {check: found for check in check_queries() if (found := findings(terms, data_set.TEXT, check))} == {}


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        ("statement-outside-its-graph", "report:atlas { finding:p1--x cd:statedIn passage:p1 }"),
        ("statement-outside-its-graph", "report:p1 { finding:p1--x cd:statedIn <id/passage/atlas/q1> }"),
        ("graph-without-passage", "report:map { city:leeds a cd:City }"),
    ],
)
def test_what_is_stated_in_the_graph_of_a_data_set_is_of_an_entry_of_it(
    terms: list[Quad], check: str, fault: str
) -> None:
    text = data_set.TEXT + fault.replace("<id/", f"<{ns.ID}")
    assert len(findings(terms, text, check)) == 1


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("report:table-1 { finding:table-1--y a cd:Finding ; cd:statedIn passage:table-1 }", {"label"}),
        ('graph:register { person:ann a cd:Person ; skos:prefLabel "Ann"@en }', {"source"}),
        (
            'graph:register { group:a a cd:Group ; skos:prefLabel "A"@en }'
            " report:table-1 { group:a cd:statedIn passage:table-1 }",
            {"kind"},
        ),
        ('graph:gazetteer { city:x a cd:City ; skos:prefLabel "X"@en ; dcterms:source source:s }', set()),
        ('graph:register { person:ann skos:prefLabel "Ann"@en ; owl:deprecated true }', set()),
        (
            'graph:register { person:ann a cd:Person ; skos:prefLabel "Ann"@en }'
            " graph:passages { publication:notes dcterms:creator person:ann }",
            set(),
        ),
    ],
)  # fmt: skip
def test_a_bare_node_is_told_what_it_lacks(terms: list[Quad], text: str, lacks: set[str]) -> None:
    quads = [*terms, *parse(PREFIXES + SOUND + text, RdfFormat.TRIG)]
    store = Store()
    store.extend([*quads, *default_graph_once(quads)])
    assert {row["lacks"].value for row in select(store, check_queries()["bare-node"].text)} == lacks


def test_every_fault_belongs_to_a_check() -> None:
    assert set(FAULTS) == set(check_queries())


def test_the_real_graph_passes_all_checks(store: Store) -> None:
    assert run_checks(store) == []
