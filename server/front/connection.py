"""Connections of clients that are slow, silent or endless: each ends after a while, so that it holds nothing for long.

uvicorn bounds neither the time nor the size of the head of a request (RFC 9112, section 3), nor how long a reader may
leave its answer unread. And it sends head and body of an answer apart, which costs a call of the system more, and wakes
the client twice.
"""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
"""Seconds from the first byte of a request, or the opening of a connection, to the end of the head."""
HEAD_BYTES = 1 << 20
"""Bytes of a head: the longest query, percent-encoded in an address, with room to spare."""
STALL_SECONDS = 30.0
"""Seconds that a client has to take what was written to it, about 64 KiB, before more is written or it is closed."""


_CONTINUE = b"HTTP/1.1 100 "


class _HeadBuffer:
    """A transport that keeps the head of an answer until what follows it is written, and sends both at once."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self.is_head_next = False
        """True if the next that is written is the head of an answer."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send data, but keep a head until the next data or `flush`."""
        if self.is_head_next and not data.startswith(_CONTINUE):
            self.is_head_next, self._head = False, data
        elif self._head:
            head, self._head = self._head, b""
            self._transport.writelines((head, data))
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Send a head that nothing follows."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Close the connection once all is sent."""
        self.flush()
        self._transport.close()


class Connection(HttpToolsProtocol):
    """An HTTP/1.1 connection with a bound on the time and size of heads, and on closing."""

    transport: _HeadBuffer  # type: ignore[assignment]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect the first head."""
        super().connection_made(_HeadBuffer(transport))  # type: ignore[arg-type]
        self._is_in_head = False
        self._head_bytes = 0
        self._head_deadline: asyncio.TimerHandle | None = None
        self._stall_deadline: asyncio.TimerHandle | None = None
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._clear_head_deadline()
        self._clear_stall_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        if self._head_deadline is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse_head()
                return
        super().data_received(data)
        if self._is_in_head:
            self._expect_head()

    def on_message_begin(self) -> None:
        """Expect the rest of a head."""
        super().on_message_begin()
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        """Go on to the body."""
        self._is_in_head = False
        self._clear_head_deadline()
        super().on_headers_complete()
        self.transport.is_head_next = True

    def pause_writing(self) -> None:
        """Wait for the client to read on."""
        super().pause_writing()
        self._stall_deadline = self.loop.call_later(STALL_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Write on."""
        super().resume_writing()
        self._clear_stall_deadline()

    def on_response_complete(self) -> None:
        """Wait for the next request, or close."""
        self.transport.flush()
        super().on_response_complete()
        if self.transport.is_closing():
            self._abort_later()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing more has come."""
        super().timeout_keep_alive_handler()
        self._abort_later()

    def _clear_stall_deadline(self) -> None:
        if self._stall_deadline is not None:
            self._stall_deadline.cancel()
            self._stall_deadline = None

    def _expect_head(self) -> None:
        if self._head_deadline is None:
            self._head_deadline = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _clear_head_deadline(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None
        self._head_bytes = 0

    def _refuse_head(self) -> None:
        message = b"The head of the request is too large. Send a long query by POST.\n"
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(message), message)
        )
        self.transport.close()
        self._abort_later()

    def _abort_later(self) -> None:
        """Closing waits until the client has taken what was written; it does not wait forever."""
        self.loop.call_later(STALL_SECONDS, self.transport.abort)


def server_of(application: Any, stop_seconds: int | None, *, most_connections: int | None = None) -> uvicorn.Server:
    """Return a server of an ASGI application whose connections are ours, silent but for errors.

    It has `stop_seconds` for the requests that have begun when it is stopped, and answers 503 above `most_connections`.
    """
    return uvicorn.Server(
        uvicorn.Config(
            application,
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            limit_concurrency=most_connections,
            timeout_graceful_shutdown=stop_seconds,
        )
    )
