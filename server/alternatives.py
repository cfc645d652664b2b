"""One thing in several formats of which not all are RDF: which one a client gets, and the headers that go with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Response, request

from kg.errors import UnknownNameError
from server import answers
from server.negotiation import negotiate
from server.problems import NotAcceptableError
from server.representations import Document, Link, tagged


@dataclass(frozen=True)
class Alternative:
    """A format that a thing can be had in, and what writes it."""

    media_type: str
    write: Callable[[], bytes]


def answer(document: Document, suffix: str | None, alternatives: Mapping[str, Alternative]) -> Response:
    """Answer in the format of the suffix, without one in that which the client prefers; the first is the default.

    Raises UnknownNameError for another suffix, NotAcceptableError if the client accepts none.
    """
    chosen = suffix or preferred({name: one.media_type for name, one in alternatives.items()})
    if chosen not in alternatives:
        raise UnknownNameError(f"format of {document.address}", chosen, list(alternatives))
    response = Response(alternatives[chosen].write())
    response.content_type = answers.content_type(alternatives[chosen].media_type)
    links = [Link(*link) for link in document.links]
    links += [Link("alternate", document.at(s), a.media_type) for s, a in alternatives.items() if s != chosen]
    response.headers["Link"] = ", ".join(map(str, links))
    if suffix is None:
        response.vary.add("Accept")
        response.headers["Content-Location"] = document.at(chosen)
    return tagged(response, chosen)


def preferred(media_types: Mapping[str, str]) -> str:
    """Return the name of the media type that the client prefers, the first if it says nothing.

    Raises NotAcceptableError if it accepts none.
    """
    offers = list(media_types.values())
    media_type = negotiate(request.headers.get("Accept"), offers)
    if media_type is None:
        raise NotAcceptableError(offers)
    return next(name for name, offered in media_types.items() if offered == media_type)
