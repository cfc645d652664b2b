"""The HTTP client: it contacts nobody but the addresses that were chosen, and reads no more than it may.

What its users promise beside that is tested with them: tests/kg/federation, tests/kg/engines, tests/kg/cli.
"""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
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
        return reply.status, reply.read_all(most)


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


def test_a_request_at_work_while_the_connections_are_closed_leaves_none_open(port: int) -> None:
    connections = Connections(f"http://127.0.0.1:{port}/")
    with connections.exchange("GET", "", None, {}, 30) as reply:
        reply.read_all(1 << 20)
        connections.close()
    del connections, reply  # a socket that is freed open is a warning, and a warning an error
    gc.collect()


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@contextmanager
def endless(begin: bytes, drip: bytes, seconds_between: float = 0) -> Iterator[Connections]:
    """The connections to a server that begins an answer and repeats some bytes until the client closes.

    It gives up after thousands, so that a client that never closes fails the test and does not hang it.
    """
    stop, given_up = threading.Event(), threading.Event()

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.recv(1 << 16)  # the request: a socket that is closed with unread bytes loses what it has sent
            connection.sendall(begin)
            for _ in range(6000):
                connection.sendall(drip)
                if stop.wait(seconds_between):
                    return
            given_up.set()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=[listening])
        thread.start()
        try:
            with closing(Connections(f"http://127.0.0.1:{listening.getsockname()[1]}/")) as connections:
                yield connections
        finally:
            stop.set()
            thread.join()
    assert not given_up.is_set()


@pytest.mark.parametrize(
    ("begin", "drip"),
    [
        pytest.param(OK + b"Server: ", b".", id="a header"),
        pytest.param(b"", CONTINUE, id="100 Continue"),
        pytest.param(OK + b"\r\n", b".", id="the body"),
        pytest.param(CHUNKED, b"1\r\n.\r\n", id="chunks"),
        pytest.param(CHUNKED + b"1;", b".", id="the extension of a chunk"),
        pytest.param(CHUNKED + b"1\r\n.\r\n0\r\n", b"A: b\r\n", id="trailers"),
    ],
)
def test_an_answer_that_comes_byte_by_byte_has_the_same_deadline(begin: bytes, drip: bytes) -> None:
    with (
        endless(begin, drip, 0.01) as connections,
        pytest.raises(TimeoutError),
        connections.exchange("GET", "", None, {}, 0.3) as reply,
    ):
        reply.read_all(1 << 20)


@pytest.mark.parametrize(
    ("begin", "drip"),
    [
        pytest.param(b"", CONTINUE * 2_000, id="100 Continue"),
        pytest.param(CHUNKED, b"1;" + b"e" * 60_000 + b"\r\n.\r\n", id="extensions of chunks"),
        pytest.param(CHUNKED + b"1\r\n.\r\n0\r\n", b"A: b\r\n" * 10_000, id="trailers"),
    ],
)
def test_what_comes_around_a_body_is_bounded(begin: bytes, drip: bytes) -> None:
    with (
        endless(begin, drip) as connections,
        pytest.raises(TooManyBytesError, match="around its body"),
        connections.exchange("GET", "", None, {}, 600) as reply,
    ):
        reply.read_all(1 << 20)


@pytest.mark.drawn
def test_a_body_in_the_smallest_chunks_is_whole() -> None:
    size = 60_000
    with (
        endless(CHUNKED + b"1\r\n.\r\n" * size + b"0\r\n\r\n", b"", 0.01) as connections,
        connections.exchange("GET", "", None, {}, 600) as reply,
    ):
        assert reply.read_all(size) == b"." * size


def test_the_addresses_of_a_name_share_the_time(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, connect = socket.getaddrinfo, socket.create_connection
    shares: list[tuple[str, float]] = []

    def resolving(host: str, *arguments: object, **options: object) -> list[object]:
        of_name = ["127.0.0.2", "127.0.0.1"] if host == "several.example" else [host]
        return [entry for one in of_name for entry in resolve(one, *arguments, **options)]  # type: ignore[arg-type]

    def connecting(address: tuple[str, int], share: float) -> socket.socket:
        shares.append((address[0], share))
        if address[0] == "127.0.0.2":
            raise TimeoutError
        return connect(address, share)

    monkeypatch.setattr(socket, "getaddrinfo", resolving)
    monkeypatch.setattr(socket, "create_connection", connecting)
    with closing(Connections(f"http://several.example:{port}/")) as connections:
        assert read(connections) == (200, BODY)
    assert [address for address, _ in shares] == ["127.0.0.2", "127.0.0.1"]
    assert shares[0][1] <= 30 / 2
