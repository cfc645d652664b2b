"""Refusals before the application is asked, bodies in a content coding, and the revision that a form names."""

from __future__ import annotations

import socket
from urllib.parse import quote, urlsplit

import pytest

from server.front import messages
from tests.server.curation.test_curators_day import SOURCE, twinning
from tests.support.curated import Curated
from tests.support.http import send
from tests.support.serving import Serving
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

TURTLE = {"Content-Type": "text/turtle"}
WRITTEN = "/graph/curated/answers"
TEXT = PREFIXES + SOURCE + twinning("jinan", "york")


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
    packed = {**TURTLE, "Content-Encoding": "gzip"}
    answer = send(curated.address, "/validate", method="POST", body="a", headers=packed)
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
        headers = {**TURTLE, "Authorization": f"Bearer {curated.tokens['Ann']}"}
        assert send(curated.address, WRITTEN, method="PUT", body=TEXT, headers=headers).status == 201
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
