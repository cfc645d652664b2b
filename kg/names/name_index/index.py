"""The index of names: what each thing is called, and parts that look things up, each made when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from cachetools import LRUCache
from pyoxigraph import Store

from kg.names.name_index.entries import NO_ENTRY, ChangedIris, NameEntry, read_entries, read_entry


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


_LINES = 4  # a graph with its scopes, and one more
_REBUILD_FROM_ONE_IN = 4
"""An index is made anew where a change touches one thing in so many."""


@dataclass(frozen=True)
class Revision:
    """A state of a graph: `line` names the files and the history, `head` the last change that came upon them.

    `touched` returns what the changes between this and another head say something of; None if that is not known.
    """

    line: str
    head: str
    changed_iris: Callable[[str], ChangedIris | None]


class _IndexOfLine:
    """The index of a line, at one of its revisions."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._head = ""
        self._index: NameIndex | None = None

    @contextmanager
    def at(self, revision: Revision, store: Store) -> Iterator[NameIndex]:
        """Give the index as it is at a revision, of which this is the store; it stays there until the block ends."""
        with self._lock:
            if self._index is None or self._head != revision.head:
                self._index = self._index_at(revision, store)
                self._head = revision.head
            yield self._index

    def _index_at(self, revision: Revision, store: Store) -> NameIndex:
        index, self._index = self._index, None  # none is left half moved
        touched = revision.changed_iris(self._head) if index is not None else None
        if index is None or touched is None or _REBUILD_FROM_ONE_IN * len(touched.things) > len(index.entries):
            return NameIndex(store)
        index.move(store, touched)
        return index


_indexes: LRUCache[str, _IndexOfLine] = LRUCache(_LINES)
_lock = threading.Lock()
_read: ContextVar[tuple[Store, Revision] | None] = ContextVar("the store that is read, and its revision", default=None)


@contextmanager
def index_at(revision: Revision, store: Store) -> Iterator[NameIndex]:
    """Give the index of a revision, of which this is the store. Others wait until the block ends."""
    with _lock:
        if (followed := _indexes.get(revision.line)) is None:
            followed = _indexes[revision.line] = _IndexOfLine()
    with followed.at(revision, store) as index:
        yield index


@contextmanager
def reading_revision(
    store: Store, revision: Revision | None, start: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Iterator[None]:
    """Know in a block of which revision a store is, if that is said, so that its names follow from those of another.

    What takes a while and is made once is made in a `start`.
    """
    token = _read.set((store, revision) if revision is not None else None)
    started = building.set(start)
    try:
        yield
    finally:
        building.reset(started)
        _read.reset(token)


def revision_of(store: Store) -> Revision | None:
    """Return of which revision a store is that is read here, None where nobody has said."""
    read = _read.get()
    return read[1] if read is not None and read[0] is store else None
