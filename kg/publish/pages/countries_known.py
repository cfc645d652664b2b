"""Of how many twinnings of the world the graph knows the countries: a count by countries leaves out the others."""

from __future__ import annotations

from typing import TypedDict

from pyoxigraph import Store

from kg.sparql.evaluation import select

_ALL = "SELECT (COUNT(DISTINCT ?twinning) AS ?number) { GRAPH report:wikidata-2016 { ?twinning cd:twin ?body } }"
_KNOWN = """SELECT (COUNT(?twinning) AS ?number) {
  SELECT ?twinning {
    GRAPH report:wikidata-2016 { ?twinning cd:twin ?body }
    ?body cd:within? ?state . ?state a cd:State
  } GROUP BY ?twinning HAVING (COUNT(DISTINCT ?body) > 1)
}"""


class CountriesKnown(TypedDict):
    """How many twinnings there are, and of how many the country of both sides is known."""

    known: int
    twinnings: int


def countries_known(store: Store) -> CountriesKnown:
    """Count the twinnings of the world, and those with a country on both sides; a country is its own."""
    known, twinnings = (int(next(iter(select(store, text)))["number"].value) for text in (_KNOWN, _ALL))
    return CountriesKnown(known=known, twinnings=twinnings)
