"""What is called nearly as a row calls it."""

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.names import Names
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, SKOS
from kg.reconciliation import Reconciler, ThingDescription

CANADA, GERMANY = f"{ns.ID}country/canada", f"{ns.ID}country/germany"
CALLED = {
    "polity/q1794": "Frankfurt", "polity/q4024": "Frankfurt (Oder)", "city/newcastle-upon-tyne": "Newcastle upon Tyne",
    "polity/q207208": "London Borough of Bexley", "network/london-cities": "Londons",
}  # fmt: skip


@pytest.fixture
def reconciler() -> Reconciler:
    known = Store()
    for path, name in CALLED.items():
        known.add(Quad(NamedNode(ns.ID + path), SKOS.prefLabel, Literal(name, language="en"), DefaultGraph()))
    known.add(Quad(NamedNode(f"{ns.ID}polity/q1794"), CD.within, NamedNode(GERMANY), DefaultGraph()))
    return Reconciler(Names(known))


def near(reconciler: Reconciler, name: str, country: str, *kinds: str) -> list[str]:
    return [iri.removeprefix(ns.ID) for iri in reconciler.near(ThingDescription((), (name,), country, kinds))]


def test_a_place_is_near_whatever_kind_the_graph_has_it_of(reconciler: Reconciler) -> None:
    assert near(reconciler, "Frankfurt", GERMANY, "city") == ["polity/q1794", "polity/q4024"]
    assert near(reconciler, "Londons", "", "city") == []
    assert near(reconciler, "Londons", "", "network") == ["network/london-cities"]


def test_what_only_begins_with_a_name_is_near_if_that_is_half_of_it(reconciler: Reconciler) -> None:
    assert near(reconciler, "Newcastle", "", "city") == ["city/newcastle-upon-tyne"]
    assert near(reconciler, "London", CANADA, "city", "polity") == []
