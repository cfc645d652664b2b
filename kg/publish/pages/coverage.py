"""Of how much of what is asked the graph knows the country: what goes by countries leaves out the rest."""

from __future__ import annotations

from typing import TypedDict

from pyoxigraph import Store

from kg.readings import Reading
from kg.sparql.evaluation import select

_QUERIES = {
    "twinnings": (
        """SELECT (COUNT(?twinning) AS ?number) {
          SELECT ?twinning {
            ?twinning cd:twin ?body . ?body cd:within? ?state . ?state a cd:State
          } GROUP BY ?twinning HAVING (COUNT(DISTINCT ?body) > 1)
        }""",
        "SELECT (COUNT(DISTINCT ?twinning) AS ?number) { ?twinning cd:twin ?body }",
    ),
    "bodies": (
        """SELECT (COUNT(DISTINCT ?body) AS ?number) {
          ?twinning cd:twin ?body . ?body cd:within? ?state . ?state a cd:State
        }""",
        "SELECT (COUNT(DISTINCT ?body) AS ?number) { ?twinning cd:twin ?body }",
    ),
}
"""What counts those with a country, and all, by what is counted (kg.queries: CannedQuery.COVERAGES)."""


class Coverage(TypedDict):
    """How many there are, and of how many the country is known, of a twinning that of both sides."""

    known: int
    every: int


@Reading
def coverage(store: Store, of: str) -> Coverage:
    """Count the `twinnings` or twinned `bodies` of a graph, and those with a country; a country is its own."""
    known, every = (int(next(iter(select(store, text)))["number"].value) for text in _QUERIES[of])
    return Coverage(known=known, every=every)
