"""The things of rows: matched in the graph, or new in the import."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Any

from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

from kg.errors import shorten
from kg.gazetteer import Place
from kg.names import Identifier, plain, without_idle_words
from kg.names.countries import (
    Country,
    country_statements,
    find_country,
    find_former_country,
    find_subdivision,
    nearest_countries,
)
from kg.nearest import did_you_mean
from kg.rdf import namespaces as ns
from kg.rdf.authorities import AUTHORITIES
from kg.rdf.kinds import POLITY_CLASSES
from kg.rdf.labels import label
from kg.rdf.lookup import literals_of, match
from kg.rdf.namespaces import fit_length, slug
from kg.rdf.points import Point
from kg.rdf.vocabulary import CD, DCTERMS, FOAF, RDF, SCHEMA, SKOS
from kg.reconciliation import Match, Reason, Reconciler, ThingDescription, reason
from kg.tables.cells import CellReader, parse_address
from kg.tables.mapping import ThingMapping, UnfitCellError
from kg.tables.sources import find_known_source
from kg.tables.table import Row
from kg.tables.templates import FieldStatement

THING_CLASSES: Mapping[str, NamedNode] = {
    **POLITY_CLASSES,
    "polity": CD.Polity,
    "organisation": CD.Organization,
    "network": CD.CityNetwork,
}
_GEONAMES = NamedNode(f"{ns.ID}source/geonames")
_MOST_LANDMARKS = 500
"""Candidates of an import for which a larger place about them is looked up: a millisecond each."""
_WITHOUT_COUNTRY = ("organisation", "network")
_OF_FORMER = frozenset({"decision", "identifier", "position"})
"""Grounds on which a place is taken whose row gives a country that is gone: what lies where says nothing then."""


@dataclass(slots=True)
class NewThing:
    """A new thing of an import: the first row that names it, its names by language, and more.

    `country` is the IRI of what it lies in.
    """

    iri: str
    row: Row
    kind: str
    names: Mapping[str, str]
    """Its preferred names by language."""
    identifiers: tuple[Identifier, ...]
    country: str
    point: Point | None = None
    homepage: str = ""
    place: Place | None = None
    """The place of the gazetteer that it is made of, from which identifier and position come."""
    other_names: Mapping[str, str] = field(default_factory=dict)
    """Names by language that are not preferred: its own in the gazetteer, or what a list calls it."""
    unchecked: tuple[Identifier, ...] = ()
    """Those of its identifiers that have not been compared with their authority."""
    defined_by: str = ""
    """The IRI of a source that defines it."""
    namesake: Reason | None = None
    """The note that an earlier row has another new thing of the same name and country."""

    def statements(self, source: NamedNode) -> Iterator[FieldStatement]:
        """Yield its statements with their fields: a language for a name, an authority for an identifier."""
        thing = NamedNode(self.iri)
        yield "thing", Triple(thing, RDF.type, THING_CLASSES[self.kind])
        for language, name in self.names.items():
            yield language, Triple(thing, SKOS.prefLabel, Literal(name, language=language))
        for language, name in self.other_names.items():
            yield language, Triple(thing, SKOS.altLabel, Literal(name, language=language))
        if self.country and self.kind not in _WITHOUT_COUNTRY:
            yield "within", Triple(thing, CD.within, NamedNode(self.country))
        for one in self.identifiers:
            yield (one.authority or "").lower(), Triple(thing, SCHEMA.sameAs, NamedNode(one.address))
        for one in self.unchecked:
            yield (one.authority or "").lower(), Triple(thing, CD.uncheckedIdentifier, NamedNode(one.address))
        if self.homepage:
            yield "homepage", Triple(thing, FOAF.homepage, NamedNode(self.homepage))
        if self.point is not None:
            of_point = source if self.place is None else _GEONAMES
            yield from (("point", triple) for triple in self.point.statements(thing, of_point))
        stated_by = [source] if self.place is None else [source, _GEONAMES]
        if self.defined_by and self.defined_by != source.value:
            stated_by.append(NamedNode(self.defined_by))
        yield from (("source", Triple(thing, DCTERMS.source, one)) for one in stated_by)

    @property
    def is_described(self) -> bool:
        """True if it can be told apart from others: by an identifier, or by country and position.

        For a network or an organisation its home page, or a source that defines it, does as well.
        """
        if self.kind in _WITHOUT_COUNTRY:
            return bool(self.identifiers or self.homepage or self.defined_by)
        return bool(self.identifiers or (self.country and self.point is not None))

    def is_same(self, other: NewThing) -> bool:
        """Return True if another new thing of its name and country, both without identifiers, is the same."""
        if self.point is not None and other.point is not None:
            return self.point.kilometres_to(other.point) <= Reconciler.NEARBY_KM
        same_origin = (self.homepage, self.defined_by) == (other.homepage, other.defined_by)
        return self.kind in _WITHOUT_COUNTRY and same_origin


@dataclass(frozen=True, slots=True)
class ReconciledThing:
    """The match of a thing of a row; `new` is the thing that would be made, None if none would.

    `description` is what the row says of a thing that was looked up by it: found in the graph, perhaps not clearly, or
    nowhere. A decision can name it by `text`: its identifier as printed, or its name with the country of the row, if it
    has one; `can_be_new` says that the decision may be for a new thing. `printed` is the name in the row, if a decision
    has said what it means.
    """

    match: Match
    new: NewThing | None = None
    description: ThingDescription | None = None
    text: str = ""
    can_be_new: bool = False
    printed: str = ""

    @property
    def names_in_table(self) -> Sequence[str]:
        """What the row calls the thing, and not the gazetteer; empty where a decision has found it in the graph."""
        if self.description is not None:
            return self.description.names
        if self.new is None:
            return ()
        called = (*self.new.names.values(), *self.new.other_names.values())
        own = self.new.place.name if self.new.place is not None and self.new.other_names else ""
        return [name for name in called if name != own]

    @property
    def is_refused_for_good(self) -> bool:
        """True if nothing that another row makes can be what is meant: new things are found by their identifiers."""
        if self.match.outcome != "refused" or self.description is None:
            return False
        return not self.description.identifiers and self.match.place is None


@dataclass
class Things:
    """Matches the things of rows, and collects new ones."""

    reconciler: Reconciler
    cells: CellReader
    decisions: Mapping[str, str]
    source: str = ""
    """The IRI of the source of the import."""
    are_names_chosen: bool = False
    """True if the names were chosen by a person and stay preferred; those of a list are what it calls things."""
    new: dict[str, NewThing] = field(default_factory=dict)
    new_countries: dict[str, Country] = field(default_factory=dict)
    """Countries that rows name, or in which new things lie, and that the graph does not have, by IRI."""
    _found: dict[tuple[object, ...], ReconciledThing] = field(default_factory=dict)
    _labels: dict[str, str] = field(default_factory=dict)
    _landmarks: dict[Place, str] = field(default_factory=dict)
    _first: dict[tuple[str, str], NewThing] = field(default_factory=dict)
    _without_identifier: dict[tuple[str, str], list[NewThing]] = field(default_factory=lambda: defaultdict(list))
    """New things without identifiers, by plain name and country."""
    _iso_countries: dict[str, Country] = field(default_factory=dict)
    _countries: dict[str, str | Reason] = field(default_factory=dict)
    """IRIs of countries by their names in rows; or the reason why a name is not one."""

    def reconcile(self, thing: ThingMapping, row: Row) -> ReconciledThing:
        """Match a thing of a row.

        Raises UnfitCellError for a cell that does not fit its column.
        """
        names = {language: text for language, cell in thing.names.items() if (text := self.cells.text(cell, row))}
        printed = {name: text for name, cell in thing.identifiers.items() if (text := self.cells.text(cell, row))}
        country = self.cells.text(thing.country, row)
        point = self.cells.point(thing.latitude, thing.longitude, row)
        homepage = self.cells.text(thing.homepage, row)
        homepage = parse_address(homepage).value if homepage else ""
        defined_by = self.cells.text(thing.defined_by, row)
        lies_in, gone = self._country_or_former(country)
        key = (id(thing), tuple(names.items()), tuple(printed.items()), country, point, homepage, defined_by)
        if (found := self._found.get(key)) is None:
            description = self._description(thing, names, printed, lies_in, point)
            identifiers = description.identifiers
            new = NewThing("", row, thing.new, names, identifiers, lies_in, point, homepage)
            new.unchecked, new.defined_by = identifiers, self._defining_source(defined_by)
            in_country = [f"{name}, {country}" for name in names.values() if country]
            texts = (*printed.values(), *(one.name for one in identifiers), *in_country, *names.values())
            found = self._reconcile(thing, new, description, texts)
            named = (name for name in names.values() if not ns.thing_iri(name))
            as_printed = next(named, "") if "decision" in found.match.grounds else ""
            can_be_new = bool(thing.new) and new.is_described
            found = replace(found, text=texts[0], can_be_new=can_be_new, printed=as_printed)
            if found.match.outcome in ("known", "ambiguous") or found.is_refused_for_good:
                self._found[key] = found  # another unknown thing may be made by the next row
        if gone is not None and not _OF_FORMER.intersection(found.match.grounds):
            raise UnfitCellError(gone)
        return found

    def _country_or_former(self, text: str) -> tuple[str, Reason | None]:
        """Return the IRI of a country; of a former one nothing, and why it cannot be used by itself.

        Raises UnfitCellError if there is no such country.
        """
        try:
            return (self.country(text) if text else ""), None
        except UnfitCellError as error:
            if find_former_country(text) is None:
                raise
            return "", error.why

    def _defining_source(self, name: str) -> str:
        """Return the IRI of the source that defines a thing, by its name: that of the import, or one of the graph.

        Raises UnfitCellError if there is none.
        """
        if not name or name.removeprefix("source:") == self.source.rpartition("/")[2]:
            return self.source if name else ""
        if (known := find_known_source(name, self.reconciler.known.names)) is None:
            hint = "Name the source of the import, or one that the graph knows, such as source:geonames."
            raise UnfitCellError(reason("{name!r} is not a source that is known here.", hint, name=shorten(name)))
        return known.value

    def _reconcile(
        self, thing: ThingMapping, new: NewThing, description: ThingDescription, texts: Iterable[str]
    ) -> ReconciledThing:
        """Match a thing; `new` is what would be made of it, a decision may name it by one of the texts."""
        decided = next((self.decisions[text] for text in texts if text in self.decisions), "")
        if named := decided if decided not in ("", "new") else _iri_among_names(description):
            return self._decide(named, thing, new, description)
        if (
            not decided
            and (known := self.reconciler.find(description) or self._country_by_item(description)) is not None
        ):
            if known.place is None or known.outcome != "new":
                return ReconciledThing(known, None, description)
            return self._from_gazetteer(new, known, description)
        if not thing.new or (not new.is_described and self.reconciler.elsewhere(description)):
            return ReconciledThing(self.reconciler.unknown_match(description), None, description)
        return self._propose(new, description, () if decided else self.reconciler.near(description))

    def _decide(self, named: str, thing: ThingMapping, new: NewThing, description: ThingDescription) -> ReconciledThing:
        """Return the match that a decision names: by an IRI, or by a number of GeoNames (geonames:2643743)."""
        prefix, _, number = named.partition(":")
        if prefix != "geonames" or not number.isdecimal():
            return ReconciledThing(self._match_iri(named, thing.kinds))
        found = self.reconciler.find_by_geonames(number, thing.kinds)
        if found is None:
            hint = "Give a number of the gazetteer, or look it up; without a gazetteer: citykg gazetteer."
            return ReconciledThing(
                Match("refused", why=reason("{name!r} is not known here.", hint, name=shorten(named)))
            )
        if found.outcome == "known":
            return ReconciledThing(found)
        return self._from_gazetteer(new, found, description)

    def _from_gazetteer(self, new: NewThing, found: Match, description: ThingDescription) -> ReconciledThing:
        """Return the new thing that a place of the gazetteer becomes: with its identifier, country and position."""
        place = found.place
        assert place is not None
        land = find_country(place.country)
        if not new.kind or (land is None and not description.country):
            hint = "Let the mapping make new ones (new), and give the country."
            called = shorten(next(iter(new.names.values()), place.name))
            why = reason("{name!r} is not known here, but in the gazetteer.", hint, name=called)
            return ReconciledThing(Match("refused", why=why, places=(place,)))
        names = dict(new.names)
        if found.is_in_part or "decision" in found.grounds:
            names = {language: self.reconciler.bare_name(name) for language, name in names.items()}
        if "decision" in found.grounds:
            misspelt = [one for one in ("en", "und") if one in names and not self.reconciler.names(names[one], place)]
            names = {language: name for language, name in names.items() if language not in misspelt}
        names, others = _names_with_own(names, place)
        new = replace(
            new,
            names=names,
            other_names={} if self.are_names_chosen else others,
            identifiers=(Identifier("GeoNames", str(place.geonames)),),
            country=description.country or (self._country_iri(land) if land is not None else ""),
            point=place.point,
            place=place,
            unchecked=(),
        )
        near = () if "decision" in found.grounds else self.reconciler.near(description)
        proposed = self._propose(new, description, near)
        return replace(proposed, match=replace(proposed.match, grounds=found.grounds, place=place))

    def _description(
        self,
        thing: ThingMapping,
        names: Mapping[str, str],
        printed: Mapping[str, str],
        country: str,
        point: Point | None,
    ) -> ThingDescription:
        """Return the description of a thing in a row.

        Raises UnfitCellError if it is empty, or cannot be read.
        """
        if not names and not printed:
            cells = (*thing.names.values(), *thing.identifiers.values())
            columns = ", ".join(repr(cell.column) for cell in cells if cell.column)
            hint = "Fill one of these cells, or take out the row."
            why = reason("The row has neither a name nor an identifier: {columns} are empty.", hint, columns=columns)
            raise UnfitCellError(why)
        identifiers = tuple(parse_identifier(authority, text) for authority, text in printed.items())
        return ThingDescription(identifiers, tuple(dict.fromkeys(names.values())), country, thing.kinds, point)

    def _country_by_item(self, description: ThingDescription) -> Match | None:
        """Return the match of a country by its item of Wikidata, which counts as known even if the graph lacks it."""
        items = (one.name for one in description.identifiers if one.authority == "Wikidata")
        land = next((found for item in items if (found := Country.of_item(item))), None)
        if land is None:
            return None
        if ns.kind_of(iri := self._country_iri(land)) in description.kinds:
            return Match("known", iri, grounds=("identifier",))
        thing = f"{land.name} ({ns.compact(iri)})"
        return Match("refused", why=self.reconciler.kind_refusal(description.kinds, land.item, thing))

    def _country_iri(self, land: Country) -> str:
        iri = self.reconciler.known.country_iri(land)
        self._iso_countries[iri] = land
        return iri

    def _match_iri(self, name: str, kinds: tuple[str, ...]) -> Match:
        iri = ns.thing_iri(name)
        if not iri or not self.reconciler.known.names.knows(NamedNode(iri)):
            hint = "Look it up; a decision is the name of a thing such as city:london, or new."
            return Match("refused", why=reason("{name!r} is not known here.", hint, name=shorten(name)))
        if not self.reconciler.known.is_of(iri, kinds):
            return Match("refused", why=self.reconciler.kind_refusal(kinds, shorten(name)))
        return Match("known", iri, grounds=("decision",))

    def _propose(self, new: NewThing, description: ThingDescription, near: tuple[str, ...]) -> ReconciledThing:
        """Return a new thing if its description is complete enough to make it, with things of similar names."""
        called = shorten(next(iter(new.names.values()), ""))
        if not new.is_described:
            why = _what_is_missing(new, called)
            why = replace(why, hint=self.reconciler.suggest_things(near, why.hint))
            places = self.reconciler.resembling(description)
            return ReconciledThing(Match("refused", "", near, why, places=places), None, description)
        if new.names.keys().isdisjoint(("en", "und")):
            hint = (
                "Name the column with English names (name: {en: …}), or say of names in many languages: language: und."
            )
            name = called or new.identifiers[0].name
            why = reason("{name!r} is new, and its English name is missing.", hint, name=name)
            return ReconciledThing(Match("refused", why=why))
        if "en" not in new.names:  # queries ask for English names: without one it would stand in few answers
            new = replace(new, names={"en": new.names["und"], **{k: v for k, v in new.names.items() if k != "und"}})
        iris = self._iris_for(new)
        if iris and all(map(self._is_in_graph, iris)):  # it became known after it was chosen as new
            hint = "Choose it; or give the new one its identifier, or a name that tells it apart."
            why = reason("{name!r} is known here by now: {thing}.", hint, name=called, thing=ns.compact(iris[0]))
            return ReconciledThing(Match("refused", "", tuple(iris[:1]), why), None, description)
        note = self.reconciler.similar_name_note(description.names[0], near) if near else None
        return ReconciledThing(Match("new", "", near, note), new)

    def settle(self, reconciled: ReconciledThing) -> str:
        """Return the IRI of a thing of a row that is imported; a new thing is added here."""
        new = reconciled.new
        if new is None:
            self._add_country(reconciled.match.thing)
            return reconciled.match.thing
        if not (made := self.reconciler.known.find_by_identifiers(new.identifiers) or self._same_as(new)):
            made = new.iri = self._iri_of(new)
            self.new[made] = new
            new.namesake = self._namesake(new)
            self.reconciler.known.add(made, new.identifiers, new.country, new.point)
            self._add_country(new.country)
        return made

    def _same_as(self, new: NewThing) -> str:
        """Return the IRI of an earlier new thing that is the same as one without identifiers; empty without one."""
        others = self._without_identifier[without_idle_words(next(iter(new.names.values()), "")), new.country]
        if new.identifiers:
            return ""
        if same := next((other for other in others if new.is_same(other)), None):
            return same.iri
        others.append(new)
        return ""

    def _add_country(self, land: str) -> None:
        """Add a country to the import if the graph does not have it."""
        if land in self._iso_countries and not self.reconciler.known.names.knows(NamedNode(land)):
            self.new_countries[land] = self._iso_countries[land]

    def _namesake(self, new: NewThing) -> Reason | None:
        name = next(iter(new.names.values()))
        other = self._first.setdefault((without_idle_words(name), new.country), new)
        if other is new:
            return None
        return reason(
            "{name!r} is new as {one} and, by {place}, as {other}: one thing with two identifiers, or two things.",
            "If it is one, give both rows the same identifier.",
            name=shorten(name),
            one=ns.compact(new.iri),
            place=other.row.place,
            other=ns.compact(other.iri),
        )

    def is_called(self, iri: str, name: str) -> bool:
        """Return True if a thing has a name, with or without what the name adds."""
        if (new := self.new.get(iri)) is not None:
            names = {*new.names.values(), *new.other_names.values()}
        else:
            store, thing = self.reconciler.known.names.store, NamedNode(iri)
            named = (SKOS.prefLabel, SKOS.altLabel)
            names = {name.value for one in named for name in literals_of(store, thing, one, None)}
        return not {plain(name), plain(self.reconciler.bare_name(name))}.isdisjoint(map(plain, names))

    def label(self, iri: str) -> str:
        """Return the label of a thing, in English if it has one."""
        if (found := self._labels.get(iri)) is None:
            if iri in self.new:
                names = self.new[iri].names
                found = names.get("en") or next(iter(names.values()))
            else:
                known = label(self.reconciler.known.names.store, NamedNode(iri))
                land = self._iso_countries.get(iri)
                found = known.value if known else land.name if land else iri.rpartition("/")[2]
            self._labels[iri] = found
        return found

    def distinct_label(self, iri: str) -> str:
        """Return the label of a thing, and what distinguishes it from others of that name."""
        return self.label(iri) + self.reconciler.known.names.distinguishing_suffix(NamedNode(iri))

    def choice(self, iri: str, of_row: Point | None = None) -> dict[str, Any]:
        """Return a thing as a candidate: its name for a decision, label, kind, country, position, number of ties.

        With the position of a row it says how many kilometres the thing is from there.
        """
        names = self.reconciler.known.names
        return {
            "name": ns.compact(iri),
            "label": self.distinct_label(iri),
            "kind": ns.kind_of(iri),
            "country": self.reconciler.known.code(iri),
            **_position(self.reconciler.known.point(iri), of_row),
            "twins": sum(1 for _ in match(names.store, None, CD.twin, NamedNode(iri), DefaultGraph())),
        }

    def description(self, iri: str) -> dict[str, Any]:
        """Return how a thing is called, and of a new one what is known of it, as of a candidate."""
        named = {"called": self.label(iri)}
        if (new := self.new.get(iri)) is None:
            return named
        if new.place is not None:
            return named | self.choice_of_place(new.place)
        label = f"{self.label(iri)} ({self.label(new.country)})" if new.country else self.label(iri)
        return {**named, "label": label, "kind": new.kind, **_position(new.point, None)}

    def choice_of_place(self, place: Place, of_row: Point | None = None) -> dict[str, Any]:
        """Return a place of the gazetteer as a candidate; the graph knows nothing of it."""
        return {
            "name": f"geonames:{place.geonames}",
            "label": place.in_words,
            "kind": "city",
            "country": place.country,
            "region": place.region,
            "near": self._landmark(place),
            **_position(place.point, of_row),
            "population": place.population,
        }

    def _landmark(self, place: Place) -> str:
        if place not in self._landmarks and len(self._landmarks) < _MOST_LANDMARKS:
            self._landmarks[place] = self.reconciler.landmark(place)
        return self._landmarks.get(place, "")

    def _iri_of(self, new: NewThing) -> str:
        """Return a free IRI; a number tells it apart from new ones of other rows that have all that it may have."""
        iris = self._iris_for(new)
        numbered = (f"{iris[0]}-{number}" for number in count(2))
        return next(iri for iri in chain(iris, numbered) if iri not in self.new and not self._is_in_graph(iri))

    def _is_in_graph(self, iri: str) -> bool:
        return self.reconciler.known.names.knows(NamedNode(iri))

    def _iris_for(self, new: NewThing) -> list[str]:
        """Return the IRIs that a new thing may have: of its name; with its country, or of its identifier.

        What has no identifier, and no Latin letter in its name, has a digest of its description.
        """
        named, land = slug(new.names.get("en") or new.names.get("und", "")), new.country.rpartition("/")[2]
        numbers = [slug(f"{one.authority} {one.name}".removeprefix("Wikidata ")) for one in new.identifiers[:1]]
        if new.point is not None and not numbers:
            numbers = [slug(f"{land} {new.point.north:.2f} {new.point.east:.2f}")]
        of_name = [] if new.kind == "polity" and new.identifiers else [named, f"{named}-{land}"]
        names = (*of_name, *numbers, *(f"{named}-{number}" for number in numbers))
        told = " ".join((*new.names.values(), land, new.homepage, new.defined_by))
        fitting = [name for name in names if ns.SLUG.fullmatch(name)] or [ns.digest(told)]
        return [f"{ns.ID}{new.kind}/{fit_length(name)}" for name in fitting]

    def country(self, text: str) -> str:
        """Return the IRI of a country, by ISO code or name.

        Raises UnfitCellError if there is none.
        """
        if text not in self._countries:
            self._countries[text] = self._country_named(text)
        if isinstance(found := self._countries[text], Reason):
            raise UnfitCellError(found)
        return found

    def _country_named(self, text: str) -> str | Reason:
        if country := self.reconciler.known.find_country(text):
            if (land := find_country(text)) is not None:
                self._iso_countries[country] = land
            return country
        named = shorten(text)
        if (gone := find_former_country(text)) is not None:
            hint = "Give the country in which the place lies today, " + _values_hint(text, "…")
            if gone.successor:
                code = gone.successor.alpha2
                hint = f"If {gone.successor.name} is meant, write {code}, {_values_hint(text, code)}"
            return reason("ISO 3166 withdrew {name!r} in {year}.", f"{hint}.", name=named, year=gone.year)
        of_state = find_subdivision(text)
        if of_state is not None and not self.reconciler.is_known_outside(text, of_state.of):
            code = of_state.of.alpha2
            hint = f"It is a part of {of_state.of.name}: write {code}, {_values_hint(text, code)}."
            return reason("{name!r} is not a country that is known here.", hint, name=named)
        hint = f"Give the code of ISO 3166-1, such as DE, or a name of it in any language, {_values_hint(text, '…')}."
        if likely := nearest_countries(text):
            hint = did_you_mean("; ".join(f"{land.alpha2} ({land.name})" for land in likely), hint)
        elif near := self.reconciler.known.similar_country(text):
            hint = self.reconciler.suggest_things(near, hint)
        return reason("{name!r} is not a country that is known here.", hint, name=named)

    def statements(self, source: NamedNode) -> Iterator[tuple[Triple, Row | None]]:
        """Yield the statements of new countries and things, with the first row that names a thing."""
        for land in self.new_countries.values():
            yield from ((triple, None) for triple in country_statements(land))
        for new in self.new.values():
            yield from ((triple, new.row) for _, triple in new.statements(source))


def _position(point: Point | None, of_row: Point | None) -> dict[str, float]:
    """Return the position of a candidate in degrees, and its distance from that of a row in kilometres."""
    if point is None:
        return {}
    distance = {"kilometres": round(point.kilometres_to(of_row), 1)} if of_row is not None else {}
    return {"latitude": float(point.north), "longitude": float(point.east), **distance}


def _names_with_own(names: Mapping[str, str], place: Place) -> tuple[dict[str, str], dict[str, str]]:
    """Return the preferred names and the other ones of a place of the gazetteer which a row calls by some names.

    What the row calls it in English is preferred to its own name. A name of no known language is not: it may be one in
    any, such as Lüttich.
    """
    own = {"und": place.name}
    if plain(place.name) in map(plain, names.values()):
        return {**({} if "en" in names else own), **names}, {}
    if "en" in names:
        return dict(names), own
    return {**names, **own}, {"und": names["und"]} if "und" in names else {}


def _what_is_missing(new: NewThing, called: str) -> Reason:
    """Return the reason why a new thing cannot be made."""
    if new.kind in _WITHOUT_COUNTRY:
        hint = "Give one of them, in a column that the mapping names or as a constant."
        return reason(
            "{name!r} is not known here, and a new network or organisation needs an identifier, a home page "
            "or a source that defines it.",
            hint,
            name=called,
        )
    hint = "Give its number in Wikidata, GeoNames or the like, or its country, latitude and longitude, in columns."
    return reason(
        "{name!r} is not known here, and a new place needs an identifier, or its country and position.",
        hint,
        name=called,
    )


def _iri_among_names(description: ThingDescription) -> str:
    """Return the name in a row that is written as an IRI, empty without one, or if the row has identifiers."""
    return "" if description.identifiers else next((name for name in description.names if ns.thing_iri(name)), "")


def _values_hint(text: str, code: str) -> str:
    """Return the end of a hint: how a mapping translates a name of a country that is not known."""
    return f"or say in the mapping what it is (country: {{column: …, values: {{{shorten(text)!r}: {code}}}}})"


def parse_identifier(authority: str, text: str) -> Identifier:
    """Parse an identifier of an authority: alone, after its prefix, or in an address.

    Raises UnfitCellError.
    """
    if (found := Identifier.of(authority, text)) is not None:
        return found
    giver = next(one for one in AUTHORITIES if one.name.lower() == authority)
    why = reason(
        "{text!r} is not an identifier of {authority}.",
        f"Its addresses are {giver.address.format('…')}.",
        text=shorten(text),
        authority=giver.name,
    )
    raise UnfitCellError(why)
