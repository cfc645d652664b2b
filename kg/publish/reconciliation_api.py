"""The Reconciliation Service API 0.2 over the graph: candidates for the cells of a table, and properties of things.

Candidates have scores, and a match where an import would take the thing, too: whether a candidate is a match is decided
by kg.reconciliation, so that a table means the same here as in an import; the rest is for people to choose from.
The properties (PROPERTIES) are those by which columns can be added to a table. The form is that of the W3C Entity
Reconciliation Community Group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.gazetteer import Gazetteer, Place
from kg.names import Identifier, names_of, without_idle_words
from kg.names.search import Findable, Hit
from kg.publish.search import search_of
from kg.publish.work_names import work_names
from kg.rdf import namespaces as ns
from kg.rdf.authorities import AUTHORITIES, LINKS, Authority
from kg.rdf.kinds import kind_of_thing
from kg.rdf.labels import english_label
from kg.rdf.lookup import match
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.vocabulary import CD, SKOS, WGS84
from kg.readings import Reading
from kg.reconciliation import Match, Reconciler, ThingDescription

TYPES: Mapping[str, str] = {
    "city": "City",
    "polity": "Polity",
    "district": "District",
    "region": "Region",
    "nation": "Nation",
    "country": "Country",
    "network": "Network of cities",
    "organisation": "Organisation",
}
"""The types of things that a table may name, with their names: the kinds in IRIs."""

_NARROWER = {"polity": ("city", "district", "region", "nation", "country")}
"""The narrower types of a type: each city is a polity."""
_OF_SOME_POLITIES = frozenset(("city", "district", "region"))
"""Types that a polity may have: for most bodies of the world no source states a type."""

LIMIT = 10
"""Candidates of a query without a limit."""
MOST = 50
"""Candidates of any query, and suggestions at a time."""

_MOST_COMPARED = 200
_AUTHORITIES = frozenset(authority.name.lower() for authority in AUTHORITIES)
_OF_OTHER_TYPE, _TYPE_UNKNOWN, _PLACE_UNKNOWN, _ELSEWHERE, _ADDED, _BY_GAZETTEER = 20, 10, 10, 30, 10, 10
"""Points that are taken off the score of a candidate, of 100."""
_NOWHERE = "?"


class Type(TypedDict):
    """A type, or another thing with an identifier and a name."""

    id: str
    name: str


class Feature(TypedDict):
    """A feature of a candidate that raises or lowers its score."""

    id: str
    value: float | bool


class ReconciliationCandidate(TypedDict):
    """A candidate for a cell; `score` is at most 100, `match` is true if an import would take it."""

    id: str
    name: str
    description: str
    type: list[Type]
    score: float
    match: bool
    features: list[Feature]


@Reading
def candidates(
    store: Store, queries: Mapping[str, Mapping[str, Any]], gazetteer: str = ""
) -> dict[str, list[ReconciliationCandidate]]:
    """Return the candidates of each query of a batch, the best first; queries are in the form of the API.

    `gazetteer` is the path of one, empty for none. Raises GazetteerError.
    """
    if not gazetteer:
        table = _matcher_of(store)
        return {name: table.candidates(query) for name, query in queries.items()}
    with Gazetteer(Path(gazetteer)) as opened:
        table = _Matcher(store, opened)
        return {name: table.candidates(query) for name, query in queries.items()}


@Reading
def suggest(store: Store, prefix: str, cursor: int) -> list[ReconciliationCandidate]:
    """Return the things whose names contain a text being typed, starting at number `cursor`."""
    table = _matcher_of(store)
    found = dict.fromkeys([*filter(None, [table.thing(prefix)]), *(hit.thing.iri for hit in table.hits(prefix))])
    return [table.as_candidate(iri) for iri in islice(found, cursor, cursor + MOST)]


@Reading
def find_candidate(store: Store, identifier: str) -> ReconciliationCandidate | None:
    """Return the thing with an identifier, None if there is none."""
    table = _matcher_of(store)
    iri = table.thing(identifier)
    return table.as_candidate(iri) if iri else None


class _Asked(NamedTuple):
    """A query: what it says of a thing, the types that it asks for, and what that means by the rules of imports."""

    described: ThingDescription
    types: Sequence[str]
    found: Match | None


@once_per_snapshot
def _matcher_of(snapshot: Store) -> _Matcher:
    return _Matcher(snapshot)


class _Matcher:
    """Finds the things in a snapshot that a table may name."""

    def __init__(self, store: Store, gazetteer: Gazetteer | None = None) -> None:
        self._store = store
        self._names = names_of(store)
        self._search = search_of(store)
        self._gazetteer = gazetteer
        self._reconciler = Reconciler(self._names, gazetteer)

    def candidates(self, query: Mapping[str, Any]) -> list[ReconciliationCandidate]:
        """Return the candidates of a query."""
        text = " ".join(str(query.get("query", "")).split())
        types = [kind for one in _as_list(query.get("type", [])) for kind in (one, *_NARROWER.get(one, ()))]
        country, identifiers = self._read_properties(query.get("properties", []))
        thing = self.thing(text)
        described = ThingDescription(identifiers, (text,) if text else (), country, tuple(types) or tuple(TYPES))
        found = Match("known", thing) if thing else self._reconciler.find(described)
        asked = _Asked(described, types, found)
        hits = {hit.thing.iri: hit for hit in islice(self._likely(text), _MOST_COMPARED)}
        meant = (found.thing, *found.candidates) if found else ()
        is_called_so = any(hit.is_exact for hit in hits.values())
        places = {} if is_called_so else self._by_gazetteer(Reconciler.bare_name(text), country)
        all_found = [
            self._candidate(iri, asked, hits.get(iri), places.get(iri))
            for iri in dict.fromkeys(iri for iri in (*meant, *places, *hits) if iri)
        ]
        all_found.sort(key=lambda one: (not one["match"], -one["score"]))
        return all_found[: min(int(query.get("limit") or LIMIT), MOST)]

    def thing(self, text: str) -> str:
        """Return the IRI for an identifier: an IRI, a prefixed name, or an IRI without its beginning."""
        iri = ns.thing_iri(text) or ns.thing_iri(ns.ID + text)
        return iri if ns.kind_of(iri) in TYPES and self._names.knows(NamedNode(iri)) else ""

    def hits(self, text: str) -> list[Hit]:
        """Return the things with a text in one of their names, the best first."""
        return [hit for hit in self._search.find(text) if hit.is_named and hit.thing.kind in TYPES]

    def as_candidate(self, iri: str) -> ReconciliationCandidate:
        """Return a thing that has been chosen already as a candidate."""
        return self._candidate(iri, _Asked(ThingDescription((), (), "", tuple(TYPES)), [], Match("known", iri)))

    def _likely(self, text: str) -> Iterator[Hit]:
        """Yield the things of a name; else those of it without what it adds, and those of similar names."""
        for name in dict.fromkeys((text, Reconciler.bare_name(text))):
            hits = self.hits(name)
            yield from hits
            if any(hit.is_exact for hit in hits):
                return
        yield from (hit for hit in self._search.nearest(text) if hit.thing.kind in TYPES)

    def _by_gazetteer(self, name: str, country: str) -> dict[str, Place]:
        """Return the things that a name means by the gazetteer, in a country if one is given, each with its place."""
        named = self._gazetteer.named(name)[:MOST] if self._gazetteer else []
        found = ((thing, place) for place, _ in reversed(named) for thing in self._reconciler.known.things_at(place))
        return {thing: place for thing, place in found if country in ("", *self._reconciler.known.countries(thing))}

    def _read_properties(self, properties: Sequence[Mapping[str, Any]]) -> tuple[str, tuple[Identifier, ...]]:
        """Return the country in a query, empty for none, and the identifiers.

        A cell without an identifier is ignored; a country that is not known contains nothing.
        """
        country = ""
        identifiers: list[Identifier] = []
        for given in properties:
            for value in map(_text, _as_list(given["v"])):
                if given["pid"] in _AUTHORITIES:
                    identifiers += filter(None, [Identifier.of(given["pid"], value)])
                elif value and not country:
                    country = self.thing(value) or self._reconciler.known.find_country(value) or _NOWHERE
        return country, tuple(identifiers)

    def _candidate(
        self, iri: str, asked: _Asked, hit: Hit | None = None, place: Place | None = None
    ) -> ReconciliationCandidate:
        described, types, found = asked
        kind = kind_of_thing(self._store, iri)
        is_match = found is not None and found.outcome == "known" and found.thing == iri
        alike = 1.0 if is_match or place is not None else _alike(described.names, hit)
        score, features = 100 * alike, [Feature(id="name", value=round(alike, 2))]
        if place is not None:
            features.append(Feature(id="geonames", value=place.geonames))
            score -= 0 if is_match else _BY_GAZETTEER
        if types:
            features.append(Feature(id="type", value=kind in types))
            score -= 0 if kind in types or is_match else _TYPE_UNKNOWN if _may_be(kind, types) else _OF_OTHER_TYPE
        lands = self._reconciler.known.countries(iri)
        if described.country:
            features.append(Feature(id="country", value=described.country in lands))
            is_open = self._reconciler.known.is_open(iri, described.country)
            score -= 0 if described.country in lands or is_match else _PLACE_UNKNOWN if is_open else _ELSEWHERE
        return ReconciliationCandidate(
            id=iri.removeprefix(ns.ID),
            name=self._label(iri, hit.thing if hit else None),
            description=self._description(iri, kind, lands)
            + (f", by the gazetteer: GeoNames {place.geonames}" if place else ""),
            type=[Type(id=kind, name=TYPES[kind])],
            score=round(max(score, 0), 1),
            match=is_match,
            features=features,
        )

    def _label(self, iri: str, thing: Findable | None) -> str:
        return english_label(self._store, NamedNode(iri)) or (thing.label.value if thing else iri.rpartition("/")[2])

    def _description(self, iri: str, kind: str, lands: frozenset[str]) -> str:
        """Return a description that distinguishes a thing from others of its name."""
        within = sorted(english_label(self._store, NamedNode(land)) or ns.compact(land) for land in lands - {iri})
        twins = self._names.distinguishing_twins(NamedNode(iri))
        where = f" in {', '.join(within)}" if within else ""
        return TYPES[kind] + where + (f", twinned with {', '.join(twins)}" if twins else "") + self._naming_works(iri)

    def _naming_works(self, iri: str) -> str:
        """Return the works that name a thing, where the graph has several."""
        names = work_names(self._store)
        naming = [names[work] for work, _ in self._search.passages(iri) if work in names] if len(names) > 1 else []
        return f", named in {' and '.join(naming)}" if naming else ""


def _may_be(kind: str, types: Sequence[str]) -> bool:
    """Return True if a thing may be of some types though the graph does not say so."""
    return kind == "polity" and not _OF_SOME_POLITIES.isdisjoint(types)


def _alike(names: Sequence[str], hit: Hit | None) -> float:
    """Return how similar the text of a query is to the name that was found: 1 if equal, 0 without a name.

    That is its whole text, or the text without what it adds, less `_ADDED` points: Leeds (Yorkshire).
    """
    if not names or hit is None:
        return 0.0
    found = without_idle_words((hit.name or hit.thing.label).value)
    whole, bare = (
        SequenceMatcher(None, without_idle_words(name), found).ratio()
        for name in (names[0], Reconciler.bare_name(names[0]))
    )
    return max(whole, bare - _ADDED / 100)


def _as_list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _text(value: Any) -> str:
    return str(value.get("id", "") if isinstance(value, dict) else value).strip()


Value = Mapping[str, str | float]
_Terms = Iterable[NamedNode | Literal]


@dataclass(frozen=True)
class Property:
    """A property: its name, and a function to its values; `is_queryable` if a query may use it, too."""

    name: str
    values: Callable[[Store, NamedNode], list[Value]]
    is_queryable: bool = False


@Reading
def extend(store: Store, identifiers: Sequence[str], properties: Sequence[str]) -> dict[str, dict[str, list[Value]]]:
    """Return the values of properties (PROPERTIES) of things, by identifier; no values for unknown things."""
    things = {one: NamedNode(ns.ID + one) for one in identifiers if ns.SLUG.fullmatch(one.rpartition("/")[2])}
    return {
        one: {name: PROPERTIES[name].values(store, things[one]) if one in things else [] for name in properties}
        for one in identifiers
    }


def _objects(store: Store, thing: NamedNode, predicate: NamedNode) -> _Terms:
    quads = match(store, thing, predicate, None, DefaultGraph())
    return sorted((quad.object for quad in quads if isinstance(quad.object, (NamedNode, Literal))), key=str)


def _things(predicate: NamedNode) -> Callable[[Store, NamedNode], list[Value]]:
    def values(store: Store, thing: NamedNode) -> list[Value]:
        found = (term for term in _objects(store, thing, predicate) if isinstance(term, NamedNode))
        return [
            {"id": one.value.removeprefix(ns.ID), "name": english_label(store, one) or ns.compact(one.value)}
            for one in found
        ]

    return values


def _texts(predicate: NamedNode, language: str = "") -> Callable[[Store, NamedNode], list[Value]]:
    def values(store: Store, thing: NamedNode) -> list[Value]:
        found = (term for term in _objects(store, thing, predicate) if isinstance(term, Literal))
        return [{"str": one.value} for one in found if (one.language or "").partition("-")[0] == language]

    return values


def _numbers(predicate: NamedNode) -> Callable[[Store, NamedNode], list[Value]]:
    def values(store: Store, thing: NamedNode) -> list[Value]:
        return [{"float": float(term.value)} for term in _objects(store, thing, predicate)]

    return values


def _identifiers(authority: Authority) -> Callable[[Store, NamedNode], list[Value]]:
    def values(store: Store, thing: NamedNode) -> list[Value]:
        linked = (term.value for predicate in LINKS for term in _objects(store, thing, predicate))
        return [{"str": name} for name in dict.fromkeys(map(authority.identifier_in, linked)) if name]

    return values


PROPERTIES: Mapping[str, Property] = {
    "country": Property("Country, or what else it lies in", _things(CD.within), is_queryable=True),
    "iso": Property("Code of ISO 3166-1", _texts(CD.isoAlpha2)),
    "name-en": Property("Name in English", _texts(SKOS.prefLabel, "en")),
    "name-zh": Property("Name in Chinese", _texts(SKOS.prefLabel, "zh")),
    "latitude": Property("Latitude (WGS 84)", _numbers(WGS84.lat)),
    "longitude": Property("Longitude (WGS 84)", _numbers(WGS84.long)),
    "twin": Property("Twinned with, by some source, at present or once", _things(CD.twinnedWith)),
    "current-twin": Property("Twinned with, and no source says that it has ended", _things(CD.currentlyTwinnedWith)),
    "network": Property("Member of a network", _things(CD.memberOf)),
    **{
        authority.name.lower(): Property(f"Identifier of {authority.name}", _identifiers(authority), is_queryable=True)
        for authority in AUTHORITIES
    },
}
"""By identifier; those that a query may name are `country` and the identifiers of authorities."""
