"""Which requests a reader answers itself, and what it makes of a writer that answers nothing."""

from __future__ import annotations

import errno
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kg.shortage import NoSpaceError
from kg.store.data_folder import DataFolder
from server.front.asgi import Bounds, Front
from server.front.messages import Answer, Request
from server.front.relay import IN_MEMORY, WriterClient, WriterLostError, is_for_writer
from tests.support.loops import in_own_loop

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


@pytest.mark.parametrize(
    ("method", "path", "is_its_own"),
    [
        ("GET", "/sparql", True),
        ("POST", "/sparql", True),
        ("QUERY", "/queries/twins-of-a-city", True),
        ("HEAD", "/doc/city/leeds.ttl", True),
        ("OPTIONS", "/changes", True),
        ("GET", "/changes/7", True),
        ("GET", "/proposals", True),  # without a token it is refused
        ("GET", "/datasets", True),
        ("GET", "/healthz", True),
        ("POST", "/changes", False),
        ("POST", "/update", False),
        ("PUT", "/graph/curated/x", False),
        ("DELETE", "/sparql", True),  # it is refused, whoever answers
        ("POST", "/reconcile", True),
        ("POST", "/mcp", True),
        ("POST", "/reconciled", False),
        ("PATCH", "/anything", False),
        ("POST", "/validate", False),
        ("GET", "/imports", False),
        ("GET", "/imports/3", False),
        ("GET", "/desk/sign-in", False),
        ("GET", "/dataset.ttl", False),
        ("GET", "/dumps/SHA256SUMS", False),
        ("GET", "/dumps/all.trig", True),
        ("GET", "/readyz", False),
        ("GET", "/metrics", False),
        ("GET", "/healthz/queries", False),
    ],
)
def test_what_a_reader_answers_itself(method: str, path: str, is_its_own: bool) -> None:
    assert is_for_writer(method, path, has_token=False) is not is_its_own
    assert is_for_writer(method, path, has_token=True)


def request(method: str = "POST", **fields: str) -> Request:
    headers = [(name.encode(), value.encode()) for name, value in fields.items()]
    scope = {"method": method, "path": "/x", "raw_path": b"/x", "query_string": b"a=1", "scheme": "https"}
    return Request({**scope, "headers": headers, "client": ("10.0.0.1", 1)})


Answering = Callable[[list[bytes]], Path]


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Answering]:
    """A writer that answers each connection, once the request is there, with bytes, and closes it."""
    place = Path(tempfile.mkdtemp(prefix="relay-"))  # the path of the test's own folder may be too long for a socket
    opened = socket.socket(socket.AF_UNIX)
    threads: list[threading.Thread] = []

    def answer(answers: list[bytes]) -> None:
        for one in answers:
            connection, _ = opened.accept()
            with connection:
                received = b""
                while not received.endswith((b"\r\n\r\n", b"body")):
                    received += connection.recv(1 << 16)
                    if received.endswith(b"\r\n\r\n") and b"content-length" in received:
                        received += connection.recv(1 << 16)  # which comes apart from the head
                asked.append(received)
                connection.sendall(one)

    def start(answers: list[bytes]) -> Path:
        opened.bind(str(place / "writer"))
        opened.listen()
        threads.append(threading.Thread(target=answer, args=(answers,)))
        threads[0].start()
        return place / "writer"

    asked: list[bytes] = []
    start.asked = asked  # type: ignore[attr-defined]
    with opened:
        yield start
        for thread in threads:
            thread.join()
    shutil.rmtree(place)


def test_an_answer_that_is_cut_off_is_none(answering: Any) -> None:
    writer = WriterClient(answering([b"", b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc"]))
    for _ in range(2):
        with pytest.raises(WriterLostError):
            in_own_loop(partial(writer.answer, request(), BytesIO(b"body")))


def test_what_only_reads_is_asked_once_more(answering: Any) -> None:
    writer = WriterClient(answering([b"", b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ndate: x\r\n\r\nabc"]))
    answer = in_own_loop(partial(writer.answer, request("GET"), None))
    assert (answer.status, answer.headers, answer.body) == (200, [(b"content-length", b"3")], b"abc")


def test_a_writer_that_is_not_there_is_lost(tmp_path: Path) -> None:
    with pytest.raises(WriterLostError):
        in_own_loop(partial(WriterClient(tmp_path / "nobody").answer, request(), None))


def test_a_large_answer_comes_as_a_file(answering: Any) -> None:
    size = 2 * IN_MEMORY
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n" % size
    writer = WriterClient(answering([head + b"x" * size + b"\r\n0\r\n\r\n"]))
    answer = in_own_loop(partial(writer.answer, request("GET"), None))
    assert not isinstance(answer.body, bytes)
    with answer.body as body:
        assert body.read() == b"x" * size
    assert answer.headers == []


def test_a_large_answer_without_room_is_no_lost_writer(answering: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(BytesIO):
        def writelines(self, lines: Iterable[Buffer], /) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile", lambda size: Full())
    writer = WriterClient(answering([b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc"]))
    with pytest.raises(NoSpaceError):
        in_own_loop(partial(writer.answer, request("GET"), None))


def test_fields_that_a_client_makes_up_are_not_passed_on(answering: Any) -> None:
    writer = WriterClient(answering([b"HTTP/1.1 204 No Content\r\n\r\n"]))
    made_up = {"citykg-client": "9.9.9.9", "citykg-scheme": "ftp", "content-length": "99", "connection": "upgrade"}
    asked = request(**made_up, accept="text/turtle")
    in_own_loop(partial(writer.answer, asked, BytesIO(b"body")))
    head, _, body = answering.asked[0].partition(b"\r\n\r\n")
    first, *fields = head.decode().split("\r\n")
    assert first == "POST /x?a=1 HTTP/1.1"
    assert sorted(fields) == sorted(
        [
            *("accept: text/turtle", "citykg-client: 10.0.0.1", "citykg-scheme: https", "connection: close"),
            *("content-length: 4", f"x-request-id: {asked.id}"),
        ]
    )
    assert body == b"body"


class Client:
    """Asks a front, as uvicorn does."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def ask(self, method: str = "GET", **fields: str) -> tuple[int, dict[bytes, bytes], bytes]:
        sent: list[Any] = []

        async def receive() -> dict[str, str]:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "http_version": "1.0",
            "method": method,
            "path": "/dataset.ttl",
            "raw_path": b"/dataset.ttl",
            "query_string": b"",
        }
        headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]
        scope |= {"type": "http", "scheme": "http", "headers": headers, "client": ("10.0.0.1", 1)}
        in_own_loop(partial(self._front, scope, receive, send))  # type: ignore[arg-type]
        body = b"".join(message["body"] for message in sent[1:])
        return sent[0]["status"], dict(sent[0]["headers"]), body


def test_what_only_the_writer_makes_is_kept_ready_by_a_reader(answering: Any, tmp_path: Path) -> None:
    fields = b'etag: "x"\r\nx-revision: 0123456789ab\r\ncitykg-route: /dataset.<suffix>\r\n'
    place = answering([b"HTTP/1.1 200 OK\r\n" + fields + b"content-length: 3\r\n\r\nabc"])
    seen: list[tuple[str, bool]] = []

    def observe(request: Request, answer: Answer, seconds: float, is_ready: bool) -> None:
        seen.append((answer.route, is_ready))

    def refuse(*parts: object) -> Any:
        raise AssertionError("the writer was to answer")

    bounds = Bounds(1, {}, 1, body_bytes=1000, upload_bytes=1000, body_seconds=1, ready_bytes=1 << 20)
    front = Front(refuse, DataFolder(tmp_path), bounds, [observe], writer=place)
    client = Client(front)
    first = client.ask()
    assert (first[0], first[1][b"x-revision"], first[2]) == (200, b"0123456789ab", b"abc")
    assert b"citykg-route" not in first[1]
    assert client.ask()[2] == b"abc"
    assert client.ask(if_none_match='"x"')[0] == 304
    assert seen == [("/dataset.<suffix>", False), *[("/dataset.<suffix>", True)] * 2]
    front.close()


def test_a_lost_writer_is_told_as_a_problem(tmp_path: Path) -> None:
    bounds = Bounds(1, {}, 1, body_bytes=1000, upload_bytes=1000, body_seconds=1, ready_bytes=0)
    front = Front(lambda *parts: [], DataFolder(tmp_path), bounds, [], writer=tmp_path / "nobody")
    status, headers, body = Client(front).ask("POST")
    assert (status, headers[b"content-type"], headers[b"retry-after"]) == (503, b"application/problem+json", b"1")
    assert b"the same Idempotency-Key" in body
    front.close()
