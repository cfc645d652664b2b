"""Match rows to things of the graph: by identifier, then by name with kind, country, position and what the name adds.

Nothing is guessed. A thing is matched if it alone fits and nothing contradicts it; if several fit, or the table and the
graph contradict each other, all candidates are listed. Each match says on what grounds it was made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import ClassVar

from pyoxigraph import NamedNode

from kg.errors import shorten
from kg.gazetteer import Gazetteer, Place
from kg.names import Identifier, Names
from kg.names.countries import Country, find_country, subdivision_of
from kg.nearest import did_you_mean
from kg.rdf import namespaces as ns
from kg.rdf.labels import english_label
from kg.reconciliation.additions import in_parts, unproven_addition, without_additions
from kg.reconciliation.description import Ground, Match, ThingDescription
from kg.reconciliation.gazetteer_matches import CORRECT, EXCHANGED, GazetteerMatches
from kg.reconciliation.known_things import BODY_KINDS, COUNTRY_KINDS, PLACE_KINDS, KnownThings
from kg.reconciliation.places import MUCH_NEARER, NEARBY_KM
from kg.reconciliation.reasons import Reason, reason

_MOST_NEAR = 3


class Reconciler:
    """Matches descriptions to the things of a graph.

    It serves one import; `known` has the things of the graph, and remembers those that are new.
    """

    NEARBY_KM: ClassVar = NEARBY_KM

    def __init__(self, names: Names, gazetteer: Gazetteer | None = None) -> None:
        """Use the names of a graph, and a gazetteer if there is one."""
        self.known = KnownThings(names)
        self._gazetteer = GazetteerMatches(self.known, gazetteer) if gazetteer is not None else None
        self._near: dict[tuple[str, tuple[str, ...]], list[str]] = {}

    def resembling(self, description: ThingDescription) -> tuple[Place, ...]:
        """Return places of the gazetteer that a misspelt name may mean, if the graph does not have them."""
        return self._gazetteer.resembling(description) if self._gazetteer is not None else ()

    def is_known_outside(self, name: str, land: Country) -> bool:
        """Return True if a name is that of something outside a country: in the graph, or a city of the gazetteer."""
        country = self.known.country_iri(land)
        called = self.known.all_called(ThingDescription((), (name,), "", BODY_KINDS))
        if any(country not in lands for thing in called if (lands := self.known.countries(thing))):
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
        things = sorted(thing for thing in self.known.things_with(one) if self.known.is_of(thing, kinds))
        if len(things) == 1:
            return Match("known", things[0], grounds=("decision",))
        return self._gazetteer.by_identifier(one) if self._gazetteer is not None else None

    def names(self, name: str, place: Place) -> bool:
        """Return True if a place has a name in the gazetteer, as its own or another one."""
        return self._gazetteer is not None and self._gazetteer.names(name, place)

    def landmark(self, place: Place) -> str:
        """Return the name of a larger place about one of the gazetteer whose region has no name; else empty."""
        return "" if place.region_name or self._gazetteer is None else self._gazetteer.landmark(place)

    @staticmethod
    def bare_name(name: str) -> str:
        """Return a name without what it adds in brackets, behind a comma or a slash."""
        parted = without_additions(name)
        return parted.name if parted is not None else name

    def possible(self, description: ThingDescription) -> frozenset[str]:
        """Return the things that a description without identifiers may mean: nothing denies those of its name."""
        if description.identifiers:
            return frozenset()
        possible = self._undenied(description, self.known.all_called(description))
        if not possible and (parted := self._in_parts(description)) is not None:
            possible = self._undenied(parted, self.known.all_called(parted))
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
            things="; ".join(map(self.known.display_name, near)),
        )

    def unknown_match(self, description: ThingDescription) -> Match:
        """Return the refusal of a description that fits nothing, with things elsewhere or with similar names."""
        if elsewhere := self.elsewhere(description):
            why = reason(
                "{name!r} is not known in {country}, but elsewhere: {things}.",
                "Mend the country, or give an identifier.",
                name=shorten(description.names[0]),
                country=self.known.display_name(description.country),
                things=self.known.in_words(elsewhere),
            )
            return Match("refused", "", elsewhere[: Names.MOST_LISTED], why)
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
            if PLACE_KINDS.isdisjoint(description.kinds)
            else tuple(sorted(PLACE_KINDS.union(description.kinds)))
        )
        called = dict.fromkeys(thing for name in description.names for thing in self._similar(name, kinds))
        fitting = (
            thing for thing in called if anywhere or self._may_lie_in(thing, description.country, if_unknown=True)
        )
        return tuple(islice(fitting, _MOST_NEAR))

    def _similar(self, name: str, kinds: tuple[str, ...]) -> list[str]:
        if (found := self._near.get((name, kinds))) is None:
            found = self._near[name, kinds] = [thing.value for thing in self.known.names.near(name, kinds).things]
        return found

    @staticmethod
    def kind_refusal(kinds: Iterable[str], named: str, thing: str = "") -> Reason:
        """Return the reason that a name, or the thing which an identifier identifies, is not of the kinds asked for."""
        hint = f"It may be one of: {', '.join(kinds)}."
        if not thing:
            return reason("{name!r} is not allowed here.", hint, name=named)
        return reason(
            "{identifier} identifies {thing}, which is not allowed here.", hint, identifier=named, thing=thing
        )

    def suggest_things(self, near: Sequence[str], hint: str) -> str:
        """Return a hint that begins with similar things, if there are any."""
        return did_you_mean("; ".join(map(self.known.display_name, near)), hint)

    def elsewhere(self, description: ThingDescription) -> tuple[str, ...]:
        """Return the things that have a name of the row and do not lie in its country."""
        found = self.known.by_label(description)
        return tuple(sorted(thing for thing in found if not self._may_lie_in(thing, description.country)))

    def _by_identifier(self, description: ThingDescription) -> Match | None:
        owners = {thing for one in description.identifiers for thing in self.known.things_with(one)}
        if not owners:
            return None
        listed_identifiers = ", ".join(one.name for one in description.identifiers)
        fitting = sorted(thing for thing in owners if self.known.is_of(thing, description.kinds))
        if not fitting:
            why = self.kind_refusal(description.kinds, listed_identifiers, self.known.in_words(owners))
            return Match("refused", why=why)
        if len(fitting) > 1:
            return self._ambiguous(
                reason("{identifier} identify several things.", self._choice(fitting), identifier=listed_identifiers),
                fitting,
            )
        thing = fitting[0]
        for one in description.identifiers:
            if other := self.known.other_identifier(thing, one):
                return self._identifier_conflict(thing, one, other)
        if (
            description.country
            and description.country not in self.known.countries(thing)
            and not self.known.is_open(thing, description.country)
        ):
            labelled = self.known.by_label(description)
            there = sorted(one for one in labelled if self._may_lie_in(one, description.country))
            hint = "Mend the identifier or the country; or say under decisions in the mapping what is meant."
            why = reason(
                "{identifier} identifies {thing}, which does not lie in {country}.",
                self.suggest_things(there, hint),
                identifier=listed_identifiers,
                thing=self.known.display_name(thing),
                country=self.known.display_name(description.country),
            )
            return self._ambiguous(why, [thing, *there])
        known = Match("known", thing, grounds=("identifier",))
        return self._name_conflict(description, thing, listed_identifiers) or known

    def _name_conflict(self, description: ThingDescription, thing: str, listed_identifiers: str) -> Match | None:
        """Return the conflict if a row gives the identifier of one thing and the name of another.

        A thing that is new in the import may have the name of another one.
        """
        others = sorted(one for one in self.known.by_label(description) if self._may_lie_in(one, description.country))
        has_name = any(self.known.has_name(thing, name) for name in description.names)
        if not others or has_name or self.known.is_new(thing):
            return None
        why = reason(
            "{identifier} identifies {thing}, but {name!r} is a name of {other}.",
            "See whether identifier and name are of the same row; or say under decisions in the mapping what is meant.",
            identifier=listed_identifiers,
            thing=self.known.display_name(thing),
            name=shorten(description.names[0]),
            other=self.known.in_words(others),
        )
        return self._ambiguous(why, [thing, *others])

    def _by_name(self, description: ThingDescription) -> Match | None:
        found = sorted(self.known.by_label(description))
        near = [thing for thing in found if self._may_lie_in(thing, description.country)]
        others = [
            (thing, other)
            for thing in near
            for one in description.identifiers
            if (other := self.known.other_identifier(thing, one))
        ]
        if description.country and others:
            return self._identifier_conflict(
                others[0][0], self._same_authority(description, others[0][1]), others[0][1]
            )
        if placed := self._by_position(description):
            return placed
        denied = {*dict(others), *self._distant(description, found)}
        country = description.country
        open_to_all = [one for one in found if country and self.known.is_open(one, country)]
        left = [one for one in (*near, *open_to_all) if one not in denied and not self._is_elsewhere(one, description)]
        if description.additions and left:
            if added := [thing for thing in left if self._is_as_added(thing, description)]:
                return self._by_what_fits(description, added, [])
            return self._ambiguous(unproven_addition(description, self.known.in_words(left)), left)
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
        if description.identifiers and not description.country and ns.kind_of(fitting[0]) in PLACE_KINDS:
            return self._doubtful(description, fitting)
        return self._known_match(description, fitting[0])

    def _by_position(self, description: ThingDescription) -> Match | None:
        """Return the match of the one thing of a name that lies where the row says; ambiguous for several."""
        close = self._undenied(description, self.known.all_called(description))
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
        return replace(parted, country=next(filter(None, map(self.known.find_country, parted.additions)), ""))

    def _undenied(self, description: ThingDescription, things: Iterable[str]) -> list[str]:
        """Return those of some things that neither country, position, addition nor an identifier of a row denies."""
        distant = self._distant(description, things)
        return [
            thing
            for thing in sorted(things)
            if thing not in distant
            and self._may_lie_in(thing, description.country, if_unknown=True)
            and not self._is_elsewhere(thing, description)
            and not any(self.known.other_identifier(thing, one) for one in description.identifiers)
        ]

    def _kilometres(self, thing: str, description: ThingDescription) -> float | None:
        """Return how far a thing lies from the position of a row, None if either is not known."""
        there = self.known.point(thing) if description.point is not None else None
        return there.kilometres_to(description.point) if there is not None and description.point is not None else None

    def _distant(self, description: ThingDescription, things: Iterable[str]) -> set[str]:
        """Return those of some things that do not lie near the position of a row."""
        return {thing for thing in things if (self._kilometres(thing, description) or 0) > NEARBY_KM}

    def _too_far(self, description: ThingDescription, near: Sequence[str]) -> Match | None:
        """Return the doubt about things that have the name and lie in the country, but far from the row's position."""
        far = sorted((km, thing) for thing in near if (km := self._kilometres(thing, description)) is not None)
        if not far or description.point is None:
            return None
        exchanged, there = description.point.exchanged, self.known.point(far[0][1])
        is_exchanged = exchanged is not None and there is not None and there.kilometres_to(exchanged) <= NEARBY_KM
        why = reason(
            "{name!r} may be {thing}, but the position in the row is {kilometres} km away from it.",
            f"{EXCHANGED} {CORRECT}" if is_exchanged else CORRECT,
            name=shorten(description.names[0]),
            thing=self.known.display_name(far[0][1]),
            kilometres=f"{far[0][0]:,.0f}",
        )
        return self._ambiguous(why, [thing for _, thing in far])

    def _is_as_added(self, thing: str, description: ThingDescription) -> bool:
        """Return True if a thing lies in what the name of a row adds, or has that as another name."""
        around = self.known.countries(thing) - {thing}
        return any(
            self.known.has_name(thing, name) or any(self.known.has_name(one, name) for one in around)
            for name in self._readings(description)
        )

    def _is_elsewhere(self, thing: str, description: ThingDescription) -> bool:
        """Return True if the name of a row adds a country in which a thing does not lie."""
        lands = {land for one in description.additions if (land := self._added_country(one, description))}
        return bool(lands) and not any(self._may_lie_in(thing, land, if_unknown=True) for land in lands)

    def _added_country(self, addition: str, description: ThingDescription) -> str:
        """Return the country that an addition names, empty for none: Georgia may be a state of the row's country."""
        code = self.known.code(description.country)
        return "" if code and subdivision_of(code, addition) else self.known.find_country(addition)

    def _readings(self, description: ThingDescription) -> list[str]:
        """Return the additions of a name, and the names of the subdivisions whose codes they are, such as OR."""
        code = self.known.code(description.country)
        parts = (subdivision_of(code, one) for one in description.additions) if code else ()
        return [*description.additions, *(part.name for part in parts if part is not None)]

    def _known_match(self, description: ThingDescription, thing: str) -> Match:
        """Return the match of a thing by its name, with a note if another place has that name with an addition."""
        grounds = tuple(self._grounds(description, thing))
        if ns.kind_of(thing) not in PLACE_KINDS:
            return Match("known", thing, grounds=grounds)
        called = {other for name in description.names for other in self.known.names.with_addition(name)} - {thing}
        places = sorted(other for other in called if ns.kind_of(other) in PLACE_KINDS)
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
            thing=self.known.display_name(thing),
            others="; ".join(map(self.known.display_name, others)),
        )

    def _grounds(self, description: ThingDescription, thing: str) -> Iterator[Ground]:
        """Yield the grounds on which a thing is taken by its name."""
        yield "name"
        if ns.kind_of(thing) in PLACE_KINDS and description.country in self.known.countries(thing):
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
            thing = self.known.country_iri(land) if land is not None else ""
            is_of_kind = self.known.is_of(thing, description.kinds)
            label = english_label(self.known.store, NamedNode(thing)) if is_of_kind else None
            if label is None or (description.country == thing and not COUNTRY_KINDS.issuperset(description.kinds)):
                continue
            found = self._by_name(replace(description, names=(label,)))
            if found is not None and (found.outcome != "known" or found.thing == thing):
                return found
        return None

    def _may_lie_in(self, thing: str, country: str, if_unknown: bool = False) -> bool:
        if not country or ns.kind_of(thing) not in PLACE_KINDS:
            return True
        return country in self.known.countries(thing) or (if_unknown and self.known.is_open(thing, country))

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
            thing=self.known.display_name(thing),
            one=one.name,
            other=other.name,
            authority=one.authority,
        )
        return self._ambiguous(why, [thing])

    def _doubtful(self, description: ThingDescription, things: list[str]) -> Match:
        name, listed = shorten(description.names[0]), self.known.in_words(things)
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
            country=self.known.display_name(description.country),
        )
        return self._ambiguous(why, things)

    @staticmethod
    def _ambiguous(why: Reason, things: Iterable[str]) -> Match:
        return Match("ambiguous", "", tuple(things)[: Names.MOST_LISTED], why)

    def _choice(self, things: Iterable[str]) -> str:
        return f"Say which, by an identifier or under decisions in the mapping: {self.known.in_words(things)}."
