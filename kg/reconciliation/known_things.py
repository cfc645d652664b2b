"""The things that rows of a table may mean: those of the graph, and those that are new in the import."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import chain

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kg.gazetteer import Place
from kg.names import Identifier, Names
from kg.names.countries import Country, countries, find_country, find_subdivision
from kg.rdf import namespaces as ns
from kg.rdf.kinds import kind_of_thing
from kg.rdf.lookup import closure, literals_of, match, nodes_with
from kg.rdf.points import Point
from kg.rdf.vocabulary import CD, WGS84
from kg.reconciliation.description import ThingDescription
from kg.reconciliation.places import NEARBY_KM

_REMEMBERED = 4_096
"""Names whose things are remembered: a row asks for those of each of its names several times."""
PLACE_KINDS = frozenset(("city", "country", "district", "nation", "polity", "region"))
COUNTRY_KINDS = frozenset(("country", "nation"))
BODY_KINDS = tuple(PLACE_KINDS - COUNTRY_KINDS)
_AREA_KINDS = COUNTRY_KINDS | {"region"}
"""Kinds that are too large for a position in a table to say which is meant."""


class KnownThings:
    """The things of a graph and those that one import makes: looked up by name, identifier and place, and cached."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.store = names.store
        self._new: dict[str, frozenset[Identifier]] = {}
        self._new_by_identifier: dict[Identifier, set[str]] = defaultdict(set)
        self._countries: dict[str, frozenset[str]] = {}
        self._points: dict[str, Point | None] = {}
        self._codes: dict[str, str] = {}
        self._iris: dict[str, str] = {}
        self._called = lru_cache(_REMEMBERED)(self._look_up)

    def is_new(self, thing: str) -> bool:
        """Return True for a thing that the import makes."""
        return thing in self._new

    def add(self, thing: str, identifiers: Iterable[Identifier], country: str, point: Point | None) -> None:
        """Remember a new thing with its identifiers, its country and its position."""
        self._points[thing] = point
        self._new[thing] = frozenset(identifiers)
        for one in self._new[thing]:
            self._new_by_identifier[one].add(thing)
        self._countries[thing] = frozenset({country} if country else ())

    def things_with(self, one: Identifier) -> set[str]:
        """Return the things with an identifier, of the graph or new in the import."""
        there = {
            iri for iri in self.names.with_identifier(one) if iri.startswith(ns.ID) and not self.names.is_withdrawn(iri)
        }
        return there | self._new_by_identifier.get(one, set())

    def find_by_identifiers(self, identifiers: Iterable[Identifier]) -> str:
        """Return the IRI of a thing with one of some identifiers, empty if there is none."""
        return min((thing for one in identifiers for thing in self.things_with(one)), default="")

    def other_identifier(self, thing: str, one: Identifier) -> Identifier | None:
        """Return another identifier that a thing has from the same authority, None if it has none or the same."""
        known = self._new.get(thing) or self.names.identifiers_of(thing)
        theirs = {other for other in known if other.authority == one.authority is not None}
        return min(theirs) if theirs and one not in theirs else None

    def is_of(self, thing: str, kinds: Collection[str]) -> bool:
        """Return True if a thing is of one of some kinds, by its IRI or, of a polity, by what a source states."""
        return ns.kind_of(thing) in kinds or kind_of_thing(self.store, thing) in kinds

    def has_name(self, thing: str, name: str) -> bool:
        """Return True if a thing has a name, as one of possibly several."""
        return bool(self.names.resolve(name, lambda found: found.value == thing).things)

    def all_called(self, description: ThingDescription) -> set[str]:
        """Return the things that have a name of a row in any way."""
        return {thing.value for name in description.names for thing in self._called(name, description.kinds)[0]}

    def by_label(self, description: ThingDescription) -> set[str]:
        """Return the things with a name of a row as their label; if there are none, those with it as another name."""
        return {thing.value for name in description.names for thing in self._called(name, description.kinds)[1]}

    def _look_up(self, name: str, kinds: tuple[str, ...]) -> tuple[list[NamedNode], list[NamedNode]]:
        """Return the things with a name in any way, and those with it as their label; all of them if there are none."""
        found = self.names.resolve(name, lambda thing: self.is_of(thing.value, kinds))
        return found.things, found.prefer(lambda one: one.how == "label").things

    def things_at(self, place: Place, names: Iterable[str] = ()) -> list[str]:
        """Return the things of the graph that are a place of the gazetteer; several if the graph has doubles of it.

        They have its identifier; else they have its own name or one of some others, lie in its country within 20 km of
        it, and have no other identifier of GeoNames.
        """
        identifier = Identifier("GeoNames", str(place.geonames))
        if known := self.things_with(identifier):
            return sorted(known)
        land = find_country(place.country)
        country = self.country_iri(land) if land is not None else ""
        return sorted(
            thing
            for thing in self.all_called(ThingDescription((), (place.name, *names), "", BODY_KINDS))
            if country in self.countries(thing)
            and (there := self.point(thing)) is not None
            and there.kilometres_to(place.point) <= NEARBY_KM
            and not self.other_identifier(thing, identifier)
        )

    def point(self, thing: str) -> Point | None:
        """Return the position of a thing in the graph or new in the import, None if it is not known or too large."""
        if thing not in self._points:
            degrees = [
                number.value
                for predicate in (WGS84.lat, WGS84.long)
                for number in literals_of(self.store, NamedNode(thing), predicate)
            ]
            is_one = len(degrees) == 2 and ns.kind_of(thing) not in _AREA_KINDS
            self._points[thing] = Point.parse(*degrees) if is_one else None
        return self._points[thing]

    def countries(self, thing: str) -> frozenset[str]:
        """Return the IRIs of what a thing lies in, and its own if it has the code of a country; empty if unknown."""
        if (found := self._countries.get(thing)) is None:
            around = closure(self.store, NamedNode(thing), CD.within)
            seen = {one.value for one in around if isinstance(one, NamedNode)}
            coded = any(match(self.store, NamedNode(thing), CD.isoAlpha2, None, DefaultGraph()))
            found = self._countries[thing] = frozenset(seen if coded else seen - {thing})
        return found

    def is_open(self, thing: str, country: str) -> bool:
        """Return True if the graph leaves open whether a thing lies in a country.

        Either it does not say where the thing lies; or the country is a nation, such as Scotland, and the thing is
        known to lie in the state of that nation, but in none of its nations.
        """
        there = self.countries(thing) - {thing}
        if not there or ns.kind_of(country) != "nation" or any(ns.kind_of(one) == "nation" for one in there):
            return not there
        return not there.isdisjoint(self.countries(country))

    def country_iri(self, land: Country) -> str:
        """Return the IRI of a country: that of the thing with its code in the graph, or the one that it would get."""
        if (found := self._iris.get(land.alpha2)) is None:
            having = nodes_with(self.store, CD.isoAlpha2, Literal(land.alpha2))
            found = self._iris[land.alpha2] = next((one.value for one in having), land.iri)
        return found

    def find_country(self, text: str) -> str:
        """Return the IRI of the country with an ISO code or name; empty if there is none, or several.

        It may be a country that the graph does not have, or a nation that it has as a part of one, such as Scotland,
        also with its state: Scotland, United Kingdom.
        """
        if (land := find_country(text)) is not None:
            return self.country_iri(land)
        of_state = find_subdivision(text)
        for name in (text, *((of_state.name,) if of_state else ())):
            if fitting := self.names.resolve(name, self._is_country).only_match:
                return fitting.value
        lands = [self.find_country(part) for part in text.split(",")] if "," in text else []
        within = (land for land in lands if land and {*lands} <= {land, *self.countries(land)})
        return next(within, "")

    @staticmethod
    def _is_country(thing: NamedNode) -> bool:
        return ns.kind_of(thing.value) in COUNTRY_KINDS

    def similar_country(self, text: str) -> list[str]:
        """Return the country or nation with the name most similar to a text, as a list of at most one IRI."""
        return [thing.value for thing in self.names.near(text, COUNTRY_KINDS).things[:1]]

    def code(self, country: str) -> str:
        """Return the ISO 3166-1 code of a country or of the state that a nation lies in, empty if it is not known."""
        if country not in self._codes:
            around = (country, *sorted(self.countries(country))) if country else ()
            codes = (code for one in around for code in literals_of(self.store, NamedNode(one), CD.isoAlpha2, None))
            stated = (code.value for code in codes)
            of_iso = (land.alpha2 for land in countries() if land.iri == country)
            self._codes[country] = next(chain(stated, of_iso), "")
        return self._codes[country]

    def in_words(self, things: Iterable[str]) -> str:
        """Return the names of the first of some things, and how many more there are."""
        return self.names.in_words([NamedNode(thing) for thing in sorted(things)])

    def display_name(self, thing: str) -> str:
        """Return a thing in words, as `Names.display_name` does."""
        return self.names.display_name(NamedNode(thing))
