"""Compressed answers: which client gets them, under which tag, and that they say the same. Asked as curl asks."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg.store.data_folder import DataFolder
from server.service import Service
from server.web import envelope
from tests.support.http import Ask
from tests.support.tiers import by_tier

EVERYTHING = quote("SELECT * { ?s ?p ?o }")
MUCH = f"{EVERYTHING}{quote(' LIMIT 3000')}"
OF_THE_WHOLE = ("/dataset.jsonld", "/dumps/default.nt", "/dumps/SHA256SUMS")
"""What takes seconds to make."""
DOCUMENTS = (
    "/doc/city/birmingham.ttl",
    "/doc/city/birmingham.html",
    "/ontology.rdf",
    "/queries.ttl",
    "/graph/report/table-1",
    "/linkset/city/leeds",
    "/dumps/report/table-1.nt",
    *by_tier((), OF_THE_WHOLE, OF_THE_WHOLE),
)
RESULTS = (
    "/queries/twinnings-between-countries.csv",
    f"/sparql?query={MUCH}&format=csv",
    f"/sparql?query={MUCH}&format=json",
    f"/sparql?query={quote('CONSTRUCT { ?s a ?o } { ?s a ?o }')}",
)
GZIP = ("-H", "Accept-Encoding: gzip")


@pytest.fixture(scope="module")
def plain(client: FlaskClient) -> bytes:
    return client.get("/doc/city/leeds.nt").data


@pytest.mark.scaled
@pytest.mark.parametrize("path", [*DOCUMENTS, *RESULTS])
@pytest.mark.drawn
def test_whoever_takes_gzip_gets_the_same_in_fewer_bytes(ask: Ask, path: str) -> None:
    plain, packed = ask(path), ask(*GZIP, path)
    assert "content-encoding" not in plain.headers
    assert (packed.status, packed.headers["content-encoding"]) == (200, "gzip")
    assert packed.type == plain.type
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 1.5
    assert int(packed.headers["content-length"]) == len(packed.body)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["vary"]


@pytest.mark.scaled
@pytest.mark.parametrize("path", DOCUMENTS)
def test_each_coding_has_a_strong_tag_of_its_own_that_stays(ask: Ask, path: str) -> None:
    plain, packed = ask(path), ask(*GZIP, path)
    assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
    assert ask(*GZIP, path).body == packed.body
    for options, answer in (((), plain), (GZIP, packed)):
        tag = answer.headers["etag"]
        for condition in (tag, f'"other", {tag}', f"W/{tag}"):
            kept = ask(*options, "-H", f"If-None-Match: {condition}", path)
            assert (kept.status, kept.body, kept.headers["etag"]) == (304, b"", tag)
            assert kept.headers["vary"] == answer.headers["vary"]
        assert ask(*options, "-H", 'If-None-Match: "other-gzip"', path).status == 200


@pytest.mark.parametrize("path", ["/doc/city/birmingham.ttl", "/ontology.html"])
def test_head_has_the_headers_of_get(ask: Ask, path: str) -> None:
    got, head = ask(*GZIP, path), ask(*GZIP, "-I", path)
    for name in ("content-encoding", "content-length", "etag", "vary", "content-type"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("path", ["/dumps/all.nq", f"/sparql?query={EVERYTHING}&format=csv"])
def test_head_of_what_is_not_made_claims_no_length(client: FlaskClient, path: str) -> None:
    head = client.head(path, headers={"Accept-Encoding": "gzip"})
    assert (head.status_code, "Content-Length" in head.headers) == (200, False)


def test_what_is_small_or_packed_already_is_left_alone(ask: Ask) -> None:
    small = ask(*GZIP, "/healthz")
    assert "content-encoding" not in small.headers
    assert b'"ok"' in small.body
    file = ask(*GZIP, "/dumps/report/table-1.ttl.gz")
    assert (file.type, "content-encoding" in file.headers) == ("application/gzip", False)
    assert gzip.decompress(file.body) == ask("/dumps/report/table-1.ttl").body


CODINGS = st.sampled_from(["gzip", "identity", "br", "*"])
WEIGHTS = st.sampled_from(["", ";q=0", ";q=0.3", ";q=0.7", ";q=1"])


@given(st.dictionaries(CODINGS, WEIGHTS))
@pytest.mark.drawn
def test_no_client_gets_what_it_does_not_take(client: FlaskClient, plain: bytes, accepted: dict[str, str]) -> None:
    weights = {coding: float(weight[3:] or 1) for coding, weight in accepted.items()}
    header = ", ".join(f"{coding}{weight}" for coding, weight in accepted.items())
    answer = client.get("/doc/city/leeds.nt", headers={"Accept-Encoding": header})
    gzip_weight = weights.get("gzip", weights.get("*", 0))
    identity_weight = weights.get("identity", weights.get("*", 0))
    is_packed = answer.headers.get("Content-Encoding") == "gzip"
    assert is_packed == (gzip_weight > 0 and gzip_weight >= identity_weight)
    body = gzip.decompress(answer.data) if is_packed else answer.data
    assert body == plain


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
@pytest.mark.parametrize("breaks", [False, True])
def test_what_a_stream_keeps_open_is_closed_also_when_it_breaks(
    folder: DataFolder, accepted: str, breaks: bool
) -> None:
    app, closed = Flask(__name__), []
    Service(folder).attach(app)
    envelope.attach(app)

    def pieces() -> Iterator[bytes]:
        yield b"x" * 5000
        if breaks:
            raise RuntimeError("no more")

    @app.get("/")
    def stream() -> Response:
        response = Response(pieces(), mimetype="text/plain")
        response.call_on_close(lambda: closed.append(True))
        return response

    try:
        with app.test_client().get("/", headers={"Accept-Encoding": accepted}, buffered=True) as answer:
            assert answer.status_code == (500 if breaks else 200)
    except RuntimeError:
        assert breaks
    finally:
        Service.of(app).close()
    assert closed
