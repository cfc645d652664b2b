"""The content coding gzip (RFC 9110, section 8.4.1.3): who takes it, and what marks an answer that is sent in it."""

from __future__ import annotations

from functools import lru_cache

from werkzeug.http import parse_accept_header

_SHORT = 200
"""Bytes of an Accept-Encoding up to which it is remembered: clients say few different things, with each request."""


class Gzip:
    """What the application that compresses and the front that keeps answers both go by."""

    MARK = "-gzip"
    """What stands at the end of the entity tag of an answer that is sent as gzip (server.web.envelope)."""

    @staticmethod
    def is_accepted_by(accepted: bytes) -> bool:
        """Tell by its Accept-Encoding, empty if it sends none, whether a client likes gzip no less than plain bytes."""
        return (_cached_accepts if len(accepted) <= _SHORT else _accepts)(accepted)


def _accepts(accepted: bytes) -> bool:
    codings = parse_accept_header(accepted.decode("latin-1"))
    return 0 < codings.quality("gzip") >= codings.quality("identity")


_cached_accepts = lru_cache(1_000)(_accepts)
