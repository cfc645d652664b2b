"""Position, additions to a name and the pair of a row decide who is meant; a match says by which."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from kg.names import Names
from kg.rdf import namespaces as ns
from kg.rdf.points import Point
from kg.rdf.vocabulary import SKOS
from kg.reconciliation import Match, Reconciler, ThingDescription
from tests.support.places import graph_of_places

PLACES = (
    ("city/coventry", "Coventry", "country/united-kingdom", "52.4066 -1.5122", ""),
    ("polity/q54232", "Coventry", "region/rhode-island", "41.70009 -71.68284", ""),
    ("polity/richmond-virginia", "Richmond", "region/virginia", "37.55376 -77.46026", ""),
    ("polity/q6106", "Portland", "region/oregon", "45.52345 -122.67621", ""),
    ("polity/q49201", "Portland", "country/united-states", "43.65737 -70.2589", ""),
    ("polity/frankfurt", "Frankfurt", "country/germany", "50.11552 8.68417", ""),
    ("polity/unplaced", "Aachen", "", "", ""),
    ("polity/bolzano", "Bolzano", "country/italy", "46.49067 11.33982", ""),
    ("polity/neustadt-1", "Neustadt", "country/germany", "50.0 8.0", ""),
    ("polity/neustadt-2", "Neustadt", "country/germany", "50.09 8.0", ""),
    ("country/united-kingdom", "United Kingdom", "", "", ""),
    ("country/united-states", "United States", "", "", ""),
    ("country/germany", "Germany", "", "", ""),
    ("country/italy", "Italy", "", "", ""),
    ("region/rhode-island", "Rhode Island", "country/united-states", "", ""),
    ("region/virginia", "Virginia", "country/united-states", "", ""),
    ("region/oregon", "Oregon", "country/united-states", "", ""),
)
CODES = {"united-kingdom": "GB", "united-states": "US", "germany": "DE", "italy": "IT"}


@pytest.fixture(scope="module")
def reconciler() -> Reconciler:
    known = graph_of_places(PLACES, CODES)
    bolzano = NamedNode(f"{ns.ID}polity/bolzano")
    known.add(Quad(bolzano, SKOS.altLabel, Literal("Bozen", language="de"), DefaultGraph()))
    return Reconciler(Names(known))


def match(reconciler: Reconciler, name: str, country: str = "", at: str = "") -> Match | None:
    point = Point.parse(*at.split()) if at else None
    land = f"{ns.ID}country/{country}" if country else ""
    return reconciler.find(ThingDescription((), (name,), land, ("city", "polity"), point))


@pytest.mark.parametrize(
    ("row", "thing", "grounds"),
    [
        (("Coventry", "", "52.41 -1.5"), "city/coventry", "name position"),
        (("Coventry", "united-states", ""), "polity/q54232", "name country"),
        (("Coventry", "united-states", "41.7 -71.6"), "polity/q54232", "name country position"),
        (("Portland", "united-states", "43.66 -70.25"), "polity/q49201", "name country position"),
        (("Portland, OR", "united-states", ""), "polity/q6106", "name country addition"),
        (("Portland/Oregon", "united-states", ""), "polity/q6106", "name country addition"),
        (("Coventry (United Kingdom)", "", ""), "city/coventry", "name country addition"),
        (("Coventry, Rhode Island, USA", "", ""), "polity/q54232", "name country addition"),
        (("Bozen/Bolzano", "italy", ""), "polity/bolzano", "name country addition"),
        (("Frankfurt (Höchst)", "germany", "50.1 8.55"), "polity/frankfurt", "name country position"),
        (("Aachen", "", ""), "polity/unplaced", "name"),
        (("Neustadt", "germany", "50.091 8.001"), "polity/neustadt-2", "name country position"),
    ],
)
@pytest.mark.drawn
def test_a_place_is_matched_on_its_grounds(
    reconciler: Reconciler, row: tuple[str, str, str], thing: str, grounds: str
) -> None:
    found = match(reconciler, *row)
    assert found is not None
    assert (found.outcome, found.thing, " ".join(found.grounds)) == ("known", ns.ID + thing, grounds)


@pytest.mark.parametrize(
    ("name", "country", "at", "why"),
    [
        ("Coventry, Connecticut", "united-states", "", "nothing says whether that is the one in 'Connecticut'"),
        ("Coventry, CT", "united-states", "", "nothing says whether that is the one in 'CT'"),
        ("Frankfurt (Oder)", "germany", "", "nothing says whether that is the one in 'Oder'"),
        ("Portland", "united-states", "", "names 2 things"),
        ("Neustadt", "germany", "50.05 8", "names 2 things near the position"),
        ("Frankfurt", "germany", "52.5 13.4", "the position in the row is 421 km away from it"),
        ("Frankfurt", "germany", "8.68 50.11", "Latitude and longitude seem to be exchanged"),
        ("Aachen", "germany", "50.77 6.08", "does not say whether that lies in country:germany"),
    ],
)
def test_a_place_that_something_denies_or_leaves_open_is_not_taken(
    reconciler: Reconciler, name: str, country: str, at: str, why: str
) -> None:
    found = match(reconciler, name, country, at)
    assert found is not None
    assert found.outcome == "ambiguous"
    assert found.why is not None
    assert why in str(found.why)


def test_a_place_elsewhere_is_not_the_one_in_the_country_that_a_name_adds(reconciler: Reconciler) -> None:
    assert match(reconciler, "Richmond (United Kingdom)") is None
    assert match(reconciler, "Frankfurt, Kentucky", "united-states") is None
