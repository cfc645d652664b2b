"""cd:earliest and cd:latest, which were stated in version 0.1.0 of the ontology, are answered as then, now by rules."""

from __future__ import annotations

import csv
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD

BOUNDS = Path(__file__).parents[1] / "expected" / "bounds-0.1.0.csv"
"""What was stated then, but for the end of "since 2000", which nobody knows."""


def test_the_bounds_that_were_stated_follow_by_rule(store: Store) -> None:
    with BOUNDS.open(encoding="utf-8", newline="") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    assert rows == [(name, bound(store, name, CD.earliest), bound(store, name, CD.latest)) for name, _, _ in rows]


def bound(store: Store, name: str, predicate: NamedNode) -> str:
    days = match(store, NamedNode(ns.expand(name) or ""), predicate, None, DefaultGraph())
    return ",".join(getattr(day.object, "value", "") for day in days)
