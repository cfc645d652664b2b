"""What the files of a work leave unsaid follows from what they say; what they say stays as it is."""

from __future__ import annotations

import pytest
from pyoxigraph import Quad, RdfFormat, parse

from kg.building.completion import complete
from kg.rdf import namespaces as ns
from tests.support.turtle import PREFIXES

OTHERS = """
graph:ontology {
  cd:Account rdfs:subClassOf cd:Statement . cd:Finding rdfs:subClassOf cd:Statement .
  cd:Effect rdfs:subClassOf cd:Finding . cd:Statistic rdfs:subClassOf cd:Statement .
}
graph:gazetteer {
  city:leeds a cd:City ; skos:prefLabel "Leeds"@en , "利兹"@zh-Hans .
  city:hangzhou a cd:City ; skos:prefLabel "Hangzhou"@en .
  country:china a cd:State ; skos:prefLabel "China"@en .
}
graph:register {
  publication:mine a cd:Publication ; skos:prefLabel "My notes"@en .
  twinning:hangzhou-leeds a cd:Twinning ; skos:prefLabel "Twinning of Hangzhou and Leeds"@en .
}
"""
PASSAGE = """
graph:passages { <{id}passage/mine/one> a cd:Passage ; cd:locator "Section 1, first paragraph" . }
"""


def quads(text: str) -> set[Quad]:
    return set(parse(PREFIXES + text.replace("{id}", ns.ID).replace("{graph}", ns.GRAPH), RdfFormat.TRIG))


def added(text: str) -> set[Quad]:
    of_work = quads(PASSAGE + text)
    return set(complete(list(of_work), [*quads(OTHERS), *of_work]))


OF_THE_PASSAGE = """
graph:passages {
  <{id}passage/mine/one> skos:prefLabel "My notes: Section 1, first paragraph"@en ; dcterms:isPartOf publication:mine ;
    cd:statementGraph <{graph}report/mine/one> ; cd:textAvailability availability:present .
}
"""


@pytest.mark.parametrize(
    ("said", "follows"),
    [
        pytest.param("", "", id="passage"),
        pytest.param(
            "account:a cd:accountOf twinning:hangzhou-leeds .",
            "account:a a cd:Account ; cd:statedIn <{id}passage/mine/one> .",
            id="account",
        ),
        pytest.param(
            'finding:f a cd:Effect ; cd:says "It grew."@en .',
            "finding:f cd:statedIn <{id}passage/mine/one> . } "
            'graph:register { finding:f a cd:Effect ; skos:prefLabel "It grew."@en .',
            id="finding",
        ),
        *(
            pytest.param(
                'statistic:s a cd:Statistic ; cd:printedValue "12" ; cd:counts "export markets"@en ; '
                f"cd:measure measure:{measure} .",
                "statistic:s cd:statedIn <{id}passage/mine/one> . } "
                f'graph:register {{ statistic:s a cd:Statistic ; skos:prefLabel "{name}"@en .',
                id=measure,
            )
            for measure, name in (("count", "12 export markets"), ("rank", "export markets: 12"))
        ),
        pytest.param(
            "twinning:hangzhou-leeds cd:twin city:hangzhou , city:leeds .",
            "twinning:hangzhou-leeds a cd:Twinning .",
            id="type of the register",
        ),
        pytest.param(
            "office:china-leeds a cd:Office ; cd:operator country:china ; cd:hostPlace city:leeds .",
            '} graph:register { office:china-leeds a cd:Office ; skos:prefLabel "Office of China in Leeds"@en .',
            id="name of a tie",
        ),
    ],
)
def test_what_follows(said: str, follows: str) -> None:
    in_graph = "<{graph}report/mine/one> { %s }"
    assert added(in_graph % said) == quads(OF_THE_PASSAGE + in_graph % follows)


def test_a_position_is_a_geometry_of_the_same_source() -> None:
    place = (
        "graph:gazetteer { city:ulm a cd:City ; wgs84:lat 48.4 ; wgs84:long 9.99 ; dcterms:source source:geonames . }"
    )
    geometry = """graph:gazetteer { city:ulm geo:hasGeometry geometry:city-ulm .
      geometry:city-ulm a geo:Geometry ; geo:asWKT "POINT(9.99 48.4)"^^geo:wktLiteral ;
        dcterms:source source:geonames . }"""
    assert added(place) == quads(OF_THE_PASSAGE + geometry)


def test_what_is_said_is_not_replaced() -> None:
    said = OF_THE_PASSAGE.replace("My notes: Section", "Notes,")
    assert added(said) == set()


def test_a_data_set_says_all_of_it_itself() -> None:
    assert added('graph:passages { <{id}passage/mine/two> a cd:Passage ; cd:entry "Q1" . }') == set()
