"""What SHACL finds, in words: what is named is what whoever reads it can write."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, parse

from kg.shacl import validate_quads
from tests.support.turtle import PREFIXES

NAMELESS = """
report:p1 {
  city:leeds a cd:Actor . twinning:hangzhou-leeds a cd:Relation ; cd:twin city:leeds , city:hangzhou .
}
"""


@pytest.mark.parametrize("shape", ["shape:Actor-nameOrEntry", "shape:Relation-nameOrEntry"])
def test_who_forgets_a_name_is_told_of_the_name_alone(shape: str) -> None:
    report = validate_quads(parse(PREFIXES + NAMELESS, RdfFormat.TRIG), files=())
    found = [finding for finding in report.results if finding.shape == shape]
    assert [(finding.path, finding.hint) for finding in found] == [("skos:prefLabel", "at least 1")]


DATED = """
report:p1 {{
  account:x a cd:Account ; cd:accountOf twinning:hangzhou-leeds ; cd:statedIn passage:p1 ;
    cd:begin "{begin}"^^xsd:gYear ; cd:beginEarliest "{begin}-01-01"^^xsd:date ;
    cd:beginLatest "{latest}-12-31"^^xsd:date ;
    cd:end "2009"^^xsd:gYear ; cd:endEarliest "2009-01-01"^^xsd:date ; cd:endLatest "2009-12-31"^^xsd:date .
}}
"""


@pytest.mark.parametrize(
    ("shape", "begin", "latest", "english", "chinese"),
    [
        ("shape:Dated-order", 2010, 2010, "Put begin before end", "请使开始早于结束"),
        ("shape:Dated-bounds", 2004, 2005, "Leave out the bounds of a year", "年、月、日或年代的界限可由其推得"),
    ],
)
def test_a_constraint_speaks_for_itself_where_its_shape_has_words_too(
    shape: str, begin: int, latest: int, english: str, chinese: str
) -> None:
    text = DATED.format(begin=begin, latest=latest)
    report = validate_quads(parse(PREFIXES + text, RdfFormat.TRIG), files=())
    (finding,) = (finding for finding in report.results if finding.shape == shape)
    assert finding.message.startswith(english)
    assert finding.message_zh.startswith(chinese)
