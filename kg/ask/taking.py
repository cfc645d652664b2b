"""The values that canned queries take of what a question names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.ask.understanding import PROPER, NamedPart, Understanding
from kg.ask.wordings import stem
from kg.queries import CannedQuery, Parameter
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match, nodes_of
from kg.rdf.vocabulary import CD, RDF
from kg.sparql.evaluation import run

Values = tuple[tuple[str, str], ...]

LANDS = ("country", "nation")
NARROWING = ("country", "kind", "since")
"""Parameters that narrow a canned query, and are taken beside a value that is given."""
_STATE = "cd:State"
_SAYING_NOTHING = frozenset(("yes", "no"))


class TakenValues(NamedTuple):
    """The values that a canned query takes of what a question names, and the parts with names that are left over."""

    values: dict[str, str]
    left: list[NamedPart]


def is_proper(part: NamedPart) -> bool:
    """Return True if a part names a thing of its own, such as a city, and no concept of the same name."""
    return ns.kind_of(part.things[0]) in PROPER and not any(one.startswith(ns.VOCABULARY) for one in part.things)


class Taking:
    """What one question names, for the parameters of canned queries."""

    def __init__(self, store: Store, understood: Understanding) -> None:
        self._store = store
        self._understood = understood
        self._named = [one for one in understood.named if ns.kind_of(one.things[0]) != "publication"]
        self._words = {stem(word) for word in re.findall(r"[a-z]+", understood.text.casefold())} - _SAYING_NOTHING
        self._fits: dict[tuple[str | tuple[str, ...] | None, str | None, str], bool] = {}

    def take(self, query: CannedQuery, given: Values | None = None) -> TakenValues | None:
        """Return values for the parameters of a query by what is named; None if one that it needs is missing.

        Those that are `given` are narrowed alone, also by choices of which the question has the words.
        """
        values = dict(given or ())
        known = {ns.expand(value) for value in values.values()}
        left = [one for one in self._named if known.isdisjoint(one.things)]
        for parameter in query.parameters:
            if parameter.name in values or (given and parameter.name not in NARROWING):
                continue
            if parameter.type == "integer" and parameter.name == "since" and self._understood.year:
                values[parameter.name] = self._understood.year
            elif (found := self._named_for(parameter, left)) is not None:
                part, values[parameter.name] = found
                left.remove(part)
            elif given is not None and (choice := self._choice(parameter)) is not None:
                values[parameter.name] = choice
            elif parameter.is_required:
                return None
        return TakenValues(values, left)

    def fits(self, parameter: Parameter, thing: str) -> bool:
        """Return True if a thing is one that a parameter takes."""
        key = parameter.choices, parameter.of_class, thing
        if key not in self._fits:
            self._fits[key] = self._does_fit(parameter, thing)
        return self._fits[key] and parameter.type in ("iri", "choice")

    def has_rows(self, parameter: Parameter, value: str) -> bool:
        """Return False if a value is none of those that a parameter offers."""
        iri = ns.expand(value)
        if parameter.offered is None or iri is None:
            return True
        asked = f"ASK {{ VALUES ?value {{ {NamedNode(iri)} }} {parameter.offered} }}"
        return bool(run(self._store, asked))

    def _does_fit(self, parameter: Parameter, thing: str) -> bool:
        if isinstance(parameter.choices, tuple):
            return ns.compact(thing) in parameter.choices
        if parameter.choices is not None:
            return thing.startswith(f"{ns.VOCABULARY}{parameter.choices}/")
        if parameter.of_class is None:
            return thing.startswith(ns.ID)
        of_class = NamedNode(ns.expand(parameter.of_class) or "")
        return any(match(self._store, NamedNode(thing), RDF.type, of_class, DefaultGraph()))

    def _named_for(self, parameter: Parameter, named: Iterable[NamedPart]) -> tuple[NamedPart, str] | None:
        for part in sorted(named, key=lambda one: not is_proper(one)):
            for thing in (*part.things, *(self._lands(part) if parameter.of_class == _STATE else ())):
                if self.fits(parameter, thing):
                    return part, ns.compact(thing)
        return None

    def _lands(self, part: NamedPart) -> Iterator[str]:
        """Yield the country of a group that is named, as of "UK cities"."""
        if ns.kind_of(part.things[0]) == "group":
            yield from (land.value for land in nodes_of(self._store, NamedNode(part.things[0]), CD.inPlace))

    def _choice(self, parameter: Parameter) -> str | None:
        """Return the choice of a parameter, of those that it lists, of which a question has the words."""
        for choice in parameter.choices if isinstance(parameter.choices, tuple) else ():
            if self._words.issuperset(map(stem, choice.rpartition(":")[2].casefold().split("-"))):
                return choice
        return None
