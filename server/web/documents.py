"""Documents in several formats: which one a client gets, and the headers by which clients and caches work with it.

RFC 9110: negotiation (section 12), validators and conditional requests (sections 8.8 and 13), Content-Location (8.7).
RFC 9264: the links of a document as a document of their own, for clients that read no headers.

When a document last changed is known as far as this (RFC 9110, section 8.8.2): it has no date of its own, since its
bytes follow from the graph and from this program, and which changes of the graph alter them is not recorded. Hence it
did not change since the latest of three moments: the build, the last change upon it, and the start of this process (a
program that was renewed has been started again). The date may be later than the true change, never earlier; the strong
ETag does not depend on it, and goes before it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import IO, Any, ClassVar

from flask import Response, json, request
from pyoxigraph import NamedNode, Triple
from werkzeug.http import http_date
from werkzeug.wsgi import wrap_file

from kg.errors import UnknownNameError
from kg.publish import json_ld_context
from kg.publish.catalogues import catalogue_rights
from kg.publish.ready_documents_file import program_digest
from kg.rdf.formats import GRAPH_FORMAT, GRAPH_FORMATS, HTML, GraphFormat
from kg.rdf.jsonld import to_jsonld
from kg.rdf.serialise import sort_subject_first, to_bytes
from kg.rdf.triples import PREFIXES, node
from kg.store import Build
from server.service import service
from server.web.links import Link
from server.web.negotiation import NotAcceptableError, content_type, preferred_type, vary

JSON = "application/json"
_SUFFIXES = {*(fmt.suffix for fmt in GRAPH_FORMATS), "html"}
_PROCESS_START = datetime.now(UTC)
_CONDITIONS = {"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"}
_http_date = lru_cache(http_date)


@dataclass(frozen=True)
class Document:
    """A document: its address without a suffix, and further links, of which a relation and a target are enough.

    `query` is the part of the address behind the question mark, if it has one. A document that describes something is
    a page, and comes in the `formats` of RDF that can carry it. Any other has `alternatives`: media types by suffix.
    """

    LINKSET: ClassVar = "application/linkset+json"

    address: str
    links: tuple[Link | tuple[str, str], ...] = ()
    query: str = ""
    formats: tuple[GraphFormat, ...] = GRAPH_FORMATS
    alternatives: Mapping[str, str] = field(default_factory=dict)

    @property
    def media_types(self) -> Mapping[str, str]:
        """The media types that the document is offered in, by suffix."""
        return self.alternatives or {**{fmt.suffix: fmt.media_type for fmt in self.formats}, "html": HTML}

    def at(self, suffix: str) -> str:
        """Return the address of the document in one format."""
        return f"{self.address}.{suffix}" + (f"?{self.query}" if self.query else "")

    @property
    def _is_json_too(self) -> bool:
        """True if a client that knows no more than JSON can have the document, since JSON-LD is that, too."""
        return "jsonld" in self.media_types and not self.alternatives

    @staticmethod
    def serialise(statements: Sequence[Triple], suffix: str, first: NamedNode | None = None) -> bytes:
        """Return statements in the format of a suffix; the node `first` comes before the others.

        JSON-LD is compact by our own context, at the revision that the request reads.
        """
        if suffix == "jsonld":
            return to_jsonld(statements, service.workers.read(json_ld_context), first)
        return to_bytes(sort_subject_first(statements, first), GRAPH_FORMAT[suffix].engine, PREFIXES)

    @staticmethod
    def catalogue_links(catalogue: NamedNode) -> tuple[Link, ...]:
        """Return the signposts of the document of a catalogue of ours."""
        rights = service.workers.read_once(catalogue_rights)
        kind = node("dcat:Catalog").value
        return (*Link.signposts(catalogue.value, [kind], rights["licence"], rights["creator"]), Link.to_dataset())

    @staticmethod
    def split_suffix(name: str) -> tuple[str, str | None]:
        """Take the suffix of a format of RDF or of a page off a name; no other one, and never the whole name."""
        stem, _, suffix = name.rpartition(".")
        return (stem, suffix) if stem and suffix in _SUFFIXES else (name, None)

    def choose(self, suffix: str | None = None) -> str:
        """Return the suffix of the format that is asked for: the suffix given, else what the client prefers.

        A client that says nothing gets the first. Raises NotAcceptableError if it accepts none, or if the format
        cannot carry this document; UnknownNameError for any other suffix.
        """
        offered = self.media_types
        if suffix is None:
            media_type = preferred_type(list(offered.values()), [JSON] if self._is_json_too else [])
            return next((name for name, offer in offered.items() if offer == media_type), "jsonld")
        if suffix not in offered:
            if suffix in _SUFFIXES and not self.alternatives:
                raise NotAcceptableError(list(offered.values()))
            raise UnknownNameError(f"format of {self.address}", suffix, list(offered))
        return suffix

    def answer(self, suffix: str | None, write: Callable[[str], bytes]) -> Response:
        """Answer in the format of the suffix, without one in that which the client prefers; see `choose`.

        A client that wants JSON gets JSON-LD under that name. `write` returns the document's bytes in the format of a
        suffix.
        """
        chosen = self.choose(suffix)
        response = self.response(write(chosen), chosen)
        if suffix is None and chosen == "jsonld" and preferred_type([self.media_types[chosen], JSON]) == JSON:
            response.content_type = JSON
        return self.add_headers(response, chosen, negotiated=suffix is None)

    def stream(self, suffix: str, parts: Iterable[bytes], *, negotiated: bool) -> Response:
        """Answer in the format of a suffix with parts that are made while they are sent, at the reader's pace.

        If one fails, the connection is closed before the end (RFC 9112, section 8). The entity tag is a hash of all
        that decides what the parts are: the revision, the scope, the address, and the program.
        """
        response = self.response(b"", suffix)
        response.response = wrap_file(request.environ, _Parts(parts))
        response.direct_passthrough = True
        response.automatically_set_content_length = False  # nor is it packed, which would take all parts
        del response.headers["Content-Length"]
        made_of = (service.revisions.current().revision, service.revisions.scope(), self.at(suffix), program_digest())
        response.set_etag(self.entity_tag("\n".join(made_of).encode(), suffix))
        return self._add_fields(response, suffix, negotiated=negotiated)

    def response(self, content: bytes, suffix: str) -> Response:
        """Return the bytes of a format with their Content-Type; RDF says itself that it is UTF-8."""
        media_type = self.media_types[suffix]
        says_itself = suffix in GRAPH_FORMAT
        return Response(content, content_type=media_type if says_itself else content_type(media_type))

    def add_headers(self, response: Response, suffix: str, *, negotiated: bool) -> Response:
        """Add what clients and caches go by: typed links, the address of this format, validators."""
        return self._add_fields(response, suffix, negotiated=negotiated, representation=suffix)

    def _add_fields(
        self, response: Response, suffix: str, *, negotiated: bool, representation: str | None = None
    ) -> Response:
        response.headers["Link"] = Link.header(self._typed_links(suffix))
        if suffix == "csv":  # RFC 6266: the name of the file in which it is saved
            response.headers["Content-Disposition"] = f'attachment; filename="{self.address.rpartition("/")[2]}.csv"'
        if negotiated:
            vary(response, "Accept")
            response.headers["Content-Location"] = self.at(suffix)
        return self.add_validators(response, representation)

    def linkset(self) -> Response:
        """Return the links of the document, as a set whose only anchor is its address (RFC 9264, section 4.2)."""
        context: dict[str, Any] = {"anchor": self.address}
        for link in self._typed_links():
            context.setdefault(link.relation, []).append(link.as_target())
        response = Response(json.dumps({"linkset": [context]}), content_type=self.LINKSET)
        return self.add_validators(response, "linkset")

    def _typed_links(self, suffix: str | None = None) -> list[Link]:
        """Return what the document says of itself, and where its formats are: a description is in each of them."""
        links = [Link(*link) for link in self.links]
        if self.alternatives:
            others = [(name, media_type) for name, media_type in self.alternatives.items() if name != suffix]
            return [*links, *(Link("alternate", self.at(name), media_type) for name, media_type in others)]
        formats = [Link("describedby", self.at(fmt.suffix), fmt.media_type) for fmt in self.formats]
        return [*links, *formats, Link("alternate", self.at("html"), HTML)]

    @staticmethod
    def entity_tag(content: bytes, representation: str) -> str:
        """Return the strong entity tag of a representation, without quotes: the hash of its bytes.

        Hence it lasts as long as this document stays the same, whatever else changes in the graph; it names the format
        too, since two formats of one document may have the same bytes.
        """
        return f"{hashlib.sha256(content).hexdigest()[:32]}-{representation}"

    @classmethod
    def add_validators(cls, response: Response, representation: str | None = None) -> Response:
        """Add ETag, Last-Modified and Cache-Control: no-cache, so that caches ask whether an answer still holds.

        Conditions on entity tags are met by `server.front`, `If-Modified-Since` here, with 304. The entity tag is that
        of the bytes as a representation; without one the answer has its entity tag already.
        """
        if representation is not None:
            response.set_etag(cls.entity_tag(response.get_data(), representation))
        if any(name == "Cache-Control" for name, _ in response.headers):  # `in` takes long where there is none
            response.cache_control.no_cache = True
        else:
            response.headers.add("Cache-Control", "no-cache")
        since = _last_modified(service.revisions.current())
        if since is not None:
            response.headers["Last-Modified"] = _http_date(since)
        if not _CONDITIONS.isdisjoint(request.environ):
            response.make_conditional(request)
        return response


class _Parts(io.BufferedIOBase, IO[bytes]):
    """Parts as a file that can be read once."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next part, whatever its size, or all that are left; nothing at the end."""
        return next(self._parts, b"") if size is not None and size >= 0 else b"".join(self._parts)


def _last_modified(build: Build) -> datetime | None:
    """Return the moment since which no document of a build with its changes has changed."""
    return unchanged_since([*_parse_moments(build.built, build.changed), _PROCESS_START], _now())


@lru_cache
def _now() -> datetime:
    return datetime.now(UTC)


def _parse_moments(*stated: str) -> list[datetime]:
    return [*map(datetime.fromisoformat, stated)]


def unchanged_since(changes: list[datetime], now: datetime) -> datetime | None:
    """Return the end of the second of the latest change, since HTTP counts in seconds and two may fall into one.

    None while that lies in the future: then no date is known that holds (RFC 9110, sections 8.8.2.1 and 8.8.2.2).
    """
    since = max(changes).replace(microsecond=0) + timedelta(seconds=1)
    return since if since <= now else None
