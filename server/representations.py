"""Documents in several formats: which one a client gets, and the headers by which clients and caches work with it.

RFC 9110: negotiation (section 12), validators and conditional requests (sections 8.8 and 13), Content-Location (8.7).
RFC 8288 and signposting.org: the typed links of a document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask import Response, request

from kg.formats import GRAPH_FORMATS, GraphFormat
from server import dates, graph
from server.negotiation import negotiate
from server.problems import NotAcceptableError

HTML = "text/html"
SUFFIX_OF = {fmt.media_type: fmt.suffix for fmt in GRAPH_FORMATS} | {HTML: "html"}
MEDIA_TYPE_OF = {suffix: media_type for media_type, suffix in SUFFIX_OF.items()}


class Link(NamedTuple):
    """A typed link (RFC 8288): its relation and target, and the target's media type and profile where that helps."""

    relation: str
    target: str
    media_type: str | None = None
    profile: str | None = None

    def __str__(self) -> str:
        of_type = f'; type="{self.media_type}"' if self.media_type else ""
        in_profile = f'; profile="{self.profile}"' if self.profile else ""
        return f'<{self.target}>; rel="{self.relation}"{of_type}{in_profile}'


@dataclass(frozen=True)
class Document:
    """A document: its address without a suffix, and further links, of which a relation and a target are enough.

    `query` is the part of the address behind the question mark, if it has one; `formats` are those of RDF that can
    carry the document.
    """

    address: str
    links: tuple[Link | tuple[str, str], ...] = ()
    query: str = ""
    formats: tuple[GraphFormat, ...] = GRAPH_FORMATS

    @property
    def media_types(self) -> list[str]:
        """The media types that the document is offered in."""
        return offers(self.formats)

    def at(self, suffix: str) -> str:
        """Return the address of the document in one format."""
        return f"{self.address}.{suffix}" + (f"?{self.query}" if self.query else "")


def split_suffix(name: str) -> tuple[str, str | None]:
    """Take the suffix of a format off a name; only known ones are taken off, and never the whole name."""
    stem, _, suffix = name.rpartition(".")
    return (stem, suffix) if stem and suffix in MEDIA_TYPE_OF else (name, None)


def offers(formats: Sequence[GraphFormat]) -> list[str]:
    """Return the media types of some formats of RDF, and HTML."""
    return [*(fmt.media_type for fmt in formats), HTML]


def preferred(formats: Sequence[GraphFormat] = GRAPH_FORMATS) -> str:
    """Return the media type that the client prefers of some formats and HTML.

    Raises NotAcceptableError if it accepts none.
    """
    media_type = negotiate(request.headers.get("Accept"), offers(formats))
    if media_type is None:
        raise NotAcceptableError(offers(formats))
    return media_type


def answer(document: Document, suffix: str | None, write: Callable[[str], bytes]) -> Response:
    """Answer with a document in the format of the suffix, without one in the format that the client prefers.

    `write` returns the document's bytes in a media type. The strong ETag is their hash, hence it lasts as long as this
    document stays the same, whatever else changes in the graph; it names the format too, since two formats of one
    document may have the same bytes. Caches may keep the answer and have to ask whether it still holds. Raises
    NotAcceptableError for a format that cannot carry the document.
    """
    media_type = preferred(document.formats) if suffix is None else MEDIA_TYPE_OF[suffix]
    if media_type not in document.media_types:
        raise NotAcceptableError(document.media_types)
    body = write(media_type)
    response = Response(body, content_type=f"{HTML}; charset=utf-8" if media_type == HTML else media_type)
    if suffix is None:
        response.vary.add("Accept")
        response.headers["Content-Location"] = document.at(SUFFIX_OF[media_type])
    response.headers["Link"] = ", ".join(map(str, typed_links(document)))
    return tagged(response, SUFFIX_OF[media_type])


def tagged(response: Response, representation: str) -> Response:
    """Give an answer its validators, of which the strong one is the hash of its bytes; 304 for a client that has it."""
    response.set_etag(tag(response.get_data(), representation))
    return conditional(response)


def tag(content: bytes, representation: str) -> str:
    """Return the entity tag of a representation, without quotes."""
    return f"{hashlib.sha256(content).hexdigest()[:32]}-{representation}"


def conditional(response: Response) -> Response:
    """Complete an answer that has an ETag: caches have to ask whether it still holds, and 304 says that it does."""
    response.cache_control.no_cache = True
    response.last_modified = dates.last_modified(graph.current()[0])
    response.make_conditional(request)
    return response


def signposts(iri: str, types: Iterable[str], licence: str | None) -> tuple[tuple[str, str], ...]:
    """Return the links of a document about `iri`: its lasting name, its types, its licence, the data set it is of."""
    licences = [("license", licence)] if licence else []
    kinds = [("type", kind) for kind in types]
    return ("cite-as", iri), *kinds, *licences, ("collection", "/dataset")


def typed_links(document: Document) -> list[Link]:
    """Return what a document says of itself, and where each of its formats is."""
    formats = [Link("describedby", document.at(fmt.suffix), fmt.media_type) for fmt in document.formats]
    page = Link("alternate", document.at("html"), HTML)
    return [*(Link(*link) for link in document.links), *formats, page]
