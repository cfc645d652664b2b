"""The client of a server's gate: it gives its token to nobody else, and says so when the other is no such server."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from kg.cli.remote import RemoteError, RemoteGate


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class Quiet(BaseHTTPRequestHandler):
    visits: list[str]

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def test_a_redirect_is_not_followed() -> None:
    came: list[str | None] = []

    class Elsewhere(Quiet):
        def do_GET(self) -> None:
            came.append(self.headers["Authorization"])
            self.answer(200, b"{}")

    with serving(Elsewhere) as elsewhere:

        class Leading(Quiet):
            def do_GET(self) -> None:
                self.answer(302, Location=f"{elsewhere}/steal")

        with serving(Leading) as address, pytest.raises(RemoteError, match="302"):
            RemoteGate(address, "cdk_secret").get("/proposals", {})
    assert came == []


def test_whoever_has_no_token_learns_where_a_command_looks_for_it() -> None:
    class Closed(Quiet):
        def do_GET(self) -> None:
            self.answer(401, b'{"detail": "It is not valid.", "hint": "Send a header."}')

    with serving(Closed) as address:
        with pytest.raises(RemoteError, match="CITYKG_TOKEN is empty"):
            RemoteGate(address).get("/proposals", {})
        with pytest.raises(RemoteError, match="It is not valid"):
            RemoteGate(address, "cdk_wrong").get("/proposals", {})


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"7", b"[1]"])
def test_what_is_no_json_is_said_in_words(body: bytes) -> None:
    class Other(Quiet):
        def do_GET(self) -> None:
            self.answer(200, body)

    with serving(Other) as address, pytest.raises(RemoteError, match="does not answer as this service does"):
        RemoteGate(address).get("/proposals", {})


def test_an_answer_that_is_lost_is_asked_for_again_under_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str | None] = []

    class Losing(Quiet):
        def do_POST(self) -> None:
            keys.append(self.headers["Idempotency-Key"])
            if len(keys) == 1:
                self.connection.close()
            else:
                self.answer(201, b'{"number": 7}')

    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with serving(Losing) as address:
        assert RemoteGate(address).post("/changes/1/revert", {}) == {"number": 7}
    assert len(keys) == 2
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("path", "token"), [("", "cdk_secret\n"), ("", "cdk_secret€"), ("/ä", "cdk_secret"), ("/a b", "cdk_secret")]
)
def test_what_cannot_be_sent_is_said_without_the_token(path: str, token: str) -> None:
    class Waiting(Quiet):
        def do_GET(self) -> None:
            self.answer(200, b"{}")

    with serving(Waiting) as address:
        gate = RemoteGate(address + path, token)
        for send in (lambda: gate.get("/proposals", {}), lambda: gate.file("/proposals")):
            with pytest.raises(RemoteError, match="cannot be sent") as caught:
                send()
            assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_a_host_that_cannot_be_one_is_said_in_words() -> None:
    with pytest.raises(RemoteError, match="cannot be sent"):
        RemoteGate("http://a..b").get("/proposals", {})
