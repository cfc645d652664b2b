"""The ASGI application around the WSGI one: it reads requests whole, caches answers, and sends at the reader's pace.

The event loop waits for clients; the application's threads only ever work. So slow clients hold nothing but their own
connection.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from kg import greenlets
from kg.errors import CityKgError, DataFolderError
from kg.gazetteer import Gazetteer
from kg.lanes import ClientGoneError, Lane, OtherLaneError
from kg.shortage import NoSpaceError
from kg.store import DataFolder
from kg.workers import BusyError
from server import errors
from server.errors import PreconditionFailedError
from server.front import body as bodies
from server.front import wsgi
from server.front.cache import ReadyAnswers
from server.front.messages import ROUTE_FIELD, Answer, Headers, Request, apply_if_none_match, fails_if_match
from server.front.relay import WriterClient, WriterLostError, is_for_writer, only_reads
from server.turns import (
    UNWATCHED_SECONDS,
    ClientUsage,
    ReplacedError,
    TokenHolders,
    TurnFuture,
    TurnQueue,
    client_of_address,
)

PART = 1 << 16
"""Bytes that are sent at a time."""

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Observer = Callable[[Request, Answer, float, bool], None]
"""Called for each exchange with the seconds until the answer was there, and whether it came from the cache."""

_FORM_BYTES = 1 << 18
"""Bytes of a form besides the table that is uploaded by it: a mapping, and some words."""
_UNQUEUED_PATHS = ("/healthz", "/readyz")
"""Paths whose requests are not queued."""
_QUERIES = re.compile(r"/sparql|/mcp|/reconcile|/queries/.+")
"""Paths at which a client decides for how long a worker is at work."""
_ASSIST = "/sparql/assist"
"""The path at which editors of queries ask for help."""
_EVIDENCE = b"evidence=yes"
_CLOSE = (b"connection", b"close")
_NO_MATCH = "If-Match names no entity tag of what is at this address."
_MOST_LANES = 2 * len(Lane)
"""Lanes into which one request is put; one that is well made is put into each at most once."""
_LOGGER = logging.getLogger(__name__)


class HostError(CityKgError):
    """A request names no host, more than one, or one that cannot be a host."""

    title = "The Host field does not fit"

    def __init__(self) -> None:
        super().__init__(
            "An HTTP/1.1 request has exactly one Host field, a host with or without a port (RFC 9112, section 3.2).",
            "Send one, with the host of the address that you request.",
        )


class EndlessLanesError(CityKgError):
    """A request goes from lane to lane without end: two parts of its answer want different ones."""

    title = "Internal Server Error"

    def __init__(self, request: Request) -> None:
        super().__init__(
            "The service has begun the answer again and again, and given it up.",
            f"If it comes again, tell the operator the number of this request: {request.id}.",
        )


@dataclass(frozen=True)
class Bounds:
    """Limits on the resources of clients."""

    threads: int
    """Requests that the application works on at the same time without their having waited."""
    lanes: Mapping[Lane, int]
    """Others that it works on at the same time, by lane; more wait, without a thread."""
    queue: int
    """Requests that wait."""
    body_bytes: int
    """Bytes of a request's body."""
    upload_bytes: int
    """Bytes of a table that is imported with a token."""
    body_seconds: float
    """Seconds that a client may take to send its body; for a larger table as many times more as it may be larger."""
    ready_bytes: int
    """Bytes of answers that are kept ready."""


class Front:
    """The service as an ASGI application."""

    def __init__(
        self,
        application: wsgi.Application,
        folder: DataFolder,
        bounds: Bounds,
        observers: Sequence[Observer],
        *,
        usage: Callable[[str], ClientUsage] = lambda client: ClientUsage(),
        holders: TokenHolders | None = None,
        writer: Path | None = None,
        count_refusal: Callable[[str], object] = lambda cause: None,
    ) -> None:
        """Take an application whose answers stay the same as long as its folder has the same revision and gazetteer.

        `usage` returns what a client has used, by which turns go, and `holders` who that is. What the writer alone
        answers is passed on to its socket; without one the application answers everything. `count_refusal` gets the
        kind of error (errors.slug) of each answer to a client that is one and is made in this process.
        """
        self._application = application
        self._folder = folder
        self._ready = ReadyAnswers(bounds.ready_bytes, lambda: (folder.current_stamp(), Gazetteer.stamp(folder.path)))
        self._bounds = bounds
        self._observers = observers
        self._count_refusal = count_refusal
        self._writer = None if writer is None else WriterClient(writer)
        self._last_request = float("-inf")
        self._holders = holders or TokenHolders()
        self._turns = TurnQueue(bounds.lanes, bounds.queue, usage)
        self._threads = ThreadPoolExecutor(bounds.threads + sum(bounds.lanes.values()), thread_name_prefix="answering")

    async def __call__(self, scope: MutableMapping[str, Any], receive: bodies.Receive, send: Send) -> None:
        """Answer one request."""
        began = self._last_request = time.perf_counter()
        request = Request(scope)
        answer = self._ready.find(request) if request.has_valid_host else self._refusal(HostError(), _CLOSE)
        is_ready = answer is not None and request.has_valid_host
        if answer is None:
            try:
                answer = await self._make_answer(request, receive)
            except ClientGoneError:
                return
        if fails_if_match(request, answer):
            answer.close()
            answer = self._refusal(PreconditionFailedError(_NO_MATCH, "Leave If-Match out, or name the ETag of today."))
        answer = apply_if_none_match(request, answer)
        seconds = time.perf_counter() - began
        if answer.cause:
            self._count_refusal(answer.cause)
        if not request.is_forwarded:
            for observe in self._observers:
                observe(request, answer, seconds, is_ready)
        await _send(request, answer, receive, send)

    def forwards(self, address: str) -> bool:
        """Return True if a GET of an address without a token is forwarded to another process."""
        return self._writer is not None and is_for_writer("GET", address, has_token=False)

    def make_ready(self, address: str, fields: Headers) -> int:
        """Make the answer to a GET in this thread, of a client that sends some fields, and keep it for all like it.

        Return the bytes that it takes, 0 if it is not kept or has been ready before.
        """
        request = Request.for_get(address, fields)
        if self._ready.find(request) is not None:
            return 0
        revision = self._ready.latest
        answer = wsgi.call(self._application, request, None)
        if not isinstance(answer.body, bytes):
            answer.body.close()
        return self._ready.keep(request, answer, revision)

    def seconds_since_request(self) -> float:
        """Return how long ago a client last asked for something."""
        return time.perf_counter() - self._last_request

    def waiting_count(self) -> int:
        """Return how many requests wait for their turn."""
        return self._turns.waiting_count()

    def close(self) -> None:
        """Let the threads end once they have finished what they work on."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _make_answer(self, request: Request, receive: bodies.Receive) -> Answer:
        try:
            body = await self._read_body(request, receive)
        except CityKgError as error:
            return self._refusal(error, _CLOSE)  # the rest of the body is of no use
        try:
            if self._writer is not None and self._writer.answers(request):
                return await self._forward(self._writer, request, body)
            return await self._in_turn(request, body, receive)
        except ReplacedError:
            return Answer(204, self._headers(), b"")
        except (BusyError, WriterLostError, NoSpaceError, EndlessLanesError) as error:
            return self._refusal(error)
        finally:
            if body is not None:
                body.close()

    async def _call_application(self, request: Request, body: IO[bytes] | None) -> Answer:
        revision = self._ready.latest
        answer = await self._call_in_thread(request, partial(wsgi.call, self._application, request, body))
        self._ready.keep(request, answer, revision)
        return answer

    async def _forward(self, writer: WriterClient, request: Request, body: IO[bytes] | None) -> Answer:
        revision = self._ready.latest
        answer = await writer.answer(request, body)
        self._ready.keep(request, answer, revision)
        return answer

    async def _call_in_thread(self, request: Request, call: Callable[[], Answer]) -> Answer:
        """Call the application: in this thread if that is short, so that no other one is woken and waited for."""
        if request.is_short:
            with suppress(greenlets.NotInLoopError):
                return await greenlets.run_in_loop(call)
        threads = None if request.scope["path"] in _UNQUEUED_PATHS else self._threads
        return await asyncio.get_running_loop().run_in_executor(threads, call)

    async def _in_turn(self, request: Request, body: IO[bytes] | None, receive: bodies.Receive) -> Answer:
        """Call the application once it is the request's turn, and anew in another lane if it belongs there.

        Raises BusyError, EndlessLanesError, and ClientGoneError meanwhile.
        """
        if request.scope["path"] in _UNQUEUED_PATHS:
            return await self._call_application(request, body)
        credential = request.field(b"authorization") or (request.field(b"cookie") if request.is_at_desk else None)
        client = await self._holders.client(credential, request.client)
        lane, lanes = self._lane(request, client), list[Lane]()
        while lane is not None:
            has_waited = not self._turns.try_take(lane)
            if has_waited:
                lane = await self._wait_for_turn(request, client, lane, receive, is_again=bool(lanes))
            request.lane = lane
            lanes.append(lane)
            try:
                made_meanwhile = self._ready.find(request) if has_waited else None
                with _watching(request, receive):
                    return made_meanwhile or await self._call_application(request, body)
            except OtherLaneError as error:
                other = error.lane
            finally:
                self._turns.release(lane)
            if len(lanes) == _MOST_LANES:
                ways = " → ".join((*lanes, other))
                _LOGGER.error("%s changes lanes without end: %s", request.path, ways, extra={"request_id": request.id})
                raise EndlessLanesError(request)
            lane = other
        return await self._call_application(request, body)

    def _lane(self, request: Request, client: str) -> Lane | None:
        """Return the lane in which a request begins; None for a change by the holder of a token, which is not queued.

        The application may move it to another lane.
        """
        path, query = request.scope["path"], request.scope["query_string"]
        if not only_reads(request.method, path):
            return Lane.ASIDE if client == client_of_address(request.client) else None
        if path == _ASSIST:
            return Lane.ASSIST
        asks = query or request.has_body or path.startswith("/queries/")
        if not asks or request.method == "OPTIONS" or _QUERIES.fullmatch(path) is None:
            return Lane.OWN
        return Lane.ASIDE if _EVIDENCE in query else self._turns.lane(client)

    async def _wait_for_turn(
        self, request: Request, client: str, lane: Lane, receive: bodies.Receive, *, is_again: bool
    ) -> Lane:
        leave = partial(_leave_once_gone, receive)
        try:
            return await self._turns.take(client, lane, request.content_length or 0, leave, again=is_again)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise ClientGoneError from None

    async def _read_body(self, request: Request, receive: bodies.Receive) -> IO[bytes] | None:
        if not request.has_body:
            return None
        most = bodies.BodyLimit(self._bounds.body_bytes, "body-bytes", self._bounds.body_seconds)
        upload = self._bounds.upload_bytes + _FORM_BYTES
        if _is_table_upload(request) and upload > most.bytes:
            most = bodies.BodyLimit(upload, "curator-import-bytes", most.seconds * upload / most.bytes)
        return await bodies.read(receive, request.content_length, most)

    def _refusal(self, error: CityKgError, *fields: tuple[bytes, bytes]) -> Answer:
        """Return problem details (RFC 9457) for what does not reach the application, and the present revision."""
        kind = errors.kind_of(error)
        body = json.dumps(
            errors.problem(kind.title, kind.status, error.public_message(Path()), hint=error.hint)
        ).encode()
        headers = [
            (b"content-type", errors.MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *self._headers(),
            *fields,
        ]
        if error.retry_after is not None:
            headers.append((b"retry-after", str(error.retry_after).encode()))
        return Answer(kind.status, headers, body, cause=errors.slug(kind.title))

    def _headers(self) -> Headers:
        """Return the headers of every answer, and the present revision."""
        headers = [(name.lower().encode(), value.encode()) for name, value in Answer.OF_ALL.items()]
        with suppress(DataFolderError):
            headers.append((b"x-revision", self._folder.require_build().revision.encode()))
        return headers


def _is_table_upload(request: Request) -> bool:
    """Return True if a request uploads a table and has a token, or at the desk a session, valid or not."""
    credentials = {"/imports": b"authorization", "/desk/imports": b"cookie"}.get(request.path)
    return request.method == "POST" and credentials is not None and request.field(credentials) is not None


async def _send(request: Request, answer: Answer, receive: bodies.Receive, send: Send) -> None:
    headers = [*answer.headers, (b"x-request-id", request.id.encode())]
    if request.is_forwarded:
        headers.append((ROUTE_FIELD, answer.route.encode("latin-1")))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.field(b"connection") == b"close":
        await send({"type": "http.response.body", "body": answer.body, "more_body": True})
        await bodies.discard(receive)
        await send({"type": "http.response.body", "body": b""})
        return
    if isinstance(answer.body, bytes) and len(answer.body) <= PART:
        await send({"type": "http.response.body", "body": answer.body})
        return
    gone = asyncio.ensure_future(_wait_until_gone(receive))
    try:
        async with aclosing(_parts(answer.body)) as parts:
            async for part in parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
                if gone.done():
                    return
    finally:
        gone.cancel()
    await send({"type": "http.response.body", "body": b""})


@contextmanager
def _watching(request: Request, receive: bodies.Receive) -> Iterator[None]:
    """Note meanwhile whether the client closes the connection: the query of one that is gone is ended (kg.lanes).

    A change goes on, since it may have been made.
    """
    if not only_reads(request.method, request.scope["path"]):
        yield
        return
    watched: list[asyncio.Future[None]] = []

    def note(gone: asyncio.Future[None]) -> None:
        request.is_client_gone = not gone.cancelled()

    def watch() -> None:
        watched.append(asyncio.ensure_future(_wait_until_gone(receive)))
        watched[0].add_done_callback(note)

    late = asyncio.get_running_loop().call_later(UNWATCHED_SECONDS, watch)
    try:
        yield
    finally:
        late.cancel()
        for gone in watched:
            gone.cancel()


def _leave_once_gone(receive: bodies.Receive, turn: TurnFuture) -> None:
    """Give up the turn of a client once it has closed the connection."""
    gone = asyncio.ensure_future(_wait_until_gone(receive))
    gone.add_done_callback(lambda _: turn.cancel())
    turn.add_done_callback(lambda _: gone.cancel())


async def _wait_until_gone(receive: bodies.Receive) -> None:
    """Wait until the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _parts(body: bytes | IO[bytes]) -> AsyncGenerator[bytes]:
    """Yield the parts of a body; what is not a file on disk is made while it is read, which takes a thread."""
    if isinstance(body, bytes):
        for start in range(0, len(body), PART):
            yield body[start : start + PART]
        return
    with body:
        is_made = not body.seekable()
        while part := await asyncio.to_thread(body.read, PART) if is_made else body.read(PART):
            yield part
