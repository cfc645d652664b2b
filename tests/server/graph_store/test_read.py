"""Graph Store HTTP Protocol, reading: each case of the W3C document that concerns GET and HEAD, and refused writing."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store, parse

from kg.rdf import namespaces as ns
from tests.support.http import Ask

TABLE = ns.REPORT + "table-1"
DIRECT = "/graph/report/table-1"
INDIRECT = f"/graphs?graph={quote(TABLE, safe='')}"


def triples(body: bytes, media_type: str = "text/turtle") -> set[str]:
    return {str(quad.triple) for quad in parse(body, RdfFormat.from_media_type(media_type))}


def stated(store: Store, graph: NamedNode | DefaultGraph) -> set[str]:
    return {str(quad.triple) for quad in store.quads_for_pattern(None, None, None, graph)}


@pytest.mark.parametrize("path", [DIRECT, INDIRECT])
def test_get_of_a_graph_directly_and_indirectly(ask: Ask, store: Store, path: str) -> None:
    answer = ask(path)
    assert (answer.status, answer.type) == (200, "text/turtle")
    assert triples(answer.body) == stated(store, NamedNode(TABLE)) != set()


@pytest.mark.drawn
def test_get_of_the_default_graph(ask: Ask, store: Store) -> None:
    assert triples(ask("/graphs?default").body) == stated(store, DefaultGraph())


@pytest.mark.parametrize(
    "media_type",
    ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json", "application/trig"],
)
def test_get_by_negotiation(ask: Ask, store: Store, media_type: str) -> None:
    answer = ask("-H", f"Accept: {media_type}", DIRECT)
    assert answer.type == media_type
    assert "accept" in answer.headers["vary"].lower()
    assert triples(answer.body, media_type) == stated(store, NamedNode(TABLE))


def test_a_browser_gets_a_page(ask: Ask) -> None:
    assert b"<table" in ask("-H", "Accept: text/html", DIRECT).body


@pytest.mark.parametrize("options", [(), ("--head",)])
@pytest.mark.parametrize("path", ["/graph/report/table-9", f"/graphs?graph={ns.REPORT}table-9"])
def test_a_graph_that_is_not_there_is_a_404(ask: Ask, options: tuple[str, ...], path: str) -> None:
    assert ask(*options, path).status == 404


def test_a_404_names_what_is_near(ask: Ask) -> None:
    assert "table-1" in json.loads(ask("/graph/report/table-11").body)["detail"]


@pytest.mark.parametrize("query", ["", "?default&graph=http://a", "?graph=http://a&graph=http://b", "?graph=relative"])
def test_neither_both_several_or_no_iri_is_a_400(ask: Ask, query: str) -> None:
    assert ask(f"/graphs{query}").status == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [(method, path, 401) for method in ("PUT", "POST", "DELETE") for path in (DIRECT, INDIRECT, "/graph/curated/new")]
    + [("PATCH", path, 405) for path in (DIRECT, INDIRECT, "/graphs?default")]
    + [(method, "/graphs?default", 405) for method in ("PUT", "POST", "DELETE")],
)
def test_who_has_no_token_writes_nothing(ask: Ask, method: str, path: str, status: int) -> None:
    answer = ask("-X", method, "-H", "Content-Type: text/turtle", "-d", "<http://a> <http://b> <http://c> .", path)
    assert answer.status == status
    if status == 405:
        assert {"GET", "HEAD", "OPTIONS"} <= {entry.strip() for entry in answer.headers["allow"].split(",")}
