"""The content coding gzip (RFC 9110, section 8.4.1.3): who takes it, and what marks an answer that is sent in it."""

from __future__ import annotations

from functools import lru_cache

from werkzeug.http import parse_accept_header

_SHORT = 200
"""Bytes of an Accept-Encoding up to which it is remembered: clients say few different things, with each request."""


class Gzip:
    """Rules on gzip that the application, which compresses, and the front, which caches, have in common."""

    MARK = "-gzip"
    """The suffix of the entity tag of an answer that is sent as gzip (server.web.envelope)."""

    @staticmethod
    def is_accepted_by(accepted: bytes) -> bool:
        """Return True if an Accept-Encoding, empty if there is none, likes gzip no less than plain bytes."""
        return (_cached_accepts if len(accepted) <= _SHORT else _accepts)(accepted)


def _accepts(accepted: bytes) -> bool:
    codings = parse_accept_header(accepted.decode("latin-1"))
    return 0 < codings.quality("gzip") >= codings.quality("identity")


_cached_accepts = lru_cache(1_000)(_accepts)
