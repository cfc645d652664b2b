"""The canned queries as an API: a running server, asked by curl."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, Store, parse, parse_query_results
from werkzeug.datastructures import MultiDict

from kg import catalogue, choices, namespaces, paging, query_health
from kg.catalogue import CannedQuery
from kg.errors import BadValueError
from kg.snapshots import DataFolder
from server import query_catalogue, query_requests
from server.app import create_app
from server.query_health import _findings

QUERIES = catalogue.canned_queries()
TWINS = "/queries/twins-of-a-city"

Ask = Callable[..., Any]


def accept(media_type: str) -> tuple[str, str]:
    return "-H", f"Accept: {media_type}"


def rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode())))


@pytest.fixture(scope="session")
def listed(ask: Ask) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(ask("/queries.json").body)
    return entries


@pytest.mark.parametrize(
    ("suffix", "media_type"), [("json", "application/json"), ("html", "text/html"), ("ttl", "text/turtle")]
)
def test_the_catalogue_by_negotiation_and_by_suffix(ask: Ask, suffix: str, media_type: str) -> None:
    chosen = ask(*accept(media_type), "/queries")
    by_suffix = ask(*accept("image/png"), f"/queries.{suffix}")
    assert (chosen.status, chosen.type) == (by_suffix.status, by_suffix.type) == (200, media_type)
    assert chosen.body == by_suffix.body
    assert chosen.headers["content-location"] == f"/queries.{suffix}"
    assert "Accept" in chosen.headers["vary"]
    assert chosen.headers["etag"] == by_suffix.headers["etag"]
    assert set(chosen.links("alternate")) == {f"/queries.{s}" for s in ("json", "html", "ttl")} - {f"/queries.{suffix}"}
    assert ask("-H", f"If-None-Match: {chosen.headers['etag']}", f"/queries.{suffix}").status == 304


def test_the_catalogue_in_turtle_lists_the_same_queries(ask: Ask, listed: list[dict[str, Any]]) -> None:
    stated = parse(ask("/queries.ttl").body, RdfFormat.TURTLE)
    executables = {q.subject.value for q in stated if str(q.object).endswith("SPARQLExecutable>")}  # type: ignore[union-attr]
    assert executables == {namespaces.QUERIES + entry["name"] for entry in listed}


def test_what_cannot_be_sent_is_refused(ask: Ask) -> None:
    assert ask(*accept("image/png"), "/queries").status == 406
    assert ask("/queries.png").status == 404
    assert ask(*accept("image/png"), TWINS).status == 406
    assert ask(f"{TWINS}.ttl").status == 406
    assert ask(f"{TWINS}?format=png").status == 406
    assert ask(*accept("application/geo+json"), TWINS).status == 406


def test_the_catalogue_in_json_says_all(ask: Ask, store: Store, listed: list[dict[str, Any]]) -> None:
    assert [entry["name"] for entry in listed] == list(QUERIES)
    for entry in listed:
        query = QUERIES[entry["name"]]
        for member in ("topic", "summary", "description", "columns", "view"):
            assert entry[member] == getattr(query, member)
        assert entry["tags"] == list(query.tags)
        assert entry["paging"] == {"allowed": True, "reason": None}
        for stated, parameter in zip(entry["parameters"], query.parameters, strict=True):
            for member in ("name", "type", "label", "default", "example", "optional"):
                assert stated[member] == getattr(parameter, member)
            known = [{"value": c.value, "label": c.label} for c in choices.of(store, parameter)]
            assert stated["choices"] == (known or None)
    assert any(p["choices"] for entry in listed for p in entry["parameters"])


def test_the_addresses_of_the_catalogue_lead_to_their_formats(ask: Ask, listed: list[dict[str, Any]]) -> None:
    for entry in (entry for entry in listed if entry["name"] in ("places-on-the-map", "twins-of-a-city")):
        media_types = query_catalogue.formats(QUERIES[entry["name"]])
        assert ask(entry["address"]).status == 200
        assert entry["formats"].keys() == media_types.keys()
        for suffix, address in entry["formats"].items():
            answer = ask(*accept("image/png"), address)
            assert (answer.status, answer.type) == (200, media_types[suffix])
    assert "geojson" in query_catalogue.formats(QUERIES["places-on-the-map"])
    assert "geojson" not in query_catalogue.formats(QUERIES["twins-of-a-city"])


def test_an_answer_has_what_caches_and_clients_go_by(ask: Ask) -> None:
    answer = ask(*accept("text/csv"), f"{TWINS}?city=leeds")
    assert (answer.status, answer.type) == (200, "text/csv")
    assert answer.headers["content-location"] == f"{TWINS}.csv?city=city%3Aleeds"
    assert "Accept" in answer.headers["vary"]
    assert re.fullmatch(r'"[0-9a-f]{32}-csv"', answer.headers["etag"])
    alternates = answer.links("alternate")
    assert set(alternates) == {f"{TWINS}.{s}?city=city%3Aleeds" for s in ("json", "xml", "tsv", "html", "rq")}
    assert all(ask(address).status == 200 for address in alternates)
    assert {"/queries.json", "/queries.ttl"} <= set(answer.links("describedby"))
    assert set(answer.links("service-desc")) == {"/openapi.json"}
    concrete = ask(answer.headers["content-location"])
    assert (concrete.body, concrete.headers["etag"]) == (answer.body, answer.headers["etag"])
    assert "content-location" not in concrete.headers


def test_the_validator_is_of_the_format_and_the_values(ask: Ask) -> None:
    addresses = [f"{TWINS}.csv?city=leeds", f"{TWINS}.csv?city=london", f"{TWINS}.tsv?city=leeds"]
    tags = [ask(address).headers["etag"] for address in addresses]
    assert len(set(tags)) == 3
    for address, tag in zip(addresses, tags, strict=True):
        again = ask("-H", f"If-None-Match: {tag}", address)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        assert ask("-H", 'If-None-Match: "other"', address).status == 200
    assert ask("-I", addresses[0]).headers["etag"] == tags[0]


def test_a_client_may_call_a_format_by_its_other_name(ask: Ask) -> None:
    plain = ask(*accept("application/json"), TWINS)
    assert plain.type == "application/json"
    assert plain.body == ask(f"{TWINS}.json").body
    assert plain.headers["content-location"].startswith(f"{TWINS}.json")


@pytest.mark.parametrize(
    ("asked", "wanted", "way_out"),
    [
        ("city=lodnon", "parameter city cannot be 'lodnon'", "For example: city:london"),
        ("city=country:china", "parameter city cannot be 'country:china'", "There are: city:amsterdam"),
        ("town=leeds", "no parameter 'town'", "There are: city, format, limit, offset"),
        ("citty=leeds", "Did you mean city?", "There are: city"),
        ("city=leeds&city=london", "parameter city is given 2 times: 'leeds', 'london'", "once"),
        ("city=leeds&limit=1&limit=1", "parameter limit is given 2 times", "once"),
        ("limit=-1", "parameter limit cannot be '-1'", "For example: 10"),
        ("offset=1e3", "parameter offset cannot be '1e3'", "For example: 10"),
        ("limit=%D9%A3", "parameter limit cannot be '٣'", "For example: 10"),
        ("limit=1%20OFFSET%200%20%23", "parameter limit cannot be '1 OFFSET 0 #'", "For example: 10"),
    ],
)
def test_a_wrong_request_is_told_with_the_way_out(ask: Ask, asked: str, wanted: str, way_out: str) -> None:
    answer = ask(f"{TWINS}?{asked}")
    assert (answer.status, answer.type) == (400, "application/problem+json")
    problem = json.loads(answer.body)
    assert wanted in problem["detail"]
    assert way_out in problem["hint"]


def test_a_value_that_is_missing_is_told(ask: Ask) -> None:
    problem = json.loads(ask("/queries/passages-on-two-entities?one=city:leeds").body)
    assert (problem["status"], "needs the parameter other" in problem["detail"]) == (400, True)


@pytest.mark.parametrize(
    "value",
    [
        '" } UNION { ?s ?p ?o } #', "} UNION {", "{", "}", "'", '"', "\\", "\n", "\r\nX-Injected: 1", "city:london } #",
        "http://a b", "<http://a/>", "http://a/> } #", "city:伦敦", "\u202e", "\U0001f30d", "x" * 6000, "?x", "UNDEF",
    ],
)  # fmt: skip
def test_a_hostile_value_is_refused_or_finds_nothing(ask: Ask, value: str) -> None:
    for name, parameter in (("twins-of-a-city", "city"), ("statistics-of", "thing"), ("all-absences", "kind")):
        answer = ask(f"/queries/{name}.csv?{parameter}={quote(value)}")
        assert answer.status == 400 or (answer.status == 200 and rows(answer.body) == [])
        assert "x-injected" not in answer.headers
    assert rows(ask(f"{TWINS}.csv").body)


def test_following_next_gives_the_whole_and_ends(ask: Ask) -> None:
    whole = ask("/queries/places-on-the-map.csv").body.splitlines()
    address, collected, turns = "/queries/places-on-the-map.csv?limit=25", whole[:1], 0
    while address and turns < 100:
        answer = ask(address)
        collected += answer.body.splitlines()[1:]
        assert set(answer.links("first")) == {"/queries/places-on-the-map.csv?limit=25"}
        assert bool(answer.links("prev")) == (turns > 0)
        address = next(iter(answer.links("next")), "")
        turns += 1
    assert collected == whole
    assert turns == -(-(len(whole) - 1) // 25) > 2


def test_there_is_a_next_page_only_if_it_has_rows(ask: Ask) -> None:
    count = len(rows(ask("/queries/all-absences.csv").body))
    assert ask(f"/queries/all-absences?limit={count - 1}").links("next")
    for window in (f"limit={count}", f"limit={count}&offset={count * 3}", "limit=0", "offset=2", ""):
        assert not ask(f"/queries/all-absences?{window}").links("next"), window
    last = ask(f"/queries/all-absences.csv?limit=5&offset={count - 2}")
    assert len(rows(last.body)) == 2
    assert set(last.links("prev")) == {f"/queries/all-absences.csv?limit=5&offset={count - 7}"}


def test_pages_keep_the_values(ask: Ask) -> None:
    answer = ask("/queries/all-absences.csv?kind=twinning&limit=2")
    assert set(answer.links("next")) == {"/queries/all-absences.csv?kind=tie%3Atwinning&limit=2&offset=2"}


def test_a_query_without_pages_says_why(store: Store) -> None:
    query = CannedQuery("q", "t", "s?", "d", (), (), {}, "table", "SELECT * { ?s ?p ?o }")
    assert query_requests.read(store, query, MultiDict()).window == paging.Window()
    with pytest.raises(BadValueError, match="q cannot be asked for in pages, since its rows have no order"):
        query_requests.read(store, query, MultiDict({"limit": "1"}))


def test_the_text_can_be_fetched_and_is_on_the_page_and_runs_in_the_editor(ask: Ask, store: Store) -> None:
    asked = "kind=twinning&limit=3&offset=1"
    fetched = ask(f"/queries/all-absences.rq?{asked}")
    assert (fetched.status, fetched.type) == (200, "application/sparql-query")
    text = fetched.body.decode()
    assert "VALUES ?kind { <https://w3id.org/city-diplomacy/vocabulary/tie-kind/twinning> }" in text
    page = ask(f"/queries/all-absences.html?{asked}").body.decode()
    shown = re.search(r'<form action="/sparql">.*?<textarea[^>]*name="query"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert shown
    assert html.unescape(shown[1]) == text
    direct = ask(f"/queries/all-absences.json?{asked}").body
    through = ask("-G", *accept("application/sparql-results+json"), "--data-urlencode", f"query={text}", "/sparql").body
    results = [list(map(str, parse_query_results(b, QueryResultsFormat.JSON))) for b in (direct, through)]  # type: ignore[arg-type]
    assert results[0] == results[1]
    assert len(results[0]) == 3


def test_the_form_offers_the_choices_and_holds_the_values(ask: Ask, store: Store) -> None:
    page = ask("/queries/all-absences.html?kind=twinning&limit=2").body.decode()
    options = re.findall(r'<option value="([^"]+)"( selected)?>', page)
    known = choices.of(store, QUERIES["all-absences"].parameters[0])
    assert options == [(c.value, " selected" if c.value == "tie:twinning" else "") for c in known]
    assert '<option value=""></option>' in page
    assert 'name="limit" value="2"' in page
    cities = ask(f"{TWINS}.html?city=leeds").body.decode()
    assert 'name="city" value="city:leeds"' in cities
    assert '<option value="city:birmingham">Birmingham</option>' in cities
    assert " required " in cities
    assert 'rel="next" href="/queries/all-absences.html?kind=tie%3Atwinning&amp;limit=2&amp;offset=2"' in page


def test_an_empty_field_of_a_form_counts_as_not_given(ask: Ask) -> None:
    everything = ask("/queries/all-absences.csv").body
    assert ask("/queries/all-absences.csv?kind=&limit=&offset=&format=").body == everything
    assert ask(f"{TWINS}.csv?city=").body == ask(f"{TWINS}.csv").body


def test_the_health_of_all_queries(ask: Ask) -> None:
    answer = ask("/healthz/queries")
    assert (answer.status, answer.type) == (200, "application/json")
    stated = json.loads(answer.body)
    assert stated["status"] == "ok"
    assert stated["revision"] == answer.headers["x-revision"]
    assert [entry["name"] for entry in stated["queries"]] == list(QUERIES)
    assert all(entry["rows"] > 0 and entry["faults"] == [] for entry in stated["queries"])
    page = ask(*accept("text/html"), "/healthz/queries")
    assert page.type == "text/html"
    assert f"all {len(QUERIES)} questions answer as they should" in page.body.decode()
    assert ask(*accept("image/png"), "/healthz/queries").status == 406


def test_one_query_that_fails_makes_the_listing_fail(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {**QUERIES, "broken": CannedQuery("broken", "t", "s?", "d", (), (), {"x": "x"}, "table", "SELECT ?x {")}
    monkeypatch.setattr(query_health.catalogue, "canned_queries", lambda: broken)
    _findings.cache_clear()
    client = create_app(folder).test_client()
    answer, page = client.get("/healthz/queries"), client.get("/healthz/queries", headers={"Accept": "text/html"})
    _findings.cache_clear()
    assert (answer.status_code, page.status_code) == (503, 503)
    assert answer.json is not None
    assert answer.json["status"] == "failing"
    assert [entry["name"] for entry in answer.json["queries"] if entry["faults"]] == ["broken"]
    assert f"1 of {len(broken)} questions do not answer" in page.text
