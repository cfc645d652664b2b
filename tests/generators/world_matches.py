"""Find the bodies of `kg/facts/world` in the gazetteer by their names, and write what it says of them.

    python -m tests.generators.world_matches DATA kg/facts/world

DATA is a data folder with a gazetteer (`citykg gazetteer`); another version of it may give another file, the same one
the same, to the byte. What is written stands in a graph of its own, and its identifiers are marked as unchecked.

**Who is meant.** `kg.reconciliation` decides, as it would of a row of a table with the names of the body, and with its
country and position where they are known. Of any other body the country comes from the gazetteer: that of the place
which has at least twenty times the population of all others of the name in the world, where the twins agree. Are places
of that country twinned with ones of the twins' countries about as often as by chance, at least? The less a name says,
the more of that is asked: a small place, or one with namesakes, needs twins that speak for it. Left out is what has the
name of a first-level division of a country, or of any division of another country, and so are two bodies that would be
one place.

A place with a known population is a city, unless a far larger one lies beside it, of which it may be a district.
"""

from __future__ import annotations

import gzip
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pycountry
from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from kg.building.sources import shipped_works, source_files
from kg.errors import CityKgError
from kg.gazetteer import Gazetteer, Place
from kg.names import Names, plain
from kg.names.countries import countries, country_statements, find_country, find_subdivision
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.parse import read_files
from kg.rdf.points import Point
from kg.rdf.vocabulary import CD, DCTERMS, RDF, SCHEMA, SKOS, WGS84
from kg.reconciliation import Match, Reconciler, ThingDescription
from tests.generators.world import WORK

FILE = "places.trig.gz"
LEFT_OUT: Mapping[str, str] = {
    "Q1011003": "Vani in Georgia, not Wani in India",
    "Q1229428": "Gao'an in Jiangxi, which GeoNames calls Junyang, not the town in Chongqing",
    "Q1506748": "named as councils of Australia are there (Cockburn City), not Fitzgerald in Georgia, of the same name",
    "Q2019590": "Olfen in the Odenwald, which GeoNames lacks, not the one in the Münsterland",
    "Q320858": "by its twin the Hirschau in Tübingen, which GeoNames lacks, not the town in the Upper Palatinate",
}
"""Items whose match by these rules is known to be wrong, from reading 600 of them, each with what it is instead."""

_HEAD = f"@prefix graph: <{ns.GRAPH}> .\n"
_BY_NAME = NamedNode(ns.PREFIXES["source"] + "geonames-by-name")
_BY_POSITION = NamedNode(ns.PREFIXES["source"] + "geonames-by-position")
_TWINNINGS = NamedNode(graphs.work_graph(WORK))
_OF_AN_ITEM = ns.PREFIXES["polity"] + "q"
_DWARFED = 20
"""A namesake with so many times fewer people does not count; one of unknown population may have `_LEAST`."""
_LEAST, _SMALL = 1_000, 5_000
"""Below the first a place is never taken without a known position or country; below the second twins must agree."""
_CONTRADICTED = -0.25
"""The agreement below which twins speak against a place (the natural logarithm of how often, by chance how often)."""
_BESIDE_LARGER, _BESIDE_KM, _METROPOLIS, _METROPOLIS_KM = 10, 12.0, 1_000_000, 20.0
"""What lies so near a city with so many times its people may be a district of it; a metropolis reaches further."""


@dataclass(frozen=True)
class Body:
    """A body by its IRI: its names, and what is known of it: the code of its country, its position."""

    iri: str
    names: tuple[str, ...]
    country: str = ""
    point: Point | None = None


@dataclass
class World:
    """The bodies of the world, and who is twinned with whom."""

    bodies: dict[str, Body] = field(default_factory=dict)
    twins: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


class Found(NamedTuple):
    """The place that a body is, and whether no other has its name, as far as GeoNames tells."""

    place: Place
    is_alone: bool


def read_world(quads: Sequence[Quad]) -> World:
    """Return the bodies that are twinned, as the files of the world and of other works describe them."""
    codes = {land.iri: land.alpha2 for land in countries()}
    parties: defaultdict[str, list[str]] = defaultdict(list)
    said: defaultdict[str, defaultdict[NamedNode, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal):
            said[quad.subject.value][quad.predicate].append(quad.object.value)
            if quad.predicate == CD.twin and quad.graph_name == _TWINNINGS:
                parties[quad.subject.value].append(quad.object.value)
    world = World()
    for pair in parties.values():
        for one, other in (pair, pair[::-1]):
            world.twins[one].add(other)
            of_body = said[one]
            within = [codes[land] for land in (one, *_all_within(one, said)) if land in codes]
            latitude, longitude = of_body[WGS84.lat], of_body[WGS84.long]
            point = Point.parse(latitude[0], longitude[0]) if latitude and longitude else None
            world.bodies[one] = Body(one, tuple(of_body[SKOS.prefLabel]), next(iter(within), ""), point)
    return world


def _all_within(thing: str, said: Mapping[str, Mapping[NamedNode, list[str]]]) -> Iterator[str]:
    for outer in said[thing].get(CD.within, ()):
        yield outer
        yield from _all_within(outer, said)


class Matcher:
    """Finds the bodies of a world in a gazetteer; how often countries are twinned is counted of the clear ones."""

    def __init__(self, world: World, gazetteer: Gazetteer) -> None:
        """Look every body up. Raises GazetteerError."""
        self.world = world
        self._gazetteer = gazetteer
        self._reconciler = Reconciler(Names(Store()), gazetteer)
        self._found = {iri: found for iri, body in world.bodies.items() if (found := self._look_up(body))}
        self._countries = {iri: body.country for iri, body in world.bodies.items() if body.country}
        for iri, found in self._found.items():
            if found.place.population >= _LEAST:
                self._countries.setdefault(iri, found.place.country)
        self._ties = Counter(
            (country, self._countries[twin])
            for iri, country in self._countries.items()
            for twin in world.twins[iri] & self._countries.keys()
        )
        self._sides: Counter[str] = Counter()
        for (country, _), number in self._ties.items():
            self._sides[country] += number

    def find_all(self) -> dict[str, Place]:
        """Return the places of the bodies that are found, each of one body: of two, of that whose position is known."""
        claims: defaultdict[Place, list[str]] = defaultdict(list)
        for iri, found in self._found.items():
            if self._is_meant(iri, found):
                claims[found.place].append(iri)
        for place, bodies in claims.items():
            claims[place] = [iri for iri in bodies if self.world.bodies[iri].point] or bodies
        found_alone = sorted((bodies[0], place) for place, bodies in claims.items() if len(bodies) == 1)
        return {iri: place for iri, place in found_alone if iri.startswith(_OF_AN_ITEM)}

    def is_city(self, iri: str, place: Place) -> bool:
        """Return True if a place is a city by population, name, and what lies beside it. Raises GazetteerError."""
        name = self.world.bodies[iri].names[0]
        if not place.population or not (plain(name) == plain(place.name) or name.isalpha()):
            return False
        near = self._gazetteer.near(place.latitude, place.longitude, _METROPOLIS_KM)
        return not any(
            other.population >= place.population * _BESIDE_LARGER
            and (km <= _BESIDE_KM or other.population >= _METROPOLIS)
            for other, km in near
        )

    def _look_up(self, body: Body) -> Found | None:
        """Return the place that a body may be, None for several or none."""
        if body.country or body.point:
            place = self._resolve(body.names, body.country, body.point).place
            return Found(place, is_alone=True) if place is not None else None
        anywhere = self._resolve(body.names)
        first, *others = anywhere.places or (anywhere.place,)
        if first is None or any((other.population or _LEAST) * _DWARFED > first.population for other in others):
            return None
        called = set(map(plain, body.names))
        if plain(first.name) not in called and any(plain(other.name) in called for other in others):
            return None
        # by its own name, too, it must be the one of its country
        ways = dict.fromkeys((body.names, (first.name,)))
        if any(self._resolve(names, first.country).place != first for names in ways):
            return None
        return Found(first, is_alone=all(one.place == first for one in self._gazetteer.named(body.names[0])))

    def _resolve(self, names: tuple[str, ...], country: str = "", point: Point | None = None) -> Match:
        """Return what a row of a table with some names would be matched to, in a graph that knows nothing."""
        land = find_country(country)
        described = ThingDescription((), names, land.iri if land is not None else "", ("polity",), point)
        return self._reconciler.find(described) or Match("refused")

    def _is_meant(self, iri: str, found: Found) -> bool:
        """Return True if the place of a body's name may be taken for it, by its size, its names and the twins."""
        body, place = self.world.bodies[iri], found.place
        if iri.removeprefix(ns.PREFIXES["polity"]).upper() in LEFT_OUT:
            return False
        if body.country or body.point:
            return True
        agreement = self._agreement(iri, place.country)
        if place.population < _LEAST or agreement < _CONTRADICTED or _is_of_a_division(body.names[0], place.country):
            return False
        is_small = place.population < _SMALL
        return agreement > 0 if is_small == found.is_alone else found.is_alone  # for a small one with namesakes: never

    def _agreement(self, iri: str, country: str) -> float:
        """Return how well a country goes with those of the twins: the mean logarithm of how often, by chance how often.

        0 is as often as by chance, and what is given where no twin's country is known.
        """
        twins = Counter(self._countries[twin] for twin in self.world.twins[iri] & self._countries.keys())
        own = twins if self._countries.get(iri) == country else Counter[str]()  # what would confirm itself
        total = self._sides.total()
        ratios = [
            (self._ties[country, other] - own[other] + 0.5)
            / ((self._sides[country] - own.total()) * self._sides[other] / total + 0.5)
            for other in twins.elements()
        ]
        return sum(map(math.log, ratios)) / len(ratios) if ratios else 0.0


def _is_of_a_division(name: str, country: str) -> bool:
    """Return True if a first-level division of a country has a name, in any language, or a division of another one."""
    lands = _lands_with_divisions().get(plain(name), set())
    return find_subdivision(name) is not None or (bool(lands) and country not in lands)


@cache
def _lands_with_divisions() -> Mapping[str, set[str]]:
    lands: defaultdict[str, set[str]] = defaultdict(set)
    for division in pycountry.subdivisions:
        lands[plain(division.name)].add(division.country_code)
    return lands


def file_lines(quads: Sequence[Quad], gazetteer: Gazetteer) -> Iterator[str]:
    """Yield the file: the matches in a graph of their own, and the lands in which they lie that nothing describes yet.

    `quads` are those of the world and of the report. Raises GazetteerError.
    """
    matcher = Matcher(read_world(quads), gazetteer)
    described = {quad.subject for quad in quads if quad.predicate == CD.isoAlpha2}
    lands = {}
    yield f"graph:{graphs.FOUND_BY_NAME.value.rpartition('/')[2]} {{\n"
    for iri, place in matcher.find_all().items():
        yield from (f"{triple} .\n" for triple in _statements(matcher, iri, place))
        if (land := find_country(place.country)) and NamedNode(land.iri) not in described:
            lands[land.iri] = land
    yield "}\ngraph:gazetteer {\n"
    yield from (f"{triple} .\n" for iri in sorted(lands) for triple in country_statements(lands[iri]))
    yield "}\n"


def _statements(matcher: Matcher, iri: str, place: Place) -> Iterator[Triple]:
    body, known = NamedNode(iri), matcher.world.bodies[iri]
    source = _BY_POSITION if known.point or known.country else _BY_NAME
    identifier = NamedNode(f"https://sws.geonames.org/{place.geonames}/")
    land = find_country(place.country)
    if (known.country or land) and matcher.is_city(iri, place):
        yield Triple(body, RDF.type, CD.City)
    if land and not known.country:
        yield Triple(body, CD.within, NamedNode(land.iri))
    if not known.point:
        yield from place.point.statements(body, source)
    yield Triple(body, SCHEMA.sameAs, identifier)
    yield Triple(body, CD.uncheckedIdentifier, identifier)
    yield Triple(body, DCTERMS.source, source)


def read_facts() -> list[Quad]:
    """Return the facts of the report and the world, without those that are made here."""
    sources = source_files([shipped_works()["world"]])
    paths = (source.path for source in sources if source.graph is None and source.path.name != FILE)
    return [quad for quads in read_files(paths).values() for quad in quads]


def main(data: str, folder: str) -> None:
    """Write the file. Raises CityKgError if the data folder has no gazetteer, GazetteerError if it cannot be used."""
    gazetteer = Gazetteer.open(Path(data))
    if gazetteer is None:
        raise CityKgError(f"There is no gazetteer in {data}.", "Make it: citykg gazetteer")
    with gazetteer:
        lines = "".join([_HEAD, *file_lines(read_facts(), gazetteer)])
    (Path(folder) / FILE).write_bytes(gzip.compress(lines.encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
