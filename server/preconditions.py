"""If-Match on requests that change the graph (RFC 9110, section 13.1.1): the revision that the client has read."""

from __future__ import annotations

from flask import request

from kg.gate import RevisionPassedError
from server import graph


def wanted_revision() -> str | None:
    """Return the revision that the request wants to change, None if any will do.

    It is what X-Revision said, in quotes as an entity tag or without. Raises RevisionPassedError if several are named,
    since they cannot all be the present one.
    """
    stated = request.headers.get("If-Match", "").strip()
    if stated in ("", "*"):
        return None
    tags = [tag.strip().strip('"') for tag in stated.split(",")]
    if len(tags) > 1:
        raise RevisionPassedError(" or ".join(tags), graph.current()[0].revision)
    return tags[0]
