"""What the graph says of things that a table names: the properties by which a column is added to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.names import LINKS
from kg.rdf import namespaces as ns
from kg.rdf.authorities import AUTHORITIES, Authority
from kg.rdf.labels import english_label
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, SKOS, WGS84
from kg.readings import Reading

Value = Mapping[str, str | float]
_Terms = Iterable[NamedNode | Literal]


@dataclass(frozen=True)
class Property:
    """A property: what it is called, and its values of a thing; `is_queryable` if a query may name it, too."""

    name: str
    values: Callable[[Store, NamedNode], list[Value]]
    is_queryable: bool = False


@Reading
def extend(store: Store, identifiers: Sequence[str], properties: Sequence[str]) -> dict[str, dict[str, list[Value]]]:
    """Return the values of properties (PROPERTIES) of things, by identifier; none of what the graph does not know."""
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
