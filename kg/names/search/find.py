"""Search by part of a name or by identifier; and search for similar names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from pyoxigraph import Literal, Store

from kg.names.name_index import IndexChange, NameEntry, NameIndex
from kg.names.names import LONGEST_QUERY, Names
from kg.names.plain import plain, plain_words, without_idle_words
from kg.names.search.findable import (
    Extra,
    Findable,
    PassageCounts,
    kind_of_findable,
    names_of_entry,
)
from kg.rdf import namespaces as ns
from kg.rdf.kinds import kind_of_thing

_OUTWEIGHS, _EXACT, _BUT_IDLE_WORDS, _FIRST_WORDS, _BEGINS, _WORD_BEGINS, _HOLDS_WORDS = range(7)
_TIMES_AS_MUCH = 8
"""How much more has to be said of a place whose name has the text for its first words, to come before the exact one."""
_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts without spaces between words: Thai, Lao, Burmese, Khmer, Japanese and Chinese."""
_ALIKE = 0.7
_MOST_COMPARED = 1_500


@dataclass(frozen=True, slots=True)
class Hit:
    """A result, and the name by which it was found, None for an identifier or a text.

    `is_exact`: the text is one of its names in full, or its identifier; `is_named`: one of its names contains the text.
    """

    thing: Findable
    name: Literal | None
    is_exact: bool
    is_named: bool


class _NameRow(NamedTuple):
    plain: str
    spaced: str
    name: Literal | None
    iri: str


class _Rows:
    """The rows of everything that can be found, by IRI."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self.of: dict[str, tuple[_NameRow, ...]] = {}
        for iri, entry in entries.items():
            self._put(iri, entry)

    def move(self, store: Store, moved: IndexChange) -> None:
        """Update the part for another revision."""
        for iri, (before, after) in moved.entries.items():
            if before != after:
                self._put(iri, after)

    def _put(self, iri: str, entry: NameEntry) -> None:
        if names := names_of_entry(iri, entry):
            self.of[iri] = tuple(_rows(iri, names))
        else:
            self.of.pop(iri, None)


class _FindableCache:
    """Things found lately, each built on first use, since looking everything up in a data set takes long."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        self._entries = entries
        self._made: dict[str, Findable] = {}

    def move(self, store: Store, moved: IndexChange) -> None:
        """Empty the cache: at another revision any thing may be named by more passages, or by fewer."""
        self._made.clear()

    def of(self, iri: str, passages: PassageCounts, store: Store) -> Findable:
        """Return the findable thing with an IRI; its label is its first name in English, or else its first name."""
        if (found := self._made.get(iri)) is None:
            names = names_of_entry(iri, self._entries[iri])
            label = next((name for name in names if name.language == "en"), names[0])
            kind = kind_of_thing(store, iri) or kind_of_findable(iri)
            found = Findable(iri, kind, label, passages.of(store, iri), passages.said_of(store, iri))
            self._made[iri] = found
        return found


class Search:
    """Search over everything that can be found in a store, and over extra things."""

    def __init__(self, names: Names) -> None:
        """Use the names of a store; if that has no revision, later changes are not seen."""
        self._names = names
        self._store = names.store
        self._further: dict[str, Findable] = {}
        self._further_rows: tuple[_NameRow, ...] = ()
        with names.index() as index:
            for part in (_Rows, PassageCounts):
                index.part(part, names.store)

    def with_extras(self, further: Iterable[Extra]) -> Search:
        """Return a search that finds extra things as well, and shares the index of this one."""
        added = [_prepare(one) for one in further]
        wider = copy(self)
        wider._further = self._further | {findable.iri: findable for findable, _ in added}
        wider._further_rows = (*self._further_rows, *(row for _, rows in added for row in rows))
        return wider

    def find(self, text: str) -> list[Hit]:
        """Return the things with a text in a name or as identifier, or with all its words in one.

        Exact names come first, then names that begin with the text; equal ones are sorted by `Findable.place`. Before
        the exact name of a place comes one whose first words it is, if much more is said of that: for "San", San
        Francisco before a village. A text of more than LONGEST_QUERY characters, or without a letter or digit, finds
        nothing.
        """
        if len(text) > LONGEST_QUERY or not any(map(str.isalnum, text)):
            return []
        found: dict[str, tuple[int, Literal | None]] = {}
        with self._names.index() as index:
            for level, iri, name in self._levels(text, index):
                if iri not in found or level < found[iri][0]:
                    found[iri] = level, name
            things = {iri: self._findable(iri, index) for iri in found}
        for iri in _outweighing({things[iri]: level for iri, (level, _) in found.items()}):
            found[iri] = _OUTWEIGHS, found[iri][1]
        hits = [
            (level, Hit(things[iri], name, _EXACT <= level <= _BUT_IDLE_WORDS, True))
            for iri, (level, name) in found.items()
        ]
        return [hit for _, hit in sorted(hits, key=lambda one: (one[0], one[1].thing.place))]

    def nearest(self, text: str) -> list[Hit]:
        """Return the things with a name similar to a text, most similar first; nothing for a text that is too long."""
        if len(text) > LONGEST_QUERY:
            return []
        wanted = plain(text)
        lengths = range(len(wanted) * 2 // 3, len(wanted) * 3 // 2 + 2)
        with self._names.index() as index:
            rows = [*self._rows(index)]
            alike = sorted({row.plain for row in rows if len(row.plain) in lengths and _may_be_near(row.plain, wanted)})
            names = get_close_matches(wanted, list(islice(alike, _MOST_COMPARED)), cutoff=_ALIKE)
            near = [(row, self._findable(row.iri, index)) for row in rows if row.plain in names]
        near.sort(key=lambda one: (names.index(one[0].plain), one[1].place))
        likest = {thing.iri: Hit(thing, row.name, False, True) for row, thing in reversed(near)}
        return list(reversed(likest.values()))

    def kinds_of(self, iris: Iterable[str]) -> dict[str, str]:
        """Return the kinds of those things of some IRIs that can be found."""
        with self._names.index() as index:
            rows = index.part(_Rows, self._store).of
            known = [iri for iri in dict.fromkeys(iris) if iri in rows or iri in self._further]
        return {iri: kind_of_thing(self._store, iri) or kind_of_findable(iri) for iri in known}

    def found_by_text(self, iris: Iterable[str], is_exact: bool = False) -> list[Hit]:
        """Return as hits those things of some IRIs that can be found, which something else than a name has found."""
        known = self.kinds_of(iris)
        with self._names.index() as index:
            return [Hit(self._findable(iri, index), None, is_exact, False) for iri in known]

    def passages(self, iri: str) -> tuple[tuple[str, int], ...]:
        """Return by work the number of passages that name a thing, as `Findable` has it."""
        with self._names.index() as index:
            return index.part(PassageCounts, self._store).of(self._store, iri)

    def _rows(self, index: NameIndex) -> Iterator[_NameRow]:
        return chain(chain.from_iterable(index.part(_Rows, self._store).of.values()), self._further_rows)

    def _findable(self, iri: str, index: NameIndex) -> Findable:
        if (further := self._further.get(iri)) is not None:
            return further
        passages = index.part(PassageCounts, self._store)
        return index.part(_FindableCache, self._store).of(iri, passages, self._store)

    def _levels(self, text: str, index: NameIndex) -> Iterator[tuple[int, str, Literal | None]]:
        """Yield matches as level (the lower, the better), IRI and name; the same thing may come several times."""
        stated = ns.expand(text)
        for iri in (*(node.value for node in self._names.find_by_identifier(text)), *([stated] if stated else [])):
            if iri in index.part(_Rows, self._store).of or iri in self._further:
                yield _EXACT, iri, None
        yield from self._by_name(text, index)

    def _by_name(self, text: str, index: NameIndex) -> Iterator[tuple[int, str, Literal | None]]:
        wanted, rest, words = plain(text), without_idle_words(text), plain_words(text)
        first, *others = (f" {word}" for word in words.split())
        for row in self._rows(index):
            if wanted in row.plain and (level := _level(row, wanted, words)) is not None:
                yield level, row.iri, row.name
            elif row.plain == rest and row.name is not None:
                yield _BUT_IDLE_WORDS, row.iri, row.name
            elif others and first in row.spaced and all(word in row.spaced for word in others):
                yield _HOLDS_WORDS, row.iri, row.name


@lru_cache(maxsize=1 << 10)  # queries and guides, which most searches have
def _prepare(one: Extra) -> tuple[Findable, tuple[_NameRow, ...]]:
    return one.as_findable(), tuple(_rows(one.iri, one.names))


def _rows(iri: str, names: Iterable[Literal]) -> Iterator[_NameRow]:
    """Yield a row for each name of a thing that differs in plain form; the last part of its IRI is one of them."""
    seen = set()
    for name in (*names, None):
        text = iri.rpartition("#" if "#" in iri else "/")[2] if name is None else name.value
        words = plain_words(text)
        if (wanted := words.replace(" ", "") or text) not in seen:
            seen.add(wanted)
            yield _NameRow(wanted, f" {words}", name, iri)


def _level(row: _NameRow, wanted: str, words: str) -> int | None:
    """Return the level of a row that contains the text, None if only within a word.

    The last part of an IRI never counts as an exact name, nor as words.
    """
    if row.plain == wanted and row.name is not None:
        return _EXACT
    if row.plain.startswith(wanted):
        return _FIRST_WORDS if row.name is not None and row.spaced.startswith(f" {words} ") else _BEGINS
    inside = row.spaced.split()
    starts = ("".join(inside[place:]).startswith(wanted) for place in range(1, len(inside)))
    return _WORD_BEGINS if _WITHOUT_SPACES.match(wanted) or any(starts) else None


def _outweighing(levels: Mapping[Findable, int]) -> Iterator[str]:
    """Yield the places that come before those with the exact name, by `_TIMES_AS_MUCH`."""
    exact = [thing for thing, level in levels.items() if level == _EXACT]
    if exact and all(thing.is_place for thing in exact):
        most = max(thing.said for thing in exact)
        for thing, level in levels.items():
            if level == _FIRST_WORDS and thing.is_place and thing.said >= _TIMES_AS_MUCH * max(most, 1):
                yield thing.iri


def _may_be_near(name: str, wanted: str) -> bool:
    """Return True if a name may be similar: one slip leaves its beginning or its end as it is."""
    return name[:2] == wanted[:2] or name[-3:] == wanted[-3:]
