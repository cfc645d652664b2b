"""The service as its clients meet it: a running server, asked as curl asks."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from pyoxigraph import Quad, QueryResultsFormat, RdfFormat, parse, parse_query_results

from tests.support.curl import request
from tests.support.turtle import node

PAIRS = "SELECT ?twin WHERE { ?t cd:twin city:leeds , ?twin . FILTER (?twin != city:leeds) } ORDER BY ?twin"


def accept(media_type: str) -> tuple[str, str]:
    return "-H", f"Accept: {media_type}"


def test_a_thing_leads_to_its_document_by_303(address: str) -> None:
    answer = request(*accept("application/trig"), f"{address}/id/city/birmingham")
    assert answer.status == 303
    assert answer.headers["location"] == "/doc/city/birmingham.trig"
    assert "Accept" in answer.headers["vary"]


def test_birmingham_in_trig_has_what_each_passage_says_in_its_graph(address: str) -> None:
    answer = request("-L", *accept("application/trig"), f"{address}/id/city/birmingham")
    assert (answer.status, answer.type) == (200, "application/trig")
    quads = set(parse(answer.body, RdfFormat.TRIG))
    absent = [q.graph_name for q in quads if q.predicate == node("cd:absentFor")]
    assert {node("report:table-1"), node("report:section-3.1-p2")} <= set(absent)
    twinning = Quad(
        node("twinning:birmingham-guangzhou"), node("cd:twin"), node("city:birmingham"), node("report:table-2")
    )
    assert twinning in quads
    in_team = [q for q in quads if q.graph_name == node("report:section-3.1-p5")]
    assert any(q.predicate == node("cd:operator") and q.object == node("city:birmingham") for q in in_team)


def test_birmingham_in_turtle_is_the_merged_set_with_its_sources(address: str) -> None:
    trig = request(*accept("application/trig"), f"{address}/doc/city/birmingham")
    turtle = request(*accept("text/turtle"), f"{address}/doc/city/birmingham")
    assert turtle.type == "text/turtle"
    assert turtle.headers["content-location"] == "/doc/city/birmingham.ttl"
    triples = [quad.triple for quad in parse(turtle.body, RdfFormat.TURTLE)]
    assert set(triples) == {quad.triple for quad in parse(trig.body, RdfFormat.TRIG)}
    assert len(triples) == len(set(triples))
    sources = {triple.object for triple in triples if triple.predicate == node("cd:statedIn")}
    assert {node("passage:table-1"), node("passage:table-2"), node("passage:section-3.1-p2")} <= sources


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("ttl", "text/turtle"),
        ("trig", "application/trig"),
        ("jsonld", "application/ld+json"),
        ("nt", "application/n-triples"),
        ("nq", "application/n-quads"),
        ("rdf", "application/rdf+xml"),
        ("html", "text/html"),
    ],
)
def test_a_suffix_decides_whatever_the_client_prefers(address: str, suffix: str, media_type: str) -> None:
    answer = request(*accept("image/png"), f"{address}/doc/passage/figure-4.1.{suffix}")
    assert (answer.status, answer.type) == (200, media_type)
    if media_type != "text/html":
        assert list(parse(answer.body, RdfFormat.from_media_type(media_type)))


def test_only_known_suffixes_are_stripped(address: str) -> None:
    assert request(f"{address}/doc/passage/figure-4.1").status == 200
    assert request(f"{address}/doc/passage/figure-4").status == 404


def test_the_page_is_readable_html_with_sources(address: str) -> None:
    answer = request(*accept("text/html,*/*;q=0.8"), f"{address}/doc/city/birmingham")
    page = answer.body.decode()
    assert answer.type == "text/html"
    for shown in ("Birmingham", "Guangzhou", "Table 2", "Section 3.1, paragraph 2"):
        assert shown in page


def test_an_unknown_thing_says_what_is_near(address: str) -> None:
    answer = request(*accept("application/json, */*;q=0.1"), f"{address}/doc/city/birmingam")
    problem = json.loads(answer.body)
    assert (answer.status, answer.type) == (404, "application/problem+json")
    assert "Did you mean 'birmingham'" in problem["detail"]
    kind = json.loads(request(f"{address}/doc/town/leeds").body)
    assert "city" in kind["hint"]


def test_nothing_acceptable_is_a_406_that_names_what_there_is(address: str) -> None:
    answer = request(*accept("image/png"), f"{address}/doc/city/leeds")
    assert answer.status == 406
    assert "text/turtle" in json.loads(answer.body)["hint"]
    assert (
        request(*accept("text/turtle"), "-G", f"{address}/sparql", "--data-urlencode", f"query={PAIRS}").status == 406
    )


@pytest.mark.parametrize(
    ("media_type", "told"),
    [
        ("application/sparql-results+json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv"),
        ("text/tab-separated-values", "text/tab-separated-values"),
        ("application/json", "application/json"),
        ("*/*", "application/sparql-results+json"),
        ("text/html", "text/html"),
    ],
)
def test_select_in_each_format(address: str, media_type: str, told: str) -> None:
    answer = request(*accept(media_type), "-G", f"{address}/sparql", "--data-urlencode", f"query={PAIRS}")
    assert (answer.status, answer.type) == (200, told)
    assert b"hangzhou" in answer.body.lower()


def test_post_as_form_and_directly(address: str) -> None:
    wanted = ("-H", "Accept: text/csv")
    form = request(*wanted, f"{address}/sparql", "--data-urlencode", f"query={PAIRS}")
    direct = request(*wanted, "-H", "Content-Type: application/sparql-query", "-d", PAIRS, f"{address}/sparql")
    assert form.status == direct.status == 200
    assert form.body == direct.body


def test_construct_and_ask(address: str) -> None:
    construct = "CONSTRUCT WHERE { ?t cd:twin city:leeds }"
    answer = request(*accept("application/trig"), "-G", f"{address}/sparql", "--data-urlencode", f"query={construct}")
    assert answer.type == "application/trig"
    assert list(parse(answer.body, RdfFormat.TRIG))
    ask = request("-G", f"{address}/sparql", "--data-urlencode", "query=ASK { ?t cd:twin city:leeds }")
    assert json.loads(ask.body)["boolean"] is True
    assert request(*accept("text/csv"), "-G", f"{address}/sparql", "--data-urlencode", "query=ASK {}").status == 406


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("-d", "nothing=1"), 400),
        (("-d", "query=ASK{}", "-d", "query=ASK{}"), 400),
        (("-d", "update=DROP ALL"), 400),
        (("-H", "Content-Type: text/plain", "-d", "ASK {}"), 415),
        (("-X", "PUT", "-d", "query=ASK{}"), 405),
    ],
)
def test_wrong_requests_are_refused(address: str, arguments: tuple[str, ...], status: int) -> None:
    assert request(*arguments, f"{address}/sparql").status == status


def test_a_query_that_is_not_utf8_is_refused(address: str, tmp_path: Path) -> None:
    body = tmp_path / "latin.rq"
    body.write_bytes("ASK { ?s ?p 'é' }".encode("latin-1"))
    direct = ("-H", "Content-Type: application/sparql-query", "--data-binary", f"@{body}")
    assert request(*direct, f"{address}/sparql").status == 400
    assert request(f"{address}/sparql?query=ASK%7B%3Fs%20%3Fp%20%27%E9%27%7D").status == 400


def test_a_syntax_error_has_its_place_and_names_the_prefix(address: str) -> None:
    query = "SELECT * WHERE {\n  ?s ctiy:x ?o }"
    answer = request("-G", f"{address}/sparql", "--data-urlencode", f"query={query}")
    problem = json.loads(answer.body)
    assert (answer.status, problem["line"]) == (400, 2)
    assert "Did you mean city:" in problem["hint"]
    assert problem["column"] > 1


@pytest.mark.drawn
def test_a_canned_query_by_suffix_by_parameter_and_by_its_example(address: str) -> None:
    answer = request(f"{address}/queries/twins-of-a-city.csv?thing=london")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert {row["twin"].rpartition("/")[2] for row in rows} == {"beijing", "shanghai"}
    entries = {entry["name"]: entry for entry in json.loads(request(f"{address}/queries.json").body)}
    example = request(*accept("application/sparql-results+json"), address + entries["twins-of-a-city"]["example"])
    assert list(parse_query_results(example.body, QueryResultsFormat.JSON))  # type: ignore[arg-type]


def test_an_unknown_query_parameter_and_value_are_explained(address: str) -> None:
    query = json.loads(request(f"{address}/queries/twins-of-a-ctiy").body)
    assert (query["status"], "Did you mean 'twins-of-a-city'" in query["detail"]) == (404, True)
    parameter = json.loads(request(f"{address}/queries/twins-of-a-city?town=leeds").body)
    assert "Available: thing" in parameter["hint"]
    value = json.loads(request("-G", f"{address}/queries/twins-of-a-city", "--data-urlencode", "thing=<x> } #").body)
    assert (value["status"], "parameter thing" in value["detail"]) == (400, True)


def test_the_catalogue_as_json_and_as_a_page(address: str) -> None:
    listed = json.loads(request(f"{address}/queries").body)
    assert len(listed) >= 40
    assert {"name", "summary", "parameters", "columns"} <= set(listed[0])
    page = request(*accept("text/html"), f"{address}/queries").body.decode()
    for query in listed:
        assert f'href="/queries/{query["name"]}' in page, query["name"]


def test_health_names_the_revision(address: str) -> None:
    answer = request(f"{address}/healthz")
    stated = json.loads(answer.body)
    assert stated["status"] == "ok"
    assert answer.headers["x-revision"] == stated["revision"]


def test_an_unknown_address_is_a_problem_for_programs_and_a_page_for_people(address: str) -> None:
    assert request(f"{address}/nowhere").type == "application/problem+json"
    assert request(*accept("text/html"), f"{address}/nowhere").type == "text/html"
    assert request("-X", "DELETE", f"{address}/queries").headers["allow"]
