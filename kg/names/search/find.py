"""Find by a part of a name, an identifier or words of a description; and what is called nearly so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import NamedTuple

from pyoxigraph import Literal

from kg.names.index import LONGEST_ASKED, Names
from kg.names.plain import idle_words_left_out, plain, plain_words
from kg.names.search.findable import Findable, Findables, Further, descriptions, names_in
from kg.rdf import namespaces as ns

_EXACT, _BUT_IDLE_WORDS, _BEGINS, _WORD_BEGINS, _HOLDS, _HOLDS_WORDS, _IN_DESCRIPTION = range(7)
_MEANT = ("term", "concept")  # what their definitions have is another word for them
_SHORT = 3  # letters from which a text is looked for within words
_ALIKE = 0.7
_MOST_COMPARED = 1_500


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found, and by which of its names, None for an identifier or its description.

    `is_called_so`: the text is one of its names in full, or an identifier of its own; `is_named`: a name has the text.
    """

    thing: Findable
    name: Literal | None
    is_called_so: bool
    is_named: bool


class _Row(NamedTuple):
    plain: str
    spaced: str
    name: Literal | None
    iri: str


class _Described(NamedTuple):
    """Words that the graph has of a thing, then the same with its names: "Shanghai 61" is half name and half figure."""

    iri: str
    told: str
    whole: str


class Search:
    """All that can be found in a store, and further things."""

    def __init__(self, names: Names) -> None:
        """Read the names of a store, which takes a while; later changes of it are not seen."""
        self._names = names
        called = names_in(names)
        self._things = Findables(called, names.store)
        self._rows = [row for iri, names_of_it in called.items() for row in _rows(iri, names_of_it)]
        self._described = [
            _described(iri, called[iri], told) for iri, told in descriptions(names.store).items() if iri in called
        ]

    def with_further(self, further: Iterable[Further]) -> Search:
        """Return a search that finds further things as well, and shares what this one has read."""
        added = tuple(further)
        wider = copy(self)
        wider._things = self._things.with_further(added)
        wider._rows = [*self._rows, *(row for one in added for row in _rows(one.iri, one.names))]
        wider._described = [*self._described, *(_described(one.iri, one.names, [one.description]) for one in added)]
        return wider

    def find(self, text: str) -> list[Hit]:
        """Return what has a text in a name or as identifier, or else all its words in its names and description.

        What is called exactly so comes first, then what begins so; of these `Findable.place` decides. A text of more
        than LONGEST_ASKED characters, or without a letter or digit, finds nothing.
        """
        if len(text) > LONGEST_ASKED or not any(map(str.isalnum, text)):
            return []
        found: dict[str, tuple[int, Literal | None]] = {}
        for level, iri, name in self._levels(text):
            if iri not in found or level < found[iri][0]:
                found[iri] = level, name
        ranked = sorted((level, self._things[iri].place, iri, name) for iri, (level, name) in found.items())
        return [
            Hit(self._things[iri], name, level <= _BUT_IDLE_WORDS, level <= _HOLDS_WORDS)
            for level, _, iri, name in ranked
        ]

    def nearest(self, text: str) -> list[Hit]:
        """Return what has a name like the text, the likest first; nothing for a text of too many characters."""
        if len(text) > LONGEST_ASKED:
            return []
        wanted = plain(text)
        lengths = range(len(wanted) * 2 // 3, len(wanted) * 3 // 2 + 2)
        alike = sorted({row.plain for row in self._rows if len(row.plain) in lengths and _may_be(row.plain, wanted)})
        names = get_close_matches(wanted, list(islice(alike, _MOST_COMPARED)), cutoff=_ALIKE)
        near = [row for row in self._rows if row.plain in names]
        near.sort(key=lambda row: (names.index(row.plain), self._things[row.iri].place))
        likest = {row.iri: Hit(self._things[row.iri], row.name, False, True) for row in reversed(near)}
        return list(reversed(likest.values()))

    def _levels(self, text: str) -> Iterator[tuple[int, str, Literal | None]]:
        """Yield what fits, how well and by which name; the same may come several times."""
        stated = ns.expand(text)
        for iri in (*(node.value for node in self._names.identified(text)), *([stated] if stated else [])):
            if iri in self._things:
                yield _EXACT, iri, None
        wanted, rest, words = plain(text), idle_words_left_out(text), plain_words(text)
        is_short = text.isascii() and len(wanted) < _SHORT
        first, *others = (f" {word}" for word in words.split())
        for row in self._rows:
            if wanted in row.plain:
                if (level := _level(row, wanted, words)) < _HOLDS or not is_short:
                    yield level, row.iri, row.name
            elif row.plain == rest and row.name is not None:
                yield _BUT_IDLE_WORDS, row.iri, row.name
            elif others and first in row.spaced and all(word in row.spaced for word in others):
                yield _HOLDS_WORDS, row.iri, row.name
        numbers = [re.compile(rf"{word}(?!\d)") for word in (first, *others) if word[-1:].isdecimal()]
        for iri, told, whole in self._described:
            if first in whole and all(word in whole for word in others) and all(n.search(whole) for n in numbers):
                yield self._meaning(iri, f" {words}" in told, bool(others)), iri, None

    def _meaning(self, iri: str, is_phrase: bool, has_words: bool) -> int:
        """Return how well something fits by its description; a definition holds other names of a term."""
        if not is_phrase or self._things[iri].kind not in _MEANT:
            return _IN_DESCRIPTION
        return _BEGINS if has_words else _WORD_BEGINS


def _described(iri: str, names: Iterable[Literal], told: Iterable[str]) -> _Described:
    texts = _in_words(told)
    return _Described(iri, texts, f"{_in_words(name.value for name in names)} |{texts}")


def _in_words(texts: Iterable[str]) -> str:
    return " |".join(f" {plain_words(text)}" for text in texts)


def _rows(iri: str, names: Iterable[Literal]) -> Iterator[_Row]:
    """Yield a row for each name of a thing that differs in plain form; the last part of its IRI is one of them."""
    seen = set()
    for name in (*names, None):
        text = iri.rpartition("#" if "#" in iri else "/")[2] if name is None else name.value
        words = plain_words(text)
        if (wanted := words.replace(" ", "") or text) not in seen:
            seen.add(wanted)
            yield _Row(wanted, f" {words}", name, iri)


def _level(row: _Row, wanted: str, words: str) -> int:
    """Return how well a row fits that has the text in it; the last part of an IRI never as a name in full."""
    if row.plain == wanted and row.name is not None:
        return _EXACT
    if row.plain.startswith(wanted):
        return _BEGINS
    return _WORD_BEGINS if f" {words}" in row.spaced else _HOLDS


def _may_be(name: str, wanted: str) -> bool:
    """Whether a name can be near: one slip leaves the beginning or the end as it is."""
    return name[:2] == wanted[:2] or name[-3:] == wanted[-3:]
