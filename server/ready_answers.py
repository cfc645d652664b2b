"""Answers kept ready as bytes: what was asked before, of the same revision and in the same form, is not made again.

Kept are the canned queries, documents and other answers to GET that say by a strong ETag, or a 303, that they depend on
nothing but the address, what the client accepts, and the revision. Queries on /sparql are not among them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from cachetools import LRUCache

from server.exchanges import Answer, Request

KEY_BYTES = 2048
"""Bytes of an address and of what the client accepts, up to which an answer is kept."""
SHARE = 8
"""An answer is kept if it takes at most one part in so many of the room there is."""

_NEVER_READY = (b"authorization", b"range", b"if-modified-since")
Key = tuple[bytes, bytes, bytes, bytes]


class ReadyAnswers:
    """The answers of one revision, the latest used ones, up to so many bytes. Safe for use by many threads."""

    def __init__(self, room: int, revision: Callable[[], object]) -> None:
        self._revision = revision
        self._room = room
        self._lock = threading.Lock()
        self._of: object = None
        self._kept: LRUCache[Key, Answer] = LRUCache(maxsize=max(room, 1), getsizeof=_size)

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
            return self._kept.get(key) if self._of == revision else None

    def keep(self, request: Request, answer: Answer, revision: object) -> None:
        """Keep an answer that was made of a revision, if it is of the kind that is kept and has room."""
        key = _key(request)
        if key is None or request.method != "GET" or not _is_kept(answer) or _size(answer) > self._room // SHARE:
            return
        with self._lock:
            if self._of != revision:
                self._kept.clear()
                self._of = revision
            self._kept[key] = answer


def _key(request: Request) -> Key | None:
    if request.method not in ("GET", "HEAD") or request.has_body or any(map(request.field, _NEVER_READY)):
        return None
    scope = request.scope
    accepted = request.field(b"accept") or b"", request.field(b"accept-encoding") or b""
    key = (scope["raw_path"], scope["query_string"], *accepted)
    return key if sum(map(len, key)) <= KEY_BYTES else None


def _is_kept(answer: Answer) -> bool:
    if not isinstance(answer.body, bytes) or answer.field(b"x-revision") is None:
        return False
    etag = answer.field(b"etag")
    return answer.status == 303 or (answer.status == 200 and etag is not None and not etag.startswith(b"W/"))


def _size(answer: Answer) -> int:
    assert isinstance(answer.body, bytes)
    return len(answer.body) + sum(len(name) + len(value) for name, value in answer.headers)
