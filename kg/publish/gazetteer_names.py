"""Names that the graph does not know and the gazetteer does: the things of the graph that they lead to.

Each says on what ground; a place that the graph lacks has no things. A worker opens the gazetteer, by its path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypedDict

from pyoxigraph import NamedNode, Store

from kg.errors import AmbiguousValueError, BadValueError
from kg.gazetteer import Gazetteer, Place
from kg.names import names_of
from kg.names.countries import find_country
from kg.names.search import LONGEST_QUERY
from kg.publish.search import SearchResult, describe_hit, search_of
from kg.queries import Parameter, Question, check_value
from kg.rdf import namespaces as ns
from kg.rdf.labels import english_label
from kg.readings import Reading
from kg.reconciliation import Reconciler

_MOST_COMPARED = 50
"""Places of a name that are compared with the graph: those whose own name it is first, then the largest."""


class PlaceResult(TypedDict):
    """A place of the gazetteer that has a name, and the things of the graph that are this place, if it has any.

    `country` is its English name; `population` is 0 where it is not known.
    """

    geonames: int
    name: str
    country: str
    population: int
    things: list[SearchResult]


class GazetteerResults(TypedDict):
    """The places of the gazetteer that have a name: those in the graph first. `version` is that of the gazetteer."""

    version: str
    places: list[PlaceResult]


class GazetteerValue(TypedDict):
    """The value of a parameter that a name leads to by the gazetteer, and the sentence that says so."""

    value: str
    ground: str


@Reading
def search_gazetteer(store: Store, text: str, path: str) -> GazetteerResults:
    """Return the places of a gazetteer that have a text as one of their names. Raises GazetteerError."""
    with Gazetteer(Path(path)) as gazetteer:
        found = [
            PlaceResult(
                geonames=place.geonames,
                name=place.name,
                country=land.name if (land := find_country(place.country)) else place.country,
                population=place.population,
                things=[result for thing in things for result in _describe(store, thing)],
            )
            for place, things in _places_with_things(store, text, gazetteer)
        ]
        return GazetteerResults(version=gazetteer.version, places=sorted(found, key=lambda one: not one["things"]))


@Reading
def values_by_gazetteer(store: Store, described: Mapping[str, Any], path: str) -> dict[str, GazetteerValue]:
    """Return, by parameter, the values of a question that do not fit and name one thing that does, by the gazetteer.

    The question is as `Question.as_json` returns it. Raises GazetteerError.
    """
    question = Question.from_json(described)
    found: dict[str, GazetteerValue] = {}
    with Gazetteer(Path(path)) as gazetteer:
        for name, value in question.values.items():
            parameter = question.query.parameter(name)
            if parameter.type != "iri" or _fits(store, parameter, value):
                continue
            fitting = {
                thing: place
                for place, things in _places_with_things(store, value, gazetteer)
                for thing in map(ns.compact, things)
                if _fits(store, parameter, thing)
            }
            if len(fitting) == 1:
                ((thing, place),) = fitting.items()
                called = english_label(store, NamedNode(ns.expand(thing) or "")) or thing
                ground = f"“{value}” is a name of {called}, by the gazetteer: GeoNames {place.geonames}."
                found[name] = GazetteerValue(value=thing, ground=ground)
    return found


def _fits(store: Store, parameter: Parameter, value: str) -> bool:
    try:
        return bool(check_value(store, parameter, value))
    except AmbiguousValueError:
        return True
    except BadValueError:
        return False


def _describe(store: Store, iri: str) -> Iterator[SearchResult]:
    """Yield a thing as a search result; nothing if search passes it over."""
    yield from (describe_hit(store, hit) for hit in search_of(store).find(iri) if hit.thing.iri == iri)


def _places_with_things(store: Store, text: str, gazetteer: Gazetteer) -> Iterator[tuple[Place, list[str]]]:
    reconciler = Reconciler(names_of(store))
    for place, _ in gazetteer.named(text[:LONGEST_QUERY])[:_MOST_COMPARED]:
        yield place, reconciler.known.things_at(place)
