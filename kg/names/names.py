"""Look up the things of a graph by labels, other names, printed spellings and identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, NamedTuple
from typing import Literal as OneOf

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.names.identifiers import Identifier
from kg.names.lookups import ByHalf, ByIdentifier, ByName, BySimilarName, ByTitle, has_own_name
from kg.names.name_index import ChangedIris, NameEntry, NameIndex, Revision, index_at, revision_of
from kg.names.plain import plain, plain_forms, without_idle_words
from kg.rdf import namespaces as ns
from kg.rdf.labels import label
from kg.rdf.lookup import literals_of, match, nodes_with
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.vocabulary import CD, OWL, SKOS

MatchKind = OneOf["label", "name", "identifier", "near"]
"""By skos:prefLabel, also without words such as "city of"; by another name; by an identifier; by a similar name."""


class NameCandidate(NamedTuple):
    """A thing that a text may mean, and how it was found."""

    thing: NamedNode
    how: MatchKind


@dataclass(frozen=True, slots=True)
class Resolution:
    """All things that a text may mean."""

    candidates: tuple[NameCandidate, ...] = ()

    @property
    def things(self) -> list[NamedNode]:
        """The things that it may mean, in the order of the candidates."""
        return [one.thing for one in self.candidates]

    @property
    def only_match(self) -> NamedNode | None:
        """The one thing that the text means; None for none, for several, and for a thing with a similar name only."""
        decides = len(self.candidates) == 1 and self.candidates[0].how != "near"
        return self.candidates[0].thing if decides else None

    def prefer(self, is_preferred: Callable[[NameCandidate], bool]) -> Resolution:
        """Return the preferred candidates; all candidates if none is preferred."""
        return Resolution(tuple(filter(is_preferred, self.candidates)) or self.candidates)


LONGEST_QUERY = 200
"""Most characters of a text that is looked up as a name."""

_MOST_TWINS_SHOWN = 3
_Fits = Callable[[NamedNode], bool]


class Names:
    """The names of the things and concepts of a graph."""

    MOST_LISTED: ClassVar = 5
    """Most things that a message lists."""

    def __init__(self, store: Store, revision: Revision | None = None) -> None:
        """Use the shared index if the revision of the store is given; else read all its names.

        That is slow if there are many; later changes of such a store are not seen.
        """
        self.store = store
        self._revision = revision
        self._own = None if revision is not None else NameIndex(store)

    @contextmanager
    def index(self) -> Iterator[NameIndex]:
        """Yield the index of the store; if it is a shared one, other threads wait until the block ends."""
        if self._own is not None:
            yield self._own
        else:
            assert self._revision is not None
            with index_at(self._revision, self.store) as index:
                yield index

    def follow(self, quads: Iterable[Quad]) -> None:
        """Update the names after a change of the store, given the quads added or removed."""
        assert self._own is not None
        self._own.move(self.store, ChangedIris.of(quads))

    def all(self) -> list[tuple[str, str]]:
        """Return pairs of a name in plain form and the IRI of a thing that has it, sorted."""
        with self._by_name() as names:
            return sorted((name, thing) for name, things in names.by_full_form.items() for thing in things)

    def with_title(self, text: str) -> list[str]:
        """Return the IRIs of passages and publications whose name or title equals `text` in plain form."""
        with self.index() as index:
            return sorted(index.part(ByTitle, self.store).things.get(plain(text), ()))

    def possible_slips(self, wanted: Collection[str]) -> dict[str, list[str]]:
        """Return the things that have one of the names, or one that may differ from it by a slip, by name.

        Names are in plain form without idle words. Everything that has a name counts, withdrawn or not.
        """
        with self.index() as index:
            return index.part(ByHalf, self.store).find(wanted)

    def resolve(self, text: str, fits: _Fits) -> Resolution:
        """Return the things that fit and have a text as name or identifier, sorted; a whole name goes before a part.

        Names are compared in plain form (kg.names.plain), in part without words such as "city of". An identifier is a
        number of Wikidata or GeoNames, one of another authority after its prefix (`ror:…`), an address of any of them
        or of others, or the ISO code of a country in capitals.
        """
        if not text or len(text) > LONGEST_QUERY:
            return Resolution()
        for how, found in self._look_ups(text):
            if fitting := sorted({thing for thing in found if fits(thing)}, key=str):
                return Resolution(
                    tuple(NameCandidate(thing, self._kind_of_match(thing, text, how)) for thing in fitting)
                )
        return Resolution()

    def _kind_of_match(self, thing: NamedNode, text: str, found: MatchKind) -> MatchKind:
        texts = (text.value for text in literals_of(self.store, thing, SKOS.prefLabel))
        return "label" if without_idle_words(text) in map(without_idle_words, texts) else found

    def knows(self, thing: NamedNode) -> bool:
        """Return True if the graph says something of a thing."""
        return any(match(self.store, thing, None, None, DefaultGraph()))

    def with_addition(self, text: str) -> list[str]:
        """Return the IRIs of things whose name is a text and a distinguishing addition: Frankfurt (Oder).

        An addition stands in brackets or after a comma.
        """
        with self._by_name() as names:
            return sorted(names.by_form_without_addition.get(plain(text), ()))

    def near(self, text: str, kinds: Collection[str] | None = None, fits: _Fits | None = None) -> Resolution:
        """Return the things with names similar to a text, most similar first, of some kinds, or of any, that fit."""
        if len(text) > LONGEST_QUERY or not any(map(str.isalnum, text)):
            return Resolution()
        with self.index() as index:
            called = index.part(ByName, self.store).by_full_form

            def fitting(name: str) -> list[NamedNode]:
                of_kinds = (iri for iri in called[name] if kinds is None or ns.kind_of(iri) in kinds)
                return [thing for thing in map(NamedNode, sorted(of_kinds)) if fits is None or fits(thing)]

            likest = index.part(BySimilarName, self.store).find(text, kinds, None if fits is None else fitting)
            things = dict.fromkeys(thing for name in likest for thing in fitting(name))
        return Resolution(tuple(NameCandidate(thing, "near") for thing in things))

    def find_by_identifier(self, text: str) -> Iterator[NamedNode]:
        """Yield the things with an identifier: a number of an authority, an address, an ISO code in capitals."""
        for found in Identifier.possible(text):
            yield from map(NamedNode, self.with_identifier(found))
        if re.fullmatch("[A-Z]{2,3}", text):
            for code in (CD.isoAlpha2, CD.isoAlpha3):
                yield from nodes_with(self.store, code, Literal(text))

    def with_identifier(self, one: Identifier) -> list[str]:
        """Return the IRIs of the things that have an identifier, withdrawn ones among them, sorted."""
        with self.index() as index:
            return sorted(index.part(ByIdentifier, self.store).things_with.get(one, ()))

    def identifiers_of(self, iri: str) -> frozenset[Identifier]:
        """Return the identifiers of a thing."""
        with self.index() as index:
            return index.part(ByIdentifier, self.store).identifiers_of.get(iri, frozenset())

    @staticmethod
    def withdrawn_in(store: Store) -> frozenset[str]:
        """Return the IRIs of the withdrawn things of a store, without an index of its names."""
        return frozenset(node.value for node in nodes_with(store, OWL.deprecated))

    @staticmethod
    def finds_kind_of(iri: str) -> bool:
        """Return True if things of the kind of an IRI are looked up by name."""
        return has_own_name(iri)

    def is_withdrawn(self, iri: str) -> bool:
        """Return True if a thing is marked as withdrawn."""
        with self.index() as index:
            return index.entries.get(iri, NameEntry()).is_withdrawn

    def display_name(self, thing: NamedNode) -> str:
        """Return a thing in words: its short IRI, its label, and what distinguishes it from others of that name."""
        name = label(self.store, thing)
        return ns.compact(thing.value) + (f" “{name.value}”" if name else "") + self.distinguishing_suffix(thing)

    def in_words(self, things: Sequence[NamedNode]) -> str:
        """Return the first of some things in words, and how many more there are."""
        more = f"; and {len(things) - self.MOST_LISTED} more" if len(things) > self.MOST_LISTED else ""
        return "; ".join(map(self.display_name, things[: self.MOST_LISTED])) + more

    def distinguishing_suffix(self, thing: NamedNode) -> str:
        """Return a suffix that distinguishes a thing from others of its name; empty if nothing does.

        It names what the thing lies in (" in England, United Kingdom"); or some of its twins (", twinned with Leeds")
        if the graph does not say where it lies, or another thing of that name lies there, too.
        """
        places = self._labels(self._within(thing))
        twins = self.distinguishing_twins(thing)
        where = f" in {', '.join(places)}" if places else ""
        return where + (f", twinned with {', '.join(twins)}" if twins else "")

    def distinguishing_twins(self, thing: NamedNode) -> list[str]:
        """Return the names of some twins of a thing, unless its location distinguishes it from others of its name."""
        places = self._within(thing)
        if places and not self._is_namesake_there(thing, places):
            return []
        twinnings = islice(match(self.store, None, CD.twin, thing, DefaultGraph()), _MOST_TWINS_SHOWN)
        parties = (quad for one in twinnings for quad in match(self.store, one.subject, CD.twin, None, DefaultGraph()))
        return self._labels(quad.object for quad in parties if quad.object != thing)

    def _within(self, thing: NamedNode) -> frozenset[object]:
        return frozenset(quad.object for quad in match(self.store, thing, CD.within, None, DefaultGraph()))

    def _is_namesake_there(self, thing: NamedNode, places: frozenset[object]) -> bool:
        """Return True if another thing has the same label and lies in the same places."""
        name = label(self.store, thing)
        if name is None:
            return False
        with self._by_name() as names:
            namesakes = {*names.by_full_form.get(plain(name.value), ())} - {thing.value}
        return any(self._within(NamedNode(one)) == places for one in namesakes)

    def _labels(self, things: Iterable[object]) -> list[str]:
        named = ((thing, label(self.store, thing)) for thing in set(things) if isinstance(thing, NamedNode))
        return sorted(name.value if name else ns.compact(thing.value) for thing, name in named)

    def _look_ups(self, text: str) -> Iterator[tuple[MatchKind, Iterable[NamedNode]]]:
        whole, rest = plain_forms(text)
        with self._by_name() as names:
            so_called = (*names.by_full_form.get(whole, ()),)
            but_idle_words = (*names.by_form_without_idle_words.get(rest, ()), *names.by_full_form.get(rest, ()))
        yield "name", map(NamedNode, so_called)
        yield "name", map(NamedNode, but_idle_words)
        yield "identifier", self.find_by_identifier(text)

    @contextmanager
    def _by_name(self) -> Iterator[ByName]:
        with self.index() as index:
            yield index.part(ByName, self.store)


def names_of(snapshot: Store) -> Names:
    """Return the names of a store that never changes.

    If its revision is declared, they come from the shared index; else they are read on first use.
    """
    revision = revision_of(snapshot)
    return Names(snapshot, revision) if revision is not None else _read(snapshot)


_read = once_per_snapshot(Names)
