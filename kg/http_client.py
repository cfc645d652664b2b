"""The HTTP client: connections to one server, kept open between requests, each request with a deadline.

An answer is whole, or an error. The deadline holds from the connection to the last byte, however the bytes come.
Nothing but the named server is contacted: no redirect is followed, and no proxy that the environment names is used. The
certificate is verified for the name of the server (`SSL_CERT_FILE` may name other authorities), whichever of its
addresses is connected to.

See docs/decisions/http-client.md.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.message import Message
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import urljoin, urlsplit

from kg.errors import BadValueError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

USER_AGENT = "city-diplomacy-kg (https://w3id.org/city-diplomacy/)"

_PORTS = {"http": 80, "https": 443}
_PART = 1 << 16
_MOST_DRAINED = 1 << 16
"""Bytes of an answer that is not wanted up to which it is read, so that the connection can be used again."""
_AROUND = 1 << 18
"""Bytes of an answer that may come before, between and after those of its body: heads, sizes of chunks, trailers."""
_AROUND_EACH = 16
"""Bytes that may come around its body in addition for each byte of it: each may be a chunk of its own."""


class TooManyBytesError(HTTPException):
    """An answer has more bytes than it may have; the message is the end of a sentence."""


class Authorization(Protocol):
    """The credentials of a client, sent once a server demands them (RFC 9110, section 11)."""

    def learn(self, headers: Message) -> bool:
        """Read the challenges of a 401 answer; return True if they can be met."""

    def header(self, method: str, url: str) -> str | None:
        """Return the value of the header Authorization, None as long as no server has demanded one."""


class _Incoming(RawIOBase):
    """The bytes that come over a connection, for one answer: none after the deadline, and few that are not its body."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._connected = connected
        self._raw = connected.makefile("rb", buffering=0)
        self._deadline = deadline
        self._received = 0
        self.of_body = 0
        """Bytes of the body that have been given out."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        """Wait for the next bytes. Raises TimeoutError, TooManyBytesError, OSError."""
        if self._received - self.of_body > _AROUND + _AROUND_EACH * self.of_body:
            raise TooManyBytesError("too many bytes around its body")
        self._connected.settimeout(_seconds_until(self._deadline))
        size = self._raw.readinto(buffer)
        self._received += size or 0
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Bounded:
    """A socket as http.client uses it for one request: it waits until the deadline, however often it has to wait.

    http.client reads lines and sends parts by as many calls as it takes, so that a timeout of each would bound none.
    """

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._connected = connected
        self._deadline = deadline
        self.incoming: _Incoming

    def sendall(self, data: ReadableBuffer) -> None:
        self._connected.settimeout(_seconds_until(self._deadline))
        self._connected.sendall(data)

    def makefile(self, mode: str) -> BufferedReader:
        """Return the file of the answer; the socket stays open until both are closed."""
        self.incoming = _Incoming(self._connected, self._deadline)
        return BufferedReader(self.incoming)

    def close(self) -> None:
        self._connected.close()


class Reply:
    """An answer on its way: its status, its headers, and its body as a file, of which `read` gives what has come."""

    def __init__(self, connection: HTTPConnection, bounded: _Bounded, deadline: float) -> None:
        """Wait for the head of the answer. Raises OSError, TimeoutError, http.client.HTTPException."""
        self._response: HTTPResponse = connection.getresponse()
        self._incoming = bounded.incoming
        self._deadline = deadline
        self.status = self._response.status
        self.reason = self._response.reason
        self.headers: Message = self._response.headers
        self.is_whole = False
        """True if all of it has been read."""
        self.leaves_open = not self._response.will_close

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, `size` at most, and none at the end.

        Raises TimeoutError at the deadline, http.client.IncompleteRead where the rest does not come, TooManyBytesError
        where it comes with too much around it, OSError.
        """
        part = self._response.read1(size)
        _seconds_until(self._deadline)  # bytes that had come before were not waited for
        self._incoming.of_body += len(part)
        if not part and size:
            if self._response.length:
                raise IncompleteRead(b"", self._response.length)
            self.is_whole = True
        return part

    def read_all(self, most: int) -> bytes:
        """Return the rest of the body. Raises as `read`, and TooManyBytesError for more than `most` bytes."""
        parts, size = list[bytes](), 0
        while part := self.read(_PART):
            size += len(part)
            if size > most:
                raise TooManyBytesError(f"more than {most:,} bytes")
            parts.append(part)
        return b"".join(parts)

    def drain(self) -> bool:
        """Read the rest if it is small; return True if the body has been read whole."""
        read = 0
        while not self.is_whole and read < _MOST_DRAINED:
            read += len(self.read(_MOST_DRAINED))
        return self.is_whole

    def close(self) -> None:
        """Close the body."""
        self._response.close()


def resolve(host: str, port: int) -> list[str]:
    """Return the network addresses of a host. Raises OSError, and UnicodeError for what cannot be a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Connections:
    """The connections to one server, as many as there are requests at once. Safe for use by many threads."""

    def __init__(
        self,
        url: str,
        authorization: Authorization | None = None,
        *,
        addresses: Callable[[str, int], Sequence[str]] = resolve,
    ) -> None:
        """Take the URL of a service of the server; connect to nothing yet.

        `addresses` returns the network addresses of a host name and port: exactly these are tried, in turn until one
        answers, and the name is not resolved again. Raises ValueError for a port that is not a number.
        """
        self.url = url
        self._split = urlsplit(url)
        self._port = self._split.port or _PORTS.get(self._split.scheme, 0)
        self._authorization = authorization
        self._addresses = addresses
        self._idle: list[socket.socket] = []
        self._is_closed = False
        self._lock = threading.Lock()

    @contextmanager
    def exchange(
        self, method: str, query: str, body: bytes | None, headers: Mapping[str, str], seconds: float
    ) -> Iterator[Reply]:
        """Send a request and yield its answer; what is unread at the end of the block is dropped.

        `query` is what follows the question mark. A connection that the server has closed meanwhile is opened anew.
        Raises OSError, TimeoutError, http.client.HTTPException.
        """
        deadline = time.monotonic() + seconds
        full_query = "&".join(filter(None, (self._split.query, query)))
        target = (self._split.path or "/") + (f"?{full_query}" if full_query else "")
        connected, reply = self._request(method, target, body, headers, deadline)
        try:
            yield reply
            stays_open = reply.leaves_open and reply.drain()
        except BaseException:
            connected.close()
            raise
        finally:
            reply.close()
        with self._lock:
            stays_open = stays_open and not self._is_closed
            if stays_open:
                self._idle.append(connected)
        if not stays_open:
            connected.close()

    def close(self) -> None:
        """Close the idle connections, and from now on each other one at the end of its request."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connected in idle:
            connected.close()

    def _request(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str], deadline: float
    ) -> tuple[socket.socket, Reply]:
        """Send a request, and again with credentials where the server demands them."""
        connected, reply = self._send(method, target, body, headers, deadline)
        if reply.status != 401 or self._authorization is None or not self._authorization.learn(reply.headers):
            return connected, reply
        connected.close()
        return self._send(method, target, body, headers, deadline)

    def _send(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str], deadline: float
    ) -> tuple[socket.socket, Reply]:
        all_headers = dict(headers)
        if self._authorization and (shown := self._authorization.header(method, urljoin(self.url, target))):
            all_headers["Authorization"] = shown
        while True:
            with self._lock:
                used_before = self._idle.pop() if self._idle else None
            connected = used_before or self._open(deadline)
            bounded = _Bounded(connected, deadline)
            try:
                connection = self._protocol(bounded)
                connection.request(method, target, body, all_headers)
                return connected, Reply(connection, bounded, deadline)
            except ConnectionError:
                connected.close()
                if used_before is None:
                    raise
            except BaseException:
                connected.close()
                raise

    def _protocol(self, bounded: _Bounded) -> HTTPConnection:
        """Return an HTTPConnection over a socket, for one request."""
        host = self._split.hostname or ""
        if self._split.scheme == "https":
            connection: HTTPConnection = HTTPSConnection(host, self._port, context=self._tls)
        else:
            connection = HTTPConnection(host, self._port)
        connection.sock = cast(socket.socket, bounded)  # the methods of a socket that it calls
        connection.auto_open = 0  # it would resolve the name
        return connection

    def _open(self, deadline: float) -> socket.socket:
        host = self._split.hostname or ""
        plain = self._connect(self._addresses(host, self._port), deadline)
        return self._tls.wrap_socket(plain, server_hostname=host) if self._split.scheme == "https" else plain

    def _connect(self, addresses: Sequence[str], deadline: float) -> socket.socket:
        """Connect to the first address that answers, each within its share of the time. Raises OSError."""
        for place, address in enumerate(addresses, start=1):
            share = _seconds_until(deadline) / (len(addresses) - place + 1)
            try:
                connected = socket.create_connection((address, self._port), share)
            except OSError:
                if place == len(addresses):
                    raise
            else:
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connected.settimeout(_seconds_until(deadline))
                return connected
        raise ConnectionError

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def _seconds_until(deadline: float) -> float:
    """Return the seconds until the deadline. Raises TimeoutError after it."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


_CHARACTERS = re.compile(r"[!$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")  # RFC 3986, section 2, without `#`


def check_address(address: str) -> None:
    """Raise BadValueError unless this is the address of an endpoint: http or https, a host, no user and no fragment."""
    try:
        url = urlsplit(address)
        sound = url.scheme in ("http", "https") and url.port != 0 and "@" not in url.netloc
        sound = sound and bool((url.hostname or "").encode("idna"))  # as it is looked up: no empty label
    except ValueError:
        sound = False
    if not sound or not _CHARACTERS.fullmatch(address):
        raise BadValueError(
            f"{address!r} is not the address of an endpoint.",
            "Give it as in https://query.wikidata.org/sparql: http or https, a host, no user and no fragment.",
        )
