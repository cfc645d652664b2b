"""The index of names at the revision that is asked for: it follows changes, and holds no store.

Who opens the revisions of a graph says by which changes they differ (`Revision`). The index of a graph is kept once in
a process, and goes to another revision, a later one or an earlier one, by what lies between the two.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass

from cachetools import LRUCache
from pyoxigraph import Store

from kg.names.following.entries import Touched
from kg.names.following.index import Index, making

_LINES = 4  # a graph with its scopes, and one more
_MOST_MOVED = 4
"""An index is made anew where a change touches one thing in so many."""


@dataclass(frozen=True)
class Revision:
    """A state of a graph: `line` names the files and the history, `head` the last change that came upon them.

    `touched` returns what the changes between this and another head say something of; None if that is not known.
    """

    line: str
    head: str
    touched: Callable[[str], Touched | None]


class _Followed:
    """The index of a line, at one of its revisions."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._head = ""
        self._index: Index | None = None

    @contextmanager
    def at(self, revision: Revision, store: Store) -> Iterator[Index]:
        """Give the index as it is at a revision, of which this is the store; it stays there until the block ends."""
        with self._lock:
            if self._index is None or self._head != revision.head:
                self._index = self._moved(revision, store)
                self._head = revision.head
            yield self._index

    def _moved(self, revision: Revision, store: Store) -> Index:
        index, self._index = self._index, None  # none is left half moved
        touched = revision.touched(self._head) if index is not None else None
        if index is None or touched is None or _MOST_MOVED * len(touched.things) > len(index.entries):
            return Index(store)
        index.move(store, touched)
        return index


_followed: LRUCache[str, _Followed] = LRUCache(_LINES)
_lock = threading.Lock()
_read: ContextVar[tuple[Store, Revision] | None] = ContextVar("the store that is read, and its revision", default=None)


@contextmanager
def index_at(revision: Revision, store: Store) -> Iterator[Index]:
    """Give the index of a revision, of which this is the store. Others wait until the block ends."""
    with _lock:
        if (followed := _followed.get(revision.line)) is None:
            followed = _followed[revision.line] = _Followed()
    with followed.at(revision, store) as index:
        yield index


@contextmanager
def reading(
    store: Store, revision: Revision | None, start: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Iterator[None]:
    """Know in a block of which revision a store is, if that is said, so that its names follow from those of another.

    What takes a while and is made once is made in a `start`.
    """
    token = _read.set((store, revision) if revision is not None else None)
    started = making.set(start)
    try:
        yield
    finally:
        making.reset(started)
        _read.reset(token)


def revision_of(store: Store) -> Revision | None:
    """Return of which revision a store is that is read here, None where nobody has said."""
    read = _read.get()
    return read[1] if read is not None and read[0] is store else None
