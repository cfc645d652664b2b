"""What a client gets that does not say what it accepts, where it stands by itself, and where its links lead."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

TURTLE, TEXT, JSON = "text/turtle", "text/turtle; charset=utf-8", "application/json"
CSV, TSV = "text/csv; charset=utf-8", "text/tab-separated-values; charset=utf-8"
RESULTS, ATOM = "application/sparql-results+json", "application/atom+xml"
PAIRS, TWINS = "/queries/twinnings-between-countries", "/queries/twins-of-a-city"
ANSWER = "alternate describedby service-desc"
DOCUMENT = "alternate canonical author cite-as collection describedby license linkset profile type"
TERMS = "alternate author cite-as collection describedby license type"


@pytest.mark.parametrize(
    ("path", "media_type", "place", "relations"),
    [
        ("/healthz", JSON, None, ""),
        ("/metrics", "text/plain; version=0.0.4; charset=utf-8", None, ""),
        (f"/sparql?query={quote('SELECT * { ?twinning cd:twin city:london }')}", RESULTS, None, ""),
        (f"/sparql?query={quote('ASK { ?twinning cd:twin city:leeds }')}", RESULTS, None, ""),
        (f"/sparql?query={quote('CONSTRUCT WHERE { ?twinning cd:twin city:leeds }')}", TEXT, None, ""),
        (f"/sparql?query={quote('SELECT * { city:york ?p ?o }')}&format=csv", CSV, None, "describedby"),
        ("/sparql", TEXT, None, ""),
        (
            "/queries",
            JSON,
            "/queries.json",
            "alternate author cite-as collection describedby license service-desc type",
        ),
        (PAIRS, RESULTS, f"{PAIRS}.json", ANSWER),
        (f"{PAIRS}.csv", CSV, None, ANSWER),
        (f"{PAIRS}.tsv", TSV, None, ANSWER),
        (f"{PAIRS}.xml", "application/sparql-results+xml", None, ANSWER),
        (f"{PAIRS}.rq", "application/sparql-query", None, ANSWER),
        (f"{PAIRS}?format=tsv", TSV, None, ANSWER),
        ("/queries/places.geojson?country=country:japan", "application/geo+json", None, ANSWER),
        ("/doc/city/birmingham", TURTLE, "/doc/city/birmingham.ttl", DOCUMENT),
        ("/doc/city/birmingham.jsonld", "application/ld+json", None, DOCUMENT),
        ("/linkset/city/birmingham", "application/linkset+json", None, ""),
        ("/ontology", TURTLE, "/ontology.ttl", TERMS),
        ("/ontology/0.1.0", TURTLE, "/ontology/0.1.0.ttl", f"{TERMS} latest-version"),
        ("/vocabulary/tie-status", TURTLE, "/vocabulary/tie-status.ttl", TERMS),
        ("/vocabulary/tie-status/current", TURTLE, "/vocabulary/tie-status/current.ttl", TERMS),
        ("/shapes", TURTLE, "/shapes.ttl", TERMS),
        ("/dataset", TURTLE, "/dataset.ttl", "alternate author cite-as describedby item license type"),
        ("/graph/report/table-1", TURTLE, None, ""),
        ("/dumps/report/table-1.ttl", TURTLE, None, "collection"),
        ("/dumps/report/table-1.ttl.gz", "application/gzip", None, "collection"),
        ("/changes", JSON, "/changes.json", "alternate"),
        ("/changes.atom", ATOM, None, "alternate"),
    ],
)
@pytest.mark.drawn
def test_a_client_without_wishes(
    client: FlaskClient, path: str, media_type: str, place: str | None, relations: str
) -> None:
    with client.get(path) as answer:
        links = re.findall(r'rel="([^"]*)"', answer.headers.get("Link", ""))
        assert answer.status_code == 200
        assert (answer.headers["Content-Type"], answer.headers.get("Content-Location")) == (media_type, place)
        assert {*links} == {*relations.split()}


@pytest.mark.parametrize(
    ("path", "headers", "status", "place"),
    [
        ("/id/city/birmingham", {}, 303, "/doc/city/birmingham.ttl"),
        ("/id/city/birmingham", {"Accept": "text/html"}, 303, "/doc/city/birmingham.html"),
        ("/id/city/birmingham?profile=provenance", {}, 303, "/doc/city/birmingham.trig?profile=provenance"),
        ("/id/twinning/guangzhou-birmingham", {}, 301, "/id/twinning/birmingham-guangzhou"),
        ("/doc/twinning/guangzhou-birmingham.ttl", {}, 301, "/doc/twinning/birmingham-guangzhou.ttl"),
        ("/.well-known/void", {}, 303, "/dataset"),
        ("/agents/Cora%20Lee", {}, 303, "/changes?agent=Cora+Lee"),
        ("/queries/", {}, 308, "/queries"),
        ("/ontology/", {}, 308, "/ontology"),
    ],
)
def test_what_leads_elsewhere(client: FlaskClient, path: str, headers: dict[str, str], status: int, place: str) -> None:
    answer = client.get(path, headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (status, place)


@pytest.mark.parametrize("path", [PAIRS, "/graphs?default", "/dumps/all.trig", "/dumps/report/table-1.ttl"])
@pytest.mark.drawn
def test_head_says_the_same_of_it(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer, client.head(path) as head:
        names = ("Content-Type", "Content-Location", "ETag", "Last-Modified", "Link")
        assert [head.headers.get(name) for name in names] == [answer.headers.get(name) for name in names]
        assert (head.status_code, head.data) == (200, b"")
