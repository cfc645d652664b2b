"""What stands before the application: reads requests whole, keeps answers ready, sends them at the reader's pace.

An ASGI application around a WSGI one. Clients are waited for here, without a thread; the application's threads only
ever work. So slow clients hold nothing but their own connection.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from werkzeug.http import parse_etags, quote_etag, unquote_etag

from server import bodies, compression, wsgi_calls
from server.exchanges import Answer, Request
from server.ready_answers import ReadyAnswers

PART = 1 << 16
"""Bytes that are sent at a time."""

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Observer = Callable[[Request, Answer, float, bool], None]
"""Told of each exchange: its seconds until the answer stood, and whether that was ready."""

_NOT_IN_304 = {b"content-type", b"content-length", b"content-encoding", b"etag"}


@dataclass(frozen=True)
class Bounds:
    """What one client may take of the service."""

    threads: int
    """Requests that the application works on at the same time; others wait for their turn."""
    body_bytes: int
    """Bytes of a request's body."""
    body_seconds: float
    """Seconds that a client may take to send its body."""


class Front:
    """The service as an ASGI application."""

    def __init__(
        self, application: wsgi_calls.Application, ready: ReadyAnswers, bounds: Bounds, observe: Observer
    ) -> None:
        self._application = application
        self._ready = ready
        self._bounds = bounds
        self._observe = observe
        self._threads = ThreadPoolExecutor(bounds.threads, thread_name_prefix="answering")

    async def __call__(self, scope: MutableMapping[str, Any], receive: bodies.Receive, send: Send) -> None:
        """Answer one request."""
        began = time.perf_counter()
        request = Request(scope)
        answer = self._ready.find(request)
        is_ready = answer is not None
        if answer is None:
            try:
                answer = await self._made(request, receive)
            except bodies.ClientGoneError:
                return
        answer = _for_holder_of(request, answer)
        self._observe(request, answer, time.perf_counter() - began, is_ready)
        await _send(request, answer, receive, send)

    def close(self) -> None:
        """Let the threads end once they have finished what they work on."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _made(self, request: Request, receive: bodies.Receive) -> Answer:
        try:
            body = await self._body(request, receive)
        except bodies.BodyTooLargeError:
            limit = f"{self._bounds.body_bytes:,} bytes"
            return _refusal(413, "The body is too large", f"This service takes up to {limit}.", "Send less at a time.")
        except bodies.BodyTooSlowError:
            limit = f"{self._bounds.body_seconds:g} seconds"
            return _refusal(408, "The body came too slowly", f"It had not arrived after {limit}.", "Send it again.")
        revision = self._ready.revision()
        call = partial(wsgi_calls.call, self._application, request, body)
        try:
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, call)
        finally:
            if body is not None:
                body.close()
        self._ready.keep(request, answer, revision)
        return answer

    async def _body(self, request: Request, receive: bodies.Receive) -> IO[bytes] | None:
        if not request.has_body:
            return None
        return await bodies.read(receive, request.announced, self._bounds.body_bytes, self._bounds.body_seconds)


async def _send(request: Request, answer: Answer, receive: bodies.Receive, send: Send) -> None:
    headers = [*answer.headers, (b"x-request-id", request.id.encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if isinstance(answer.body, bytes) and len(answer.body) <= PART:
        await send({"type": "http.response.body", "body": answer.body})
        return
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        for part in _parts(answer.body):
            await send({"type": "http.response.body", "body": part, "more_body": True})
            if gone.done():
                return
    finally:
        gone.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _until_gone(receive: bodies.Receive) -> None:
    """Wait until the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _parts(body: bytes | IO[bytes]) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield from (body[start : start + PART] for start in range(0, len(body), PART))
        return
    with body:
        while part := body.read(PART):
            yield part


def _for_holder_of(request: Request, answer: Answer) -> Answer:
    """Return 304 if the client holds this very answer (RFC 9110, section 13.1.2)."""
    condition, etag = request.field(b"if-none-match"), answer.field(b"etag")
    if condition is None or etag is None or answer.status != 200 or request.method not in ("GET", "HEAD"):
        return answer
    held = _held(condition.decode("latin-1"), etag.decode("latin-1"))
    if held is None:
        return answer
    if not isinstance(answer.body, bytes):
        answer.body.close()
    headers = [(name, value) for name, value in answer.headers if name not in _NOT_IN_304]
    return Answer(304, [*headers, (b"etag", held.encode("latin-1"))], b"", answer.route)


def _held(condition: str, etag: str) -> str | None:
    """Return the tag that the client has, of this answer or of the same in another content coding; None if neither."""
    tag, _ = unquote_etag(etag)
    condition_tags = parse_etags(condition)
    other = tag.removesuffix(compression.MARK) if tag.endswith(compression.MARK) else tag + compression.MARK
    return next((quote_etag(one) for one in (tag, other) if condition_tags.contains_weak(one)), None)


def _refusal(status: int, title: str, detail: str, hint: str) -> Answer:
    """Return problem details (RFC 9457) for what does not reach the application."""
    address = f"/docs/errors/{title.lower().replace(' ', '-')}"
    members = {"type": address, "title": title, "status": status, "detail": detail, "hint": hint}
    body = json.dumps(members).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),  # the rest of the body is of no use
        (b"x-content-type-options", b"nosniff"),
    ]
    return Answer(status, headers, body)
