"""The index of names: the entry of each thing, and parts that look things up, each built on first use.

The index follows changes, and holds no store. The code that opens the revisions of a graph provides the changes between
them (`Revision`). A process keeps one index of a graph, and updates it to a later or an earlier revision by them.
"""

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
    """The difference of two revisions: entries before and after, by IRI, and the graphs that changes touch."""

    entries: Mapping[str, tuple[NameEntry, NameEntry]]
    graphs: set[str]


class IndexPart(Protocol):
    """One way of looking things up, built from the entries and the store."""

    def __init__(self, entries: Mapping[str, NameEntry], store: Store) -> None:
        """Build it from the entries and the store of a revision."""

    def move(self, store: Store, change: IndexChange) -> None:
        """Update the part for another revision, with the store of that."""


_P = TypeVar("_P", bound=IndexPart)

building: ContextVar[Callable[[], AbstractContextManager[object]]] = ContextVar("making", default=nullcontext)
"""The context in which an index and its parts are built from a whole store, which is slow and done once."""


class NameIndex:
    """The names of the things of a graph.

    It takes some 500 bytes a name with the parts that find by names.
    """

    def __init__(self, store: Store) -> None:
        """Read all names of a store, which is slow if there are many."""
        with building.get()():
            self.entries = read_entries(store)
        self._parts: dict[type[Any], IndexPart] = {}

    @staticmethod
    def building() -> AbstractContextManager[object]:
        """Return the context in which what is kept of a snapshot is built, which is not counted as time of a task."""
        return building.get()()

    def part(self, kind: type[_P], store: Store) -> _P:
        """Return a part, built from the store on first use."""
        if (found := self._parts.get(kind)) is None:
            with building.get()():
                found = self._parts[kind] = kind(self.entries, store)
        return cast(_P, found)

    def move(self, store: Store, changed: ChangedIris) -> None:
        """Update the index for another revision, given its store and what the changes between the two are about."""
        change = {
            iri: (self.entries.get(iri, NO_ENTRY), read_entry(store, iri))
            for iri in changed.with_described_things(store)
        }
        for iri, (_, after) in change.items():
            if after == NO_ENTRY:
                self.entries.pop(iri, None)
            else:
                self.entries[iri] = after
        for part in self._parts.values():
            part.move(store, IndexChange(change, changed.graphs))


_LINES = 4  # a graph with its scopes, and one more
_REBUILD_FROM_ONE_IN = 4
"""An index is rebuilt if changes touch more than one thing in so many."""


@dataclass(frozen=True)
class Revision:
    """A state of a graph: `line` names the files and the history, `head` the last change applied to them.

    `changed_iris` returns what the changes between this and another head are about; None if that is not known.
    """

    line: str
    head: str
    changed_iris: Callable[[str], ChangedIris | None]


class _IndexOfLine:
    """The index of a line, at one of its revisions; used by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._head = ""
        self._index: NameIndex | None = None

    @contextmanager
    def at(self, revision: Revision, store: Store) -> Iterator[NameIndex]:
        """Yield the index at a revision, given its store; it stays at that revision until the block ends."""
        with self._lock:
            if self._index is None or self._head != revision.head:
                self._index = self._index_at(revision, store)
                self._head = revision.head
            yield self._index

    def _index_at(self, revision: Revision, store: Store) -> NameIndex:
        index, self._index = self._index, None  # no index is left half updated
        changed = revision.changed_iris(self._head) if index is not None else None
        if index is None or changed is None or _REBUILD_FROM_ONE_IN * len(changed.things) > len(index.entries):
            return NameIndex(store)
        index.move(store, changed)
        return index


_indexes: LRUCache[str, _IndexOfLine] = LRUCache(_LINES)
_lock = threading.Lock()
_read: ContextVar[tuple[Store, Revision] | None] = ContextVar("the store that is read, and its revision", default=None)


@contextmanager
def index_at(revision: Revision, store: Store) -> Iterator[NameIndex]:
    """Yield the index of a revision, given its store.

    Other threads wait until the block ends.
    """
    with _lock:
        if (followed := _indexes.get(revision.line)) is None:
            followed = _indexes[revision.line] = _IndexOfLine()
    with followed.at(revision, store) as index:
        yield index


@contextmanager
def reading_revision(
    store: Store, revision: Revision | None, start: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Iterator[None]:
    """Declare the revision of a store within a block, so that its names are updated from those of another revision.

    An index is built within the context that `start` returns, since that is slow and done once.
    """
    token = _read.set((store, revision) if revision is not None else None)
    started = building.set(start)
    try:
        yield
    finally:
        building.reset(started)
        _read.reset(token)


def revision_of(store: Store) -> Revision | None:
    """Return the revision of a store as declared by `reading_revision`, None if it was not declared."""
    read = _read.get()
    return read[1] if read is not None and read[0] is store else None
