"""The index of names: what each thing is called, and parts that look things up, each made when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from pyoxigraph import Store

from kg.names.following.entries import NO_ENTRY, ChangedIris, NameEntry, read_entries, read_entry


class IndexChange(NamedTuple):
    """What differs between two revisions: entries before and after, by IRI, and the graphs that changes touch."""

    entries: Mapping[str, tuple[NameEntry, NameEntry]]
    graphs: set[str]


class IndexPart(Protocol):
    """A way in which things are looked up, made of the entries and of the store."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        """Make it of the entries and the store of a revision."""

    def move(self, store: Store, moved: IndexChange) -> None:
        """Go to another revision, of which this is the store."""


_P = TypeVar("_P", bound=IndexPart)

building: ContextVar[Callable[[], AbstractContextManager[object]]] = ContextVar("making", default=nullcontext)
"""The block in which an index and its parts are made of a whole store, which takes a while and is done once."""


class NameIndex:
    """What the things of a graph are called. Takes some 500 bytes a name with the parts that find by names."""

    def __init__(self, store: Store) -> None:
        """Read all names of a store, which takes a while where there are many."""
        with building.get()():
            self.entries = read_entries(store)
        self._parts: dict[type[Any], IndexPart] = {}

    def part(self, kind: type[_P], store: Store) -> _P:
        """Return a part, which is made of the store if it is not there yet."""
        if (found := self._parts.get(kind)) is None:
            with building.get()():
                found = self._parts[kind] = kind(self.entries, store)
        return cast(_P, found)

    def move(self, store: Store, touched: ChangedIris) -> None:
        """Go to another revision, of which this is the store; changes between the two touch what is said."""
        moved = {
            iri: (self.entries.get(iri, NO_ENTRY), read_entry(store, iri))
            for iri in touched.with_described_things(store)
        }
        for iri, (_, after) in moved.items():
            if after == NO_ENTRY:
                self.entries.pop(iri, None)
            else:
                self.entries[iri] = after
        for part in self._parts.values():
            part.move(store, IndexChange(moved, touched.graphs))
