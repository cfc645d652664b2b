"""The HTTP client: it contacts nobody but the addresses that were chosen, and reads no more than it may.

What its users promise beside that is tested with them: tests/kg/federation, tests/kg/engines, tests/kg/cli.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kg.http_client import Connections, TooManyBytesError
from tests.support.canary import Canary

BODY = b"x" * 1000


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send_response(302 if self.path.startswith("/moved") else 200)
        self.send_header("Location", self.path.partition("?to=")[2])
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server on 127.0.0.1."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def read(connections: Connections, query: str = "", most: int = 1 << 20) -> tuple[int, bytes]:
    with connections.exchange("GET", query, None, {}, 30) as reply:
        return reply.status, reply.whole(most)


def test_the_chosen_addresses_are_contacted_in_turn_and_the_name_is_not_resolved(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve, resolved = socket.getaddrinfo, []

    def resolving(host: str, *arguments: object, **options: object) -> object:
        resolved.append(host)
        return resolve(host, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolving)
    chosen = {("pinned.example", port): ["127.0.0.2", "127.0.0.1"]}
    connections = Connections(f"http://pinned.example:{port}/", addresses=lambda *of: chosen[of])
    with closing(connections):
        assert [read(connections), read(connections)] == [(200, BODY)] * 2
    assert resolved == ["127.0.0.2", "127.0.0.1"]  # which only reads the digits; the connection was used again


def test_where_no_address_answers_that_is_the_error(port: int) -> None:
    connections = Connections(f"http://pinned.example:{port}/", addresses=lambda *_: ["127.0.0.2", "127.0.0.3"])
    with pytest.raises(ConnectionRefusedError):
        read(connections)


def test_no_proxy_of_the_environment_is_used_and_no_redirect_followed(
    port: int, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, canary.address)
    connections = Connections(f"http://127.0.0.1:{port}/moved")
    with closing(connections):
        assert read(connections, f"to={canary.address}") == (302, BODY)
    assert not canary.was_called()


def test_no_more_bytes_are_read_than_an_answer_may_have(port: int) -> None:
    connections = Connections(f"http://127.0.0.1:{port}/")
    with closing(connections):
        assert read(connections, most=len(BODY)) == (200, BODY)
        with pytest.raises(TooManyBytesError):
            read(connections, most=len(BODY) - 1)


def test_an_answer_that_comes_byte_by_byte_has_the_same_deadline() -> None:
    stop = threading.Event()

    def trickle(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not stop.wait(0.01):
                connection.sendall(b".")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle, args=[listening])
        thread.start()
        connections = Connections(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        try:
            with pytest.raises(TimeoutError), connections.exchange("GET", "", None, {}, 0.3) as reply:
                reply.whole(1 << 20)
        finally:
            stop.set()
            thread.join()
