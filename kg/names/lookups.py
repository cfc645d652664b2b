"""Parts of the index of names: things by equal names, by similar names, by titles and by identifiers."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.names.identifiers import Identifier, identifier_of
from kg.names.name_index import IndexChange, NameEntry
from kg.names.plain import plain, plain_forms, without_idle_words
from kg.names.similar import SimilarNames
from kg.names.slips import NamesByHalf
from kg.rdf import namespaces as ns
from kg.rdf.authorities import LINKS
from kg.rdf.lookup import match

_WITHOUT_OWN_NAME = {
    *("account", "affiliation", "geometry", "mediation", "membership"),
    *("spelling", "statistic", "support", "twinning"),
}
"""Types of things whose labels only repeat what they are about, and of which there are many."""
_WITH_TITLES = ("passage", "publication")
_Do = Callable[[dict[str, list[str]], str, str], None]
"""Adds a thing to a table under a form of a name, or removes it."""
_ADDITION = re.compile(r"\s*\(.*\)$|,.*")


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
            form, short = plain_forms(name)
            whole.add(form)
            if short != form:
                rest.add(short)
            if ("(" in name or "," in name) and (stem := _ADDITION.sub("", name)) not in (name, ""):
                base.add(plain(stem))
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
