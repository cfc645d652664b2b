"""Each kind of answer over HTTP names the revision of the graph, whether the application gives it or the front."""

from __future__ import annotations

import socket
from urllib.parse import quote, urlsplit

import pytest

from server.front import messages
from tests.server.curation.test_curators_day import SOURCE, twinning
from tests.support.curated import Curated
from tests.support.http import Answer, send
from tests.support.serving import Serving
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

TURTLE = {"Content-Type": "text/turtle"}
WRITTEN = "/graph/curated/answers"
TEXT = PREFIXES + SOURCE + twinning("jinan", "york")
ANSWERS: dict[str, tuple[int, str, str, str | None, dict[str, str]]] = {
    "start page": (200, "GET", "/", None, {}),
    "health": (200, "GET", "/healthz", None, {}),
    "metrics": (200, "GET", "/metrics", None, {}),
    "kind of error": (200, "GET", "/docs/errors/not-acceptable", None, {}),
    "proposals": (200, "GET", "/proposals", None, {"Accept": "application/json", "by": "Ann"}),
    "preflight": (200, "OPTIONS", "/changes", None, {}),
    "redirect": (303, "GET", "/id/city/leeds", None, {}),
    "lasting redirect": (308, "GET", "/queries/", None, {}),
    "no query": (400, "POST", "/sparql", "", {"Content-Type": "application/x-www-form-urlencoded"}),
    "no SPARQL": (400, "GET", "/sparql?query=SELEC", None, {}),
    "no revision": (400, "GET", "/doc/city/leeds.ttl?at=yesterday", None, {}),
    "no Turtle": (400, "POST", "/validate", "this is none", TURTLE),
    "no token": (401, "POST", "/changes?summary=a&source=http://a.example/", TEXT, TURTLE),
    "wrong token": (401, "GET", "/proposals", None, {"Authorization": "Bearer x.y"}),
    "refused query": (403, "GET", f"/sparql?query={quote('SELECT * { SERVICE <http://a/> { ?s ?p ?o } }')}", None, {}),
    "no such thing": (404, "GET", "/doc/city/none.ttl", None, {}),
    "no such address": (404, "GET", "/none", None, {}),
    "no such method": (405, "DELETE", "/healthz", None, {}),
    "no such type": (406, "GET", "/doc/city/leeds", None, {"Accept": "image/png"}),
    "no such revision": (410, "GET", "/doc/city/leeds.ttl?at=0123456789ab.3", None, {}),
    "no type of ours": (415, "POST", "/validate", "a", {"Content-Type": "image/png"}),
    "packed body": (415, "POST", "/validate", "a", {**TURTLE, "Content-Encoding": "gzip"}),
    "wrong constraint": (422, "PUT", WRITTEN, TEXT.replace("cd:accountOf", "cd:acountOf"), {**TURTLE, "by": "Ann"}),
    "report's graph": (403, "PUT", "/graph/report/table-1", TEXT, {**TURTLE, "by": "Ann"}),
    "made": (201, "PUT", WRITTEN, TEXT, {**TURTLE, "by": "Ann"}),
    "nothing changed": (204, "PUT", WRITTEN, TEXT, {**TURTLE, "by": "Ann"}),
    "another revision": (412, "PUT", WRITTEN, TEXT, {**TURTLE, "by": "Ann", "If-Match": '"0123456789ab"'}),
}
"""Status, method, address, body and headers of requests; some rest on those before them."""


def asked(curated: Curated, name: str) -> Answer:
    _, method, path, body, stated = ANSWERS[name]
    headers = {key: value for key, value in stated.items() if key != "by"}
    if "by" in stated:
        headers["Authorization"] = f"Bearer {curated.tokens[stated['by']]}"
    return send(curated.address, path, method=method, body=body, headers=headers)


def test_each_kind_of_answer_names_the_present_revision(curated: Curated) -> None:
    found, wanted = {}, {}
    for name, (status, *_) in ANSWERS.items():
        answer = asked(curated, name)
        found[name] = answer.status, answer.headers.get("x-revision")
        wanted[name] = status, curated.folder.require_build().revision
    assert found == wanted


def test_what_the_client_holds_already_names_it(curated: Curated) -> None:
    present = curated.folder.require_build().revision
    for path in ("/doc/city/leeds.ttl", "/queries/twinnings-between-countries.csv"):
        held = send(curated.address, path)
        again = send(curated.address, path, headers={"If-None-Match": held.headers["etag"]})
        assert (again.status, again.headers["x-revision"]) == (304, present)


def test_refusals_before_the_application_name_it(curated: Curated, serving_folder: Serving) -> None:
    present = curated.folder.require_build().revision
    with serving_folder(curated.folder, body_bytes=1000, body_seconds=0.2) as address:
        large = send(address, "/validate", method="POST", body="#" * 2000, headers=TURTLE)
        assert (large.status, large.headers["x-revision"]) == (413, present)
        assert {name: large.headers[name.lower()] for name in messages.Answer.OF_ALL} == messages.Answer.OF_ALL
        assert "Retry-After" in messages.Answer.OF_ALL["Access-Control-Expose-Headers"]
        slow = started(address, b"POST /validate HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n#")
        assert slow.startswith(b"HTTP/1.1 408 ")
        assert f"\r\nx-revision: {present}\r\n".encode() in slow


def started(address: str, beginning: bytes) -> bytes:
    """Return what a server says to a request of which no more than the beginning is sent."""
    host, _, port = urlsplit(address).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(beginning)
        return connection.recv(1 << 16)


def test_a_packed_body_is_refused_with_what_is_taken(curated: Curated) -> None:
    answer = asked(curated, "packed body")
    assert answer.headers["accept-encoding"] == "identity"
    assert (answer.members["type"], answer.members["hint"]) == (
        "/docs/errors/the-body-is-encoded",
        "Send it without Content-Encoding.",
    )
    for coding in ("identity", "Identity "):
        headers = {**TURTLE, "Content-Encoding": coding}
        assert send(curated.address, "/validate", method="POST", body=TEXT, headers=headers).status == 200
    for method, path in (("PUT", WRITTEN), ("POST", "/sparql"), ("POST", "/changes")):
        headers = {**TURTLE, "Content-Encoding": "br"}
        assert send(curated.address, path, method=method, body=TEXT, headers=headers).status == 415


@pytest.mark.parametrize(
    ("in_address", "in_form", "status"), [(0, 0, 200), ("", 0, 200), (0, "", 200), (0, 1, 400), ("", "", 200)]
)
def test_a_form_may_name_the_revision(curated: Curated, in_address: int | str, in_form: int | str, status: int) -> None:
    if not curated.folder.require_build().changes:
        asked(curated, "made")
    revisions = [build.revision for build in curated.folder.available_builds()][:2]
    at = ["" if place == "" else f"&at={revisions[int(place)]}" for place in (in_address, in_form)]
    answer = send(
        curated.address,
        f"/sparql?format=json{at[0]}",
        method="POST",
        body=f"query={quote(f'ASK {{ GRAPH <https://w3id.org/city-diplomacy{WRITTEN}> {{ ?s ?p ?o }} }}')}{at[1]}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status == status
    if status == 400:
        assert answer.members["hint"] == "Name one with at=, in the address or in the form."
        return
    is_past = any(at)
    assert answer.headers["x-revision"] == revisions[0 if is_past else -1]
    assert answer.members["boolean"] is not is_past
    assert ("memento-datetime" in answer.headers) == is_past
