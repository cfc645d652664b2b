"""Requests that one process forwards to another: all that change something go to the writer.

The two speak HTTP/1.1 over a Unix socket in a folder that only their user can enter. A request is passed on whole, once
its body is there, and its answer is taken whole; nothing waits in a thread. Who the client is stands in two fields that
are believed on that socket alone.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import IO

import httptools

from kg.errors import CityKgError
from kg.shortage import translating_shortage
from server.front.messages import CLIENT, ROUTE_FIELD, SCHEME, Answer, Headers, Request

PART = 1 << 16
IN_MEMORY = 1 << 20
"""Bytes of an answer up to which it stays in memory, and can be kept ready."""

_SAFE = ("GET", "HEAD", "OPTIONS", "QUERY")
_READ_BY_POST = ("/sparql", "/reconcile", "/mcp")
_WRITER_PATHS = (
    *("/imports", "/desk", "/readyz", "/metrics"),  # what it alone knows
    *("/dataset", "/dumps/SHA256SUMS", "/healthz/queries"),  # what it alone makes ahead
)
_NOT_FORWARDED = {b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"expect", b"upgrade"}
_NOT_RETURNED = {b"connection", b"keep-alive", b"transfer-encoding", b"date", b"x-request-id", ROUTE_FIELD}


class WriterLostError(CityKgError):
    """The process that makes changes ended while it had a request."""

    title = "The writer was lost"

    def __init__(self) -> None:
        super().__init__(
            "The process that makes changes ended while it had your request; another one takes its place.",
            "Send it again with the same Idempotency-Key, which makes a change once; or look at /changes whether it "
            "was made.",
        )
        self.retry_after = 1


def is_for_writer(method: str, path: str, *, has_token: bool) -> bool:
    """Return True if only the writer answers: changes, state that it alone has, and all requests with a token.

    Requests with a token go there because wrong tokens are counted in one place.
    """
    return has_token or not only_reads(method, path) or _is_below(path, _WRITER_PATHS)


def only_reads(method: str, path: str) -> bool:
    """Return True if a request neither makes nor validates a change."""
    return method in _SAFE or _is_below(path, _READ_BY_POST)


def _is_below(path: str, addresses: tuple[str, ...]) -> bool:
    return any(path == one or path.startswith((one + "/", one + ".")) for one in addresses)


class WriterClient:
    """The process that makes changes, as seen by another one."""

    def __init__(self, socket: Path) -> None:
        self._socket = str(socket)

    def answers(self, request: Request) -> bool:
        """Return True if only the writer answers a request."""
        has_token = request.field(b"authorization") is not None
        return is_for_writer(request.method, request.scope["path"], has_token=has_token)

    async def answer(self, request: Request, body: IO[bytes] | None) -> Answer:
        """Return its answer; what only reads is asked once more if it ends meanwhile.

        Raises WriterLostError, and NoSpaceError where a large answer has no room.
        """
        if request.method in _SAFE:
            with suppress(WriterLostError):
                return await self._exchange(request, body)
        return await self._exchange(request, body)

    async def _exchange(self, request: Request, body: IO[bytes] | None) -> Answer:
        received = _ResponseReader(request.method == "HEAD")
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket, limit=PART)
            with closing(writer):
                for part in _request_parts(request, body):
                    writer.write(part)
                    await writer.drain()
                while not received.is_complete:
                    received.take(await reader.read(PART))
        except BaseException as error:
            received.body.close()
            if isinstance(error, (ConnectionError, FileNotFoundError, EOFError)):
                raise WriterLostError from error
            raise
        return received.answer()


def _request_parts(request: Request, body: IO[bytes] | None) -> Iterator[bytes]:
    """Yield the parts of a request as they are passed on."""
    scope = request.scope
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    fields = [(name, value) for name, value in scope["headers"] if _is_forwarded(request, name)]
    said = [(CLIENT, request.client.encode("latin-1")), (SCHEME, scope["scheme"].encode()), (b"connection", b"close")]
    if body is not None:
        said.append((b"content-length", str(body.seek(0, 2)).encode()))
        body.seek(0)
    said.append((b"x-request-id", request.id.encode()))
    lines = [request.method.encode() + b" " + scope["raw_path"] + query + b" HTTP/1.1"]
    yield b"\r\n".join([*lines, *(name + b": " + value for name, value in (*fields, *said)), b"", b""])
    while body is not None and (part := body.read(PART)):
        yield part


def _is_forwarded(request: Request, name: bytes) -> bool:
    """Return True if the writer gets a header field unchanged.

    It does not get fields that are set anew, nor conditions on reading, which the front that answers evaluates.
    """
    if name in (CLIENT, SCHEME, b"x-request-id") or name in _NOT_FORWARDED:
        return False
    return not (request.method in ("GET", "HEAD") and name in (b"if-none-match", b"if-modified-since"))


class _ResponseReader:
    """An answer as it comes in. A HEAD has none of the bytes that its head announces."""

    def __init__(self, is_head: bool) -> None:
        self.is_complete = False
        self.body: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 – closed once it is sent
        self._is_head = is_head
        self._headers: Headers = []
        self._route = ""
        self._parts: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)

    def take(self, part: bytes) -> None:
        """Take a part. Raises EOFError if it is empty, since the writer closed before the end; NoSpaceError."""
        if not part:
            raise EOFError
        self._parser.feed_data(part)
        with translating_shortage(Path(tempfile.gettempdir())):
            self.body.writelines(self._parts)
        self._parts.clear()

    def answer(self) -> Answer:
        """Return the whole answer, a large one as a file."""
        size = self.body.tell()
        self.body.seek(0)
        status = self._parser.get_status_code()
        if size > IN_MEMORY:
            return Answer(status, self._headers, self.body, self._route)
        with self.body:
            return Answer(status, self._headers, self.body.read(), self._route)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head."""
        name = name.lower()
        if name == ROUTE_FIELD:
            self._route = value.decode("latin-1")
        if name not in _NOT_RETURNED:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Expect nothing more after a HEAD."""
        self.is_complete = self._is_head

    def on_body(self, part: bytes) -> None:
        """Take a part of the body."""
        self._parts.append(part)

    def on_message_complete(self) -> None:
        """Expect nothing more."""
        self.is_complete = True
