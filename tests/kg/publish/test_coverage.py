"""Of how many twinnings and twinned bodies the countries are known, whichever works state them."""

import pytest
from pyoxigraph import RdfFormat, Store, parse

from kg.publish.questions import coverage
from kg.queries import CannedQuery
from kg.rdf.graphs import default_graph_once
from tests.support.turtle import PREFIXES

TEXT = (
    PREFIXES
    + """
graph:gazetteer {
  country:cuba a cd:State . country:peru a cd:State .
  city:lima cd:within country:peru . city:ica cd:within country:peru .
}
report:some-data-set {
  twinning:cuba-lima cd:twin country:cuba , city:lima .
  twinning:ica-lima cd:twin city:ica , city:lima .
}
report:section-1 {
  twinning:ica-lima cd:twin city:ica , city:lima .
  twinning:lima-york cd:twin city:lima , city:york .
  twinning:leeds-york cd:twin city:leeds , city:york .
}
"""
)


@pytest.fixture
def world() -> Store:
    store, stated = Store(), list(parse(TEXT, RdfFormat.TRIG))
    store.extend([*stated, *default_graph_once(stated)])
    return store


def test_of_twinnings_those_have_a_country_that_have_one_on_both_sides_a_state_and_the_same_among_them(
    world: Store,
) -> None:
    assert coverage(world, "twinnings") == {"known": 2, "every": 4}


def test_of_bodies_those_have_a_country_that_lie_in_one_or_are_one(world: Store) -> None:
    assert coverage(world, "bodies") == {"known": 3, "every": 5}


@pytest.mark.parametrize("of", CannedQuery.COVERAGES)
def test_where_nothing_is_stated_there_is_none(of: str) -> None:
    assert coverage(Store(), of) == {"known": 0, "every": 0}
