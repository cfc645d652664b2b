"""The index of names: what each thing is called, and parts that look things up, each made when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from pyoxigraph import Store

from kg.names.following.entries import NOTHING, Entry, Touched, entries_of, entry_of


class Moved(NamedTuple):
    """What differs between two revisions: entries before and after, by IRI, and the graphs that changes touch."""

    entries: Mapping[str, tuple[Entry, Entry]]
    graphs: set[str]


class Part(Protocol):
    """A way in which things are looked up, made of the entries and of the store."""

    def __init__(self, entries: Mapping[str, Entry], store: Store) -> None:
        """Make it of the entries and the store of a revision."""

    def move(self, store: Store, moved: Moved) -> None:
        """Go to another revision, of which this is the store."""


_P = TypeVar("_P", bound=Part)

making: ContextVar[Callable[[], AbstractContextManager[object]]] = ContextVar("making", default=nullcontext)
"""The block in which an index and its parts are made of a whole store, which takes a while and is done once."""


class Index:
    """What the things of a graph are called. Takes some 500 bytes a name with the parts that find by names."""

    def __init__(self, store: Store) -> None:
        """Read all names of a store, which takes a while where there are many."""
        with making.get()():
            self.entries = entries_of(store)
        self._parts: dict[type[Any], Part] = {}

    def part(self, kind: type[_P], store: Store) -> _P:
        """Return a part, which is made of the store if it is not there yet."""
        if (found := self._parts.get(kind)) is None:
            with making.get()():
                found = self._parts[kind] = kind(self.entries, store)
        return cast(_P, found)

    def move(self, store: Store, touched: Touched) -> None:
        """Go to another revision, of which this is the store; changes between the two touch what is said."""
        moved = {iri: (self.entries.get(iri, NOTHING), entry_of(store, iri)) for iri in touched.spread(store)}
        for iri, (_, after) in moved.items():
            if after == NOTHING:
                self.entries.pop(iri, None)
            else:
                self.entries[iri] = after
        for part in self._parts.values():
            part.move(store, Moved(moved, touched.graphs))
