"""Match rows to things of the graph: by identifier, then by name with kind, country, position and what the name adds.

Nothing is guessed. A thing is matched if it alone fits and nothing contradicts it; if several fit, or the table and the
graph contradict each other, all candidates are listed. Each match says on what grounds it was made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, islice
from typing import ClassVar

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kg.errors import shorten
from kg.gazetteer import Gazetteer, Place
from kg.names import Identifier, Names
from kg.names.countries import Country, countries, find_country, find_subdivision, subdivision_of
from kg.nearest import did_you_mean
from kg.rdf import namespaces as ns
from kg.rdf.kinds import kind_of_thing
from kg.rdf.labels import english_label
from kg.rdf.lookup import closure, match
from kg.rdf.points import Point
from kg.rdf.vocabulary import CD, WGS84
from kg.reconciliation.additions import in_parts, unproven_addition, without_additions
from kg.reconciliation.description import Ground, Match, ThingDescription
from kg.reconciliation.gazetteer_matches import CORRECT, EXCHANGED, MOST_LISTED, GazetteerMatches
from kg.reconciliation.places import MUCH_NEARER, NEARBY_KM
from kg.reconciliation.reasons import Reason, reason, refused_kind

_MOST_NEAR = 3
_REMEMBERED = 4_096
"""Names whose things are remembered: a row asks for those of each of its names several times."""
_PLACE_KINDS = frozenset(("city", "country", "district", "nation", "polity", "region"))
_COUNTRY_KINDS = frozenset(("country", "nation"))
_BODY_KINDS = tuple(_PLACE_KINDS - _COUNTRY_KINDS)
_AREA_KINDS = _COUNTRY_KINDS | {"region"}
"""Kinds that are too large for a position in a table to say which is meant."""


class Reconciler:
    """Matches descriptions to the things of a graph.

    It serves one import, whose new things it remembers.
    """

    NEARBY_KM: ClassVar = NEARBY_KM

    def __init__(self, names: Names, gazetteer: Gazetteer | None = None) -> None:
        """Use the names of a graph, and a gazetteer if there is one."""
        self.names = names
        self._gazetteer = GazetteerMatches(self, gazetteer) if gazetteer is not None else None
        self._store = names.store
        self._countries: dict[str, frozenset[str]] = {}
        self._new: dict[str, frozenset[Identifier]] = {}
        self._new_by_identifier: dict[Identifier, set[str]] = defaultdict(set)
        self._near: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        self._points: dict[str, Point | None] = {}
        self._codes: dict[str, str] = {}
        self._iris: dict[str, str] = {}
        self._called = lru_cache(_REMEMBERED)(self._look_up)

    def things_with(self, one: Identifier) -> set[str]:
        """Return the things with an identifier, of the graph or new in the import."""
        there = {
            iri for iri in self.names.with_identifier(one) if iri.startswith(ns.ID) and not self.names.is_withdrawn(iri)
        }
        return there | self._new_by_identifier.get(one, set())

    def find_by_identifiers(self, identifiers: Iterable[Identifier]) -> str:
        """Return the IRI of a thing with one of some identifiers, empty if there is none."""
        return min((thing for one in identifiers for thing in self.things_with(one)), default="")

    def is_of(self, thing: str, kinds: Collection[str]) -> bool:
        """Return True if a thing is of one of some kinds, by its IRI or, of a polity, by what a source states."""
        return ns.kind_of(thing) in kinds or kind_of_thing(self._store, thing) in kinds

    @staticmethod
    def _is_country(thing: NamedNode) -> bool:
        return ns.kind_of(thing.value) in _COUNTRY_KINDS

    def similar_country(self, text: str) -> list[str]:
        """Return the country or nation with the name most similar to a text, as a list of at most one IRI."""
        return [thing.value for thing in self.names.near(text, _COUNTRY_KINDS).things[:1]]

    def country_iri(self, land: Country) -> str:
        """Return the IRI of a country: that of the thing with its code in the graph, or the one that it would get."""
        if (found := self._iris.get(land.alpha2)) is None:
            having = match(self._store, None, CD.isoAlpha2, Literal(land.alpha2), DefaultGraph())
            subjects = (quad.subject.value for quad in having if isinstance(quad.subject, NamedNode))
            found = self._iris[land.alpha2] = next(subjects, land.iri)
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

    def is_known_outside(self, name: str, land: Country) -> bool:
        """Return True if a name is that of something outside a country: in the graph, or a city of the gazetteer."""
        country = self.country_iri(land)
        called = self.all_called(ThingDescription((), (name,), "", _BODY_KINDS))
        if any(country not in lands for thing in called if (lands := self.countries(thing))):
            return True
        return self._gazetteer is not None and self._gazetteer.is_city_outside(name, land.alpha2)

    def find(self, description: ThingDescription) -> Match | None:
        """Return the match of a description: known, ambiguous or refused; None if nothing fits it."""
        if (found := self._by_identifier(description)) is not None:
            return found
        found = self._by_name(description) or self._by_addition(description) or self._by_country_name(description)
        return found if self._gazetteer is None else self._gazetteer.match(description, found)

    def find_by_geonames(self, number: str, kinds: Collection[str]) -> Match | None:
        """Return the match of a number of GeoNames: what has it, or the place of the gazetteer; None for neither."""
        one = Identifier("GeoNames", number)
        things = sorted(thing for thing in self.things_with(one) if self.is_of(thing, kinds))
        if len(things) == 1:
            return Match("known", things[0], grounds=("decision",))
        return self._gazetteer.by_identifier(one) if self._gazetteer is not None else None

    @staticmethod
    def bare_name(name: str) -> str:
        """Return a name without what it adds in brackets, behind a comma or a slash."""
        parted = without_additions(name)
        return parted.name if parted is not None else name

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
            for thing in self.all_called(ThingDescription((), (place.name, *names), "", _BODY_KINDS))
            if country in self.countries(thing)
            and (there := self.point(thing)) is not None
            and there.kilometres_to(place.point) <= NEARBY_KM
            and not self._other_identifier(thing, identifier)
        )

    def possible(self, description: ThingDescription) -> frozenset[str]:
        """Return the things that a description without identifiers may mean: nothing denies those of its name."""
        if description.identifiers:
            return frozenset()
        possible = self._undenied(description, self.all_called(description))
        if not possible and (parted := self._in_parts(description)) is not None:
            possible = self._undenied(parted, self.all_called(parted))
        return frozenset(possible)

    def by_pair(self, thing: str) -> Match:
        """Return the match of a thing that the graph joins with the other thing of a row."""
        return Match("known", thing, grounds=("name", "pair"))

    def similar_name_note(self, name: str, near: Iterable[str]) -> Reason:
        """Return the note that a new thing has the same name as some things, or a similar one."""
        return reason(
            "{name!r} is new, and has the same name as {things}, or a similar one.",
            "If it is the same, give the identifier that the graph has, or say so under decisions in the mapping.",
            name=shorten(name),
            things="; ".join(map(self._display_name, near)),
        )

    def unknown_match(self, description: ThingDescription) -> Match:
        """Return the refusal of a description that fits nothing, with things elsewhere or with similar names."""
        if elsewhere := self.elsewhere(description):
            why = reason(
                "{name!r} is not known in {country}, but elsewhere: {things}.",
                "Mend the country, or give an identifier.",
                name=shorten(description.names[0]),
                country=self._display_name(description.country),
                things=self._list(elsewhere),
            )
            return Match("refused", "", elsewhere[:MOST_LISTED], why)
        near = self.near(description, anywhere=True)
        hint = self.suggest_things(near, "Mend it, give an identifier, or let the mapping make new ones: new.")
        called = shorten(
            description.names[0]
            if description.names
            else description.identifiers[0].name
            if description.identifiers
            else ""
        )
        return Match("refused", "", near, reason("{name!r} is not known here.", hint, name=called))

    def near(self, description: ThingDescription, anywhere: bool = False) -> tuple[str, ...]:
        """Return a few things with similar names that may lie in the country of the row, or `anywhere`.

        For a place they are places of any kind, since the graph does not say of many bodies whether they are cities.
        """
        kinds = (
            description.kinds
            if _PLACE_KINDS.isdisjoint(description.kinds)
            else tuple(sorted(_PLACE_KINDS.union(description.kinds)))
        )
        called = dict.fromkeys(thing for name in description.names for thing in self._similar(name, kinds))
        fitting = (
            thing for thing in called if anywhere or self._may_lie_in(thing, description.country, if_unknown=True)
        )
        return tuple(islice(fitting, _MOST_NEAR))

    def _similar(self, name: str, kinds: tuple[str, ...]) -> list[str]:
        if (found := self._near.get((name, kinds))) is None:
            found = self._near[name, kinds] = [thing.value for thing in self.names.near(name, kinds).things]
        return found

    def suggest_things(self, near: Sequence[str], hint: str) -> str:
        """Return a hint that begins with similar things, if there are any."""
        return did_you_mean("; ".join(map(self._display_name, near)), hint)

    def elsewhere(self, description: ThingDescription) -> tuple[str, ...]:
        """Return the things that have a name of the row and do not lie in its country."""
        found = {thing.value for name in description.names for thing in self._find_by_name(name, description.kinds)}
        return tuple(sorted(thing for thing in found if not self._may_lie_in(thing, description.country)))

    def _by_identifier(self, description: ThingDescription) -> Match | None:
        owners = {thing for one in description.identifiers for thing in self.things_with(one)}
        if not owners:
            return None
        listed_identifiers = ", ".join(one.name for one in description.identifiers)
        fitting = sorted(thing for thing in owners if self.is_of(thing, description.kinds))
        if not fitting:
            return Match("refused", why=refused_kind(description.kinds, listed_identifiers, self._list(owners)))
        if len(fitting) > 1:
            return self._ambiguous(
                reason("{identifier} identify several things.", self._choice(fitting), identifier=listed_identifiers),
                fitting,
            )
        thing = fitting[0]
        for one in description.identifiers:
            if other := self._other_identifier(thing, one):
                return self._identifier_conflict(thing, one, other)
        if (
            description.country
            and description.country not in self.countries(thing)
            and not self.is_open(thing, description.country)
        ):
            called = {
                found.value for name in description.names for found in self._find_by_name(name, description.kinds)
            }
            there = sorted(one for one in called if self._may_lie_in(one, description.country))
            hint = "Mend the identifier or the country; or say under decisions in the mapping what is meant."
            why = reason(
                "{identifier} identifies {thing}, which does not lie in {country}.",
                self.suggest_things(there, hint),
                identifier=listed_identifiers,
                thing=self._display_name(thing),
                country=self._display_name(description.country),
            )
            return self._ambiguous(why, [thing, *there])
        known = Match("known", thing, grounds=("identifier",))
        return self._name_conflict(description, thing, listed_identifiers) or known

    def _name_conflict(self, description: ThingDescription, thing: str, listed_identifiers: str) -> Match | None:
        """Return the conflict if a row gives the identifier of one thing and the name of another.

        A thing that is new in the import may have the name of another one.
        """
        called = {found.value for name in description.names for found in self._find_by_name(name, description.kinds)}
        others = sorted(one for one in called if self._may_lie_in(one, description.country))
        if not others or thing in self._new or any(self._has_name(thing, name) for name in description.names):
            return None
        why = reason(
            "{identifier} identifies {thing}, but {name!r} is a name of {other}.",
            "See whether identifier and name are of the same row; or say under decisions in the mapping what is meant.",
            identifier=listed_identifiers,
            thing=self._display_name(thing),
            name=shorten(description.names[0]),
            other=self._list(others),
        )
        return self._ambiguous(why, [thing, *others])

    def _by_name(self, description: ThingDescription) -> Match | None:
        found = sorted(
            {thing.value for name in description.names for thing in self._find_by_name(name, description.kinds)}
        )
        near = [thing for thing in found if self._may_lie_in(thing, description.country)]
        others = [
            (thing, other)
            for thing in near
            for one in description.identifiers
            if (other := self._other_identifier(thing, one))
        ]
        if description.country and others:
            return self._identifier_conflict(
                others[0][0], self._same_authority(description, others[0][1]), others[0][1]
            )
        if placed := self._by_position(description):
            return placed
        denied = {*dict(others), *self._distant(description, found)}
        open_to_all = [*near, *(one for one in found if description.country and self.is_open(one, description.country))]
        left = [one for one in open_to_all if one not in denied and not self._is_elsewhere(one, description)]
        if description.additions and left:
            if added := [thing for thing in left if self._is_as_added(thing, description)]:
                return self._by_what_fits(description, added, [])
            return self._ambiguous(unproven_addition(description, self._list(left)), left)
        fitting = [thing for thing in left if thing in near]
        unplaced = [thing for thing in left if thing not in near]
        return self._by_what_fits(description, fitting, unplaced) or self._too_far(description, near)

    def _by_what_fits(self, description: ThingDescription, fitting: list[str], unplaced: list[str]) -> Match | None:
        """Return the match of what fits a row, or else of things of which the graph does not say where they lie."""
        shown = shorten(description.names[0]) if description.names else ""
        if len(fitting) > 1:
            why = reason("{name!r} names {count} things.", self._choice(fitting), name=shown, count=len(fitting))
            return self._ambiguous(why, fitting)
        if not fitting:
            return self._doubtful(description, unplaced) if unplaced else None
        if description.identifiers and not description.country and ns.kind_of(fitting[0]) in _PLACE_KINDS:
            return self._doubtful(description, fitting)
        return self._known_match(description, fitting[0])

    def _by_position(self, description: ThingDescription) -> Match | None:
        """Return the match of the one thing of a name that lies where the row says; ambiguous for several."""
        close = self._undenied(description, self.all_called(description))
        by_distance = sorted((km, thing) for thing in close if (km := self._kilometres(thing, description)) is not None)
        if not by_distance:
            return None
        if len(by_distance) == 1 or by_distance[1][0] > max(MUCH_NEARER * by_distance[0][0], NEARBY_KM / 4):
            return self._known_match(description, by_distance[0][1])
        listed = [thing for _, thing in by_distance]
        why = reason(
            "{name!r} names {count} things near the position in the row.",
            self._choice(listed),
            name=shorten(description.names[0]),
            count=len(listed),
        )
        return self._ambiguous(why, listed)

    def _by_addition(self, description: ThingDescription) -> Match | None:
        """Return the match of the name without what it adds, if that is shown to be right."""
        parted = self._in_parts(description)
        return self._by_name(parted) if parted is not None else None

    def _in_parts(self, description: ThingDescription) -> ThingDescription | None:
        """Return a description by names without additions; None if no name has any. An addition may be the country."""
        parted = in_parts(description)
        if parted is None or parted.country:
            return parted
        return replace(parted, country=next(filter(None, map(self.find_country, parted.additions)), ""))

    def all_called(self, description: ThingDescription) -> set[str]:
        """Return the things that have a name of a row in any way."""
        return {thing.value for name in description.names for thing in self._called(name, description.kinds)[0]}

    def _undenied(self, description: ThingDescription, things: Iterable[str]) -> list[str]:
        """Return those of some things that neither country, position, addition nor an identifier of a row denies."""
        distant = self._distant(description, things)
        return [
            thing
            for thing in sorted(things)
            if thing not in distant
            and self._may_lie_in(thing, description.country, if_unknown=True)
            and not self._is_elsewhere(thing, description)
            and not any(self._other_identifier(thing, one) for one in description.identifiers)
        ]

    def point(self, thing: str) -> Point | None:
        """Return the position of a thing in the graph or new in the import, None if it is not known or too large."""
        if thing not in self._points:
            degrees = [
                quad.object.value
                for predicate in (WGS84.lat, WGS84.long)
                for quad in match(self._store, NamedNode(thing), predicate, None, DefaultGraph())
                if isinstance(quad.object, Literal)
            ]
            is_one = len(degrees) == 2 and ns.kind_of(thing) not in _AREA_KINDS
            self._points[thing] = Point.parse(*degrees) if is_one else None
        return self._points[thing]

    def _kilometres(self, thing: str, description: ThingDescription) -> float | None:
        """Return how far a thing lies from the position of a row, None if either is not known."""
        there = self.point(thing) if description.point is not None else None
        return there.kilometres_to(description.point) if there is not None and description.point is not None else None

    def _distant(self, description: ThingDescription, things: Iterable[str]) -> set[str]:
        """Return those of some things that do not lie near the position of a row."""
        return {thing for thing in things if (self._kilometres(thing, description) or 0) > NEARBY_KM}

    def _too_far(self, description: ThingDescription, near: Sequence[str]) -> Match | None:
        """Return the doubt about things that have the name and lie in the country, but far from the row's position."""
        far = sorted((km, thing) for thing in near if (km := self._kilometres(thing, description)) is not None)
        if not far or description.point is None:
            return None
        exchanged, there = description.point.exchanged, self.point(far[0][1])
        is_exchanged = exchanged is not None and there is not None and there.kilometres_to(exchanged) <= NEARBY_KM
        why = reason(
            "{name!r} may be {thing}, but the position in the row is {kilometres} km away from it.",
            f"{EXCHANGED} {CORRECT}" if is_exchanged else CORRECT,
            name=shorten(description.names[0]),
            thing=self._display_name(far[0][1]),
            kilometres=f"{far[0][0]:,.0f}",
        )
        return self._ambiguous(why, [thing for _, thing in far])

    def _is_as_added(self, thing: str, description: ThingDescription) -> bool:
        """Return True if a thing lies in what the name of a row adds, or has that as another name."""
        around = self.countries(thing) - {thing}
        return any(
            self._has_name(thing, name) or any(self._has_name(one, name) for one in around)
            for name in self._readings(description)
        )

    def _is_elsewhere(self, thing: str, description: ThingDescription) -> bool:
        """Return True if the name of a row adds a country in which a thing does not lie."""
        lands = {land for one in description.additions if (land := self._added_country(one, description))}
        return bool(lands) and not any(self._may_lie_in(thing, land, if_unknown=True) for land in lands)

    def _added_country(self, addition: str, description: ThingDescription) -> str:
        """Return the country that an addition names, empty for none: Georgia may be a state of the row's country."""
        code = self.code(description.country)
        return "" if code and subdivision_of(code, addition) else self.find_country(addition)

    def _readings(self, description: ThingDescription) -> list[str]:
        """Return the additions of a name, and the names of the subdivisions whose codes they are, such as OR."""
        code = self.code(description.country)
        parts = (subdivision_of(code, one) for one in description.additions) if code else ()
        return [*description.additions, *(part.name for part in parts if part is not None)]

    def code(self, country: str) -> str:
        """Return the ISO 3166-1 code of a country or of the state that a nation lies in, empty if it is not known."""
        if country not in self._codes:
            around = (country, *sorted(self.countries(country))) if country else ()
            quads = (quad for land in around for quad in match(self._store, NamedNode(land), CD.isoAlpha2))
            stated = (quad.object.value for quad in quads if isinstance(quad.object, Literal))
            of_iso = (land.alpha2 for land in countries() if land.iri == country)
            self._codes[country] = next(chain(stated, of_iso), "")
        return self._codes[country]

    def _known_match(self, description: ThingDescription, thing: str) -> Match:
        """Return the match of a thing by its name, with a note if another place has that name with an addition."""
        grounds = tuple(self._grounds(description, thing))
        if ns.kind_of(thing) not in _PLACE_KINDS:
            return Match("known", thing, grounds=grounds)
        called = {other for name in description.names for other in self.names.with_addition(name)} - {thing}
        places = sorted(other for other in called if ns.kind_of(other) in _PLACE_KINDS)
        others = [
            other
            for other in self._undenied(description, places)
            if "position" not in grounds and "addition" not in grounds
        ]
        return Match("known", thing, (), self._namesake_note(description.names[0], thing, others), grounds)

    def _namesake_note(self, name: str, thing: str, others: Sequence[str]) -> Reason | None:
        """Return the note that a name was matched to a thing, if others have it with an addition."""
        if not others:
            return None
        return reason(
            "{name!r} was matched to {thing}, but may also mean {others}.",
            "If that is meant, give its identifier, or say so under decisions in the mapping.",
            name=shorten(name),
            thing=self._display_name(thing),
            others="; ".join(map(self._display_name, others)),
        )

    def _grounds(self, description: ThingDescription, thing: str) -> Iterator[Ground]:
        """Yield the grounds on which a thing is taken by its name."""
        yield "name"
        if description.country and ns.kind_of(thing) in _PLACE_KINDS and description.country in self.countries(thing):
            yield "country"
        if self._kilometres(thing, description) is not None:
            yield "position"
        if description.additions and self._is_as_added(thing, description):
            yield "addition"

    def _by_country_name(self, description: ThingDescription) -> Match | None:
        """Return the match of a row that names a country in a language in which the graph has no name for it.

        It counts as the English name, which a city may have as well. A thing in a country is not that country itself,
        unless only a country or nation fits.
        """
        for name in () if description.identifiers else description.names:
            land = find_country(name)
            thing = self.country_iri(land) if land is not None else ""
            label = english_label(self._store, NamedNode(thing)) if self.is_of(thing, description.kinds) else None
            if label is None or (description.country == thing and not _COUNTRY_KINDS.issuperset(description.kinds)):
                continue
            found = self._by_name(replace(description, names=(label,)))
            if found is not None and (found.outcome != "known" or found.thing == thing):
                return found
        return None

    def _may_lie_in(self, thing: str, country: str, if_unknown: bool = False) -> bool:
        if not country or ns.kind_of(thing) not in _PLACE_KINDS:
            return True
        return country in self.countries(thing) or (if_unknown and self.is_open(thing, country))

    def is_open(self, thing: str, country: str) -> bool:
        """Return True if the graph leaves open whether a thing lies in a country.

        Either it does not say where the thing lies; or the country is a nation, such as Scotland, and the thing is
        known to lie in the state of that nation, but in none of its nations.
        """
        there = self.countries(thing) - {thing}
        if not there or ns.kind_of(country) != "nation" or any(ns.kind_of(one) == "nation" for one in there):
            return not there
        return not there.isdisjoint(self.countries(country))

    def _find_by_name(self, name: str, kinds: tuple[str, ...]) -> list[NamedNode]:
        """Return the things with a name as their label; if there are none, those with it as another name."""
        return self._called(name, kinds)[1]

    def _look_up(self, name: str, kinds: tuple[str, ...]) -> tuple[list[NamedNode], list[NamedNode]]:
        """Return the things with a name in any way, and those with it as their label; all of them if there are none."""
        found = self.names.resolve(name, lambda thing: self.is_of(thing.value, kinds))
        return found.things, found.prefer(lambda one: one.how == "label").things

    def _has_name(self, thing: str, name: str) -> bool:
        """Return True if a thing has a name, as one of possibly several."""
        return bool(self.names.resolve(name, lambda found: found.value == thing).things)

    def countries(self, thing: str) -> frozenset[str]:
        """Return the IRIs of what a thing lies in, and its own if it has the code of a country; empty if unknown."""
        if (found := self._countries.get(thing)) is None:
            around = closure(self._store, NamedNode(thing), CD.within)
            seen = {one.value for one in around if isinstance(one, NamedNode)}
            coded = any(match(self._store, NamedNode(thing), CD.isoAlpha2, None, DefaultGraph()))
            found = self._countries[thing] = frozenset(seen if coded else seen - {thing})
        return found

    def add(self, thing: str, identifiers: Iterable[Identifier], country: str, point: Point | None) -> None:
        """Remember a new thing with its identifiers, its country and its position."""
        self._points[thing] = point
        self._new[thing] = frozenset(identifiers)
        for one in self._new[thing]:
            self._new_by_identifier[one].add(thing)
        self._countries[thing] = frozenset({country} if country else ())

    def _other_identifier(self, thing: str, one: Identifier) -> Identifier | None:
        """Return another identifier that a thing has from the same authority, None if it has none or the same."""
        known = self._new.get(thing) or self.names.identifiers_of(thing)
        theirs = {other for other in known if other.authority == one.authority is not None}
        return min(theirs) if theirs and one not in theirs else None

    @staticmethod
    def _same_authority(description: ThingDescription, other: Identifier) -> Identifier:
        return next(one for one in description.identifiers if one.authority == other.authority)

    def _identifier_conflict(self, thing: str, one: Identifier, other: Identifier) -> Match:
        hint = (
            f"If {one.name} only leads on to {other.name}, write {other.name}; or say under decisions in the mapping "
            f"what {one.name} is: {ns.compact(thing)} or new."
        )
        why = reason(
            ("{thing} is known by {other}, not by {one}: two identifiers of {authority} for one thing, or two things."),
            hint,
            thing=self._display_name(thing),
            one=one.name,
            other=other.name,
            authority=one.authority,
        )
        return self._ambiguous(why, [thing])

    def _doubtful(self, description: ThingDescription, things: list[str]) -> Match:
        name, listed = shorten(description.names[0]), self._list(things)
        country = "" if description.country else "its country, or "
        hint = f"Give {country}an identifier that the graph has; or decide it in the mapping, under decisions."
        if not description.country:
            why = reason("{name!r} may be {thing}, but only by its name.", hint, name=name, thing=listed)
            return self._ambiguous(why, things)
        why = reason(
            "{name!r} may be {thing}: the graph does not say whether that lies in {country}.",
            hint,
            name=name,
            thing=listed,
            country=self._display_name(description.country),
        )
        return self._ambiguous(why, things)

    @staticmethod
    def _ambiguous(why: Reason, things: Iterable[str]) -> Match:
        return Match("ambiguous", "", tuple(things)[:MOST_LISTED], why)

    def _choice(self, things: Iterable[str]) -> str:
        return f"Say which, by an identifier or under decisions in the mapping: {self._list(things)}."

    def _list(self, things: Iterable[str]) -> str:
        listed = sorted(things)
        more = f"; and {len(listed) - MOST_LISTED} more" if len(listed) > MOST_LISTED else ""
        return "; ".join(map(self._display_name, listed[:MOST_LISTED])) + more

    def _display_name(self, thing: str) -> str:
        return self.names.display_name(NamedNode(thing))
