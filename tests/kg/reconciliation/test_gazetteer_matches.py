"""A gazetteer decides between namesakes, finds places that the graph lacks, and takes none that something denies."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Store

from kg.names import Names
from kg.names.countries import find_country
from kg.rdf import namespaces as ns
from kg.rdf.points import Point
from kg.reconciliation import Match, Reconciler, ThingDescription
from tests.support.gazetteer import small_gazetteer
from tests.support.places import graph_of_places

KNOWN = (
    ("country/united-kingdom", "United Kingdom", "", "", ""),
    ("country/united-states", "United States", "", "", ""),
    ("country/germany", "Germany", "", "", ""),
    ("country/china", "China", "", "", ""),
    ("nation/scotland", "Scotland", "country/united-kingdom", "", ""),
    ("nation/england", "England", "country/united-kingdom", "", ""),
    ("city/leeds", "Leeds", "nation/england", "53.8 -1.54", ""),
    ("city/guangzhou", "Guangzhou", "country/china", "", "1809858"),
    ("polity/q54232", "Coventry", "country/united-states", "41.70009 -71.68284", ""),
    ("polity/q2", "Lyons", "", "", ""),
    ("polity/q3", "Birmingham", "country/united-states", "33.52 -86.8", ""),
)
CODES = {"united-kingdom": "GB", "united-states": "US", "germany": "DE", "china": "CN"}


@pytest.fixture(scope="module")
def reconciler(tmp_path_factory: pytest.TempPathFactory) -> Reconciler:
    return Reconciler(Names(graph_of_places(KNOWN, CODES)), small_gazetteer(tmp_path_factory.mktemp("gazetteer")))


def match(reconciler: Reconciler, name: str, country: str = "", at: str = "") -> Match | None:
    land = reconciler.known.find_country(country) if country else ""
    point = Point.parse(*at.split()) if at else None
    return reconciler.find(ThingDescription((), (name,), land, ("city", "polity"), point))


@pytest.mark.parametrize(
    ("row", "meant", "grounds"),
    [
        (("Leeds", "GB", ""), "city/leeds", "name country gazetteer"),
        (("Leeds", "", "53.8 -1.55"), "city/leeds", "name position"),
        (("Leeds", "Scotland", "53.8 -1.55"), "", ""),
        (("廣州市", "CN", ""), "city/guangzhou", "name country gazetteer"),
        (("广州", "", ""), "city/guangzhou", "name gazetteer"),
        (("Lyons", "FR", ""), "polity/q2", "name country gazetteer"),
        (("Лион", "FR", ""), "geonames:2996944", "name country gazetteer"),
        (("ลอนดอน", "GB", ""), "geonames:2643743", "name country gazetteer"),
        (("القاهرة", "EG", ""), "geonames:360630", "name country gazetteer"),
        (("London, Kanada", "", ""), "geonames:6058560", "name addition gazetteer"),
        (("Birmingham, AL", "US", ""), "polity/q3", "name country gazetteer addition"),
        (("Birmingham, Michigan", "US", ""), "geonames:4986172", "name country addition gazetteer"),
        (("Frankfurt (Oder)", "DE", ""), "geonames:2925535", "name country gazetteer"),
        (("Frankfurt", "DE", "52.35 14.55"), "geonames:2925535", "name country position gazetteer"),
        (("City of Birmingham", "GB", ""), "geonames:2655603", "name country gazetteer"),
        (("Coventry (Rhode Island)", "US", ""), "polity/q54232", "name country addition gazetteer"),
    ],
)
@pytest.mark.drawn
def test_the_gazetteer_says_who_is_meant(
    reconciler: Reconciler, row: tuple[str, str, str], meant: str, grounds: str
) -> None:
    found = match(reconciler, *row)
    if not meant:
        assert found is None
        return
    assert found is not None
    named = f"geonames:{found.place.geonames}" if found.outcome == "new" and found.place else found.thing
    assert (named.removeprefix(ns.ID), {*found.grounds}) == (meant, {*grounds.split()})


def test_a_position_decides_although_the_gazetteer_has_another_name_for_a_namesake_alone(
    reconciler: Reconciler,
) -> None:
    in_ohio = ThingDescription((), ("London", "伦敦"), "", ("city", "polity"), Point.parse("39.88", "-83.44"))
    found = reconciler.find(in_ohio)
    assert found is not None
    assert found.place is not None
    assert found.place.geonames == 4517009


@pytest.mark.parametrize(
    ("row", "candidates", "why"),
    [
        (("Birmingham", "", ""), "polity/q3 geonames:2655603 geonames:4986172", "names 3 places of the gazetteer"),
        (
            ("London, CA", "", ""),
            "geonames:2643743 geonames:6058560 geonames:4517009",
            "names 3 places",
        ),  # or California
        (("Birmingham", "US", ""), "polity/q3 geonames:4986172", "names 2 places of the gazetteer"),
        (("Frankfurt", "DE", ""), "geonames:2925533 geonames:2925535", "names 2 places of the gazetteer"),
        (("Frankfurt am Main (Nowhere)", "DE", ""), "geonames:2925533", "nothing says whether that is the one in"),
        (("Cairo", "EG", "51.5 -0.12"), "geonames:360630", "km away from the nearest 'Cairo' of that country"),
        (("Cairo", "EG", "31.25 30.06"), "geonames:360630", "Latitude and longitude seem to be exchanged"),
        (
            ("Quellental", "GB", "-1.5 53.8"),
            "",
            "200 km away from any place of United Kingdom. Latitude and longitude seem",
        ),
        (("Quellental", "GB", "0 0"), "", "200 km away from any place of United Kingdom. Correct the position"),
        (("Coventry, Connecticut", "US", ""), "polity/q54232", "nothing says whether that is the one in 'Connecticut'"),
    ],
)
def test_what_is_open_or_denied_is_told_with_candidates(
    reconciler: Reconciler, row: tuple[str, str, str], candidates: str, why: str
) -> None:
    found = match(reconciler, *row)
    assert found is not None
    assert found.outcome == "ambiguous"
    places = (f"geonames:{place.geonames}" for place in found.places)
    assert [*(one.removeprefix(ns.ID) for one in found.candidates), *places] == candidates.split()
    assert found.why is not None
    assert why in str(found.why)


@pytest.mark.parametrize(
    ("name", "country", "at"),
    [("Quellental", "GB", "54.5 -2.5"), ("Quellental", "", "0 0"), ("Quellental", "Scotland", "54 -1.6")],
)
def test_an_unknown_place_is_not_asked_about_within_200_km_of_a_place_of_its_country(
    reconciler: Reconciler, name: str, country: str, at: str
) -> None:
    assert match(reconciler, name, country, at) is None


@pytest.mark.parametrize(
    ("name", "code", "is_outside"),
    [
        *(("Leeds", "US", True), ("Coventry", "GB", True), ("Beijing", "GB", True), ("Leeds", "GB", False)),
        *(("Egvekinot", "GB", False), ("Bayern", "DE", False), ("伦敦", "US", False)),
    ],
)
def test_a_name_is_known_outside_a_country_by_the_graph_or_as_that_of_a_large_city(
    reconciler: Reconciler, name: str, code: str, is_outside: bool
) -> None:
    land = find_country(code)
    assert land is not None
    assert reconciler.is_known_outside(name, land) is is_outside


_NEUSTADT = """
1 Neustadt DE 08 50.00 8.0 9000
2 Neustadt DE 08 50.09 8.0 9000
"""


def test_two_places_of_one_name_ten_kilometres_apart_are_told_apart_by_a_position_near_one(tmp_path: Path) -> None:
    apart = Reconciler(Names(Store()), small_gazetteer(tmp_path, _NEUSTADT))
    nearer, between = (match(apart, "Neustadt", "", at) for at in ("50.001 8", "50.05 8"))
    assert nearer is not None
    assert nearer.place is not None
    assert (nearer.outcome, nearer.place.geonames) == ("new", 1)
    assert between is not None
    assert (between.outcome, len(between.places)) == ("ambiguous", 2)


_ZAPORIZHZHIA = """
687684 Zaporizhzhia UA 26 46.96173 35.04281 {village}
687700 Zaporizhzhya UA 26 47.85167 35.11714 710052 Zaporizhzhia|Запоріжжя
707652 Zaporizhzhya UA 26 47.15214 35.74246 1073 Zaporizhzhia
"""
"""A city that GeoNames spells otherwise than tables do, and a village beside it that it spells as they do."""


@pytest.mark.parametrize(
    ("village", "country", "meant"), [(656, "UA", (687700,)), (656, "", (687700,)), (30_000, "UA", ())]
)
def test_a_city_goes_before_a_village_that_has_the_very_spelling(
    tmp_path: Path, village: int, country: str, meant: tuple[int, ...]
) -> None:
    found = match(
        Reconciler(Names(Store()), small_gazetteer(tmp_path, _ZAPORIZHZHIA.format(village=village))),
        "Zaporizhzhia",
        country,
    )
    assert found is not None
    if meant:
        assert (found.outcome, found.place and found.place.geonames) == ("new", *meant)
    else:
        assert [place.geonames for place in found.places] == [687700, 687684, 707652]  # by population


_NIKOPOL = """
700051 Nikopol UA 04 47.57119 34.39637 105160 Нікополь
727462 Nikopol BG 52 43.70528 24.89504 3497 尼科波尔
"""
"""A city, and a namesake that alone has the Chinese name of both."""


def test_a_larger_namesake_without_the_second_name_leaves_open_who_is_meant(tmp_path: Path) -> None:
    reconciler = Reconciler(Names(Store()), small_gazetteer(tmp_path, _NIKOPOL))
    found = reconciler.find(ThingDescription((), ("Nikopol", "尼科波尔"), "", ("city", "polity"), None))
    assert found is not None
    assert [place.geonames for place in found.places] == [700051, 727462]


def test_a_nation_may_be_named_with_its_state(reconciler: Reconciler) -> None:
    assert reconciler.known.find_country("Scotland, United Kingdom") == f"{ns.ID}nation/scotland"
    assert reconciler.known.find_country("Scotland, Germany") == ""
    assert reconciler.known.find_country("Nowhere, United Kingdom") == ""


def test_a_number_of_geonames_is_the_thing_that_has_it_or_the_place(reconciler: Reconciler) -> None:
    known, new = (reconciler.find_by_geonames(number, ("city", "polity")) for number in ("1809858", "264371"))
    assert known is not None
    assert known.thing == f"{ns.ID}city/guangzhou"
    assert new is not None
    assert new.place is not None
    assert (new.outcome, new.place.name) == ("new", "Athens")
    assert reconciler.find_by_geonames("1", ("city",)) is None
