"""A request as the front of the service sees it, and its answer: the two that travel between its parts.

Conditional reads by entity tag (RFC 9110, section 13) are evaluated on the complete answer, cached or new; conditions
on writes where the graph is written.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import IO, Any, ClassVar
from urllib.parse import unquote

from werkzeug.http import parse_etags, quote_etag, unquote_etag

from kg.lanes import Lane
from server.front.gzip_coding import Gzip

Headers = list[tuple[bytes, bytes]]

CLIENT, SCHEME, ROUTE_FIELD = b"citykg-client", b"citykg-scheme", b"citykg-route"
"""Fields between the processes of one service (server.front.relay): who asks and how, and back `Answer.route`."""

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_IN_NAME = r"[A-Za-z0-9._~!$&'()*+,;=-]"
_LITERAL = rf"\[(?P<v6>[0-9A-Fa-f:.]+)\]|\[v[0-9A-Fa-f]+\.(?:{_IN_NAME}|:)+\]"
_HOST = re.compile(rf"(?:{_LITERAL}|(?:{_IN_NAME}|%[0-9A-Fa-f]{{2}})*)(?::[0-9]*)?")
"""The form of a Host field: host and port (RFC 3986, sections 3.2.2 and 3.2.3)."""
_SHORT = re.compile(r"/healthz|/sparql|/queries/.+|/(doc|id)/[^/]+/.+")
"""Paths of short requests, whose work is done by workers: queries, and data about a thing."""
_SHORT_BYTES = 1 << 13
"""Bytes of a query up to which it is looked at in a moment."""
_PAGES = (b"html", b"text/*")


class Request:
    """The head of a request."""

    __slots__ = ("fields", "id", "is_client_gone", "is_forwarded", "lane", "method", "scope")

    ID: ClassVar = "citykg.request_id"
    """Under which name of its WSGI environment the application finds the id."""
    LANE: ClassVar = "citykg.lane"
    """Under which name it finds the lane of a query, None where the request has not waited for its turn."""
    IS_GONE: ClassVar = "citykg.is_gone"
    """Under which name it finds a function that returns True once the client has closed the connection."""

    def __init__(self, scope: MutableMapping[str, Any]) -> None:
        self.scope = scope
        self.lane: Lane | None = None
        self.is_client_gone = False
        """True if the client is known to have closed the connection; it is watched while only workers are at work."""
        self.is_forwarded = scope["client"] is None and any(name == CLIENT for name, _ in scope["headers"])
        """True if another process of the service passes it on: on a Unix socket uvicorn sees no client."""
        self.method: str = scope["method"]
        self.fields: dict[bytes, bytes] = {}
        """The header fields by name in lower case; several of one name joined by commas (RFC 9110, section 5.3)."""
        for name, value in scope["headers"]:
            self.fields[name] = self.fields[name] + b"," + value if name in self.fields else value
        if self.is_forwarded:
            scope["client"] = (self.fields[CLIENT].decode("latin-1"), 0)
            scope["scheme"] = self.fields[SCHEME].decode("latin-1")
        given = self.fields.get(b"x-request-id", b"")
        # an id that came from a proxy is kept, so that its logs and ours can be read side by side
        self.id = given.decode() if _ID.fullmatch(given) else secrets.token_hex(8)

    @classmethod
    def for_get(cls, address: str, fields: Headers) -> Request:
        """Return a request of our own, by GET: of the path and query of an address, with some fields."""
        path, _, query = address.partition("?")
        scope = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "server": None}
        where = {"path": unquote(path), "raw_path": path.encode(), "query_string": query.encode()}
        return cls({**scope, **where, "headers": fields, "client": None})

    def field(self, name: bytes) -> bytes | None:
        """Return the value of a header field; its name in lower case."""
        return self.fields.get(name)

    @property
    def has_valid_host(self) -> bool:
        """True if it has one field Host, of valid form; before HTTP/1.1 it may have none (RFC 9112, section 3.2)."""
        host = self.fields.get(b"host")
        if host is None:
            return self.is_forwarded or self.scope["http_version"] == "1.0"
        is_one = b"," not in host or sum(name == b"host" for name, _ in self.scope["headers"]) == 1
        return is_one and _is_host(host)

    @property
    def is_short(self) -> bool:
        """True if its answer takes little time besides that of workers: a query, or data about a thing.

        Pages take long to render, and tokens take long to verify. Code that takes long for another reason says so by
        kg.greenlets.
        """
        accepted = self.field(b"accept") or b""
        return (
            _SHORT.fullmatch(self.scope["path"]) is not None
            and len(self.scope["query_string"]) + (self.content_length or 0) <= _SHORT_BYTES
            and not any(words in accepted for words in _PAGES)
            and self.field(b"authorization") is None
            and self.field(b"transfer-encoding") is None
        )

    @property
    def path(self) -> str:
        """The path as it was sent."""
        return str(self.scope["raw_path"].decode("latin-1"))

    @property
    def is_at_desk(self) -> bool:
        """True if it is for the desk, where the cookie says who asks."""
        return self.path.startswith("/desk")

    @property
    def client(self) -> str:
        """The address of the client; of the one that a proxy on this machine names."""
        return self.scope["client"][0] if self.scope["client"] else ""

    @property
    def content_length(self) -> int | None:
        """The Content-Length, if there is one."""
        length = self.fields.get(b"content-length")
        return int(length) if length is not None and length.isdigit() else None

    @property
    def has_body(self) -> bool:
        """True if a body follows (RFC 9112, section 6.3)."""
        return b"transfer-encoding" in self.fields or self.content_length not in (None, 0)


@lru_cache(256)
def _is_host(value: bytes) -> bool:
    matched = _HOST.fullmatch(value.decode("latin-1"))
    if matched is None or matched["v6"] is None:
        return matched is not None
    try:
        ipaddress.IPv6Address(matched["v6"])
    except ValueError:
        return False
    return True


ROUTE = "citykg.route"
"""Under which name of its WSGI environment the application leaves `Answer.route`."""


@dataclass(frozen=True)
class Answer:
    """An answer: its body in memory, or as an open file that is closed once it is sent.

    `route` is the rule of the address that was asked for, such as `/doc/<kind>/<slug>`; empty where none fits.
    `cause` is the kind of error that it is (errors.slug); empty where it is none, or another process has counted it.
    """

    CAUSE: ClassVar = "citykg.cause"
    """Under which name of its WSGI environment the application leaves `cause`."""
    OF_ALL: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "Access-Control-Allow-Origin": "*",  # Fetch standard: pages of other origins may read, since all is open
            "Access-Control-Expose-Headers": "Content-Location, ETag, Link, Location, Retry-After, X-Request-ID, "
            "X-Revision",
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
            "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'",  # Content Security Policy Level 3: only our own files act in a page
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "cross-origin",  # the data are there for pages of others, too
        }
    )
    """Headers of every answer, unless it has other values for them."""

    status: int
    headers: Headers
    body: bytes | IO[bytes]
    route: str = ""
    cause: str = ""

    def close(self) -> None:
        """Close the file of a body that is not sent."""
        if not isinstance(self.body, bytes):
            self.body.close()

    def field(self, name: bytes) -> bytes | None:
        """Return the value of a header field; its name in lower case."""
        for key, value in self.headers:  # a generator would take twice as long
            if key == name:
                return value
        return None


_NOT_IN_304 = {b"content-type", b"content-length", b"content-encoding", b"etag"}


def fails_if_match(request: Request, answer: Answer) -> bool:
    """Return True if If-Match names none of the entity tags of an answer (section 13.1.1); `*` matches any."""
    condition, etag = request.field(b"if-match"), answer.field(b"etag")
    if condition is None or etag is None or answer.status not in (200, 304) or not _only_reads(request):
        return False
    wanted = parse_etags(condition.decode("latin-1"))
    return not wanted.star_tag and not any(wanted.is_strong(tag) for tag in _tags_in_both_codings(etag))


def apply_if_none_match(request: Request, answer: Answer) -> Answer:
    """Return 304 if If-None-Match names the entity tag of the answer (section 13.1.2), else the answer."""
    condition, etag = request.field(b"if-none-match"), answer.field(b"etag")
    if condition is None or etag is None or answer.status != 200 or not _only_reads(request):
        return answer
    held = parse_etags(condition.decode("latin-1"))
    tag = next((tag for tag in _tags_in_both_codings(etag) if held.contains_weak(tag)), None)
    if tag is None:
        return answer
    answer.close()
    headers = [(name, value) for name, value in answer.headers if name not in _NOT_IN_304]
    return Answer(304, [*headers, (b"etag", quote_etag(tag).encode("latin-1"))], b"", answer.route)


def _only_reads(request: Request) -> bool:
    return request.method in ("GET", "HEAD")


def _tags_in_both_codings(etag: bytes) -> tuple[str, str]:
    """Return the tag of an answer, and that of the same in the other content coding."""
    tag = str(unquote_etag(etag.decode("latin-1"))[0])
    return tag, tag.removesuffix(Gzip.MARK) if tag.endswith(Gzip.MARK) else tag + Gzip.MARK
