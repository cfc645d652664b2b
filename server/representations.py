"""Documents in several formats: which one a client gets, and the headers by which clients and caches work with it.

RFC 9110: negotiation (section 12), validators and conditional requests (sections 8.8 and 13), Content-Location (8.7).
RFC 8288 and signposting.org: the typed links of a document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Response, request

from kg.formats import GRAPH_FORMATS
from server.negotiation import negotiate
from server.problems import NotAcceptableError

HTML = "text/html"
SUFFIX_OF = {fmt.media_type: fmt.suffix for fmt in GRAPH_FORMATS} | {HTML: "html"}
MEDIA_TYPE_OF = {suffix: media_type for media_type, suffix in SUFFIX_OF.items()}


@dataclass(frozen=True)
class Document:
    """A document: its address without a suffix, and further links as pairs of relation and target.

    `query` is the part of the address behind the question mark, if it has one.
    """

    address: str
    links: tuple[tuple[str, str], ...] = ()
    query: str = ""

    def at(self, suffix: str) -> str:
        """Return the address of the document in one format."""
        return f"{self.address}.{suffix}" + (f"?{self.query}" if self.query else "")


def split_suffix(name: str) -> tuple[str, str | None]:
    """Take the suffix of a format off a name; only known ones are taken off, and never the whole name."""
    stem, _, suffix = name.rpartition(".")
    return (stem, suffix) if stem and suffix in MEDIA_TYPE_OF else (name, None)


def preferred() -> str:
    """Return the media type that the client prefers. Raises NotAcceptableError if it accepts none."""
    offers = list(SUFFIX_OF)
    media_type = negotiate(request.headers.get("Accept"), offers)
    if media_type is None:
        raise NotAcceptableError(offers)
    return media_type


def answer(document: Document, suffix: str | None, write: Callable[[str], bytes]) -> Response:
    """Answer with a document in the format of the suffix, without one in the format that the client prefers.

    `write` returns the document's bytes in a media type. The strong ETag is their hash, hence it lasts as long as this
    document stays the same, whatever else changes in the graph; it names the format too, since two formats of one
    document may have the same bytes. Caches may keep the answer and have to ask whether it still holds.
    """
    media_type = preferred() if suffix is None else MEDIA_TYPE_OF[suffix]
    body = write(media_type)
    response = Response(body, content_type=f"{HTML}; charset=utf-8" if media_type == HTML else media_type)
    if suffix is None:
        response.vary.add("Accept")
        response.headers["Content-Location"] = document.at(SUFFIX_OF[media_type])
    response.headers["Link"] = _links(document)
    response.set_etag(f"{hashlib.sha256(body).hexdigest()[:32]}-{SUFFIX_OF[media_type]}")
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


def signposts(iri: str, types: Iterable[str], licence: str | None) -> tuple[tuple[str, str], ...]:
    """Return the links of a document about `iri`: its lasting name, its types, its licence, the data set it is of."""
    licences = [("license", licence)] if licence else []
    kinds = [("type", kind) for kind in types]
    return ("cite-as", iri), *kinds, *licences, ("collection", "/dataset")


def _links(document: Document) -> str:
    """Write the Link header: what the document says of itself, and where each of its formats is."""
    plain = [f'<{target}>; rel="{relation}"' for relation, target in document.links]
    formats = [f'<{document.at(fmt.suffix)}>; rel="describedby"; type="{fmt.media_type}"' for fmt in GRAPH_FORMATS]
    return ", ".join([*plain, *formats, f'<{document.at("html")}>; rel="alternate"; type="{HTML}"'])
