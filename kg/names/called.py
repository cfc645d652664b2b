"""Parts of the index by which things are found by their names: the very same, and those that may be similar."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from pyoxigraph import DefaultGraph, NamedNode, Store

from kg.names.following import Entry, Moved
from kg.names.identifiers import LINKS, Identifier, identifier
from kg.names.near import NearNames
from kg.names.plain import idle_words_left_out, plain, plain_forms
from kg.names.slips import Halves
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match

_NOT_CALLED = {
    *("account", "affiliation", "geometry", "mediation", "membership"),
    *("spelling", "statistic", "support", "twinning"),
}
"""Types of things that are called by what they are about, and of which there are many."""
_TITLED = ("passage", "publication")
_Do = Callable[[dict[str, list[str]], str, str], None]
"""Put a thing into a table under a form, or take it out."""
_ADDITION = re.compile(r"\s*\(.*\)$|,.*")


class _ByForm(ABC):
    """Things by forms of what they are called; each entry is put in, and taken out again, by the same forms."""

    def __init__(self, entries: Mapping[str, Entry], store: Store) -> None:
        for iri, entry in entries.items():
            self._each(_put, iri, entry)

    def move(self, store: Store, moved: Moved) -> None:
        """Go to another revision."""
        for iri, (before, after) in moved.entries.items():
            if before != after:
                self._each(_take, iri, before)
                self._each(_put, iri, after)

    @abstractmethod
    def _each(self, do: _Do, iri: str, entry: Entry) -> None:
        """Put a thing into each of the tables that have it, or take it out."""


class ByName(_ByForm):
    """Things that are called something, and concepts, by their names in plain form."""

    def __init__(self, entries: Mapping[str, Entry], store: Store) -> None:
        self.whole: dict[str, list[str]] = {}
        self.but_idle_words: dict[str, list[str]] = {}
        self.but_addition: dict[str, list[str]] = {}
        super().__init__(entries, store)

    def _each(self, do: _Do, iri: str, entry: Entry) -> None:
        whole, rest, base = set(), set(), set()
        for name in _called(iri, entry):
            form, short = plain_forms(name)
            whole.add(form)
            if short != form:
                rest.add(short)
            if ("(" in name or "," in name) and (stem := _ADDITION.sub("", name)) not in (name, ""):
                base.add(plain(stem))
        for forms, into in ((whole, self.whole), (rest, self.but_idle_words), (base, self.but_addition)):
            for form in forms:
                do(into, form, iri)


class NearlyCalled:
    """Things that are called something, by names that are like another one."""

    def __init__(self, entries: Mapping[str, Entry], store: Store) -> None:
        self._names = NearNames()
        for iri, entry in entries.items():
            self._each(self._names.add, iri, entry)

    def move(self, store: Store, moved: Moved) -> None:
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
    def _each(do: Callable[[str, str], None], iri: str, entry: Entry) -> None:
        for form in {plain(name) for name in _called(iri, entry)}:
            do(ns.kind_of(iri), form)


class Titled(_ByForm):
    """Passages and publications by all that they are called, in plain form: their names and their titles."""

    def __init__(self, entries: Mapping[str, Entry], store: Store) -> None:
        self.things: dict[str, list[str]] = {}
        super().__init__(entries, store)

    def _each(self, do: _Do, iri: str, entry: Entry) -> None:
        if ns.kind_of(iri) in _TITLED:
            for form in {plain(name.value) for name in (*entry.names, *entry.titles)}:
                do(self.things, form, iri)


class Identified:
    """Things and concepts by what identifies them, whichever way it is written, withdrawn ones among them."""

    def __init__(self, entries: Mapping[str, Entry], store: Store) -> None:
        self.having: dict[Identifier, set[str]] = defaultdict(set)
        self.of: dict[str, frozenset[Identifier]] = {}
        linked: dict[str, set[Identifier]] = defaultdict(set)
        for thing, one in _linked(store, None):
            linked[thing].add(one)
        for iri, identifiers in linked.items():
            self._put(iri, identifiers)

    def move(self, store: Store, moved: Moved) -> None:
        """Go to another revision."""
        for iri in moved.entries:
            self._put(iri, {one for _, one in _linked(store, NamedNode(iri))})

    def _put(self, iri: str, identifiers: Collection[Identifier]) -> None:
        for one in self.of.pop(iri, ()):
            self.having[one].discard(iri)
        for one in identifiers:
            self.having[one].add(iri)
        if identifiers:
            self.of[iri] = frozenset(identifiers)


class Alike:
    """All that has a name, by that in plain form without idle words, and by the halves that similar names share."""

    def __init__(self, entries: Mapping[str, Entry], store: Store) -> None:
        self._things: dict[str, list[str]] = {}
        self._halves = Halves()
        for iri, entry in entries.items():
            self._put(iri, entry)

    def move(self, store: Store, moved: Moved) -> None:
        """Go to another revision."""
        for iri, (before, after) in moved.entries.items():
            if before.names != after.names:
                for name in _forms(before):
                    _take(self._things, name, iri)
                    if name not in self._things:
                        self._halves.remove(name)
                self._put(iri, after)

    def find(self, asked: Iterable[str]) -> dict[str, list[str]]:
        """Return by name what has one of the names, or one with a half in common with one of them."""
        names = {similar for name in asked for similar in (name, *self._halves.similar(name))}
        return {name: [*things] for name in names if (things := self._things.get(name))}

    def _put(self, iri: str, entry: Entry) -> None:
        for name in _forms(entry):
            if name not in self._things:
                self._halves.add(name)
            _put(self._things, name, iri)


def _linked(store: Store, thing: NamedNode | None) -> Iterator[tuple[str, Identifier]]:
    """Yield what identifies a thing, or each of all things, by links to addresses."""
    for predicate in LINKS:
        for quad in match(store, thing, predicate, None, DefaultGraph()):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                yield quad.subject.value, identifier(quad.object.value)


def _forms(entry: Entry) -> set[str]:
    return {idle_words_left_out(name.value) for name in entry.names}


def _put(into: dict[str, list[str]], name: str, iri: str) -> None:
    into.setdefault(name, []).append(iri)


def _take(out_of: dict[str, list[str]], name: str, iri: str) -> None:
    out_of[name].remove(iri)
    if not out_of[name]:
        del out_of[name]


def _called(iri: str, entry: Entry) -> set[str]:
    """Return what something is called, the last part of its IRI among that; nothing for what is not looked up."""
    names = {name.value for name in (*entry.names, *entry.printed)}
    if not names or entry.is_passed_over or not _is_called(iri):
        return set()
    return names | ({iri.rpartition("/")[2]} if iri.startswith(ns.ID) else set())


def _is_called(iri: str) -> bool:
    """Whether something is a concept, or a thing that goes by a name."""
    if iri.startswith(ns.VOCABULARY):
        return True
    return ns.kind_of(iri) not in ("", *_NOT_CALLED)
