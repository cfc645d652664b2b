"""Connections to the server of an engine, kept open from one request to the next.

A request has a deadline, until which its answer is read; it is whole, or an error. Names and passwords are sent by the
scheme that the server asks for, Digest or Basic, and only once it has asked.
"""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection, IncompleteRead
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    HTTPDigestAuthHandler,
    HTTPPasswordMgr,
    Request,
    parse_http_list,
    parse_keqv_list,
)

_LEAST_SECONDS = 0.001
_DRAINED = 1 << 16
"""Bytes of an answer that nobody wants up to which it is read, so that the connection can be used again."""


class Reply:
    """An answer on its way: its status, its headers, and its body as a file, of which `read` gives what has come."""

    def __init__(self, connection: HTTPConnection, deadline: float) -> None:
        """Wait for the head of the answer. Raises OSError, TimeoutError, http.client.HTTPException."""
        self._socket = connection.sock
        self._deadline = deadline
        self._wait()
        self._response: HTTPResponse = connection.getresponse()
        self.status = self._response.status
        self.headers: Message = self._response.headers
        self.is_whole = False
        """Whether all of it has been read."""
        self.leaves_open = not self._response.will_close

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, `size` at most, and none at the end.

        Raises TimeoutError at the deadline, http.client.IncompleteRead where the rest does not come, OSError.
        """
        self._wait()
        part = self._response.read1(size)
        if not part and size:
            if self._response.length:
                raise IncompleteRead(b"", self._response.length)
            self.is_whole = True
        return part

    def drained(self) -> bool:
        """Read what is left, if that is little, and tell whether all has been read."""
        read = 0
        while not self.is_whole and read < _DRAINED:
            read += len(self.read(_DRAINED))
        return self.is_whole

    def close(self) -> None:
        """Let go of the body."""
        self._response.close()

    def _wait(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(max(left, _LEAST_SECONDS))


class _Known(HTTPPasswordMgr):
    """The one name and password, whatever the server calls its realm."""

    def __init__(self, user: str, password: str) -> None:
        super().__init__()
        self._pair = user, password

    def find_user_password(self, realm: str, authuri: str) -> tuple[str | None, str | None]:
        """Return them."""
        return self._pair


class Credentials:
    """A name and a password, and how the server wants them. Safe for use by many threads."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._basic = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
        self._digest = HTTPDigestAuthHandler(_Known(user, password))
        self._challenge: Mapping[str, str] = {}
        self._scheme = ""
        self._lock = threading.Lock()

    def asked(self, headers: Message) -> bool:
        """Learn what a server asks for; tell whether there is a name to send, by a scheme that is known here."""
        challenges = [challenge.partition(" ") for challenge in headers.get_all("WWW-Authenticate", ())]
        by_scheme = {scheme.lower(): rest for scheme, _, rest in challenges}
        scheme = next((name for name in ("digest", "basic") if name in by_scheme), "")
        if not self._user or not scheme:
            return False
        with self._lock:
            self._scheme = scheme
            self._challenge = parse_keqv_list([*filter(None, parse_http_list(by_scheme[scheme]))])
        return True

    def header(self, method: str, url: str) -> str | None:
        """Return what to say in the header Authorization, None as long as nobody has asked."""
        with self._lock:
            if self._scheme != "digest":
                return self._basic if self._scheme else None
            said = self._digest.get_authorization(Request(url, method=method), self._challenge)
        return None if said is None else f"Digest {said}"


@dataclass
class Connections:
    """The connections to one server, as many as there are requests at once. Safe for use by many threads."""

    url: str
    credentials: Credentials
    _idle: list[HTTPConnection] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def exchange(
        self, method: str, query: str, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> Iterator[Reply]:
        """Send a request and give its answer; what of it is not read when the block ends is not waited for.

        `query` is what follows the question mark. A connection that the server has closed meanwhile is opened anew.
        Raises OSError, TimeoutError, http.client.HTTPException.
        """
        deadline = time.monotonic() + seconds
        split = urlsplit(self.url)
        asked = "&".join(filter(None, (split.query, query)))
        target = (split.path or "/") + (f"?{asked}" if asked else "")
        connection, reply = self._answered(method, target, body, headers, deadline)
        try:
            yield reply
            kept = reply.leaves_open and reply.drained()
        except BaseException:
            connection.close()
            raise
        finally:
            reply.close()
        if kept:
            with self._lock:
                self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _answered(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str], deadline: float
    ) -> tuple[HTTPConnection, Reply]:
        """Send a request, once more with a name and a password where the server asks for them."""
        connection, reply = self._sent(method, target, body, headers, deadline)
        if reply.status != 401 or not self.credentials.asked(reply.headers):
            return connection, reply
        connection.close()
        return self._sent(method, target, body, headers, deadline)

    def _sent(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str], deadline: float
    ) -> tuple[HTTPConnection, Reply]:
        said = self.credentials.header(method, urljoin(self.url, target))
        all_headers = {**headers, **({"Authorization": said} if said else {})}
        while True:
            with self._lock:
                kept = self._idle.pop() if self._idle else None
            connection = kept or self._opened(deadline)
            try:
                connection.sock.settimeout(max(deadline - time.monotonic(), _LEAST_SECONDS))
                connection.request(method, target, body, all_headers)
                return connection, Reply(connection, deadline)
            except ConnectionError:
                connection.close()
                if kept is None:
                    raise
            except BaseException:
                connection.close()
                raise

    def _opened(self, deadline: float) -> HTTPConnection:
        url = urlsplit(self.url)
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        connection = kind(url.hostname or "", url.port, timeout=max(deadline - time.monotonic(), _LEAST_SECONDS))
        connection.connect()
        return connection
