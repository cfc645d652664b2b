"""What every answer has, whatever its address and status: asked once of each kind, with and without what changes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.store.data_folder import DataFolder
from tests.support.serving import client as client_of

ALWAYS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Location, ETag, Link, Location, Retry-After, X-Request-ID, X-Revision",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
LEEDS, QUERY = "/doc/city/leeds", "/sparql?query=ASK%7B%7D&format=json"
GZIP, WRONG = {"Accept-Encoding": "gzip"}, {"Authorization": "Bearer x.y"}
PAGE, PICTURE, BROTLI = {"Accept": "text/html"}, {"Accept": "image/png"}, {"Content-Encoding": "br"}
CHOSEN, CODED, BOTH, WITH_HOST = "Accept", "Accept-Encoding", "Accept, Accept-Encoding", "Accept-Encoding, Host"
CHECKED, NEVER = "no-cache", "no-store"

KINDS: list[tuple[str, str, dict[str, str], int, str | None, str | None, str | None]] = [
    ("GET", f"{LEEDS}.ttl", {}, 200, CODED, CHECKED, None),
    ("GET", LEEDS, {}, 200, BOTH, CHECKED, None),
    ("GET", f"{LEEDS}.html", GZIP, 200, CODED, CHECKED, "gzip"),
    ("HEAD", f"{LEEDS}.ttl", {}, 200, CODED, CHECKED, None),
    ("HEAD", f"{LEEDS}.ttl", GZIP, 200, CODED, CHECKED, "gzip"),
    ("GET", "/dumps/report/table-1.nt.gz", GZIP, 200, None, CHECKED, None),
    ("GET", QUERY, {}, 200, BOTH, CHECKED, None),
    ("HEAD", QUERY, {}, 200, BOTH, None, None),
    ("GET", "/openapi.json", {}, 200, WITH_HOST, None, None),
    ("GET", "/healthz", GZIP, 200, CODED, NEVER, None),
    ("OPTIONS", "/sparql", {}, 200, CODED, None, None),
    ("OPTIONS", f"{LEEDS}?at=yesterday", {}, 200, CODED, None, None),
    ("GET", "/docs/errors/not-acceptable?at=yesterday", {}, 200, CODED, None, None),
    ("GET", "/id/city/leeds", {}, 303, CHOSEN, None, None),
    ("GET", "/queries/", {}, 308, None, None, None),
    ("POST", "/sparql", {}, 400, CHOSEN, None, None),
    ("GET", LEEDS, WRONG, 401, CHOSEN, NEVER, None),
    ("GET", "/proposals", {}, 401, CHOSEN, NEVER, None),
    ("GET", "/none", {}, 404, CHOSEN, None, None),
    ("GET", "/none", PAGE | GZIP, 404, CHOSEN, None, None),
    ("DELETE", "/healthz", {}, 405, CHOSEN, None, None),
    ("GET", LEEDS, PICTURE, 406, CHOSEN, None, None),
    ("POST", "/validate", BROTLI, 415, CHOSEN, None, None),
]
"""Method, address and headers of requests; status, Vary, Cache-Control and Content-Encoding of their answers."""


@pytest.mark.drawn
def test_each_kind_of_answer_has_its_envelope(client: FlaskClient, folder: DataFolder) -> None:
    present = ALWAYS | {"X-Revision": folder.require_build().revision}
    for method, path, headers, *expected in KINDS:
        with client.open(path, method=method, headers=headers) as answer:
            found = answer.headers
            stated = [answer.status_code, *map(found.get, ("Vary", "Cache-Control", "Content-Encoding"))]
            assert stated == expected, (method, path, headers)
            assert {name: found.getlist(name) for name in present} == {name: [present[name]] for name in present}, path
            assert ("Memento-Datetime" in found, "X-Answered-By" in found) == (False, False)


def test_what_the_client_holds_has_it(client: FlaskClient) -> None:
    path = "/assets/site.css"
    held = client.get(path).headers["ETag"]
    answer = client.get(path, headers={"If-None-Match": held})
    assert (answer.status_code, answer.headers["ETag"]) == (304, held)
    assert dict(answer.headers).items() >= ALWAYS.items()


def test_a_service_without_a_graph_has_it_but_for_the_revision(tmp_path: Path) -> None:
    with client_of(DataFolder(tmp_path)) as empty:
        answer = empty.get("/healthz")
    assert (answer.status_code, "X-Revision" in answer.headers) == (503, False)
    assert dict(answer.headers).items() >= ALWAYS.items()


def test_a_preflight_says_what_a_page_of_another_site_may_send(client: FlaskClient) -> None:
    answer = client.options("/changes")
    assert answer.headers["Access-Control-Max-Age"] == "86400"
    assert answer.headers["Access-Control-Allow-Methods"] == answer.headers["Allow"]
    assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert "Content-Type" not in answer.headers


def test_an_answer_of_the_past_is_dated_and_leads_to_the_present(client: FlaskClient, folder: DataFolder) -> None:
    revision = folder.require_build().revision
    read = client.get(f"{LEEDS}?at={revision}")
    assert read.headers["Memento-Datetime"]
    assert f'<{LEEDS}>; rel="original"' in read.headers.getlist("Link")
    assert read.headers["Content-Location"] == f"{LEEDS}.ttl?at={revision}"
    listed = client.get("/changes", query_string={"at": revision}, headers={"Accept": "application/json"})
    assert listed.headers["Content-Location"] == f"/changes.json?at={revision}"
    leads = client.get(f"/id/city/leeds?at={revision}")
    assert leads.headers["Location"] == f"{LEEDS}.ttl?at={revision}"
