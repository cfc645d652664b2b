"""What /sparql adds to the protocol, against a running server, asked by curl: hints, GeoJSON, kept unions."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from kg.rdf import namespaces as ns
from kg.sparql import Hint
from server.web import Link
from tests.support.http import Ask

GEOJSON = "application/geo+json"
PLACES = "SELECT ?place ?wkt { ?place geo:hasGeometry/geo:asWKT ?wkt } ORDER BY ?place LIMIT 5"
UNKNOWN = "SELECT * { city:london cd:twinedWith ?o }"


def asked(ask: Ask, query: str, *options: str, **parameters: str) -> Any:
    return ask(*options, "/sparql?" + urlencode({"query": query, **parameters}))


@pytest.mark.parametrize("options", [(), ("--head",)])
def test_an_unknown_term_is_no_error_and_gets_a_hint(ask: Ask, options: tuple[str, ...]) -> None:
    answer = asked(ask, UNKNOWN, *options)
    assert answer.status == 200
    told = answer.links("help")
    term = "/ontology#twinnedWith"
    assert told[term] == '; title="cd:twinedWith is not a term of the ontology; did you mean cd:twinnedWith?"'
    assert set(told) <= {term, "/sparql"}  # that of the page where a query can be tried: why there is no row


def test_a_query_without_a_slip_gets_none(ask: Ask) -> None:
    answer = asked(ask, PLACES)
    assert answer.status == 200
    assert answer.links("help") == {}


@pytest.mark.drawn
def test_a_program_that_gets_an_answer_gets_no_hints_and_who_asks_for_a_page_or_for_evidence_does(ask: Ask) -> None:
    text = "SELECT ?city ?x { ?city a cd:City OPTIONAL { ?city cd:twinedWith ?x } } LIMIT 2"
    assert asked(ask, text).links("help") == {}
    assert asked(ask, text, "-H", "Accept: text/html").links("help")
    assert asked(ask, text, evidence="yes").links("help")
    for empty in (text.replace("cd:City", "cd:Twining"), text.replace("LIMIT 2", "LIMIT 0")):
        assert "/ontology#twinnedWith" in asked(ask, empty).links("help"), empty


@pytest.mark.parametrize(
    ("query", "hinted"),
    [
        ("ASK { ?s a cd:City OPTIONAL { ?s cd:twinedWith ?t } }", False),
        ("ASK { ?s cd:twinedWith ?t }", True),
        ("CONSTRUCT { ?s a ?c } WHERE { ?s a cd:City , ?c OPTIONAL { ?s cd:twinedWith ?t } }", False),
        ("CONSTRUCT WHERE { ?s cd:twinedWith ?t }", True),
    ],
)
def test_hints_come_with_what_is_false_and_with_a_graph_without_triples(ask: Ask, query: str, hinted: bool) -> None:
    assert ("/ontology#twinnedWith" in asked(ask, query).links("help")) is hinted


def test_the_page_shows_the_hint(ask: Ask) -> None:
    page = asked(ask, UNKNOWN + " # <script>", "-H", "Accept: text/html").body.decode()
    assert "cd:twinedWith is not a term of the ontology; did you mean cd:twinnedWith?" in page
    assert "is not a" not in asked(ask, PLACES, "-H", "Accept: text/html").body.decode()


@pytest.mark.parametrize(
    "escaped", [r"\u000d\u000aX-Evil: yes", r"\u0022; rel=\u0022evil", r"北京\u005C", "%0d%0aX-Evil"]
)
def test_no_text_of_a_query_can_break_the_header(ask: Ask, escaped: str) -> None:
    escaped = escaped.replace(" ", r"\u00a0")
    answer = asked(ask, f"SELECT * {{ ?s <{ns.CD}a{escaped}> ?o ; cd:北京 ?x }}")
    assert answer.status in (200, 400)
    assert "x-evil" not in answer.headers
    told = answer.headers.get("link", "")
    assert told.isascii()
    if answer.status == 200:
        relations = re.findall(r"rel=", told)
        assert relations == ["rel="] * len(re.findall(r"<[^>]*>;", told))
        titles = [unquote(title) for title in re.findall(r"title\*=UTF-8''([^,]*)", told)]
        assert "cd:北京 is not a term of the ontology." in titles


@pytest.mark.parametrize("format_name", ["csv", "tsv", "json", "xml", "geojson", "md"])
def test_a_program_learns_why_a_table_is_empty(ask: Ask, format_name: str) -> None:
    answer = asked(
        ask, 'SELECT ?c ?wkt { ?c skos:prefLabel "Leeds" ; geo:hasGeometry/geo:asWKT ?wkt }', format=format_name
    )
    assert answer.status == 200
    told = unquote(answer.headers["link"])
    assert "Nothing matches ?c skos:prefLabel" in told
    assert "@en" in told
    answer = asked(
        ask, 'SELECT ?c ?wkt { ?c skos:prefLabel "Leeds"@en ; geo:hasGeometry/geo:asWKT ?wkt }', format=format_name
    )
    assert not answer.links("help")


@given(st.text(max_size=20))
@example('a"b')
@example("a\\b")
@example("a\r\nX-Evil: yes")
@example("a, <b>; rel=c")
def test_any_sentence_is_one_safe_link(sentence: str) -> None:
    header = str(Link.to_help(Hint(sentence, ns.CD + "北京 >", "name")))
    assert header.isascii()
    assert header.isprintable()
    found = re.fullmatch(
        r"""</ontology#%E5%8C%97%E4%BA%AC%20%3E>; rel="help"; title(?:="([^"\\]*)"|\*=UTF-8''([^,;"]*))""", header
    )
    assert found
    assert (found[1] if found[2] is None else unquote(found[2])) == sentence


def test_a_header_stays_small(ask: Ask) -> None:
    many = "SELECT * { " + " . ".join(f"?s cd:{'北' * 200}{n} ?o{n}" for n in range(4)) + " }"
    form = "query=" + many
    answer = ask("--data-urlencode", form, "/sparql")
    assert answer.status == 200
    assert len(answer.headers["link"]) < 4096


@pytest.mark.parametrize("name", ["数" * 60, "n" * 400])
def test_a_header_stays_small_with_a_query_mended(ask: Ask, name: str) -> None:
    text = f"SELECT ?c (COUNT(?t) AS ?{name}) {{ ?t cd:twin ?c }} GROUP BY ?c HAVING (?{name} > 3 && ?{name} < 99)"
    for query in (text, text + " # " + "x" * 3_000):
        answer = asked(ask, query)
        assert answer.status == 200
        assert 0 < len(answer.headers["link"]) < 3_600
        assert "has%20no%20value" in answer.headers["link"] or "has no value" in answer.headers["link"]


def test_geojson_by_accept_and_by_name(ask: Ask) -> None:
    for answer in (asked(ask, PLACES, "-H", f"Accept: {GEOJSON}"), asked(ask, PLACES, format="geojson")):
        assert (answer.status, answer.headers["content-type"]) == (200, GEOJSON)
        told = json.loads(answer.body)
        assert [feature["geometry"]["type"] for feature in told["features"]] == ["Point"] * 5
        assert told["features"][0]["properties"]["place"].startswith(ns.ID)


def test_geojson_of_a_canned_query(ask: Ask) -> None:
    answer = ask("/queries/twinnings.geojson?thing=city:guangzhou&columns=label,wkt")
    assert (answer.status, answer.type) == (200, GEOJSON)
    assert {feature["geometry"]["type"] for feature in json.loads(answer.body)["features"]} == {"LineString"}


def test_markdown_names_things_and_puts_numbers_right(ask: Ask) -> None:
    answer = asked(ask, "SELECT ?c (1 AS ?n) { VALUES ?c { city:leeds } }", format="md")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/markdown; charset=utf-8")
    assert answer.body.decode() == f"| c | n |\n| --- | ---: |\n| [Leeds]({ns.ID}city/leeds) | 1 |\n"


@pytest.mark.parametrize("query", ["ASK {}", "CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE city:leeds"])
def test_geojson_of_what_is_no_table_is_a_406_before_it_runs(ask: Ask, query: str) -> None:
    answer = asked(ask, query, "-H", f"Accept: {GEOJSON}")
    assert answer.status == 406


def test_geojson_without_coordinates_is_a_400_with_a_way_out(ask: Ask) -> None:
    answer = asked(ask, "SELECT * { ?s a cd:City }", "-H", f"Accept: {GEOJSON}")
    assert answer.status == 400
    problem = json.loads(answer.body)
    assert "no coordinates" in problem["detail"]
    assert "asWKT" in problem["hint"]


COUNTED = "SELECT ?c (COUNT(?t) AS ?n) { ?t a cd:Twinning ; cd:twin ?c } GROUP BY ?c HAVING"


@pytest.mark.parametrize("format_name", ["csv", "json"])
@pytest.mark.parametrize("condition", ["(?n > 3)", "(COALESCE(?n, 9) > 3)"])
def test_a_program_learns_that_having_does_not_know_what_select_names(
    ask: Ask, format_name: str, condition: str
) -> None:
    answer = asked(ask, f"{COUNTED} {condition}", format=format_name)
    ((address, title),) = re.findall(r'<(/sparql\?[^>]*)>; rel="help"; title="([^"]*)"', answer.headers["link"])
    assert title.endswith(f"Write HAVING {condition.replace('?n', 'COUNT(?t)')}.")
    mended = table_of(ask(f"{address}&format=csv"))
    assert {row["n"] for row in mended} == {"5", "6"}


def test_the_page_offers_the_query_mended_asked_as_it_was(ask: Ask) -> None:
    page = asked(ask, f"{COUNTED} (?n > 3)", "-H", "Accept: text/html", evidence="yes").body.decode()
    before, why, behind = page.partition("HAVING (?n &gt; 3) holds for no group, since ?n has no value there.")
    assert (bool(why), "Corrected query" in before) == (True, False)
    (address,) = re.findall(r'Corrected query: <a href="([^"]*)"', behind)
    assert "HAVING (COUNT(?t) &gt; 3)</pre>" in page
    assert "evidence=yes" in address
    assert "Shanghai" in ask("-H", "Accept: text/html", html.unescape(address)).body.decode()


def test_nobody_gets_geojson_who_did_not_ask_for_it(ask: Ask) -> None:
    for wish in ("*/*", "application/*", "text/html,application/xml;q=0.9,*/*;q=0.8"):
        assert asked(ask, PLACES, "-H", f"Accept: {wish}").type != GEOJSON


@pytest.mark.drawn
def test_the_union_of_all_passages_stays_right_from_query_to_query(store: Store, ask: Ask) -> None:
    passages = {quad.triple for quad in store if str(quad.graph_name).startswith(f"<{ns.REPORT}")}
    tables = [NamedNode(ns.REPORT + f"table-{number}") for number in (1, 2)]
    of_tables = {quad.triple for table in tables for quad in store.quads_for_pattern(None, None, None, table)}
    both = "&".join(urlencode({"default-graph-uri": table.value}) for table in tables)
    count = urlencode({"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"})
    for _ in range(3):
        report = urlencode({"default-graph-uri": ns.GRAPH + "report"})
        assert table_of(ask(f"/sparql?{count}&{report}")) == [{"n": str(len(passages))}]
        assert table_of(ask(f"/sparql?{count}&{both}")) == [{"n": str(len(of_tables))}]


def table_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status == 200, answer.body
    return list(csv.DictReader(io.StringIO(answer.body.decode())))


@pytest.mark.drawn
def test_the_service_description_names_geojson_and_the_available_graphs(ask: Ask) -> None:
    answer = ask("-H", "Accept: text/turtle", "/sparql")
    sd = "http://www.w3.org/ns/sparql-service-description#"
    triples = [quad.triple for quad in parse(answer.body, RdfFormat.TURTLE)]
    formats = {t.object for t in triples if t.predicate.value == sd + "resultFormat"}
    assert NamedNode(f"https://www.iana.org/assignments/media-types/{GEOJSON}") in formats
    names = {t.object for t in triples if t.predicate.value == sd + "name"}
    assert {NamedNode(ns.GRAPH + "report"), NamedNode(ns.REPORT + "table-1")} <= names
    assert [t for t in triples if t.predicate.value == sd + "availableGraphs"]


def test_a_carriage_return_survives_xml(ask: Ask) -> None:
    answer = asked(ask, r"SELECT ('a\r\nb' AS ?x) {}", format="xml")
    assert b"<literal>a&#xD;\nb</literal>" in answer.body


def test_an_unknown_function_is_named_by_a_hint_and_its_call_is_an_error(ask: Ask) -> None:
    query = "SELECT ?x { VALUES ?x { 1 } FILTER (?x = 1 || <http://example.org/f>(?x)) }"
    for options in ((), ("-I",)):
        answer = ask("-G", *options, "--data-urlencode", f"query={query}", "/sparql")
        assert answer.status == 200
        assert "http://example.org/f" in " ".join(answer.links("help").values())
    page = ask("-G", "-H", "Accept: text/html", "--data-urlencode", f"query={query}", "/sparql").body.decode()
    assert "The function http://example.org/f is not known here" in page
