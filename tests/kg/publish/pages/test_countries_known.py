"""Of how many twinnings the countries are known."""

from pyoxigraph import RdfFormat, Store, parse

from kg.publish.pages import countries_known
from kg.rdf import namespaces as ns
from kg.rdf.graphs import set_union

TEXT = (
    "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in ns.PREFIXES.items())
    + """
graph:gazetteer {
  country:cuba a cd:State . country:peru a cd:State .
  city:lima cd:within country:peru . city:ica cd:within country:peru .
}
report:wikidata-2016 {
  twinning:cuba-lima cd:twin country:cuba , city:lima .
  twinning:ica-lima cd:twin city:ica , city:lima .
  twinning:lima-york cd:twin city:lima , city:york .
  twinning:leeds-york cd:twin city:leeds , city:york .
}
"""
)


def test_counted_are_those_with_a_country_on_both_sides_a_state_among_them_and_two_places_of_one_country() -> None:
    store, stated = Store(), list(parse(TEXT, RdfFormat.TRIG))
    store.extend([*stated, *set_union(stated)])
    assert countries_known(store) == {"known": 2, "twinnings": 4}
    assert countries_known(Store()) == {"known": 0, "twinnings": 0}
