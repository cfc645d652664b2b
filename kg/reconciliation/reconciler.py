"""Match rows to things of the graph: by identifier, then by name with country and kind, then by other names.

Nothing is guessed. A thing is matched if it alone fits and nothing contradicts it; if several fit, or the table and the
graph contradict each other, all candidates are listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal as OneOf

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kg.errors import shorten
from kg.names import Identifier, Names
from kg.names.countries import Country, find_country, find_subdivision
from kg.rdf import namespaces as ns
from kg.rdf.labels import english_label
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD
from kg.reconciliation.reasons import Reason, reason

Outcome = OneOf["known", "new", "ambiguous", "refused"]


@dataclass(frozen=True, slots=True)
class ThingDescription:
    """The description of a thing in a row: identifiers, names, the IRI of its country, the kinds that it may be."""

    identifiers: tuple[Identifier, ...]
    names: tuple[str, ...]
    country: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The meaning of a row: a thing, known or new; or the candidates, and why it is not clear which is meant.

    For a clear match `why` is a note on what is worth a look, or None.
    """

    outcome: Outcome
    thing: str = ""
    candidates: tuple[str, ...] = ()
    why: Reason | None = None


def similar_name_note(names: Names, name: str, near: Iterable[str]) -> Reason:
    """Return the note that a new thing has the same name as some things, or a similar one."""
    return reason(
        "{name!r} is new, and has the same name as {things}, or a similar one.",
        "If it is the same, give the identifier that the graph has, or say so under decisions in the mapping.",
        name=shorten(name),
        things=_list(names, near),
    )


def namesake_note(names: Names, name: str, thing: str, others: Iterable[str]) -> Reason:
    """Return the note that a name was matched to a thing, while others have it with an addition."""
    return reason(
        "{name!r} was matched to {thing}, but may also mean {others}.",
        "If that is meant, give its identifier, or say so under decisions in the mapping.",
        name=shorten(name),
        thing=_list(names, [thing]),
        others=_list(names, others),
    )


def _list(names: Names, things: Iterable[str]) -> str:
    return "; ".join(names.display_name(NamedNode(thing)) for thing in things)


MOST_LISTED = 5
"""Most candidates listed for a row."""

_MOST_NEAR = 3
_PLACE_KINDS = frozenset(("city", "country", "district", "nation", "polity", "region"))
_COUNTRY_KINDS = frozenset(("country", "nation"))


class Reconciler:
    """Matches descriptions to the things of a graph.

    It serves one import, whose new things it remembers.
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self._store = names.store
        self._countries: dict[str, frozenset[str]] = {}
        self._new: dict[str, frozenset[Identifier]] = {}
        self._new_by_identifier: dict[Identifier, set[str]] = defaultdict(set)
        self._near: dict[tuple[str, tuple[str, ...]], list[str]] = {}

    def _things_with(self, one: Identifier) -> set[str]:
        """Return the things with an identifier, of the graph or new in the import."""
        there = {
            iri for iri in self.names.with_identifier(one) if iri.startswith(ns.ID) and not self.names.is_withdrawn(iri)
        }
        return there | self._new_by_identifier.get(one, set())

    def find_by_identifiers(self, identifiers: Iterable[Identifier]) -> str:
        """Return the IRI of a thing with one of some identifiers, empty if there is none."""
        return min((thing for one in identifiers for thing in self._things_with(one)), default="")

    @staticmethod
    def _is_country(thing: NamedNode) -> bool:
        return ns.kind_of(thing.value) in _COUNTRY_KINDS

    def similar_country(self, text: str) -> list[str]:
        """Return the country or nation with the name most similar to a text, as a list of at most one IRI."""
        return [thing.value for thing in self.names.near(text, _COUNTRY_KINDS).things[:1]]

    def country_iri(self, land: Country) -> str:
        """Return the IRI of a country: that of the thing with its code in the graph, or the one that it would get."""
        having = match(self._store, None, CD.isoAlpha2, Literal(land.alpha2), DefaultGraph())
        return next((quad.subject.value for quad in having if isinstance(quad.subject, NamedNode)), land.iri)

    def find_country(self, text: str) -> str:
        """Return the IRI of the country with an ISO code or name; empty if there is none, or several.

        It may be a country that the graph does not have, or a part of one that it has as a nation, such as Scotland.
        """
        if (land := find_country(text)) is not None:
            return self.country_iri(land)
        of_state = find_subdivision(text)
        for name in (text, *((of_state.name,) if of_state else ())):
            if fitting := self.names.resolve(name, self._is_country).only_match:
                return fitting.value
        return ""

    def find(self, description: ThingDescription) -> Match | None:
        """Return the match of a description: known, ambiguous or refused; None if nothing fits it."""
        return self._by_identifier(description) or self._by_name(description) or self._by_country_name(description)

    def similar_name_note(self, name: str, near: Iterable[str]) -> Reason:
        """Return the note that a new thing has the same name as some things, or a similar one."""
        return similar_name_note(self.names, name, near)

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
        hint = self.did_you_mean(near) + "Mend it, give an identifier, or let the mapping make new ones: new."
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

    def did_you_mean(self, near: Sequence[str]) -> str:
        """Return the beginning of a hint that lists similar things; empty without any."""
        return f"Did you mean {'; '.join(map(self._display_name, near))}? " if near else ""

    def elsewhere(self, description: ThingDescription) -> tuple[str, ...]:
        """Return the things that have a name of the row and do not lie in its country."""
        found = {thing.value for name in description.names for thing in self._find_by_name(name, description.kinds)}
        return tuple(sorted(thing for thing in found if not self._may_lie_in(thing, description.country)))

    def _by_identifier(self, description: ThingDescription) -> Match | None:
        owners = {thing for one in description.identifiers for thing in self._things_with(one)}
        if not owners:
            return None
        listed_identifiers = ", ".join(one.name for one in description.identifiers)
        fitting = sorted(thing for thing in owners if ns.kind_of(thing) in description.kinds)
        if not fitting:
            hint = f"It may be one of: {', '.join(description.kinds)}."
            return Match(
                "refused",
                why=reason(
                    "{identifier} identifies {thing}, which is not allowed here.",
                    hint,
                    identifier=listed_identifiers,
                    thing=self._list(owners),
                ),
            )
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
            hint = self.did_you_mean(there)
            hint += "Mend the identifier or the country; or say under decisions in the mapping what is meant."
            why = reason(
                "{identifier} identifies {thing}, which does not lie in {country}.",
                hint,
                identifier=listed_identifiers,
                thing=self._display_name(thing),
                country=self._display_name(description.country),
            )
            return self._ambiguous(why, [thing, *there])
        return self._name_conflict(description, thing, listed_identifiers) or Match("known", thing)

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
        fitting = [thing for thing in near if thing not in dict(others)]
        shown = shorten(description.names[0]) if description.names else ""
        if len(fitting) > 1:
            why = reason("{name!r} names {count} things.", self._choice(fitting), name=shown, count=len(fitting))
            return self._ambiguous(why, fitting)
        if not fitting:
            unplaced = [thing for thing in found if description.country and self.is_open(thing, description.country)]
            return self._doubtful(description, unplaced) if unplaced else None
        if description.identifiers and not description.country and ns.kind_of(fitting[0]) in _PLACE_KINDS:
            return self._doubtful(description, fitting)
        return self._known_match(description, fitting[0])

    def _known_match(self, description: ThingDescription, thing: str) -> Match:
        """Return the match of a thing by its name, with a note if another place has that name with an addition."""
        if ns.kind_of(thing) not in _PLACE_KINDS:
            return Match("known", thing)
        called = {other for name in description.names for other in self.names.with_addition(name)} - {thing}
        places = sorted(other for other in called if ns.kind_of(other) in _PLACE_KINDS)
        others = [other for other in places if self._may_lie_in(other, description.country, if_unknown=True)]
        return Match(
            "known", thing, (), namesake_note(self.names, description.names[0], thing, others) if others else None
        )

    def _by_country_name(self, description: ThingDescription) -> Match | None:
        """Return the match of a row that names a country in a language in which the graph has no name for it.

        It counts as the English name, which a city may have as well. A thing in a country is not that country itself,
        unless only a country or nation fits.
        """
        for name in () if description.identifiers else description.names:
            land = find_country(name)
            thing = self.country_iri(land) if land is not None else ""
            label = english_label(self._store, NamedNode(thing)) if ns.kind_of(thing) in description.kinds else None
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
        found = self.names.resolve(name, lambda thing: ns.kind_of(thing.value) in kinds)
        return found.prefer(lambda one: one.how == "label").things

    def _has_name(self, thing: str, name: str) -> bool:
        """Return True if a thing has a name, as one of possibly several."""
        return bool(self.names.resolve(name, lambda found: found.value == thing).things)

    def countries(self, thing: str) -> frozenset[str]:
        """Return the IRIs of what a thing lies in, and its own if it has the code of a country; empty if unknown."""
        if (found := self._countries.get(thing)) is None:
            pending, seen = [thing], {thing}
            while pending:
                for quad in match(self._store, NamedNode(pending.pop()), CD.within, None, DefaultGraph()):
                    if isinstance(quad.object, NamedNode) and quad.object.value not in seen:
                        seen.add(quad.object.value)
                        pending.append(quad.object.value)
            coded = any(match(self._store, NamedNode(thing), CD.isoAlpha2, None, DefaultGraph()))
            found = self._countries[thing] = frozenset(seen if coded else seen - {thing})
        return found

    def add(self, thing: str, identifiers: Iterable[Identifier], country: str) -> None:
        """Remember a new thing with its identifiers and its country."""
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
