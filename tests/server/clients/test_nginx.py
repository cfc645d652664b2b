"""The shipped configuration of nginx (docs/operating/nginx.conf), in a real nginx before a running service."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote, urlsplit

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from kg.building.sources import fingerprint
from kg.rdf import namespaces as ns
from kg.store.data_folder import DataFolder
from tests.support import nginx as proxy
from tests.support.folders import OF_A_SERVER
from tests.support.http import Answer, Ask, send
from tests.support.serving import Serving

pytestmark = pytest.mark.skipif(proxy.installed() is None and not os.environ.get("CI"), reason="nginx is not installed")

TURTLE = {"Accept": "text/turtle"}
HIT, MISS = "nginx; hit", "nginx; fwd=miss"
LONDON = NamedNode(f"{ns.ID}city/london")
FRESH_SECONDS = 60.0


@pytest.fixture(scope="module")
def data(folder: DataFolder, tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """A copy of the built graph, so that a test can make another revision current."""
    copy = tmp_path_factory.mktemp("nginx-data") / "data"
    shutil.copytree(folder.path, copy, ignore=OF_A_SERVER)
    return DataFolder(copy)


@pytest.fixture(scope="module")
def service(data: DataFolder, serving_folder: Serving) -> Iterator[int]:
    """The port of the service."""
    with serving_folder(data) as address:
        port = urlsplit(address).port
        assert port is not None
        yield port


@pytest.fixture(scope="module")
def nginx(service: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx."""
    with proxy.in_front_of(service, tmp_path_factory.mktemp("nginx")) as port:
        yield port


@pytest.fixture(scope="module")
def ask(nginx: int) -> Ask:
    return asker(nginx)


def asker(port: int, client: str = "127.0.0.1") -> Ask:
    def ask(
        path: str, headers: Mapping[str, str] | None = None, method: str = "GET", body: str | None = None
    ) -> Answer:
        return send(f"http://127.0.0.1:{port}", path, method=method, body=body, headers=headers, client=client)

    return ask


def cache(answer: Answer) -> str:
    return answer.headers["cache-status"]


def until_hit(ask: Ask, path: str, headers: dict[str, str]) -> Answer:
    """Ask until the cache answers: an entry holds for a second, which may end between two requests."""
    return until(lambda: ask(path, headers), lambda answer: cache(answer) == HIT)


def until(ask: Callable[[], Answer], fits: Callable[[Answer], bool]) -> Answer:
    deadline = time.monotonic() + FRESH_SECONDS
    while not fits(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.01)
    return answer


def test_a_document_comes_from_the_cache_as_the_service_wrote_it(ask: Ask, service: int) -> None:
    plain = asker(service)("/doc/city/london.ttl", TURTLE)
    cached = until_hit(ask, "/doc/city/london.ttl", TURTLE)
    assert cached.body == plain.body
    kept = ("content-type", "etag", "x-revision", "link", "cache-control", "vary")
    assert {name: cached.headers.get(name) for name in kept} == {name: plain.headers.get(name) for name in kept}


def test_the_cache_answers_304_to_whoever_has_the_document(ask: Ask) -> None:
    etag = until_hit(ask, "/doc/city/leeds.ttl", TURTLE).headers["etag"]
    known = until_hit(ask, "/doc/city/leeds.ttl", {**TURTLE, "If-None-Match": etag})
    assert (known.status, known.body, known.headers["etag"]) == (304, b"", etag)
    other = until_hit(ask, "/doc/city/leeds.ttl", {**TURTLE, "If-None-Match": '"another"'})
    assert (other.status, other.headers["etag"]) == (200, etag)


def test_formats_and_codings_of_one_address_are_kept_apart(ask: Ask) -> None:
    wanted = ({"Accept": "text/turtle"}, {"Accept": "application/trig"}, {"Accept": "text/html"})
    for headers in wanted:
        answer = until_hit(ask, "/doc/city/birmingham", headers)
        assert answer.headers["content-type"].partition(";")[0] == headers["Accept"]
    packed = until_hit(ask, "/doc/city/birmingham", {**TURTLE, "Accept-Encoding": "gzip"})
    plain = until_hit(ask, "/doc/city/birmingham", TURTLE)
    assert packed.headers.get("content-encoding") == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["etag"] != plain.headers["etag"]


def test_a_redirect_depends_on_what_the_client_accepts(ask: Ask) -> None:
    for media_type, suffix in (("text/turtle", "ttl"), ("application/trig", "trig")):
        answer = until_hit(ask, "/id/city/leeds", {"Accept": media_type})
        assert (answer.status, answer.headers["location"]) == (303, f"/doc/city/leeds.{suffix}")


def test_a_request_with_a_token_neither_reads_nor_fills_the_cache(ask: Ask) -> None:
    token = {**TURTLE, "Authorization": "Bearer none"}
    for _ in range(3):
        assert cache(ask("/doc/city/beijing.ttl", token)) == "nginx; fwd=bypass"
    assert cache(ask("/doc/city/beijing.ttl", TURTLE)) == MISS
    until_hit(ask, "/doc/city/beijing.ttl", TURTLE)
    assert cache(ask("/doc/city/beijing.ttl", token)) == "nginx; fwd=bypass"


def test_a_post_reaches_the_service(ask: Ask) -> None:
    ask_london = f"ASK {{ <{LONDON.value}> a cd:City }}"
    fields = {"Content-Type": "application/sparql-query", "Accept": "application/sparql-results+json"}
    assert b"true" in ask("/sparql", fields, "POST", ask_london).body
    until_hit(ask, "/doc/city/hangzhou.ttl", TURTLE)
    posted = ask("/doc/city/hangzhou.ttl", TURTLE, "POST", "x")
    assert posted.status == 405
    assert "cache-status" not in posted.headers


def test_queries_of_strangers_are_not_cached(ask: Ask) -> None:
    path = f"/sparql?query={quote('SELECT (STRUUID() AS ?id) {}')}"
    answers = [ask(path, {"Accept": "text/csv"}) for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert len({answer.body for answer in answers}) == 3


def test_a_client_of_http_1_0_needs_no_host(nginx: int) -> None:
    with socket.create_connection(("127.0.0.1", nginx), timeout=20) as client:
        client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200 ")


def test_head_has_its_own_entry(ask: Ask) -> None:
    until_hit(ask, "/doc/city/shanghai.ttl", TURTLE)
    head = ask("/doc/city/shanghai.ttl", TURTLE, "HEAD")
    assert (head.status, head.body, cache(head)) == (200, b"", MISS)
    assert ask("/doc/city/shanghai.ttl", TURTLE).body


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/doc/city/atlantis.ttl", 404),
        ("/queries/twins-of-a-city.json?thing=9", 400),
        ("/doc/city/london?profile=x", 404),
    ],
)
def test_errors_are_not_cached(ask: Ask, path: str, status: int) -> None:
    answers = [ask(path) for _ in range(3)]
    assert [(answer.status, cache(answer)) for answer in answers] == [(status, MISS)] * 3


def test_each_answer_has_a_request_id_of_its_own(ask: Ask) -> None:
    until_hit(ask, "/doc/city/wuhan.ttl", TURTLE)
    answers = [ask("/doc/city/wuhan.ttl", TURTLE) for _ in range(3)]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3
    assert all("," not in answer.headers["x-request-id"] for answer in answers)


def test_a_new_revision_is_seen_with_its_name_even_where_the_document_stays_the_same(
    ask: Ask, data: DataFolder
) -> None:
    changed, unchanged = "/doc/city/london.ttl", "/doc/city/manchester.ttl"
    before = {path: until_hit(ask, path, TURTLE) for path in (changed, unchanged)}
    revision = another_revision(data, "London as it is called tomorrow")
    for path in (changed, unchanged):
        after = until(lambda path=path: ask(path, TURTLE), lambda answer: answer.headers["x-revision"] == revision)  # type: ignore[misc]
        assert (after.headers["etag"] == before[path].headers["etag"]) == (path == unchanged)
        assert (b"as it is called tomorrow" in after.body) == (path == changed)
        assert until_hit(ask, path, TURTLE).headers["x-revision"] == revision


def another_revision(data: DataFolder, label: str) -> str:
    """Add a name of London to the graph and make that current; return the revision."""
    build = data.current()
    assert build is not None
    name = NamedNode(ns.PREFIXES["skos"] + "altLabel")
    graph = NamedNode(ns.GRAPH + "gazetteer")
    added = [Quad(LONDON, name, Literal(label, language="en"), where) for where in (graph, DefaultGraph())]
    quads = [*data.open(), *added]
    with data.lock():
        made = data.write(quads, "f" * 64, fingerprint(), (build.quads + 1, build.inferred))
    return made.revision


def test_only_its_own_machine_sees_the_numbers_of_the_service(nginx: int) -> None:
    assert asker(nginx)("/metrics").status == 200
    assert asker(nginx, "127.0.0.2")("/metrics").status == 403
