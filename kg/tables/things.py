"""The things of rows: matched in the graph, or new in the import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import shorten
from kg.names import Identifier, without_idle_words
from kg.names.countries import (
    Country,
    country_of_item,
    country_statements,
    find_country,
    find_subdivision,
    nearest_country,
)
from kg.rdf import namespaces as ns
from kg.rdf.authorities import AUTHORITIES
from kg.rdf.labels import label
from kg.rdf.namespaces import fit_length, slug
from kg.rdf.points import Point
from kg.rdf.sources import is_address
from kg.rdf.vocabulary import CD, DCTERMS, FOAF, RDF, SCHEMA, SKOS
from kg.reconciliation import Match, Reason, Reconciler, ThingDescription, reason
from kg.tables.cells import CellReader, UnfitCellError
from kg.tables.mapping import ThingMapping
from kg.tables.table import Row
from kg.tables.templates import FieldStatement

_CLASSES = {
    "polity": CD.Polity,
    "city": CD.City,
    "district": CD.CityDistrict,
    "region": CD.Region,
    "nation": CD.ConstituentNation,
    "organisation": CD.Organization,
    "network": CD.CityNetwork,
}
_WITHOUT_COUNTRY = ("organisation", "network")


@dataclass(slots=True)
class NewThing:
    """A new thing of an import: the first row that names it, its names by language, and more.

    `country` is the IRI of what it lies in.
    """

    iri: str
    row: Row
    kind: str
    names: Mapping[str, str]
    identifiers: tuple[Identifier, ...]
    country: str
    point: Point | None = None
    homepage: str = ""
    namesake: Reason | None = None
    """The note that an earlier row has another new thing of the same name and country."""

    def statements(self, source: NamedNode) -> Iterator[FieldStatement]:
        """Yield its statements with their fields: a language for a name, an authority for an identifier."""
        thing = NamedNode(self.iri)
        yield "thing", Triple(thing, RDF.type, _CLASSES[self.kind])
        for language, name in self.names.items():
            yield language, Triple(thing, SKOS.prefLabel, Literal(name, language=language))
        if self.country and self.kind not in _WITHOUT_COUNTRY:
            yield "within", Triple(thing, CD.within, NamedNode(self.country))
        for one in self.identifiers:
            yield (one.authority or "").lower(), Triple(thing, SCHEMA.sameAs, NamedNode(one.address))
        if self.homepage:
            yield "homepage", Triple(thing, FOAF.homepage, NamedNode(self.homepage))
        if self.point is not None:
            yield from (("point", triple) for triple in self.point.statements(thing, source))
        yield "source", Triple(thing, DCTERMS.source, source)


@dataclass(frozen=True, slots=True)
class ReconciledThing:
    """The match of a thing of a row; `new` is the thing that would be made, None if none would."""

    match: Match
    new: NewThing | None = None


@dataclass
class Things:
    """Matches the things of rows, and collects new ones."""

    reconciler: Reconciler
    cells: CellReader
    decisions: Mapping[str, str]
    new: dict[str, NewThing] = field(default_factory=dict)
    new_countries: dict[str, Country] = field(default_factory=dict)
    """Countries that rows name, or in which new things lie, and that the graph does not have, by IRI."""
    _found: dict[tuple[object, ...], ReconciledThing] = field(default_factory=dict)
    _labels: dict[str, str] = field(default_factory=dict)
    _first: dict[tuple[str, str], NewThing] = field(default_factory=dict)
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
        key = (id(thing), tuple(names.items()), tuple(printed.items()), country, point, homepage)
        if (found := self._found.get(key)) is None:
            found = self._reconcile(thing, row, names, printed, country)
            if found.new is not None:
                found.new.point, found.new.homepage = point, _check_address(homepage)
            if found.match.outcome in ("known", "ambiguous"):  # an unknown thing may be made by the next row
                self._found[key] = found
        return found

    def _reconcile(
        self, thing: ThingMapping, row: Row, names: Mapping[str, str], printed: Mapping[str, str], land: str
    ) -> ReconciledThing:
        description = self._description(thing, names, printed, land)
        texts = (*printed.values(), *(one.name for one in description.identifiers), *names.values())
        decided = next((self.decisions[text] for text in texts if text in self.decisions), "")
        if named := decided if decided not in ("", "new") else _iri_among_names(description):
            return ReconciledThing(self._match_iri(named, thing.kinds))
        if (
            not decided
            and (known := self.reconciler.find(description) or self._country_by_item(description)) is not None
        ):
            return ReconciledThing(known)
        if not thing.new or (not description.identifiers and self.reconciler.elsewhere(description)):
            return ReconciledThing(self.reconciler.unknown_match(description))
        near = () if decided else self.reconciler.near(description)
        return self._propose(
            NewThing("", row, thing.new, names, description.identifiers, description.country), description, near
        )

    def _description(
        self, thing: ThingMapping, names: Mapping[str, str], printed: Mapping[str, str], land: str
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
        country = self._country(land) if land else ""
        return ThingDescription(identifiers, tuple(dict.fromkeys(names.values())), country, thing.kinds)

    def _country_by_item(self, description: ThingDescription) -> Match | None:
        """Return the match of a country by its item of Wikidata, which counts as known even if the graph lacks it."""
        items = (one.name for one in description.identifiers if one.authority == "Wikidata")
        land = next((found for item in items if (found := country_of_item(item))), None)
        if land is None:
            return None
        if ns.kind_of(iri := self._country_iri(land)) in description.kinds:
            return Match("known", iri)
        hint = f"It may be one of: {', '.join(description.kinds)}."
        thing = f"{land.name} ({ns.compact(iri)})"
        why = reason(
            "{identifier} identifies {thing}, which is not allowed here.", hint, identifier=land.item, thing=thing
        )
        return Match("refused", why=why)

    def _country_iri(self, land: Country) -> str:
        iri = self.reconciler.country_iri(land)
        self._iso_countries[iri] = land
        return iri

    def _match_iri(self, name: str, kinds: tuple[str, ...]) -> Match:
        iri = ns.thing_iri(name)
        if not iri or not self.reconciler.names.knows(NamedNode(iri)):
            hint = "Look it up; a decision is the name of a thing such as city:london, or new."
            return Match("refused", why=reason("{name!r} is not known here.", hint, name=shorten(name)))
        if ns.kind_of(iri) not in kinds:
            hint = f"It may be one of: {', '.join(kinds)}."
            return Match("refused", why=reason("{name!r} is not allowed here.", hint, name=shorten(name)))
        return Match("known", iri)

    def _propose(self, new: NewThing, description: ThingDescription, near: tuple[str, ...]) -> ReconciledThing:
        """Return a new thing if its description is complete enough to make it, with things of similar names."""
        called = shorten(next(iter(new.names.values()), ""))
        if not new.identifiers:
            hint = self.reconciler.did_you_mean(near)
            hint += "Give its number in Wikidata, GeoNames or the like, in a column that the mapping names."
            why = reason("{name!r} is not known here, and a new thing needs an identifier.", hint, name=called)
            return ReconciledThing(Match("refused", "", near, why))
        if "en" not in new.names and not (new.kind == "polity" and "und" in new.names):
            hint = "Name the column with English names (name: {en: …}); of a polity it may be of a language und."
            name = called or new.identifiers[0].name
            why = reason("{name!r} is new, and its English name is missing.", hint, name=name)
            return ReconciledThing(Match("refused", why=why))
        note = self.reconciler.similar_name_note(description.names[0], near) if near else None
        return ReconciledThing(Match("new", "", near, note), new)

    def settle(self, reconciled: ReconciledThing) -> str:
        """Return the IRI of a thing of a row that is imported; a new thing is added here."""
        new = reconciled.new
        if new is None:
            self._add_country(reconciled.match.thing)
            return reconciled.match.thing
        if not (made := self.reconciler.find_by_identifiers(new.identifiers)):
            made = new.iri = self._iri_of(new)
            self.new[made] = new
            new.namesake = self._namesake(new)
            self.reconciler.add(made, new.identifiers, new.country)
            self._add_country(new.country)
        return made

    def _add_country(self, land: str) -> None:
        """Add a country to the import if the graph does not have it."""
        if land in self._iso_countries and not self.reconciler.names.knows(NamedNode(land)):
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

    def label(self, iri: str) -> str:
        """Return the label of a thing, in English if it has one."""
        if (found := self._labels.get(iri)) is None:
            if iri in self.new:
                names = self.new[iri].names
                found = names.get("en") or next(iter(names.values()))
            else:
                known = label(self.reconciler.names.store, NamedNode(iri))
                land = self._iso_countries.get(iri)
                found = known.value if known else land.name if land else iri.rpartition("/")[2]
            self._labels[iri] = found
        return found

    def distinct_label(self, iri: str) -> str:
        """Return the label of a thing, and what distinguishes it from others of that name."""
        return self.label(iri) + self.reconciler.names.distinguishing_suffix(NamedNode(iri))

    def _iri_of(self, new: NewThing) -> str:
        """Return a free IRI: of the name; if that is taken, with the country, or of the identifier."""
        one = new.identifiers[0]
        number = slug(one.name if one.authority == "Wikidata" else f"{one.authority} {one.name}")
        named = slug(new.names.get("en", ""))
        of_name = [] if new.kind == "polity" else [named, f"{named}-{new.country.rpartition('/')[2]}"]
        for name in (*of_name, number, f"{named}-{number}"):
            iri = f"{ns.ID}{new.kind}/{fit_length(name)}"
            if ns.SLUG.fullmatch(name) and iri not in self.new and not self.reconciler.names.knows(NamedNode(iri)):
                return iri
        raise AssertionError(f"no IRI is free for {new.names}")

    def _country(self, text: str) -> str:
        """Return the IRI of a country, by ISO code or name.

        Raises UnfitCellError if there is none.
        """
        if text not in self._countries:
            self._countries[text] = self._country_named(text)
        if isinstance(found := self._countries[text], Reason):
            raise UnfitCellError(found)
        return found

    def _country_named(self, text: str) -> str | Reason:
        if country := self.reconciler.find_country(text):
            if (land := find_country(text)) is not None:
                self._iso_countries[country] = land
            return country
        named = shorten(text)
        if (of_state := find_subdivision(text)) is not None:
            code = of_state.of.alpha2
            hint = f"It is a part of {of_state.of.name}: write {code}, {_values_hint(text, code)}."
            return reason("{name!r} is not a country that is known here.", hint, name=named)
        hint = f"Give the code of ISO 3166-1, such as DE, or a name of it in any language, {_values_hint(text, '…')}."
        if (likely := nearest_country(text)) is not None:
            hint = f"Did you mean {likely.alpha2} ({likely.name})? {hint}"
        elif near := self.reconciler.similar_country(text):
            hint = self.reconciler.did_you_mean(near) + hint
        return reason("{name!r} is not a country that is known here.", hint, name=named)

    def statements(self, source: NamedNode) -> Iterator[tuple[Triple, Row | None]]:
        """Yield the statements of new countries and things, with the first row that names a thing."""
        for land in self.new_countries.values():
            yield from ((triple, None) for triple in country_statements(land))
        for new in self.new.values():
            yield from ((triple, new.row) for _, triple in new.statements(source))


def _iri_among_names(description: ThingDescription) -> str:
    """Return the name in a row that is written as an IRI, empty without one, or if the row has identifiers."""
    return "" if description.identifiers else next((name for name in description.names if ns.thing_iri(name)), "")


def _values_hint(text: str, code: str) -> str:
    """Return the end of a hint: how a mapping translates a name of a country that is not known."""
    return f"or say in the mapping what it is (country: {{column: …, values: {{{shorten(text)!r}: {code}}}}})"


def _check_address(text: str) -> str:
    """Return an address of the web unchanged. Raises UnfitCellError if it is not one."""
    if text and not is_address(text):
        raise UnfitCellError(reason("{text!r} is not an address.", "Such as https://example.org/.", text=shorten(text)))
    return text


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
