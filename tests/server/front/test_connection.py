"""A connection as uvicorn drives it, over a transport that notes what is written: how heads and bodies are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from server.front.connection import Connection
from tests.support.loops import in_own_loop

GET, HEAD = (f"{method} / HTTP/1.1\r\nHost: x\r\n\r\n".encode() for method in ("GET", "HEAD"))
HESITANT = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
ROUNDS = 50
"""Rounds of the loop after which all is done that can be done."""


class Noting(asyncio.Transport):
    """A transport that notes each call by which something is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.sent += [bytes(data)] if data else []

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.write(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def pause_reading(self) -> None:
        """It has no reader."""

    resume_reading = pause_reading


async def answering(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the body of the request, or another one, in two parts."""
    body = (await receive())["body"] or b"yes"
    length = str(2 * len(body)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": body})


async def failing(scope: Any, receive: Any, send: Any) -> None:
    """Begin an answer, and fail."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
    raise ValueError


def sent_for(*received: bytes, app: Any = answering) -> list[bytes]:
    """Return what is written for data that come one after the other."""

    async def exchange() -> list[bytes]:
        config = uvicorn.Config(app, http=Connection, ws="none", lifespan="off", log_level="critical")
        config.load()
        connection, transport = Connection(config, ServerState(), {}), Noting()
        connection.connection_made(transport)
        for data in received:
            connection.data_received(data)
            for _ in range(ROUNDS):
                await asyncio.sleep(0)
        sent = [*transport.sent]
        connection.connection_lost(None)
        return sent

    return in_own_loop(exchange)


def heads_and_bodies(sent: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Return of each call the first line, if it begins with one, and what follows the head."""
    parts = [data.rpartition(b"\r\n\r\n") for data in sent]
    return [(head.partition(b"\r\n")[0], body) for head, _, body in parts]


def test_a_head_is_sent_with_the_first_part_of_its_body() -> None:
    assert heads_and_bodies(sent_for(GET)) == [(b"HTTP/1.1 200 OK", b"yes"), (b"", b"yes")]


def test_answers_to_requests_that_came_together_stay_whole_and_in_order() -> None:
    sent = b"".join(sent_for(GET + HEAD + GET))
    assert sent.count(b"HTTP/1.1 200 OK") == 3
    assert [part[:6] for part in sent.split(b"\r\n\r\n")[1:]] == [b"yesyes", b"HTTP/1", b"yesyes"]


def test_a_head_that_nothing_follows_is_sent() -> None:
    assert heads_and_bodies(sent_for(HEAD)) == [(b"HTTP/1.1 200 OK", b"")]
    assert heads_and_bodies(sent_for(GET, app=failing)) == [(b"HTTP/1.1 200 OK", b"")]


def test_a_client_that_waits_is_told_to_go_on_before_there_is_an_answer() -> None:
    told, answered, *_ = heads_and_bodies(sent_for(HESITANT, b"ab"))
    assert (told, answered) == ((b"HTTP/1.1 100 Continue", b""), (b"HTTP/1.1 200 OK", b"ab"))
