"""The cache of answers, as bytes, by revision and form.

Kept are the answers to GET that say by a strong ETag, or a 303, that they depend on nothing but the address, what their
Vary names of the request, and the revision: documents, canned queries, and those queries on /sparql that call nothing
fleeting. They are found as RFC 9111, section 4.1, has it: by the address, then by the values of these fields.
Queries have a share of the room to themselves, so that however many there are, documents stay.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from cachetools import LRUCache

from server.front.gzip_coding import Gzip
from server.front.messages import Answer, Request

KEY_BYTES = 8192
"""Bytes of an address, and of the fields that an answer depends on, up to which it is kept."""
SHARE = 8
"""The answers at one address are kept if they take at most one part in so many of the room there is."""
FORMS = 32
"""The most answers that are kept at an address: a client can say in any number of ways what it accepts."""

QUERIES = (b"/sparql", b"/search", b"/ask")
"""Prefixes of paths whose answers have a share of their own: clients can make up any number of them."""
SHARE_OF_QUERIES = 4
"""One part in so many of the room is for queries."""

_NEVER_READY = (b"authorization", b"range", b"if-modified-since", b"transfer-encoding")
Address = tuple[bytes, bytes]
"""A path and what follows its question mark, as they were sent."""
Form = tuple[object, ...]
"""The values of the fields that decide in which form a client gets what is at an address."""


class ReadyAnswers:
    """The answers of one revision, the latest used ones, up to so many bytes. Safe for use by many threads."""

    def __init__(self, room: int, revision: Callable[[], object]) -> None:
        """Take the bytes that there are, and what returns an identifier of all that answers depend on."""
        self._revision = revision
        self._latest: object = None
        self._lock = threading.Lock()
        self._of: object = None
        for_queries = room // SHARE_OF_QUERIES
        self._queries, self._documents = _create_cache(for_queries), _create_cache(room - for_queries)

    @property
    def latest(self) -> object:
        """An identifier of the revision that was current when an answer was last looked up.

        It is that of the answers that are made from now on, unless there has been a change since: then none is ready.
        """
        return self._latest

    def find(self, request: Request) -> Answer | None:
        """Return the answer to a request if there is one."""
        address = _address(request)
        if address is None:
            return None
        revision = self._latest = self._revision()
        with self._lock:
            found = self._share(address).get(address) if self._of == revision else None
        if found is None:
            return None
        one = found.answers.get(_form_of(request, found.fields))
        return one.answer if one is not None else None

    def keep(self, request: Request, answer: Answer, revision: object) -> int:
        """Keep an answer that was made of a revision, if it is of the kind that is kept and has room.

        Return the bytes that it takes, 0 if it is not kept.
        """
        address = _address(request)
        if address is None or request.method != "GET" or not _is_cacheable(answer):
            return 0
        share, made = self._share(address), _ReadyAnswer.of(request, address, answer)
        if made.key_bytes > KEY_BYTES or made.size > share.maxsize // SHARE:
            return 0
        if revision != self._latest:
            return 0  # it came too late
        with self._lock:
            if self._of != revision:
                self._queries.clear()
                self._documents.clear()
                self._of = revision
            share[address] = _add_answer(share.pop(address, None), request, made, int(share.maxsize) // SHARE)
        return made.size

    def _share(self, address: Address) -> LRUCache[Address, _AnswersAtAddress]:
        return self._queries if address[0].startswith(QUERIES) else self._documents


class _ReadyAnswer(NamedTuple):
    """An answer, the fields of a request that decide whether it fits, the bytes by which it is found, and all bytes."""

    answer: Answer
    fields: tuple[bytes, ...]
    key_bytes: int
    size: int

    @classmethod
    def of(cls, request: Request, address: Address, answer: Answer) -> _ReadyAnswer:
        """Measure the answer to a request, at its address; its body is in memory."""
        assert isinstance(answer.body, bytes)
        fields = _varies_by(answer)
        key_bytes = sum(map(len, address)) + sum([len(request.field(name) or b"") for name in fields])
        head = sum([len(name) + len(value) for name, value in answer.headers])
        return cls(answer, fields, key_bytes, key_bytes + head + len(answer.body))


class _AnswersAtAddress(NamedTuple):
    """The answers at an address by their form; the fields that decide it are those of all of them."""

    fields: tuple[bytes, ...]
    answers: dict[Form, _ReadyAnswer]
    size: int


def _create_cache(room: int) -> LRUCache[Address, _AnswersAtAddress]:
    return LRUCache(maxsize=max(room, 1), getsizeof=attrgetter("size"))


def _add_answer(kept: _AnswersAtAddress | None, request: Request, made: _ReadyAnswer, most: int) -> _AnswersAtAddress:
    """Return what is kept at an address with one more answer, without the others where they do not go together.

    That is where they would be more than `most` bytes, or too many, or where the new one depends on a field of which
    the others say nothing: they have been told apart too little.
    """
    if kept is None:
        return _AnswersAtAddress(made.fields, {_form_of(request, made.fields): made}, made.size)
    fields = tuple(sorted({*made.fields, *kept.fields}))
    form = _form_of(request, fields)
    answers = {form: made}
    if kept.fields == fields and len(kept.answers) < FORMS:
        answers = {**kept.answers, **answers}
    size = sum(one.size for one in answers.values())
    return (
        _AnswersAtAddress(fields, answers, size) if size <= most else _AnswersAtAddress(fields, {form: made}, made.size)
    )


def _address(request: Request) -> Address | None:
    """Return where an answer to a request is kept, None if it is made for this request alone."""
    fields = request.fields
    if request.method not in ("GET", "HEAD") or not fields.keys().isdisjoint(_NEVER_READY):
        return None
    if b"content-length" in fields and request.has_body:
        return None
    return request.scope["raw_path"], request.scope["query_string"]


def _varies_by(answer: Answer) -> tuple[bytes, ...]:
    """Return the fields of a request on which an answer says that it depends (RFC 9110, section 12.5.5), sorted."""
    return _field_names(answer.field(b"vary") or b"")


@lru_cache  # of what the application says, which is little
def _field_names(said: bytes) -> tuple[bytes, ...]:
    return tuple(sorted({name.strip().lower() for name in said.split(b",") if name.strip()}))


def _form_of(request: Request, fields: tuple[bytes, ...]) -> Form:
    """Return the values of fields of a request, alike for two that no answer distinguishes."""
    return tuple([_value(request, name) for name in fields])


def _value(request: Request, name: bytes) -> object:
    value = request.fields.get(name)
    if name == b"accept-encoding":
        return value is not None and Gzip.is_accepted_by(value)
    return (request.scope["scheme"], value) if name == b"host" else value  # both say where we are reached


def _is_cacheable(answer: Answer) -> bool:
    if not isinstance(answer.body, bytes) or answer.field(b"x-revision") is None or b"*" in _varies_by(answer):
        return False
    if b"no-store" in (answer.field(b"cache-control") or b""):
        return False
    etag = answer.field(b"etag")
    return answer.status == 303 or (answer.status == 200 and etag is not None and not etag.startswith(b"W/"))
