"""Asking an engine: each answer is whole or an error in words, within its limits, whatever the other side does."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, Triple

from kg.engines import Engine, EngineFailedError
from kg.engines.client import EngineLateError
from kg.engines.dialects import GENERIC, OXIGRAPH, VIRTUOSO
from kg.errors import BadValueError
from kg.workers import LimitReachedError
from tests.support.engines import graphs_in, running

pytestmark = pytest.mark.drawn

JSON = b"Content-Type: application/sparql-results+json\r\n"
ROW = b'{"x": {"type": "literal", "value": "a"}}'
BEGUN = b'{"head": {"vars": ["x"]}, "results": {"bindings": [' + ROW
WHOLE = BEGUN + b"]}}"
Answering = Callable[[socket.socket], None]


class Hostile:
    """A server that reads each request and lets a function do with the connection what it wants."""

    def __init__(self, *answers: Answering) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []
        self._answers = list(answers)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}/sparql"

    def _serve(self) -> None:
        while self._answers:
            connection, _ = self.listening.accept()
            with connection, contextlib.suppress(OSError):
                while self._answers and (request := self._request(connection)):
                    self.requests.append(request)
                    self._answers.pop(0)(connection)

    def _request(self, connection: socket.socket) -> bytes:
        read = b""
        while b"\r\n\r\n" not in read:
            if not (part := connection.recv(1 << 16)):
                return b""
            read += part
        head, _, body = read.partition(b"\r\n\r\n")
        length = next((int(line[16:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length: ")), 0)
        while len(body) < length:
            body += connection.recv(1 << 16)
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        self.listening.close()
        self._thread.join(timeout=30)
        assert not self._thread.is_alive()


def saying(answer: bytes, *, close: bool = True) -> Answering:
    def say(connection: socket.socket) -> None:
        connection.sendall(answer)
        if close:  # and reads no more: the next request may have come already
            connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError

    return say


def whole(body: bytes, head: bytes = b"200 OK\r\n" + JSON) -> bytes:
    return b"HTTP/1.1 " + head + b"Content-Length: %d\r\n\r\n" % len(body) + body


@contextlib.contextmanager
def hostile(*answers: Answering) -> Iterator[tuple[Hostile, Engine]]:
    server = Hostile(*answers)
    engine = Engine(server.address, user="ada", password="secret", dialect=GENERIC)
    try:
        yield server, engine
    finally:
        engine.close()
        server.close()


def asked(engine: Engine, seconds: float = 10) -> list[str]:
    return [row["x"].value for row in engine.rows("SELECT ?x {}", seconds=seconds)]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 900\r\n\r\n" + BEGUN, "breaks off"),
        (b"HTTP/1.1 200 OK\r\n" + JSON + b"Transfer-Encoding: chunked\r\n\r\n33\r\n" + BEGUN[:0x33], "breaks off"),
        (b"HTTP/1.1 200 OK\r\n" + JSON + b"\r\n" + BEGUN, "breaks off"),
        (whole(BEGUN), "breaks off"),
        (whole(b"<html>"), "breaks off"),
        (whole(b"", b"200 OK\r\nContent-Type: text/html\r\n"), "answers with text/html, not with application/sparql"),
        (whole(WHOLE, b"200 OK\r\n"), "answers with no type"),
        (b"", "cannot be reached"),
        (b"HTTP/1.1 2", "cannot be reached"),
        (whole(b"no", b"500 Oh\r\n"), "answers 500: no"),
        (whole(b"<html>x</html>", b"502 Bad Gateway\r\n"), "answers 502."),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n", "answers 302."),
    ],
)
def test_what_is_no_whole_answer_is_an_error(answer: bytes, words: str) -> None:
    with hostile(saying(answer)) as (server, engine):
        with pytest.raises(EngineFailedError) as caught:
            asked(engine)
        assert words in caught.value.message
        assert server.address in caught.value.message
        assert server.address not in caught.value.public_message(Path())


def test_an_error_keeps_no_rows_that_only_their_own_thread_may_free() -> None:
    with hostile(saying(whole(BEGUN))) as (_, engine), pytest.raises(EngineFailedError) as caught:
        asked(engine)
    assert caught.value.__cause__ is not None
    for error in (caught.value, caught.value.__cause__):
        for frame, _ in traceback.walk_tb(error.__traceback__):
            assert not any(isinstance(value, QuerySolutions) for value in frame.f_locals.values())


def test_an_empty_page_is_no_empty_graph() -> None:
    html, triples = b"200 OK\r\nContent-Type: text/html\r\n", b"200 OK\r\nContent-Type: application/n-triples\r\n"
    with hostile(saying(whole(b"", html)), saying(whole(b"", triples))) as (_, engine):
        with pytest.raises(EngineFailedError, match="answers with text/html"):
            [*engine.triples("CONSTRUCT {} {}", seconds=10)]
        assert [*engine.triples("CONSTRUCT {} {}", seconds=10)] == []


def test_what_is_no_text_is_an_error() -> None:
    said = saying(whole(b"\xff" + WHOLE, b"200 OK\r\n" + JSON))
    with hostile(said) as (_, engine), pytest.raises(EngineFailedError, match="not UTF-8"):
        asked(engine)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n", whole(WHOLE)[:-1]])
def test_who_hangs_is_left_at_the_deadline(said: bytes) -> None:
    def hang(connection: socket.socket) -> None:
        connection.sendall(said)
        assert connection.recv(1) == b""  # until the other side closes

    with hostile(hang) as (_, engine), pytest.raises(EngineLateError):
        asked(engine, seconds=0.3)


def test_who_trickles_is_left_at_the_deadline() -> None:
    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 10000\r\n\r\n" + BEGUN)
        with contextlib.suppress(OSError):
            for _ in range(600):
                connection.sendall(b" ")
                time.sleep(0.05)

    with hostile(trickle) as (_, engine), pytest.raises(EngineLateError):
        asked(engine, seconds=0.3)


def test_an_answer_of_too_many_bytes_is_left() -> None:
    with hostile(saying(whole(WHOLE + b" " * 100_000))) as (_, engine), pytest.raises(LimitReachedError) as caught:
        engine.answer("SELECT ?x {}", seconds=10, most_bytes=50_000)
    assert caught.value.limit == "result_bytes"


def test_a_connection_is_used_again_and_opened_anew_where_the_other_side_has_closed_it() -> None:
    staying, leaving = saying(whole(WHOLE), close=False), saying(whole(WHOLE))
    with hostile(staying, leaving, staying) as (server, engine):
        assert [asked(engine) for _ in range(3)] == [["a"]] * 3
        assert len(server.requests) == 3


def test_a_name_and_a_password_are_sent_by_the_scheme_that_is_asked_for_and_only_then() -> None:
    challenge = b"401 No\r\nWWW-Authenticate: %s\r\n"
    digest = b'Digest realm="SPARQL", nonce="n1", qop="auth", algorithm=MD5'
    answers = saying(whole(b"", challenge % digest)), saying(whole(WHOLE)), saying(whole(WHOLE))
    with hostile(*answers) as (server, engine):
        assert asked(engine) == asked(engine) == ["a"]
    first, second, third = server.requests
    assert b"Authorization" not in first
    assert b'Authorization: Digest username="ada"' in second
    assert b"nc=00000002" in third
    assert all(b"secret" not in request for request in server.requests)
    with hostile(saying(whole(b"", challenge % b'Basic realm="x"')), saying(whole(WHOLE))) as (server, engine):
        assert asked(engine) == ["a"]
    assert b"Authorization: Basic YWRhOnNlY3JldA==" in server.requests[1]


def test_a_wrong_password_is_told() -> None:
    refusal = saying(whole(b"", b'401 No\r\nWWW-Authenticate: Basic realm="x"\r\n'))
    with hostile(refusal, refusal) as (_, engine), pytest.raises(EngineFailedError, match="refuses") as caught:
        asked(engine)
    assert "password" in caught.value.hint


def test_nobody_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(EngineFailedError, match="cannot be reached"):
        asked(Engine(f"http://127.0.0.1:{port}/", dialect=GENERIC))


def test_an_address_is_looked_at_before_anybody_is_asked() -> None:
    with pytest.raises(BadValueError):
        Engine("ftp://127.0.0.1/")
    with pytest.raises(BadValueError, match="no address"):
        Engine("http://127.0.0.1:9/", dialect=GENERIC).update("CLEAR ALL", seconds=1)


def test_virtuoso_says_that_an_answer_is_a_part() -> None:
    for head in (b"206 Partial\r\n", b"200 OK\r\nX-SQL-State: S1TAT\r\n", b"200 OK\r\nX-SPARQL-MaxRows: 10\r\n"):
        server = Hostile(saying(whole(WHOLE, head + JSON)))
        with pytest.raises(EngineFailedError, match="a part of the answer"):
            asked(Engine(server.address, dialect=VIRTUOSO))
        server.close()


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with running("oxigraph", tmp_path_factory.mktemp("oxigraph")) as one, closing(one.engine()) as engine:
        yield engine


def test_oxigraph_is_known_and_asked_for_rows_and_triples(oxigraph: Engine) -> None:
    triple = Triple(NamedNode("urn:s"), NamedNode("urn:p"), Literal('"é\n\\', language="fr"))
    oxigraph.put(None, [triple], seconds=10)
    oxigraph.add(NamedNode("urn:g"), [triple], seconds=10)
    assert oxigraph.dialect is OXIGRAPH
    assert [row["o"] for row in oxigraph.rows("SELECT ?o { ?s ?p ?o }", seconds=10)] == [triple.object]
    assert oxigraph.version.startswith("Oxigraph/")
    assert graphs_in(oxigraph) == ["urn:g"]
    assert [*oxigraph.triples("CONSTRUCT WHERE { ?s ?p ?o }", seconds=10)] == [triple]
    oxigraph.update("CLEAR ALL", seconds=10)
    assert oxigraph.rows("SELECT * { ?s ?p ?o }", seconds=10) == []


def test_a_mistake_in_a_query_is_told_in_the_engines_words(oxigraph: Engine) -> None:
    with pytest.raises(EngineFailedError, match="does not understand the query: error at 1:11"):
        oxigraph.rows("SELECT * {", seconds=10)


MANY = [Triple(NamedNode(f"urn:s{n}"), NamedNode("urn:p"), Literal(n)) for n in range(400)]


@pytest.mark.parametrize("form", ["SELECT", "CONSTRUCT"])
def test_an_engine_that_gives_up_itself_never_gives_a_part_as_the_whole(form: str, tmp_path: Path) -> None:
    """oxigraph answers 200, and puts a sentence behind the rows that it has by then."""
    text = {"SELECT": "SELECT (COUNT(*) AS ?n)", "CONSTRUCT": "CONSTRUCT { ?a ?b ?f }"}[form]
    with running("oxigraph", tmp_path, "--timeout-s", "1") as one, closing(one.engine()) as engine:
        engine.put(None, MANY, seconds=10)
        asking = engine.rows if form == "SELECT" else engine.triples
        with pytest.raises(EngineFailedError, match="breaks off"):
            [*asking(f"{text} {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }}", seconds=60)]


def test_a_query_that_takes_too_long_is_left(tmp_path: Path) -> None:
    with running("oxigraph", tmp_path) as one, closing(one.engine()) as engine:
        engine.put(None, MANY, seconds=10)
        with pytest.raises(EngineFailedError, match="does not answer within"):
            engine.rows("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", seconds=0.2)
