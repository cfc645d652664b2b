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
