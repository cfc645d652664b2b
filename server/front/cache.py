"""Answers kept ready as bytes: what was asked before, of the same revision and in the same form, is not made again.

Kept are the answers to GET that say by a strong ETag, or a 303, that they depend on nothing but the address, what the
client accepts, and the revision: documents, canned queries, and those queries on /sparql that call nothing fleeting.
Queries have a share of the room to themselves, so that however many there are, documents stay.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from operator import attrgetter
from typing import NamedTuple

from cachetools import LRUCache

from server.front.messages import Answer, Request

KEY_BYTES = 8192
"""Bytes of an address and of what the client accepts, up to which an answer is kept."""
SHARE = 8
"""An answer is kept if it takes at most one part in so many of the room there is."""

QUERIES = (b"/sparql", b"/search")
"""What the paths of answers begin with that have a share of their own: a client can think up any number of them."""
SHARE_OF_QUERIES = 4
"""One part in so many of the room is for queries."""

_NEVER_READY = (b"authorization", b"range", b"if-modified-since")
Key = tuple[bytes, bytes, bytes, bytes, bytes]


class ReadyAnswers:
    """The answers of one revision, the latest used ones, up to so many bytes. Safe for use by many threads."""

    def __init__(self, room: int, revision: Callable[[], object]) -> None:
        self._revision = revision
        self._lock = threading.Lock()
        self._of: object = None
        for_queries = room // SHARE_OF_QUERIES
        self._queries, self._documents = _kept(for_queries), _kept(room - for_queries)

    def revision(self) -> object:
        """Return what tells the present revision from others; to be asked before an answer is made."""
        return self._revision()

    def find(self, request: Request) -> Answer | None:
        """Return the answer to a request if there is one."""
        key = _key(request)
        if key is None:
            return None
        revision = self._revision()
        with self._lock:
            found = self._share(key).get(key) if self._of == revision else None
            return found.answer if found is not None else None

    def keep(self, request: Request, answer: Answer, revision: object) -> None:
        """Keep an answer that was made of a revision, if it is of the kind that is kept and has room."""
        key = _key(request)
        if key is None or request.method != "GET" or not _is_kept(answer):
            return
        share, size = self._share(key), _size(answer) + sum(map(len, key))
        if size > share.maxsize // SHARE:
            return
        with self._lock:
            if self._of != revision:
                self._queries.clear()
                self._documents.clear()
                self._of = revision
            share[key] = _Kept(answer, size)

    def _share(self, key: Key) -> LRUCache[Key, _Kept]:
        return self._queries if key[0].startswith(QUERIES) else self._documents


class _Kept(NamedTuple):
    answer: Answer
    size: int


def _kept(room: int) -> LRUCache[Key, _Kept]:
    return LRUCache(maxsize=max(room, 1), getsizeof=attrgetter("size"))


def _key(request: Request) -> Key | None:
    if request.method not in ("GET", "HEAD") or request.has_body or any(map(request.field, _NEVER_READY)):
        return None
    scope = request.scope
    host, accepted = request.field(b"host") or b"", request.field(b"accept") or b""
    key = (scope["raw_path"], scope["query_string"], host, accepted, request.field(b"accept-encoding") or b"")
    return key if sum(map(len, key)) <= KEY_BYTES else None


def _is_kept(answer: Answer) -> bool:
    if not isinstance(answer.body, bytes) or answer.field(b"x-revision") is None:
        return False
    etag = answer.field(b"etag")
    return answer.status == 303 or (answer.status == 200 and etag is not None and not etag.startswith(b"W/"))


def _size(answer: Answer) -> int:
    assert isinstance(answer.body, bytes)
    return len(answer.body) + sum(len(name) + len(value) for name, value in answer.headers)
