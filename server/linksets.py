"""The links of a document as a document of their own, for clients that read no headers (RFC 9264, section 4.2)."""

from __future__ import annotations

from typing import Any

from flask import Response, json

from server import representations
from server.representations import Document, Link

MEDIA_TYPE = "application/linkset+json"


def answer(document: Document) -> Response:
    """Return the links of a document, as a set whose only anchor is its address."""
    context: dict[str, Any] = {"anchor": document.address}
    for link in representations.typed_links(document):
        context.setdefault(link.relation, []).append(_target(link))
    response = Response(json.dumps({"linkset": [context]}), content_type=MEDIA_TYPE)
    return representations.tagged(response, "linkset")


def _target(link: Link) -> dict[str, Any]:
    """Return a target; an attribute that RFC 8288 does not define has a list of values (RFC 9264, section 4.2.4.3)."""
    of_type = {"type": link.media_type} if link.media_type else {}
    in_profile = {"profile": [link.profile]} if link.profile else {}
    return {"href": link.target, **of_type, **in_profile}
