"""The things of a graph by what people call them: labels, other names, printed spellings, identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import islice

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.names.identifiers import LINKS, identifiers_in
from kg.names.plain import idle_words_left_out, plain, plain_forms
from kg.nearest import nearest
from kg.rdf import namespaces as ns
from kg.rdf.labels import NAMES, label
from kg.rdf.lookup import match, match_each
from kg.rdf.vocabulary import CD, OWL

LONGEST_ASKED = 200
"""Characters of the longest text that is looked up as a name."""

_NOT_CALLED = {
    *("account", "affiliation", "geometry", "mediation", "membership"),
    *("spelling", "statistic", "support", "twinning"),
}
"""Types of things that are called by what they are about, and of which there are many."""
_ADDITION = re.compile(r"\s*\(.*\)$|,.*")
_MOST_COMPARED = 5_000
_MOST_TWINS = 3
_ALIKE = 0.75  # as nearest has it; Seoul and São Paulo have 0.6
_Fits = Callable[[NamedNode], bool]


class Names:
    """What the things of a graph and its concepts are called. Takes some 250 bytes a name."""

    def __init__(self, store: Store) -> None:
        """Read all names of a store, which takes a while where there are many; later changes of it are not seen."""
        self.store = store
        self._by_name: dict[str, list[str]] = {}
        self._by_rest: dict[str, list[str]] = {}
        self._without_addition: dict[str, list[str]] = {}
        self._withdrawn = self.withdrawn_in(store)
        entries = match(store, None, CD.entry, None, DefaultGraph())
        self._entries = {quad.subject.value for quad in entries if isinstance(quad.subject, NamedNode)}
        called: dict[str, None] = {}
        for thing, literal in named(store):
            if _is_called(thing) and not self.is_passed_over(thing):
                self._add(thing, literal.value)
                called[thing] = None
        for thing in called:
            if thing.startswith(ns.ID):
                self._add(thing, thing.rpartition("/")[2])

    def all(self) -> Iterator[tuple[str, str]]:
        """Yield each name in plain form with what has it, by its IRI; several may have it."""
        for name, things in self._by_name.items():
            yield from ((name, thing) for thing in things)

    def find(self, text: str, fits: _Fits) -> list[NamedNode]:
        """Return what fits and has a name or an identifier, sorted; a name in full comes before one in part.

        A name counts in plain form (kg.names.plain), in part without words such as "city of"; an identifier is a number
        of Wikidata or GeoNames, one of another authority behind its prefix (`ror:…`), an address of any of them or of
        others, or the ISO code of a state in capitals.
        """
        if not text or len(text) > LONGEST_ASKED:
            return []
        for found in self._candidates(text):
            if fitting := sorted({thing for thing in found if fits(thing)}, key=str):
                return fitting
        return []

    def with_addition(self, text: str) -> list[str]:
        """Return the IRIs of what is called so with an addition that tells it from others: Frankfurt (Oder).

        An addition stands in brackets or behind a comma.
        """
        return self._without_addition.get(plain(text), [])

    def nearest(self, text: str, fits: _Fits) -> NamedNode | None:
        """Return what fits and has a name like the text, which begins with the same letter; None if there is none."""
        wanted = plain(text[:LONGEST_ASKED])
        alike = (name for name in self._by_name if name[0] == wanted[:1] and self._some(name, fits))
        near = nearest(wanted, islice(alike, _MOST_COMPARED), _ALIKE)
        return self._some(near, fits) if near else None

    def identified(self, text: str) -> Iterator[NamedNode]:
        """Yield what a text identifies: a number of an authority, an address, the code of a state in capitals."""
        for found in identifiers_in(text):
            yield from self._linked(found.address, text)
        if re.fullmatch("[A-Z]{2,3}", text):
            for code in (CD.isoAlpha2, CD.isoAlpha3):
                yield from self._with(code, Literal(text))

    @staticmethod
    def withdrawn_in(store: Store) -> frozenset[str]:
        """Return what a store marks as withdrawn, by IRI; that takes no index of its names."""
        marked = match(store, None, OWL.deprecated, None, DefaultGraph())
        return frozenset(quad.subject.value for quad in marked if isinstance(quad.subject, NamedNode))

    def is_withdrawn(self, iri: str) -> bool:
        """Whether a thing is marked as withdrawn, so that nobody is sent to it."""
        return iri in self._withdrawn

    def is_passed_over(self, iri: str) -> bool:
        """Whether a thing is not looked up: it is withdrawn, or an entry of a data set, and so called by its number."""
        return iri in self._withdrawn or iri in self._entries

    def shown(self, thing: NamedNode) -> str:
        """Return what people know a thing by: its short name, its label, and what tells it from others of that name."""
        name = label(self.store, thing)
        return ns.compact(thing.value) + (f" “{name.value}”" if name else "") + self.told_apart_by(thing)

    def told_apart_by(self, thing: NamedNode) -> str:
        """Return what tells a thing from others of its name, to be read after that; empty if nothing does.

        That is what it lies in: " in England, United Kingdom"; or, if the graph does not say, or another of that name
        lies there, too, some that it is twinned with: ", twinned with Leeds".
        """
        places = self._labels(self._within(thing))
        twins = self.telling_twins(thing)
        where = f" in {', '.join(places)}" if places else ""
        return where + (f", twinned with {', '.join(twins)}" if twins else "")

    def telling_twins(self, thing: NamedNode) -> list[str]:
        """Return names of some twins of a thing, unless what it lies in tells it from others of its name."""
        places = self._within(thing)
        if places and not self._is_namesake_there(thing, places):
            return []
        twinnings = islice(match(self.store, None, CD.twin, thing, DefaultGraph()), _MOST_TWINS)
        parties = (quad for one in twinnings for quad in match(self.store, one.subject, CD.twin, None, DefaultGraph()))
        return self._labels(quad.object for quad in parties if quad.object != thing)

    def _within(self, thing: NamedNode) -> frozenset[object]:
        return frozenset(quad.object for quad in match(self.store, thing, CD.within, None, DefaultGraph()))

    def _is_namesake_there(self, thing: NamedNode, places: frozenset[object]) -> bool:
        """Whether something else has the label of a thing, and lies in the same places."""
        name = label(self.store, thing)
        namesakes = set(self._by_name.get(plain(name.value), ())) - {thing.value} if name else set()
        return any(self._within(NamedNode(one)) == places for one in namesakes)

    def _labels(self, things: Iterable[object]) -> list[str]:
        named = ((thing, label(self.store, thing)) for thing in set(things) if isinstance(thing, NamedNode))
        return sorted(name.value if name else ns.compact(thing.value) for thing, name in named)

    def _candidates(self, text: str) -> Iterator[Iterable[NamedNode]]:
        yield [NamedNode(iri) for iri in self._by_name.get(plain(text), ())]
        rest = idle_words_left_out(text)
        yield [NamedNode(iri) for iri in (*self._by_rest.get(rest, ()), *self._by_name.get(rest, ()))]
        yield self.identified(text)

    def _add(self, thing: str, name: str) -> None:
        whole, rest = plain_forms(name)
        self._by_name.setdefault(whole, []).append(thing)
        if rest != whole:
            self._by_rest.setdefault(rest, []).append(thing)
        if ("(" in name or "," in name) and (base := _ADDITION.sub("", name)) != name and base:
            things = self._without_addition.setdefault(plain(base), [])
            if thing not in things:
                things.append(thing)

    def _linked(self, *addresses: str) -> Iterator[NamedNode]:
        for address in addresses:
            with suppress(ValueError):  # not an IRI
                link = NamedNode(address)
                for predicate in LINKS:
                    yield from self._with(predicate, link)

    def _with(self, predicate: NamedNode, value: NamedNode | Literal) -> Iterator[NamedNode]:
        for quad in match(self.store, None, predicate, value, DefaultGraph()):
            if isinstance(quad.subject, NamedNode):
                yield quad.subject

    def _some(self, name: str, fits: _Fits) -> NamedNode | None:
        return next((thing for iri in self._by_name[name] if fits(thing := NamedNode(iri))), None)


@lru_cache(maxsize=4)  # the present with its scopes, and one that ?at= asks for
def names_of(snapshot: Store) -> Names:
    """Return the names of a store that never changes, read when they are first asked for."""
    return Names(snapshot)


def named(store: Store, properties: Iterable[NamedNode] = NAMES) -> Iterator[tuple[str, Literal]]:
    """Yield the IRI of what has a name by one of the properties, or is identified in print, each with that name."""
    for quad in match_each(store, ((None, predicate, None, DefaultGraph()) for predicate in properties)):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
            yield quad.subject.value, quad.object
    spelled = {quad.subject: quad.object for quad in match(store, None, CD.spelling, None, DefaultGraph())}
    for quad in match(store, None, CD.identifiedAs, None, DefaultGraph()):
        spelling = spelled.get(quad.subject)
        if isinstance(quad.object, NamedNode) and isinstance(spelling, Literal):
            yield quad.object.value, spelling


def _is_called(iri: str) -> bool:
    """Whether something is a concept, or a thing that goes by a name."""
    if iri.startswith(ns.VOCABULARY):
        return True
    return ns.kind_of(iri) not in ("", *_NOT_CALLED)
