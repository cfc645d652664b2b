"""Parts of the index of names: things by equal names, by similar names, by titles and by identifiers.

Similar names are those that share most n-grams, ranked by difflib's ratio: comparing a name with all others would take
a second in a large graph.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from heapq import nlargest
from itertools import chain

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.names.identifiers import Identifier, identifier_of
from kg.names.name_index import IndexChange, NameEntry
from kg.names.plain import plain, plain_forms, without_idle_words
from kg.names.slips import NamesByHalf
from kg.rdf import namespaces as ns
from kg.rdf.authorities import LINKS
from kg.rdf.lookup import match

ALIKE = 0.75
"""Least ratio of two similar names; Seoul and São Paulo have 0.6."""
_MOST_COMPARED = 30
_ONE_IN = 4
"""A name is compared if it shares more than one in so many of the n-grams."""
_LEAST_BEGUN = 5
"""Least letters of a name with which another one begins: Newcastle and Newcastle upon Tyne.

It must also be at least half of the other: London does not mean the London Borough of Bexley."""
_PAIRS, _THREES = 2, 3
_LONGEST_BY_PAIRS, _LONGEST_IN_PAIRS = 6, 12
"""Most letters of a name that is looked up by pairs of letters, and of one that is found by them: a short name with a
slip may have no three letters in common with the right one."""


class SimilarNames:
    """Names, by the kinds of their things and by their n-grams of letters."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._having: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def add(self, kind: str, name: str) -> None:
        """Add a name of a thing of a kind; other things may have it, too."""
        self._counts[kind, name] += 1
        if self._counts[kind, name] == 1:
            for letters in _groups_of(name):
                self._having[kind][letters].append(name)

    def remove(self, kind: str, name: str) -> None:
        """Remove a name of a thing."""
        self._counts[kind, name] -= 1
        if not self._counts[kind, name]:
            del self._counts[kind, name]
            for letters in _groups_of(name):
                self._having[kind][letters].remove(name)

    def find(self, wanted: str, kinds: Iterable[str] | None, fits: Callable[[str], object] | None) -> list[str]:
        """Return names similar to a given one, most similar first, then those of which one begins with the other.

        They are of some kinds, or of any, and fit.
        """
        groups = _groups(wanted, _PAIRS if len(wanted) <= _LONGEST_BY_PAIRS else _THREES)
        compared: set[str] = set()
        for kind in self._having if kinds is None else kinds:
            having = self._having.get(kind, {})
            shared = Counter(chain.from_iterable(having.get(letters, ()) for letters in groups))
            likely = {name: count for name, count in shared.items() if count * _ONE_IN > len(groups)}
            if fits is not None:
                likely = {name: count for name, count in likely.items() if fits(name)}
            compared.update(_most_like(wanted, likely))
        alike = get_close_matches(wanted, compared, _MOST_COMPARED, ALIKE)
        begun = sorted(name for name in compared if _begins(*sorted((name, wanted), key=len)))
        return list(dict.fromkeys((*alike, *begun)))


def _most_like(wanted: str, shared: Mapping[str, int]) -> list[str]:
    """Return the names that share most n-grams with the wanted one; `shared` has the number for each."""
    least = min(nlargest(_MOST_COMPARED, shared.values()), default=0)
    most = [name for name, count in shared.items() if count >= least]
    most.sort(key=lambda name: (-shared[name], abs(len(name) - len(wanted)), name))
    return most[:_MOST_COMPARED]


def _begins(short: str, long: str) -> bool:
    return long.startswith(short) and len(short) >= max(_LEAST_BEGUN, len(long) / 2)


def _groups_of(name: str) -> set[str]:
    pairs = _groups(name, _PAIRS) if len(name) <= _LONGEST_IN_PAIRS else set()
    return pairs | _groups(name, _THREES)


def _groups(name: str, size: int) -> set[str]:
    padded = f" {name} "
    return {padded[at : at + size] for at in range(len(padded) - size + 1)}


_WITHOUT_OWN_NAME = {
    *("account", "affiliation", "geometry", "mediation", "membership"),
    *("spelling", "statistic", "support", "twinning"),
}
"""Types of things whose labels only repeat what they are about, and of which there are many."""
_WITH_TITLES = ("passage", "publication")
_Do = Callable[[dict[str, list[str]], str, str], None]
"""Adds a thing to a table under a form of a name, or removes it."""
_ADDITION = re.compile(r"\s*\(.*\)$|,.*")
_ABBREVIATION = re.compile(r"\([A-Z]{2,}\)$")
"""A short form of the name itself in brackets: it tells the thing from no other, as “Frankfurt (Oder)” does."""


class _ThingsByForm(ABC):
    """Things by forms of their names; an entry is added and removed under the same forms."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        for iri, entry in entries.items():
            self._each(_add, iri, entry)

    def move(self, store: Store, change: IndexChange) -> None:
        """Update the part for another revision."""
        for iri, (before, after) in change.entries.items():
            if before != after:
                self._each(_remove, iri, before)
                self._each(_add, iri, after)

    @abstractmethod
    def _each(self, do: _Do, iri: str, entry: NameEntry) -> None:
        """Add a thing to each of its tables, or remove it."""


class ByName(_ThingsByForm):
    """Things that have names, and concepts, by their names in plain form."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self.by_full_form: dict[str, list[str]] = {}
        self.by_form_without_idle_words: dict[str, list[str]] = {}
        self.by_form_without_addition: dict[str, list[str]] = {}
        super().__init__(entries, store)

    def _each(self, do: _Do, iri: str, entry: NameEntry) -> None:
        whole, rest, base = set(), set(), set()
        for name in _searchable_names(iri, entry):
            form, without = plain_forms(name)
            whole.add(form)
            if without != form:
                rest.add(without)
            if ("(" in name or "," in name) and (stem := _ADDITION.sub("", name)) not in (name, ""):
                base.add(plain(stem))
                if short := _ABBREVIATION.search(name):
                    rest.update((*plain_forms(name[: short.start()]), plain(short[0])))
        for forms, into in (
            (whole, self.by_full_form),
            (rest, self.by_form_without_idle_words),
            (base, self.by_form_without_addition),
        ):
            for form in forms:
                do(into, form, iri)


class BySimilarName:
    """Things that have names, by similar names."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self._names = SimilarNames()
        for iri, entry in entries.items():
            self._each(self._names.add, iri, entry)

    def move(self, store: Store, change: IndexChange) -> None:
        """Update the part for another revision."""
        for iri, (before, after) in change.entries.items():
            if before != after:
                self._each(self._names.remove, iri, before)
                self._each(self._names.add, iri, after)

    def find(self, text: str, kinds: Iterable[str] | None, fits: Callable[[str], object] | None) -> list[str]:
        """Return names in plain form that are similar to a text, of things of some kinds, or of any, that fit.

        If there are none, return those similar to the text without words such as "city of".
        """
        whole, rest = plain_forms(text)
        return self._names.find(whole, kinds, fits) or (self._names.find(rest, kinds, fits) if rest != whole else [])

    @staticmethod
    def _each(do: Callable[[str, str], None], iri: str, entry: NameEntry) -> None:
        for form in {plain(name) for name in _searchable_names(iri, entry)}:
            do(ns.kind_of(iri), form)


class ByTitle(_ThingsByForm):
    """Passages and publications by their names and titles in plain form."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self.things: dict[str, list[str]] = {}
        super().__init__(entries, store)

    def _each(self, do: _Do, iri: str, entry: NameEntry) -> None:
        if ns.kind_of(iri) in _WITH_TITLES:
            for form in {plain(name.value) for name in (*entry.names, *entry.titles)}:
                do(self.things, form, iri)


class ByIdentifier:
    """Things and concepts, also withdrawn ones, by their identifiers, however these are written."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self.things_with: dict[Identifier, set[str]] = defaultdict(set)
        self.identifiers_of: dict[str, frozenset[Identifier]] = {}
        linked: dict[str, set[Identifier]] = defaultdict(set)
        for thing, one in _links(store, None):
            linked[thing].add(one)
        for iri, identifiers in linked.items():
            self._put(iri, identifiers)

    def move(self, store: Store, change: IndexChange) -> None:
        """Update the part for another revision."""
        for iri in change.entries:
            self._put(iri, {one for _, one in _links(store, NamedNode(iri))})

    def _put(self, iri: str, identifiers: Collection[Identifier]) -> None:
        for one in self.identifiers_of.pop(iri, ()):
            self.things_with[one].discard(iri)
        for one in identifiers:
            self.things_with[one].add(iri)
        if identifiers:
            self.identifiers_of[iri] = frozenset(identifiers)


class ByHalf:
    """Everything that has a name: by the plain form without idle words, and by the halves that similar names share."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self._things: dict[str, list[str]] = {}
        self._halves = NamesByHalf()
        for iri, entry in entries.items():
            self._put(iri, entry)

    def move(self, store: Store, change: IndexChange) -> None:
        """Update the part for another revision."""
        for iri, (before, after) in change.entries.items():
            if before.names != after.names:
                for name in _slip_forms(before):
                    _remove(self._things, name, iri)
                    if name not in self._things:
                        self._halves.remove(name)
                self._put(iri, after)

    def find(self, wanted: Iterable[str]) -> dict[str, list[str]]:
        """Return the things that have one of the names, or one that shares a half with one of them, by name."""
        names = {similar for name in wanted for similar in (name, *self._halves.similar(name))}
        return {name: [*things] for name in names if (things := self._things.get(name))}

    def _put(self, iri: str, entry: NameEntry) -> None:
        for name in _slip_forms(entry):
            if name not in self._things:
                self._halves.add(name)
            _add(self._things, name, iri)


def _links(store: Store, thing: NamedNode | None) -> Iterator[tuple[str, Identifier]]:
    """Yield the identifiers of a thing, or of all things, from their links to addresses."""
    for predicate in LINKS:
        for quad in match(store, thing, predicate, None, DefaultGraph()):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                yield quad.subject.value, identifier_of(quad.object.value)


def _slip_forms(entry: NameEntry) -> set[str]:
    return {without_idle_words(name.value) for name in entry.names}


def _add(into: dict[str, list[str]], name: str, iri: str) -> None:
    into.setdefault(name, []).append(iri)


def _remove(out_of: dict[str, list[str]], name: str, iri: str) -> None:
    out_of[name].remove(iri)
    if not out_of[name]:
        del out_of[name]


def _searchable_names(iri: str, entry: NameEntry) -> set[str]:
    """Return the names of something and the last part of its IRI; empty if it is not looked up by name."""
    names = {name.value for name in (*entry.names, *entry.printed)}
    if not names or entry.is_hidden or not has_own_name(iri):
        return set()
    return names | ({iri.rpartition("/")[2]} if iri.startswith(ns.ID) else set())


def has_own_name(iri: str) -> bool:
    """Return True for a concept, and for a thing of a type that has names of its own."""
    if iri.startswith(ns.VOCABULARY):
        return True
    return ns.kind_of(iri) not in ("", *_WITHOUT_OWN_NAME)
