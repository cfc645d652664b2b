"""The bounds of dates that were stated in versions 0.1.0 and 0.2.0 are answered as then, now by rules.

But for the end of Beijing's cooperations, of which the report dates only the launch.
"""

from __future__ import annotations

import csv
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD
from kg.store import DataFolder

EXPECTED = Path(__file__).parents[1] / "expected"


def rows_of(name: str) -> list[tuple[str, ...]]:
    with (EXPECTED / name).open(encoding="utf-8", newline="") as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


def test_the_six_bounds_of_0_2_0_follow_by_rule_or_are_stated(both_works: DataFolder) -> None:
    both = both_works.open()
    rows = rows_of("bounds-0.2.0.csv")
    assert len(rows) == 183
    assert rows == [(name, kind, bound(both, name, NamedNode(ns.CD + kind))) for name, kind, _ in rows]


def test_the_two_bounds_of_0_1_0_follow_by_rule(store: Store) -> None:
    """But for the end of "since 2000", which nobody knows."""
    rows = rows_of("bounds-0.1.0.csv")
    assert rows == [(name, bound(store, name, CD.earliest), bound(store, name, CD.latest)) for name, _, _ in rows]


def bound(store: Store, name: str, predicate: NamedNode) -> str:
    days = match(store, NamedNode(ns.expand(name) or ""), predicate, None, DefaultGraph())
    return ",".join(getattr(day.object, "value", "") for day in days)
