"""A place that is taken by its name says so where another one, as far as is known, has that name with an addition."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.names import Names, identifier_of
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, SCHEMA, SKOS
from kg.reconciliation import Match, Reconciler, ThingDescription

CALLED = {
    "polity/q1794": ("Frankfurt", "germany"), "polity/q4024": ("Frankfurt (Oder)", ""),
    "polity/q36168": ("Bridgetown", "barbados"), "polity/q913891": ("Bridgetown (Nova Scotia)", "canada"),
    "city/london": ("London", "united-kingdom"), "polity/q207208": ("London Borough of Bexley", "united-kingdom"),
    "network/frankfurt": ("Frankfurt, a network", ""),
}  # fmt: skip


@pytest.fixture
def reconciler() -> Reconciler:
    known = Store()
    for path, (name, country) in CALLED.items():
        thing = NamedNode(ns.ID + path)
        known.add(Quad(thing, SKOS.prefLabel, Literal(name, language="en"), DefaultGraph()))
        if country:
            known.add(Quad(thing, CD.within, NamedNode(f"{ns.ID}country/{country}"), DefaultGraph()))
    item = NamedNode("http://www.wikidata.org/entity/Q1794")
    known.add(Quad(NamedNode(f"{ns.ID}polity/q1794"), SCHEMA.sameAs, item, DefaultGraph()))
    return Reconciler(Names(known))


def meant(reconciler: Reconciler, name: str, country: str = "", *, item: str = "") -> Match:
    land = f"{ns.ID}country/{country}" if country else ""
    identifiers = (identifier_of(f"http://www.wikidata.org/entity/{item}"),) if item else ()
    found = reconciler.find(ThingDescription(identifiers, (name,), land, ("city", "polity")))
    assert found is not None
    assert found.outcome == "known"
    return found


@pytest.mark.parametrize("country", ["germany", ""])
def test_another_place_with_an_addition_is_told_and_the_row_taken(reconciler: Reconciler, country: str) -> None:
    found = meant(reconciler, "Frankfurt", country)
    assert found.thing == f"{ns.ID}polity/q1794"
    assert found.why is not None
    assert "polity:q4024 “Frankfurt (Oder)”" in str(found.why)
    assert "network" not in str(found.why)
    assert found.why.message_zh


def test_one_that_is_known_to_lie_elsewhere_is_not_told(reconciler: Reconciler) -> None:
    assert meant(reconciler, "Bridgetown", "barbados").why is None
    assert meant(reconciler, "Bridgetown").why is not None


def test_what_is_named_in_full_or_identified_has_no_namesake(reconciler: Reconciler) -> None:
    assert meant(reconciler, "Frankfurt (Oder)").why is None
    assert meant(reconciler, "Frankfurt", "germany", item="Q1794").why is None
    assert meant(reconciler, "London", "united-kingdom").why is None
