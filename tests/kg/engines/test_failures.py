"""An engine that holds the revision and fails with a question: it is said why, so that our own workers answer it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from pyoxigraph import Literal

from kg.engines import Engine, Engines, Replica
from kg.engines.comparing import TrustedQueries
from kg.engines.copies import CopyState, read_copy_state
from kg.engines.dialects import OXIGRAPH
from kg.engines.replicate import identifier_of
from kg.queries import Question, find_query
from kg.rdf.formats import RESULT_FORMAT
from kg.sparql import Query
from kg.store.data_folder import DataFolder
from kg.workers import LimitReachedError, QueryJob, QueryLimits, QueryPool
from tests.support.engines import NEEDS_VIRTUOSO, USER, running

JSON = RESULT_FORMAT["json"].media_type
TWINS = Question(find_query("twins-of-a-city"), {"thing": "city:london"})
ROW = b'{"n": {"type": "literal", "value": "of the engine"}}'
BEGUN = b'{"head": {"vars": ["n"]}, "results": {"bindings": [' + ROW
Answering = Callable[["Reply"], None]


class Reply(BaseHTTPRequestHandler):
    """Says what it holds if that is asked, and answers any query as it is told."""

    protocol_version = "HTTP/1.1"
    server: FakeEngine

    def do_POST(self) -> None:
        query = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["query"][0]
        if "graph/replica" in query:
            self.say(200, JSON, self.server.said)
        else:
            self.server.answering(self)

    def do_GET(self) -> None:
        self.say(200, JSON, b'{"head": {}, "boolean": true}')

    def say(self, status: int, media_type: str, body: bytes, *fields: str, lacking: int = 0) -> None:
        """Answer, with so many bytes announced that do not come."""
        self.send_response(status)
        for field in (f"Content-Type: {media_type}", f"Content-Length: {len(body) + lacking}", *fields):
            self.send_header(*field.split(": ", 1))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = bool(lacking)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


class FakeEngine(ThreadingHTTPServer):
    """An engine that says that it holds the present revision of a data folder."""

    daemon_threads = True
    answering: Answering

    def __init__(self, folder: DataFolder) -> None:
        super().__init__(("127.0.0.1", 0), Reply)
        self.address = f"http://127.0.0.1:{self.server_port}/query"
        build = folder.require_build()
        said = CopyState(identifier_of(folder), build.name, build.revision).triples()
        rows = [
            {"p": {"type": "uri", "value": one.predicate.value}, "o": {"type": "literal", "value": one.object.value}}
            for one in said
            if isinstance(one.object, Literal)
        ]
        self.said = json.dumps({"head": {"vars": ["p", "o"]}, "results": {"bindings": rows}}).encode()


def saying(status: int, media_type: str, body: bytes, *fields: str, lacking: int = 0) -> Answering:
    return lambda reply: reply.say(status, media_type, body, *fields, lacking=lacking)


def hanging_up(reply: Reply) -> None:
    reply.close_connection = True


@pytest.fixture
def fake(folder: DataFolder) -> Iterator[FakeEngine]:
    with FakeEngine(folder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def pool(folder: DataFolder) -> Iterator[QueryPool]:
    pool = QueryPool(folder.snapshot(folder.require_build()), QueryLimits(seconds=300, workers=1))
    yield pool
    pool.close()


@contextmanager
def asking(
    folder: DataFolder,
    engine: Engine,
    pool: QueryPool,
    seconds: float = 20,
    spent: Callable[[float], None] = lambda seconds: None,
) -> Iterator[Callable[[], str]]:
    """Give a function that asks a trusted question, and returns the answer or why it is of no use."""
    read_copy_state(engine, seconds=10)
    TrustedQueries(folder).replace(engine, folder.require_build().name, [TWINS.query])
    with closing(Engines([engine], folder, QueryLimits(workers=1, seconds=seconds))) as engines:

        def ask() -> str:
            choice = engines.choose(TWINS, folder.require_build(), "")
            assert not isinstance(choice, str), choice
            answer = engines.answer(
                choice, TWINS, QueryJob(Query("", "SELECT"), JSON, canned=True, report_seconds=spent), pool
            )
            return answer if isinstance(answer, str) else answer.read_all().decode()

        yield ask


def engine_at(server: FakeEngine) -> Engine:
    return Engine(server.address, user="ada", password="wrong", dialect=OXIGRAPH)


@pytest.mark.parametrize(
    ("answering", "words"),
    [
        (saying(500, "text/plain", b"Virtuoso 42000 Error SQ070\nmore"), "answers 500: Virtuoso 42000 Error"),
        (saying(503, "text/html", b"<html>later"), "answers 503"),
        (saying(302, "text/html", b"", "Location: http://127.0.0.1:9/"), "answers 302"),
        (saying(401, "text/plain", b"", 'WWW-Authenticate: Basic realm="x"'), "refuses the request with 401"),
        (saying(403, "text/plain", b""), "refuses the request with 403"),
        (saying(400, "text/plain", b"?"), "does not understand the query"),
        (saying(200, JSON, BEGUN, lacking=99), "breaks off"),
        (saying(200, JSON, BEGUN), "breaks off"),
        (saying(200, JSON, b""), "breaks off"),
        (saying(200, JSON, BEGUN + b"]}} {time is up}"), "breaks off"),
        (saying(200, "text/html", b"<html>"), "answers with text/html"),
        (saying(200, "application/sparql-results+xml", b"<sparql/>"), "answers with application/sparql"),
        (hanging_up, "cannot be reached"),
    ],
)
def test_what_an_engine_fails_with_is_no_answer(
    answering: Answering, words: str, fake: FakeEngine, folder: DataFolder, pool: QueryPool
) -> None:
    fake.answering = answering
    with asking(folder, engine_at(fake), pool) as ask:
        assert words in ask()


def test_an_engine_that_failed_once_is_asked_again(fake: FakeEngine, folder: DataFolder, pool: QueryPool) -> None:
    with asking(folder, engine_at(fake), pool) as ask:
        fake.answering = saying(500, "text/plain", b"no")
        assert "answers 500" in ask()
        fake.answering = saying(200, JSON, BEGUN + b"]}}")
        assert "of the engine" in ask()


@pytest.mark.drawn
def test_an_engine_that_says_nothing_takes_no_longer_than_a_question_may_and_no_more_than_its_part(
    fake: FakeEngine, folder: DataFolder, pool: QueryPool
) -> None:
    come, over = threading.Event(), threading.Event()

    def hang(reply: Reply) -> None:
        come.set()
        over.wait(60)

    fake.answering = hang
    with asking(folder, engine_at(fake), pool, 2) as ask, ThreadPoolExecutor(1) as others:
        hanging = others.submit(ask)
        assert come.wait(60)
        assert ask() == "the engine has as many questions as it may have"
        with pytest.raises(LimitReachedError) as caught:
            hanging.result()
        over.set()
    assert caught.value.limit == "seconds"


def test_the_seconds_of_an_engine_count_against_the_share_of_a_client(
    fake: FakeEngine, folder: DataFolder, pool: QueryPool
) -> None:
    def late(reply: Reply) -> None:
        time.sleep(0.3)
        reply.say(200, JSON, BEGUN + b"]}}")

    fake.answering = late
    spent: list[float] = []
    with asking(folder, engine_at(fake), pool, spent=spent.append) as ask:
        assert "of the engine" in ask()
    assert sum(spent) > 0.3


@pytest.mark.drawn
def test_an_answer_is_as_long_as_it_may_be_and_no_longer(fake: FakeEngine, folder: DataFolder) -> None:
    fake.answering = saying(200, JSON, BEGUN + (b", " + ROW) * 9 + b"]}}")
    few = QueryLimits(seconds=300, workers=1, rows=5)
    with (
        closing(QueryPool(folder.snapshot(folder.require_build()), few)) as pool,
        asking(folder, engine_at(fake), pool) as ask,
        pytest.raises(LimitReachedError, match="rows"),
    ):
        ask()


@pytest.mark.slow
@NEEDS_VIRTUOSO
def test_a_password_that_virtuoso_refuses_is_told(folder: DataFolder, pool: QueryPool, tmp_path: Path) -> None:
    with running("virtuoso", tmp_path) as one, closing(one.engine()) as engine:
        Replica(folder, engine).advance()
        TrustedQueries(folder).replace(engine, folder.require_build().name, [TWINS.query])
        closed = Engine(f"http://127.0.0.1:{one.port}/sparql-auth", user=USER, password="wrong")
        with closing(Engines([closed], folder, QueryLimits(seconds=300, workers=1))) as engines:
            assert "refuses the request with 401" in str(engines.choose(TWINS, folder.require_build(), ""))
