"""Many clients and slow ones, at the real command: they hold nobody else up."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.command import SOON, Command, Eventually, Running, Start, Unharmed
from tests.support.tiers import by_tier

pytestmark = pytest.mark.drawn

WORKERS = 2
SLOW_READERS = by_tier(4, 10, 10)
ROUNDS = by_tier(10, 20, 50)
LARGE = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"
QUERY = "ASK { ?t cd:twin city:leeds }"
POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"


def asking(query: str, client: str = "127.0.0.1") -> bytes:
    fields = f"Host: x\r\nConnection: close\r\nX-Forwarded-For: {client}\r\n"
    return f"GET /sparql?query={quote(query)} HTTP/1.1\r\n{fields}\r\n".encode()


@pytest.fixture(scope="module")
def roomy(running: Running) -> Iterator[Command]:
    """The command as it is, which has room for many clients at once."""
    with running(workers=WORKERS) as command:
        yield command


def test_two_hundred_connections_at_once_are_all_answered(roomy: Command, unharmed: Unharmed) -> None:
    with unharmed(roomy), ExitStack() as stack:
        clients = [stack.enter_context(roomy.connect(seconds=30)) for _ in range(200)]
        for number, client in enumerate(clients):
            client.sendall(asking(QUERY, f"10.0.0.{number}"))
        for client in clients:
            with client.makefile("rb") as answer:
                received = answer.read()
            assert received.startswith(b"HTTP/1.1 200 ")
            assert received.endswith(b'{"head":{},"boolean":true}')


def test_two_hundred_silent_connections_hold_nobody_up(roomy: Command, unharmed: Unharmed) -> None:
    with unharmed(roomy), ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(roomy.connect())
        for _ in range(20):
            roomy.answers_at_once()


@pytest.mark.scaled
def test_slow_clients_hold_nobody_up(roomy: Command, unharmed: Unharmed, eventually: Eventually) -> None:
    with unharmed(roomy), ExitStack() as stack:
        heads = [begun(stack, roomy, b"GET /id/city/leeds HTTP/1.1\r\nHost: x\r\nX-Slow: ") for _ in range(20)]
        bodies = [begun(stack, roomy, POST + b"Content-Length: 9999\r\n\r\nASK {} #") for _ in range(20)]
        stack.enter_context(dripping([*heads, *bodies]))
        for _ in range(SLOW_READERS):  # one after the other, since all their queries are of one client
            reader = begun(stack, roomy, asking(LARGE), small=True)
            # the head is there once the whole answer is, on its way to the reader
            eventually(lambda reader=reader: reader.recv(12, socket.MSG_PEEK), b"HTTP/1.1 200")
        for _ in range(ROUNDS):
            roomy.answers_at_once()
            assert roomy.send("/id/city/leeds", seconds=SOON).status == 303


def test_a_slow_reader_gets_the_whole_answer(roomy: Command, unharmed: Unharmed) -> None:
    with unharmed(roomy), ExitStack() as stack:
        reader = begun(stack, roomy, asking(LARGE), small=True)
        with reader.makefile("rb") as answer:
            head = b"".join(iter(answer.readline, b"\r\n")).decode().lower()
            body = bytearray()
            while part := answer.read(1 << 18):
                body += part
                roomy.answers_at_once()
        assert f"content-length: {len(body)}\r\n" in head
        assert len(json.loads(body)["results"]["bindings"]) == 20_000


def begun(stack: ExitStack, server: Command, request: bytes, small: bool = False) -> socket.socket:
    """Open a connection that stays open for the rest of a test, and send the beginning of a request."""
    client: socket.socket = stack.enter_context(server.connect(seconds=30))
    if small:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    client.sendall(request)
    return client


@contextmanager
def dripping(clients: list[socket.socket]) -> Iterator[None]:
    """Send one byte after the other, so that no connection is idle."""
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.1):
            for client in clients:
                with suppress(OSError):
                    client.send(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_stop_leaves_no_process_and_no_file(start: Start, tmp_path: Path) -> None:
    command = start(tmp_path)
    command.wait()
    command.answers_at_once()
    assert command.workers()
    command.stop()
    assert command.processes() == {}
    assert list(command.temporary.iterdir()) == []
