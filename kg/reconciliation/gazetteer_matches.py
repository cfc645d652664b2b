"""What the gazetteer adds to a match: it decides between namesakes, also with those that the graph does not know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pyoxigraph import NamedNode

from kg.errors import shorten
from kg.gazetteer import Gazetteer, Place
from kg.names import Identifier, Names, plain
from kg.names.countries import Country, find_country, subdivision_of
from kg.rdf import namespaces as ns
from kg.rdf.labels import english_label
from kg.reconciliation.additions import SAY_WHICH, in_parts, unproven_addition
from kg.reconciliation.description import Ground, Match, ThingDescription
from kg.reconciliation.known_things import KnownThings
from kg.reconciliation.places import IN_COUNTRY_KM, PlaceFinder, PlacesFound, dwarfs, is_exchanged
from kg.reconciliation.reasons import reason

_KINDS = frozenset(("city", "district", "polity"))
"""Kinds of things that a populated place may be."""
EXCHANGED = "Latitude and longitude seem to be exchanged."
CORRECT = "Correct the position, leave it empty, or say under decisions in the mapping what is meant."
_DWARFS_IF_KNOWN = 10
"""How many times as populous as all its namesakes a place must be to be meant, if the graph knows it alone."""


class GazetteerMatches:
    """Matches descriptions with the help of a gazetteer."""

    def __init__(self, known: KnownThings, gazetteer: Gazetteer) -> None:
        self._known = known
        self._gazetteer = gazetteer
        self._finder = PlaceFinder(gazetteer)

    def landmark(self, place: Place) -> str:
        """Return the name of the largest place about another that is larger, empty if there is none."""
        found = self._gazetteer.landmark(place)
        return found.name if found is not None else ""

    def match(self, description: ThingDescription, found: Match | None) -> Match | None:
        """Return the match of a description that the graph alone has matched as `found`, None for not at all.

        Identifiers, a position and an addition that the graph has decided by stay decided.
        """
        if _KINDS.isdisjoint(description.kinds):
            return found
        code = self._known.code(description.country)
        return self._by_place(description, found, code) or self._outside(description, code)

    def _by_place(self, description: ThingDescription, found: Match | None, code: str) -> Match | None:
        is_decided = (
            found is not None and found.outcome == "known" and not {"name", "country"}.issuperset(found.grounds)
        )
        is_other = (
            found is not None
            and found.thing
            and ns.kind_of(found.thing) not in _KINDS
            and not (found.grounds == ("name",) and self._is_shared(found.thing, description))
        )
        if description.identifiers or is_decided or is_other or (description.country and not code):
            return found
        places, described = self._find(description, code)
        if places.place is not None:
            return self._one(described, found, places.place, self._grounds(described, places))
        if places.several:
            return self._several(described, found, places.several)
        return self._far(described, found, places.far) if places.far and code else found

    def names(self, name: str, place: Place) -> bool:
        """Return True if a place has a name."""
        return self._finder.names(name, place)

    def is_city_outside(self, name: str, code: str) -> bool:
        """Return True if a name is that of a large city outside a country (ISO 3166-1)."""
        return self._finder.is_city_outside(name, code)

    def resembling(self, description: ThingDescription) -> tuple[Place, ...]:
        """Return places that a misspelt name may mean in the country of its row, and the graph does not have."""
        code = self._known.code(description.country)
        if not code or not description.names or _KINDS.isdisjoint(description.kinds):
            return ()
        found = self._finder.resembling(description.names[0], code)
        return tuple(place for place in found if not self._things_of(place, description))

    def by_identifier(self, one: Identifier) -> Match | None:
        """Return the match of a number of GeoNames that a decision names, as a new thing; None for an unknown one."""
        place = self._finder.place(int(one.name))
        return Match("new", place=place, grounds=("decision", "gazetteer")) if place is not None else None

    def _find(self, description: ThingDescription, code: str) -> tuple[PlacesFound, ThingDescription]:
        """Return what is found by the names of a row, or else by them without what they add."""
        region = ""
        if ns.kind_of(description.country) == "nation":
            nation = english_label(self._known.names.store, NamedNode(description.country)) or ""
            part = subdivision_of(code, nation)
            region = part.code.partition("-")[2] if part is not None else ""
        found = self._finder.find(description, code, region)
        if found != PlacesFound() or (parted := in_parts(description)) is None:
            return found, description
        lands = [] if code else [(text, land) for text in parted.additions if (land := _added_country(text))]
        for text, land in lands:
            left = tuple(one for one in parted.additions if one != text)
            found = self._finder.find(replace(parted, additions=left), land.alpha2)
            if found.place is not None:
                return replace(found, is_added=True), parted
        return self._finder.find(parted, code, region), parted

    def _outside(self, description: ThingDescription, code: str) -> Match | None:
        """Return the doubt about something unknown whose position is not in its country; None if it may be there."""
        point = description.point
        land = find_country(code)
        if point is None or land is None or self._finder.is_in_country(point, code):
            return None
        hint = "Correct the position or the country, or say new under decisions in the mapping if both are right."
        if point.exchanged is not None and self._finder.is_in_country(point.exchanged, code):
            hint = f"{EXCHANGED} {hint}"
        why = reason(
            "The position in the row is more than {kilometres} km away from any place of {country}.",
            hint,
            kilometres=f"{IN_COUNTRY_KM:,.0f}",
            country=land.name,
        )
        return Match("ambiguous", why=why)

    @staticmethod
    def _grounds(description: ThingDescription, places: PlacesFound) -> tuple[Ground, ...]:
        country: tuple[Ground, ...] = ("country",) if description.country else ()
        position: tuple[Ground, ...] = ("position",) if description.point is not None else ()
        addition: tuple[Ground, ...] = ("addition",) if places.is_added else ()
        return ("name", *country, *position, *addition, "gazetteer")

    def _one(
        self, description: ThingDescription, found: Match | None, place: Place, grounds: tuple[Ground, ...]
    ) -> Match:
        """Return the match of a row that means a place: with the thing of the graph that it is, or as a new one."""
        things = self._things_of(place, description)
        candidates = () if found is None else (found.thing,) if found.thing else found.candidates
        if len(things) == 1 and (found is None or found.outcome != "known" or found.thing == things[0]):
            note = found.why if found is not None and found.outcome == "known" else None
            return Match("known", things[0], (), note, grounds, place)
        if not things and (found is None or (found.outcome != "known" and not self._unplaced(candidates))):
            return Match("new", grounds=grounds, place=place, is_in_part=bool(description.additions))
        both = tuple(dict.fromkeys((*candidates, *things)))
        why = reason(
            "{name!r} may be {thing}, or {place} of the gazetteer.",
            SAY_WHICH,
            name=shorten(description.names[0]),
            thing=self._list(both),
            place=in_words([place]),
        )
        return Match("ambiguous", "", both[: Names.MOST_LISTED], why, places=() if things else (place,))

    def _is_shared(self, thing: str, description: ThingDescription) -> bool:
        """Return True if a name alone may mean a region, or a nation by a less usual name, but a place as well."""
        kind, label = ns.kind_of(thing), english_label(self._known.names.store, NamedNode(thing))
        is_usual = any(label is not None and plain(name) == plain(label) for name in description.names)
        is_doubtful = kind == "region" or (kind == "nation" and not is_usual)
        return is_doubtful and self._finder.is_own_name(description.names)

    def _several(self, description: ThingDescription, found: Match | None, places: Sequence[Place]) -> Match:
        """Return the doubt about a name that several places have, and perhaps a thing of the graph."""
        known = {place: self._things_of(place, description) for place in places}
        there = () if found is None else (found.thing,) if found.thing else found.candidates
        things = tuple(dict.fromkeys((*there, *(one for some in known.values() for one in some))))
        others = [place for place in places if not known[place]][: Names.MOST_LISTED]
        first = max(places, key=lambda one: one.population)
        if found is not None and known[first] == [found.thing] and dwarfs(first, places, _DWARFS_IF_KNOWN):
            return replace(found, grounds=(*found.grounds, "gazetteer"), place=first)
        if len(places) == 1:
            why = unproven_addition(description, in_words(places))
            return Match("ambiguous", "", things[: Names.MOST_LISTED], why, places=tuple(others))
        why = reason(
            "{name!r} names {count} places of the gazetteer: {places}.",
            "Say which, by a position, a region, an identifier, or under decisions in the mapping.",
            name=shorten(description.names[0]),
            count=len(places),
            places=in_words(places),
        )
        return Match("ambiguous", "", things[: Names.MOST_LISTED], why, places=tuple(others))

    def _far(self, description: ThingDescription, found: Match | None, places: Sequence[Place]) -> Match | None:
        """Return the doubt about a name whose places in the country all lie far from the position of the row."""
        if found is not None and found.outcome != "known":
            return found
        assert description.point is not None
        latitude, longitude = map(float, description.point)
        hint = f"{EXCHANGED} {CORRECT}" if is_exchanged(places, description.point) else CORRECT
        why = reason(
            "The position in the row is {kilometres} km away from the nearest {name!r} of that country.",
            hint,
            kilometres=f"{places[0].kilometres_to(latitude, longitude):,.0f}",
            name=shorten(description.names[0]),
        )
        candidates = (found.thing,) if found is not None else ()
        return Match("ambiguous", "", candidates, why, places=tuple(places[: Names.MOST_LISTED]))

    def _things_of(self, place: Place, description: ThingDescription) -> list[str]:
        """Return the things that a place is; or else those of its name in its country that the graph does not place.

        Of a name that means that place in the whole world, it is also what the graph knows in no country.
        """
        there = self._known.things_at(place, description.names)
        if fitting := [thing for thing in there if ns.kind_of(thing) in description.kinds]:
            return fitting
        return sorted(thing for thing in self._known.all_called(description) if self._may_be(thing, place, description))

    def _may_be(self, thing: str, place: Place, description: ThingDescription) -> bool:
        if ns.kind_of(thing) not in _KINDS or self._known.point(thing) is not None:
            return False
        lands = self._known.countries(thing)
        if not lands:
            return self._finder.is_alone(description.names, place)
        return any(self._known.code(land) == place.country for land in lands)

    def _unplaced(self, things: Iterable[str]) -> bool:
        """Return True if the graph does not say of any of some things where it lies."""
        return any(self._known.point(thing) is None and not self._known.countries(thing) for thing in things)

    def _list(self, things: Iterable[str]) -> str:
        return "; ".join(self._known.names.display_name(NamedNode(thing)) for thing in things)


def _added_country(text: str) -> Country | None:
    """Return the country that a name adds, as in Coventry, UK; None for what may be a State: Georgia, CA."""
    return None if subdivision_of("US", text) is not None else find_country(text)


def in_words(places: Sequence[Place]) -> str:
    """Return some places in words: name, region, country and number of each."""
    listed = [f"{place.in_words[:-1]}; geonames:{place.geonames})" for place in places[: Names.MOST_LISTED]]
    return "; ".join(listed) + (
        f"; and {len(places) - Names.MOST_LISTED} more" if len(places) > Names.MOST_LISTED else ""
    )
