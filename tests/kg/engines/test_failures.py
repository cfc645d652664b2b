"""An engine that holds the revision and fails with a query: the embedded workers answer it, and it is said why."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from pyoxigraph import Literal

from kg.engines import Engine, Engines, Replica
from kg.engines.held import Held
from kg.engines.replicate import identifier_of
from kg.rdf.formats import GRAPH_FORMAT, RESULT_FORMAT
from kg.sparql import examine
from kg.store import Build
from kg.store.data_folder import DataFolder
from kg.workers import Job, LimitReachedError, Limits, QueryPool
from tests.support.engines import NEEDS_VIRTUOSO, USER, running

JSON, TRIPLES = RESULT_FORMAT["json"].media_type, GRAPH_FORMAT["nt"].media_type
SELECT = "SELECT ?n { city:leeds skos:prefLabel ?n }"
CONSTRUCT = "CONSTRUCT { ?t cd:twin city:leeds } WHERE { ?t cd:twin city:leeds }"
ROW = b'{"n": {"type": "literal", "value": "of the engine"}}'
BEGUN = b'{"head": {"vars": ["n"]}, "results": {"bindings": [' + ROW
TRIPLE = b"<urn:of-the-engine> <urn:p> <urn:o> .\n"
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
        build = folder.built()
        said = Held(identifier_of(folder), build.name, build.revision).triples()
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
    pool = QueryPool(folder.snapshot(folder.built()), Limits(workers=1))
    yield pool
    pool.close()


class Asking:
    """Asks engines as the service does, with the embedded workers behind."""

    def __init__(self, folder: DataFolder, pool: QueryPool) -> None:
        self.folder, self.pool = folder, pool

    def over(self, engine: Engine) -> closing[Engines]:
        return closing(Engines([engine], self.folder, Limits(workers=1)))

    def __call__(self, engines: Engines, text: str, seconds: float = 20) -> tuple[bytes, str]:
        """Return the answer to a query, and why no engine has given it."""
        why, build = [], self.folder.built()

        def note(reason: str, of: Build) -> None:
            assert of == build
            why.append(reason)

        answer = engines.over(self.pool, build, note).run(self.job(text, seconds)).whole()
        return answer, why[-1]

    def job(self, text: str, seconds: float = 20) -> Job:
        media_type = JSON if text.startswith("SELECT") else TRIPLES
        snapshot = self.folder.snapshot(self.folder.built())
        return Job(examine(text, 10_000), media_type, snapshot=snapshot, seconds=seconds)


@pytest.fixture
def ask(folder: DataFolder, pool: QueryPool) -> Asking:
    return Asking(folder, pool)


@pytest.mark.parametrize(
    ("text", "answering", "words"),
    [
        (SELECT, saying(500, "text/plain", b"Virtuoso 42000 Error SQ070\nmore"), "answers 500: Virtuoso 42000 Error"),
        (SELECT, saying(503, "text/html", b"<html>later"), "answers 503"),
        (SELECT, saying(302, "text/html", b"", "Location: http://127.0.0.1:9/"), "answers 302"),
        (SELECT, saying(401, "text/plain", b"", 'WWW-Authenticate: Basic realm="x"'), "refuses the request with 401"),
        (SELECT, saying(403, "text/plain", b""), "refuses the request with 403"),
        (SELECT, saying(400, "text/plain", b"?"), "does not understand the query"),
        (SELECT, saying(200, JSON, BEGUN, lacking=99), "breaks off"),
        (SELECT, saying(200, JSON, BEGUN), "breaks off"),
        (SELECT, saying(200, "text/html", b"<html>"), "answers with text/html"),
        (SELECT, saying(200, "application/sparql-results+xml", b"<sparql/>"), "answers with application/sparql"),
        (SELECT, hanging_up, "cannot be reached"),
        (CONSTRUCT, saying(200, TRIPLES, TRIPLE * 9, lacking=99), "breaks off"),
        (CONSTRUCT, saying(200, TRIPLES, TRIPLE + b"{time is up}"), "breaks off"),
        (CONSTRUCT, saying(200, "text/turtle", TRIPLE), "answers with text/turtle"),
        (CONSTRUCT, saying(200, "text/html", b""), "answers with text/html"),
        (CONSTRUCT, saying(500, "text/plain", b"no"), "answers 500"),
    ],
)
def test_what_an_engine_fails_with_is_answered_here(
    text: str, answering: Answering, words: str, fake: FakeEngine, ask: Asking
) -> None:
    fake.answering = answering
    with ask.over(Engine(fake.address, user="ada", password="wrong")) as engines:
        answer, why = ask(engines, text)
    assert words in why
    assert answer == ask.pool.run(ask.job(text)).whole()


def test_an_engine_that_failed_once_is_asked_again(fake: FakeEngine, ask: Asking) -> None:
    with ask.over(Engine(fake.address)) as engines:
        fake.answering = saying(500, "text/plain", b"no")
        assert "answers 500" in ask(engines, SELECT)[1]
        fake.answering = saying(200, JSON, BEGUN + b"]}}")
        answer, why = ask(engines, SELECT)
        assert (b"of the engine" in answer, why) == (True, "")


def test_an_engine_that_says_nothing_takes_no_longer_than_a_query_may(fake: FakeEngine, ask: Asking) -> None:
    over = threading.Event()

    def hang(reply: Reply) -> None:
        over.wait(60)

    fake.answering = hang
    with ask.over(Engine(fake.address)) as engines:
        with pytest.raises(LimitReachedError) as caught:
            ask(engines, SELECT, seconds=0.5)
        over.set()
    assert caught.value.limit == "seconds"


@pytest.mark.slow
@NEEDS_VIRTUOSO
def test_what_virtuoso_fails_with_is_answered_here(ask: Asking, tmp_path: Path) -> None:
    many = "SELECT ?s ?p (COUNT(?o) AS ?n) { ?s ?p ?o } GROUP BY ?s ?p ORDER BY ?n"
    far = f"{many} LIMIT 5 OFFSET 10000"  # it sorts 10,000 rows and no more
    with running("virtuoso", tmp_path) as one, closing(one.engine()) as engine:
        Replica(ask.folder, engine).advance()
        with ask.over(one.engine()) as engines:
            answer, why = ask(engines, far)
            assert "answers 500: Virtuoso 22023 Error SR353" in why
            assert len(json.loads(answer)["results"]["bindings"]) == 5
            assert ask(engines, SELECT)[1] == ""
        closed = Engine(f"http://127.0.0.1:{one.port}/sparql-auth", user=USER, password="wrong")
        with ask.over(closed) as engines:
            answer, why = ask(engines, SELECT)
            assert "refuses the request with 401" in why
            assert b"Leeds" in answer
