"""Parts of the index by which things are found by their names: the very same, and those that may be similar."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.names.identifiers import LINKS, Identifier, identifier_of
from kg.names.name_index import IndexChange, NameEntry
from kg.names.plain import plain, plain_forms, without_idle_words
from kg.names.similar import SimilarNames
from kg.names.slips import NamesByHalf
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match

_WITHOUT_OWN_NAME = {
    *("account", "affiliation", "geometry", "mediation", "membership"),
    *("spelling", "statistic", "support", "twinning"),
}
"""Types of things that are called by what they are about, and of which there are many."""
_WITH_TITLES = ("passage", "publication")
_Do = Callable[[dict[str, list[str]], str, str], None]
"""Put a thing into a table under a form, or take it out."""
_ADDITION = re.compile(r"\s*\(.*\)$|,.*")


class _ThingsByForm(ABC):
    """Things by forms of what they are called; each entry is put in, and taken out again, by the same forms."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        for iri, entry in entries.items():
            self._each(_add, iri, entry)

    def move(self, store: Store, moved: IndexChange) -> None:
        """Go to another revision."""
        for iri, (before, after) in moved.entries.items():
            if before != after:
                self._each(_remove, iri, before)
                self._each(_add, iri, after)

    @abstractmethod
    def _each(self, do: _Do, iri: str, entry: NameEntry) -> None:
        """Put a thing into each of the tables that have it, or take it out."""


class ByName(_ThingsByForm):
    """Things that are called something, and concepts, by their names in plain form."""

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
    """Things that are called something, by names that are like another one."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self._names = SimilarNames()
        for iri, entry in entries.items():
            self._each(self._names.add, iri, entry)

    def move(self, store: Store, moved: IndexChange) -> None:
        """Go to another revision."""
        for iri, (before, after) in moved.entries.items():
            if before != after:
                self._each(self._names.remove, iri, before)
                self._each(self._names.add, iri, after)

    def find(self, text: str, kinds: Iterable[str] | None, fits: Callable[[str], object] | None) -> list[str]:
        """Return the names, in plain form, of things of some kinds, or of any, that fit and are like a text.

        If none is, those that are like it without words such as "city of".
        """
        whole, rest = plain_forms(text)
        return self._names.find(whole, kinds, fits) or (self._names.find(rest, kinds, fits) if rest != whole else [])

    @staticmethod
    def _each(do: Callable[[str, str], None], iri: str, entry: NameEntry) -> None:
        for form in {plain(name) for name in _searchable_names(iri, entry)}:
            do(ns.kind_of(iri), form)


class ByTitle(_ThingsByForm):
    """Passages and publications by all that they are called, in plain form: their names and their titles."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self.things: dict[str, list[str]] = {}
        super().__init__(entries, store)

    def _each(self, do: _Do, iri: str, entry: NameEntry) -> None:
        if ns.kind_of(iri) in _WITH_TITLES:
            for form in {plain(name.value) for name in (*entry.names, *entry.titles)}:
                do(self.things, form, iri)


class ByIdentifier:
    """Things and concepts by what identifies them, whichever way it is written, withdrawn ones among them."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self.things_with: dict[Identifier, set[str]] = defaultdict(set)
        self.identifiers_of: dict[str, frozenset[Identifier]] = {}
        linked: dict[str, set[Identifier]] = defaultdict(set)
        for thing, one in _links(store, None):
            linked[thing].add(one)
        for iri, identifiers in linked.items():
            self._put(iri, identifiers)

    def move(self, store: Store, moved: IndexChange) -> None:
        """Go to another revision."""
        for iri in moved.entries:
            self._put(iri, {one for _, one in _links(store, NamedNode(iri))})

    def _put(self, iri: str, identifiers: Collection[Identifier]) -> None:
        for one in self.identifiers_of.pop(iri, ()):
            self.things_with[one].discard(iri)
        for one in identifiers:
            self.things_with[one].add(iri)
        if identifiers:
            self.identifiers_of[iri] = frozenset(identifiers)


class ByHalf:
    """All that has a name, by that in plain form without idle words, and by the halves that similar names share."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self._things: dict[str, list[str]] = {}
        self._halves = NamesByHalf()
        for iri, entry in entries.items():
            self._put(iri, entry)

    def move(self, store: Store, moved: IndexChange) -> None:
        """Go to another revision."""
        for iri, (before, after) in moved.entries.items():
            if before.names != after.names:
                for name in _slip_forms(before):
                    _remove(self._things, name, iri)
                    if name not in self._things:
                        self._halves.remove(name)
                self._put(iri, after)

    def find(self, asked: Iterable[str]) -> dict[str, list[str]]:
        """Return by name what has one of the names, or one with a half in common with one of them."""
        names = {similar for name in asked for similar in (name, *self._halves.similar(name))}
        return {name: [*things] for name in names if (things := self._things.get(name))}

    def _put(self, iri: str, entry: NameEntry) -> None:
        for name in _slip_forms(entry):
            if name not in self._things:
                self._halves.add(name)
            _add(self._things, name, iri)


def _links(store: Store, thing: NamedNode | None) -> Iterator[tuple[str, Identifier]]:
    """Yield what identifies a thing, or each of all things, by links to addresses."""
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
    """Return what something is called, the last part of its IRI among that; nothing for what is not looked up."""
    names = {name.value for name in (*entry.names, *entry.printed)}
    if not names or entry.is_hidden or not _has_own_name(iri):
        return set()
    return names | ({iri.rpartition("/")[2]} if iri.startswith(ns.ID) else set())


def _has_own_name(iri: str) -> bool:
    """Whether something is a concept, or a thing that goes by a name."""
    if iri.startswith(ns.VOCABULARY):
        return True
    return ns.kind_of(iri) not in ("", *_WITHOUT_OWN_NAME)
