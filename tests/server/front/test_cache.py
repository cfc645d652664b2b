"""Answers kept ready: whoever gets one gets what the application would have made for him, whoever asked before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, MutableMapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.lanes import Lane
from kg.rdf import namespaces as ns
from kg.store.data_folder import DataFolder
from server.app import create_app
from server.front import Answer, Bounds, Front, Request, wsgi
from server.front.cache import FORMS, KEY_BYTES, SHARE, ReadyAnswers
from server.service import Service
from tests.support.loops import in_own_loop
from tests.support.serving import ALONE
from tests.support.tiers import by_tier

pytestmark = pytest.mark.drawn

LEEDS = "/doc/city/leeds.ttl"
BOUNDS = Bounds(2, dict.fromkeys(Lane, 2), 9, body_bytes=1000, upload_bytes=1000, body_seconds=1, ready_bytes=1 << 24)
PAIRS = "/queries/twinnings-between-countries"
SELECT = quote("SELECT ?c { ?c cd:twin city:leeds }")
ADDRESSES = (
    *(LEEDS, "/doc/city/leeds", "/doc/city/leeds.html", "/doc/city/leeds?view=turtle", "/doc/city/leeds?view=x"),
    *("/id/city/leeds", "/linkset/city/leeds", "/doc/city", "/", "/dataset.ttl", "/dataset", "/ontology", "/graph"),
    *(PAIRS, f"{PAIRS}.rq", f"{PAIRS}.csv", "/queries/cooperations-of-city?thing=leeds", "/docs/researchers"),
    *(f"/sparql?query={SELECT}", f"/sparql?query={SELECT}&format=csv", "/sparql", f"{PAIRS}.rq?at=0123456789ab"),
    *("/openapi.json", "/robots.txt", "/opensearch.xml", "/search?q=leeds", "/docs/errors/not-acceptable"),
    *("/sitemap.xml", "/disagreements", "/works/report", "/map", "/reconcile"),
)
HOSTS = ("localhost:8000", "LOCALHOST:8000", "127.0.0.1:8000", "127.0.0.1:81", "kg.example.org", "", None)
ACCEPTED = (
    *(None, "", "*/*", "text/turtle", "application/ld+json", "application/json", "text/csv", "image/png"),
    *("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html", "text/turtle;q=0.5, text/html;q=0.4"),
)
CODINGS = (None, "", "gzip", "gzip, br", "gzip;q=0", "gzip;q=0.5, identity", "*", "*;q=0", "identity", "GZIP", "br")
ITS_OWN = ("x-request-id", "last-modified")
"""Fields that differ each time, and the date, which is known only a second after the start."""


@dataclass
class Served:
    """An application, and a front that keeps its answers ready."""

    app: Flask
    front: Front

    def directly(self, scope: MutableMapping[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Return what the application answers."""
        answer = wsgi.call(self.app, Request(scope), None)
        return answer.status, lasting(answer.headers), bytes_of(answer)

    def by_the_front(self, scope: MutableMapping[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Return what the front sends."""
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            await asyncio.sleep(3600)
            raise AssertionError

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        in_own_loop(partial(self.front, scope, receive, send))
        return sent[0]["status"], lasting(sent[0]["headers"]), b"".join(part["body"] for part in sent[1:])


def lasting(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return sorted(field for field in headers if field[0].decode() not in ITS_OWN)


def bytes_of(answer: Answer) -> bytes:
    if isinstance(answer.body, bytes):
        return answer.body
    with answer.body as body:
        return body.read()


def asked(address: str, scheme: str = "http", **fields: str | None) -> dict[str, Any]:
    """Return the head of a GET as uvicorn gives it: of HTTP/1.0 where it names no host."""
    path, _, query = address.partition("?")
    named = [(k.replace("_", "-").encode(), v.encode()) for k, v in fields.items() if v is not None]
    where = {"path": path, "raw_path": path.encode(), "query_string": query.encode(), "headers": named}
    version = "1.1" if fields.get("host") is not None else "1.0"
    own = {"client": ("10.0.0.1", 9), "server": ("127.0.0.1", 8000), "http_version": version, "scheme": scheme}
    return {"type": "http", "method": "GET", **own, **where}


@pytest.fixture(scope="module")
def served(folder: DataFolder) -> Iterator[Served]:
    app = create_app(folder, ALONE)
    front = Front(app, folder, BOUNDS, [])
    with closing(Service.of(app)), closing(front):
        yield Served(app, front)


@settings(max_examples=by_tier(60, 150, 10_000))
@given(
    address=st.sampled_from(ADDRESSES),
    host=st.sampled_from(HOSTS),
    accept=st.sampled_from(ACCEPTED),
    accept_encoding=st.sampled_from(CODINGS),
    scheme=st.sampled_from(("http", "https")),
)
def test_what_is_ready_is_what_the_application_would_have_made(served: Served, **fields: Any) -> None:
    assert served.by_the_front(asked(**fields)) == served.directly(asked(**fields))


def test_a_document_whose_address_names_its_format_is_found_by_whoever_asks(served: Served) -> None:
    made = served.front.make_ready(LEEDS, [(b"host", b"127.0.0.1:8000")])
    assert made or served.front.make_ready(LEEDS, []) == 0
    for host in HOSTS:
        for accept in ACCEPTED:
            request = Request(asked(LEEDS, host=host, accept=accept, accept_encoding="identity", user_agent="x"))
            assert served.front._ready.find(request) is not None


def test_an_answer_that_names_where_it_was_reached_is_for_that_host_and_scheme(folder: DataFolder) -> None:
    places = [(scheme, host) for scheme in ("http", "https") for host in ("localhost:1", "127.0.0.1:2", "a.example")]
    with closing(Service.of(app := create_app(folder, ALONE))), closing(Front(app, folder, BOUNDS, [])) as front:
        for _ in range(2):
            for scheme, host in places:
                status, headers, body = Served(app, front).by_the_front(asked(f"{PAIRS}.rq", scheme, host=host))
                root = ns.BASE if host == "a.example" else f"{scheme}://{host}/"
                assert status == 200
                assert f"{root}sparql" in body.decode()
                assert b"Host" in dict(headers)[b"vary"]
        request = Request(asked(f"{PAIRS}.rq", host="127.0.0.1:3"))
        assert front._ready.find(request) is None


def test_a_service_that_is_told_where_it_is_reached_answers_all_hosts_alike(folder: DataFolder) -> None:
    app = create_app(folder, ALONE, public_url="https://kg.example.org")
    with closing(Service.of(app)), closing(Front(app, folder, BOUNDS, [])) as front:
        assert front.make_ready(f"{PAIRS}.rq", [(b"host", b"localhost:1")])
        found = front._ready.find(Request(asked(f"{PAIRS}.rq", host="a.example")))
        assert found is not None
        assert b"https://kg.example.org/sparql" in bytes_of(found)
        assert b"Host" not in (found.field(b"vary") or b"")


def answer(body: bytes = b"x", vary: bytes | None = None, **fields: bytes) -> Answer:
    said = [(b"etag", b'"1"'), (b"x-revision", b"1"), *((name.encode(), value) for name, value in fields.items())]
    return Answer(200, [*said, *([(b"vary", vary)] if vary is not None else [])], body)


def ready(room: int = 1 << 20) -> ReadyAnswers:
    kept = ReadyAnswers(room, lambda: 1)
    assert kept.find(Request(asked("/"))) is None
    return kept


def test_an_answer_is_told_apart_by_what_its_vary_names_alone() -> None:
    kept, made = ready(), answer(vary=b"Accept, X-Other")
    assert kept.keep(Request(asked("/a", accept="x", x_other="1", host="a")), made, 1)
    assert kept.find(Request(asked("/a", accept="x", x_other="1", host="b", user_agent="c"))) is made
    for other in ({"accept": "y", "x_other": "1"}, {"accept": "x"}, {"accept": "x", "x_other": "2"}):
        assert kept.find(Request(asked("/a", **other))) is None
    assert kept.find(Request(asked("/a?b", accept="x", x_other="1"))) is None


def test_an_answer_that_depends_on_more_than_those_before_shows_that_these_were_told_apart_too_little() -> None:
    kept, of_all, of_one = ready(), answer(b"all"), answer(b"one", vary=b"Accept")
    kept.keep(Request(asked("/a", accept="x")), of_all, 1)
    assert kept.find(Request(asked("/a", accept="y"))) is of_all
    kept.keep(Request(asked("/a", accept="y")), of_one, 1)
    assert kept.find(Request(asked("/a", accept="y"))) is of_one
    assert kept.find(Request(asked("/a", accept="x"))) is None


def test_what_varies_by_everything_or_is_for_one_reader_is_not_kept() -> None:
    assert ready().keep(Request(asked("/a")), answer(vary=b"*"), 1) == 0
    for_one = [(b"x-revision", b"1"), (b"cache-control", b"no-store"), (b"location", b"/desk/sign-in")]
    assert ready().keep(Request(asked("/a")), Answer(303, for_one, b""), 1) == 0
    assert ready().keep(Request(asked("/a")), Answer(303, [for_one[0], for_one[2]], b""), 1) > 0


def test_a_client_that_accepts_ever_other_types_takes_no_room_of_others() -> None:
    kept, of_others = ready(), answer(b"x" * 1000)
    kept.keep(Request(asked("/a")), of_others, 1)
    for number in range(2000):
        kept.keep(Request(asked("/b", accept=f"{number}")), answer(b"y" * 4000, vary=b"Accept"), 1)
    assert kept.find(Request(asked("/a"))) is of_others
    at_b = kept._documents[(b"/b", b"")]
    assert len(at_b.answers) <= FORMS
    assert at_b.size <= kept._documents.maxsize // SHARE
    assert kept.keep(Request(asked("/c", accept="z" * KEY_BYTES)), answer(vary=b"Accept"), 1) == 0


def test_an_answer_of_a_revision_that_is_over_is_not_kept() -> None:
    revisions = [1]
    kept = ReadyAnswers(1 << 20, lambda: revisions[-1])
    assert kept.find(Request(asked("/a"))) is None
    assert kept.keep(Request(asked("/a")), answer(), 1)
    revisions.append(2)
    assert kept.find(Request(asked("/a"))) is None
    assert kept.keep(Request(asked("/b")), answer(), 1) == 0
    assert kept.keep(Request(asked("/a")), answer(), 2)
    assert kept.keep(Request(asked("/b")), answer(), 1) == 0
    assert kept.find(Request(asked("/a"))) is not None


def test_an_answer_that_is_made_while_the_graph_changes_is_not_ready_for_the_revision_after_nor_before() -> None:
    revisions = [1]
    kept = ReadyAnswers(1 << 20, lambda: revisions[-1])
    assert kept.find(Request(asked("/a"))) is None
    before = kept.latest
    revisions.append(2)
    kept.keep(Request(asked("/a")), answer(b"of either"), before)
    assert kept.find(Request(asked("/a"))) is None
    assert kept.latest == 2
