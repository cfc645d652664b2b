"""Which error each refusal of a reader is: its status, and the type by which programs go (RFC 9457).

Of a type the last part of its address is written here: `/docs/errors/not-acceptable` is `not-acceptable`. What is
refused to those who write is in tests/server/curation/test_error_types.py.
"""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from kg.rdf import namespaces as ns
from kg.store import DataFolder
from kg.workers import QueryLimits
from tests.server.curation.test_curators_day import SOURCE, twinning
from tests.support.serving import client as client_of
from tests.support.turtle import PREFIXES

PICTURE, TURTLE = {"Accept": "image/png"}, {"Accept": "text/turtle"}
NOT_THERE, NOT_ACCEPTABLE = (404, "there-is-no-such-thing"), (406, "not-acceptable")
PARAMETER = (400, "a-parameter-does-not-fit")


def sparql(query: str, **parameters: str | list[str]) -> str:
    return "/sparql?" + urlencode({"query": query, **parameters}, doseq=True)


@pytest.mark.parametrize(
    "path",
    [
        "/docs/errors/no-such-error",
        "/queries.csv",
        "/queries/twins-of-a-citty.csv",
        "/id/city/birmingam",
        "/id/village/york",
        "/doc/city/birmingam.ttl",
        "/doc/city/birmingham?profile=everything",
        "/doc/city/york?page=99",
        "/linkset/city/nowhere",
        "/ontology/9.9",
        "/ontology.docx",
        "/vocabulary/tie-stats",
        "/vocabulary/tie-status/currant",
        "/dataset.docx",
        "/graph/report/table-9",
        "/graphs?graph=http://example.org/none",
        "/dumps/everything.ttl",
        "/changes?author=Ann",
        "/changes.docx",
        "/changes/1",
        "/report?section=section-9.9",
        "/works/atlas",
    ],
)
def test_what_is_not_there(client: FlaskClient, path: str) -> None:
    assert kind(client.get(path)) == NOT_THERE


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (sparql("SELECT * { ?twinning cd:twin city:london }"), PICTURE),
        (sparql("SELECT * { ?twinning cd:twin city:london }"), TURTLE),
        (sparql("SELECT * { ?twinning cd:twin city:london }", format="docx"), {}),
        (sparql("ASK {}"), {"Accept": "text/csv"}),
        ("/queries", PICTURE),
        ("/queries/twinnings-between-countries", PICTURE),
        ("/queries/twinnings-between-countries?format=docx", {}),
        ("/queries/twinnings-between-countries.geojson", {}),
        ("/id/city/birmingham", PICTURE),
        ("/doc/city/birmingham", PICTURE),
        ("/doc/city/birmingham.ttl?profile=provenance", {}),
        ("/ontology", PICTURE),
        ("/graph/report/table-1", PICTURE),
        ("/changes", PICTURE),
    ],
)
def test_what_no_format_fits(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    assert kind(client.get(path, headers=headers)) == NOT_ACCEPTABLE


@pytest.mark.parametrize(
    "path",
    [
        "/queries/twins-of-a-city.csv",
        "/queries/twins-of-a-city.csv?town=city:birmingham",
        "/queries/twins-of-a-city.csv?thing=network:uclg",
        "/queries/twins-of-a-city.csv?thing=city:birmingam",
        "/queries/twins-of-a-city.csv?thing=city:york+%7D+%23",
        "/queries/twins-of-a-city.csv?thing=city:york&thing=city:london",
        "/queries/shared-memberships.json?thing=city:beijing",
        "/queries/memberships.csv?other=network:uclg&limit=many",
        "/changes?page=0",
        "/changes?since=soon",
    ],
)
def test_a_parameter_that_does_not_fit(client: FlaskClient, path: str) -> None:
    assert kind(client.get(path)) == PARAMETER


@pytest.mark.parametrize(
    ("path", "headers", "status", "name"),
    [
        ("/nonsense", {}, 404, "not-found"),
        (sparql("ASK {}"), {"Authorization": "Bearer nobody-has-this"}, 401, "the-token-is-not-valid"),
        (sparql("SELECT * { ?s nothing:known ?o }"), {}, 400, "the-query-cannot-be-run"),
        (sparql("SELECT ?city {\n  ?city a cd:City ;;\n  FILTER }"), {}, 400, "the-query-cannot-be-run"),
        (sparql("INSERT DATA { city:york a cd:City }"), {}, 400, "the-query-cannot-be-run"),
        (
            sparql("SELECT * { ?twinning cd:twin city:london }"),
            {"Accept": "application/geo+json"},
            400,
            "the-query-cannot-be-run",
        ),
        (
            sparql("CONSTRUCT { city:york <http://example.org/1> 1 } {}"),
            {"Accept": "application/rdf+xml"},
            400,
            "the-query-cannot-be-run",
        ),
        (sparql("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"), {}, 403, "the-query-is-refused"),
        ("/sparql?query=ASK%7B%7D&query=ASK%7B%7D", {}, 400, "bad-request"),
        (sparql("ASK {}", update="CLEAR ALL"), {}, 400, "bad-request"),
        ("/graphs", {}, 400, "bad-request"),
        (f"/graphs?default&graph={ns.REPORT}table-2", {}, 400, "bad-request"),
        ("/graphs?graph=no+iri", {}, 400, "bad-request"),
        ("/doc/city/york?at=000000000000.7", {}, 410, "this-revision-is-not-kept"),
        ("/proposals", {}, 401, "a-token-is-needed"),
    ],
)
def test_what_else_is_refused(client: FlaskClient, path: str, headers: dict[str, str], status: int, name: str) -> None:
    assert kind(client.get(path, headers=headers)) == (status, name)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/healthz", "GET, HEAD, OPTIONS"),
        ("DELETE", "/sparql", "GET, HEAD, OPTIONS, POST, QUERY"),
        ("POST", "/queries/twinnings-between-countries.csv", "GET, HEAD, OPTIONS"),
        ("POST", "/doc/city/york", "GET, HEAD, OPTIONS"),
        ("DELETE", "/ontology", "GET, HEAD, OPTIONS"),
        ("GET", "/update", "OPTIONS, POST"),
        ("PUT", "/validate", "GET, HEAD, OPTIONS, POST"),
        ("GET", "/changes/4/revert", "OPTIONS, POST"),
        ("PATCH", "/graph/curated/store", "DELETE, GET, HEAD, OPTIONS, POST, PUT"),
    ],
)
def test_a_method_that_an_address_does_not_have(client: FlaskClient, method: str, path: str, allowed: str) -> None:
    answer = client.open(path, method=method)
    assert kind(answer) == (405, "method-not-allowed")
    assert ", ".join(sorted(answer.headers["Allow"].split(", "))) == allowed
    preflight = client.options(path)
    assert (preflight.status_code, sorted(preflight.headers["Allow"].split(", "))) == (200, allowed.split(", "))


RIGHT = PREFIXES + SOURCE + twinning("jinan", "york")
CORRECTION = (
    f'D <{ns.ID}account/none> <{ns.CD}note> "As it was."@en <{ns.GRAPH}curated/council> .\n'
    f'A <{ns.ID}account/none> <{ns.CD}note> "As it is."@en <{ns.GRAPH}curated/council> .\n'
)


@pytest.mark.parametrize(
    ("path", "text", "media_type", "refused"),
    [
        ("/validate", "<http://example.org/a> a", "text/turtle", (400, "the-submission-cannot-be-read")),
        ("/validate", "# nothing", "text/turtle", (400, "the-submission-cannot-be-read")),
        ("/validate", "city_a,city_b\njinan,\n", "text/csv", (400, "the-submission-cannot-be-read")),
        (
            "/validate",
            "TX .\nA <http://example.org/a> .\n",
            "application/rdf-patch",
            (400, "the-submission-cannot-be-read"),
        ),
        ("/validate", CORRECTION, "application/rdf-patch", (409, "the-change-does-not-fit-the-graph")),
        ("/validate", "# nothing", None, (415, "the-type-is-not-supported")),
        ("/validate", "# nothing", "text/plain", (415, "the-type-is-not-supported")),
        ("/validate?graph=report/table-1", RIGHT, "text/turtle", PARAMETER),
        ("/validate?colour=red", RIGHT, "text/turtle", PARAMETER),
    ],
)
def test_a_submission_that_is_not_validated(
    client: FlaskClient, path: str, text: str, media_type: str | None, refused: tuple[int, str]
) -> None:
    assert kind(client.post(path, data=text, content_type=media_type)) == refused


def test_a_submission_of_no_format_to_answer_in_and_of_an_unknown_part(client: FlaskClient) -> None:
    picture = client.post("/validate", data=RIGHT, content_type="text/turtle", headers=PICTURE)
    assert kind(picture) == NOT_ACCEPTABLE
    other = {"other": (io.BytesIO(RIGHT.encode()), "mine.ttl", "text/turtle")}
    assert kind(client.post("/validate", data=other, content_type="multipart/form-data")) == PARAMETER


@pytest.mark.drawn
def test_what_a_service_with_low_limits_refuses(folder: DataFolder) -> None:
    with client_of(folder, QueryLimits(seconds=300, workers=1, rows=20, query_length=300)) as small:
        assert kind(small.get(sparql(f"SELECT * {{}} # {'x' * 300}"))) == (413, "the-query-is-too-long")
        assert kind(small.get(sparql("SELECT * { ?s ?p ?o }"))) == (503, "a-limit-is-reached")


def kind(answer: Any) -> tuple[int, str]:
    """Return the status of an answer, and of its type the last part."""
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json(force=True)
    assert problem["status"] == answer.status_code
    root, _, name = problem["type"].rpartition("/")
    assert root == "/docs/errors"
    return answer.status_code, name
