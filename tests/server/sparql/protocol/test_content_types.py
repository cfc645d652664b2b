"""The content type of an answer (SPARQL 1.1 Protocol, 2.1.5; RFC 9110, section 12)."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Triple, parse, parse_query_results

from tests.support.protocol import (
    ASK,
    BROWSER,
    CD,
    CONSTRUCT,
    CSV,
    DESCRIBE,
    HEAVY,
    JSON,
    NOBODY,
    RDF_TYPES,
    SELECT,
    TABLE_1,
    TABLE_2,
    TSV,
    TURTLE,
    WAYS,
    XML,
    accept,
    default,
    get,
    sent,
)

pytestmark = pytest.mark.drawn

IN_CHINESE = 'SELECT ("北京" AS ?name) {}'


@pytest.mark.parametrize(
    ("query", "types"),
    [
        pytest.param(SELECT, {JSON, XML, CSV, TSV}, id="W3C: query_content_type_select"),
        pytest.param(ASK, {JSON, XML}, id="W3C: query_content_type_ask"),
        pytest.param(DESCRIBE, set(RDF_TYPES), id="W3C: query_content_type_describe"),
        pytest.param(CONSTRUCT, set(RDF_TYPES), id="W3C: query_content_type_construct"),
    ],
)
@pytest.mark.parametrize("header", [("-H", "Accept:"), accept("*/*")], ids=["no Accept", "any type"])
def test_an_answer_without_wishes_is_of_a_standard_type_for_its_form(
    address: str, query: str, types: set[str], header: tuple[str, str]
) -> None:
    answer = sent("POST direct", address, query, *default(NOBODY), options=header)
    assert answer.status == 200
    assert answer.type in types
    assert answer.type == (JSON if query in (SELECT, ASK) else TURTLE)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("query", "wish", "told"),
    [
        *[pytest.param(SELECT, wish, wish, id=f"select {wish}") for wish in (JSON, XML, CSV, TSV)],
        *[pytest.param(ASK, wish, wish, id=f"ask {wish}") for wish in (JSON, XML)],
        *[pytest.param(CONSTRUCT, wish, wish, id=f"construct {wish}") for wish in RDF_TYPES],
        *[pytest.param(DESCRIBE, wish, wish, id=f"describe {wish}") for wish in RDF_TYPES],
        pytest.param(SELECT, "text/html", "text/html", id="select text/html"),
        pytest.param(CONSTRUCT, "text/html", "text/html", id="construct text/html"),
    ],
)
def test_each_form_of_query_comes_in_each_of_its_types(
    address: str, way: str, query: str, wish: str, told: str
) -> None:
    answer = sent(way, address, query, options=accept(wish))
    assert (answer.status, answer.type) == (200, told)
    assert "accept" in answer.listed("vary")


@pytest.mark.parametrize(("wish", "same_as"), [("application/json", JSON), ("application/xml", XML)])
@pytest.mark.parametrize("query", [SELECT, ASK])
def test_the_general_types_are_there_for_whom_asks(address: str, query: str, wish: str, same_as: str) -> None:
    answer = get(address, query, options=accept(wish))
    assert answer.status == 200
    assert answer.type in (wish, same_as)
    assert answer.body == get(address, query, options=accept(same_as)).body


@pytest.mark.parametrize(
    ("query", "wish", "told"),
    [
        pytest.param(SELECT, f"{JSON};q=0.1, {CSV}", CSV, id="the higher q wins"),
        pytest.param(SELECT, f"{CSV};q=0.5, {XML};q=0.501", XML, id="by a thousandth"),
        pytest.param(SELECT, f"*/*, {JSON};q=0, text/html;q=0", XML, id="q=0 excludes, our order decides the rest"),
        pytest.param(SELECT, f"*/*;q=0.1, {TSV};q=0.2", TSV, id="a type beats a wildcard of lower q"),
        pytest.param(SELECT, f"{CSV};q=0.1, */*;q=0.2, text/*;q=0", JSON, id="the most specific range has the say"),
        pytest.param(SELECT, "text/*, text/html;q=0, text/csv;q=0", TSV, id="a part of a family excluded"),
        pytest.param(SELECT, "APPLICATION/SPARQL-RESULTS+XML", XML, id="case does not matter"),
        pytest.param(SELECT, f" {XML} ; q=1.0 ,, {JSON} ; q=0.2", XML, id="blanks and empty members do not either"),
        pytest.param(SELECT, f"{TURTLE}, {XML};q=0.1", XML, id="what the form cannot have is passed over"),
        pytest.param(SELECT, f"image/png, {CSV};q=0.1", CSV, id="what nobody has is passed over"),
        pytest.param(SELECT, BROWSER, "text/html", id="a browser gets a page"),
        pytest.param(CONSTRUCT, BROWSER, "text/html", id="a browser gets a page of a graph"),
        pytest.param(CONSTRUCT, f"{TURTLE};q=0.8, application/rdf+xml", "application/rdf+xml", id="RDF by q"),
        pytest.param(CONSTRUCT, f"{JSON}, {XML}, {TURTLE};q=0.1", TURTLE, id="a graph for whom takes both"),
        pytest.param(CONSTRUCT, f"*/*, {TURTLE};q=0, text/html;q=0", "application/trig", id="all but Turtle"),
        pytest.param(
            SELECT,
            f"{JSON}, {XML};q=0.9, {TSV};q=0.7, {CSV};q=0.5, application/json;q=0.2, application/xml;q=0.2, */*;q=0.1",
            JSON,
            id="the header of Jena",
        ),
    ],
)
def test_accept_decides_as_rfc_9110_says(address: str, query: str, wish: str, told: str) -> None:
    answer = get(address, query, options=accept(wish))
    assert (answer.status, answer.type) == (200, told)


def test_several_accept_headers_are_one_list(address: str) -> None:
    assert get(address, SELECT, options=(*accept("image/png"), *accept(CSV))).type == CSV


@pytest.mark.parametrize(
    ("query", "wish", "on_offer", "not_on_offer"),
    [
        pytest.param(SELECT, TURTLE, JSON, TURTLE, id="RDF for a SELECT"),
        pytest.param(SELECT, ", ".join(RDF_TYPES), CSV, TURTLE, id="all RDF types for a SELECT"),
        pytest.param(ASK, CSV, XML, CSV, id="no booleans in CSV"),
        pytest.param(ASK, TSV, XML, TSV, id="no booleans in TSV"),
        pytest.param(ASK, TURTLE, JSON, TURTLE, id="RDF for an ASK"),
        pytest.param(CONSTRUCT, JSON, TURTLE, JSON, id="a table for a CONSTRUCT"),
        pytest.param(DESCRIBE, CSV, TURTLE, CSV, id="a table for a DESCRIBE"),
        pytest.param(SELECT, "image/png", JSON, "image/png", id="a picture"),
        pytest.param(SELECT, "*/*;q=0", JSON, TURTLE, id="nothing at all"),
    ],
)
def test_nothing_acceptable_is_a_406_that_names_what_there_is(
    address: str, query: str, wish: str, on_offer: str, not_on_offer: str
) -> None:
    answer = get(address, query, options=accept(wish))
    assert answer.status == 406
    assert "accept" in answer.listed("vary")
    told = json.dumps(answer.problem)
    assert on_offer in told
    assert not_on_offer not in told


def test_nothing_acceptable_is_found_out_before_the_query_runs(address: str) -> None:
    assert get(address, HEAVY, ("timeout", "1"), options=accept(TURTLE)).status == 406


def test_tables_in_each_type_hold_the_same_rows(address: str) -> None:
    wanted = f"SELECT ?t ?a WHERE {{ ?t <{CD}twin> ?a }}"
    expected = sorted((row["t"], row["a"]) for row in get(address, wanted).rows)
    xml = parse_query_results(get(address, wanted, options=accept(XML)).body, QueryResultsFormat.XML)
    assert isinstance(xml, QuerySolutions)
    assert sorted((row["t"].value, row["a"].value) for row in xml) == expected
    as_csv = list(csv.reader(io.StringIO(get(address, wanted, options=accept(CSV)).body.decode(), newline="")))
    assert (as_csv[0], sorted((t, a) for t, a in as_csv[1:])) == (["t", "a"], expected)
    first, *lines = get(address, wanted, options=accept(TSV)).body.decode().splitlines()
    assert first == "?t\t?a"
    assert sorted(tuple(cell.strip("<>") for cell in line.split("\t")) for line in lines) == expected


def test_graphs_in_each_type_hold_the_same_triples(address: str, tables: dict[str, set[Triple]]) -> None:
    wanted = "CONSTRUCT WHERE { ?s ?p ?o }"
    for media_type in RDF_TYPES:
        answer = get(address, wanted, *default(TABLE_1, TABLE_2), options=accept(media_type))
        triples = [quad.triple for quad in parse(answer.body, RdfFormat.from_media_type(media_type))]
        assert len(triples) == len(set(triples))
        assert set(triples) == tables[TABLE_1] | tables[TABLE_2], media_type


@pytest.mark.parametrize("media_type", [CSV, TSV, "text/html"])
def test_a_text_type_says_that_it_is_utf8(address: str, media_type: str) -> None:
    """Without it, clients read text/… as ASCII or Latin-1 (CSV and TSV Formats, 4; RFC 4180)."""
    answer = get(address, IN_CHINESE, options=accept(media_type))
    assert "北京" in answer.body.decode("utf-8")
    assert answer.headers["content-type"].lower().replace(" ", "") == f"{media_type};charset=utf-8"


@pytest.mark.parametrize(
    ("query", "wish"),
    [
        pytest.param('SELECT ("a\\u0001b" AS ?x) {}', XML, id="a control character in a result"),
        pytest.param('CONSTRUCT { <s> <p> "a\\u0001b" } {}', "application/rdf+xml", id="in a graph"),
        pytest.param("CONSTRUCT { <s> <http://example.org/1> 1 } {}", "application/rdf+xml", id="no XML name"),
    ],
)
def test_xml_is_well_formed_or_refused(address: str, query: str, wish: str) -> None:
    answer = get(address, query, options=accept(wish))
    if answer.status == 200:
        ElementTree.fromstring(answer.body)
    else:
        assert answer.problem["status"] in (400, 406, 422)


@pytest.mark.parametrize(
    ("query", "name", "told"),
    [
        (SELECT, "json", JSON),
        (SELECT, "xml", XML),
        (SELECT, "csv", CSV),
        (SELECT, "tsv", TSV),
        (SELECT, "html", "text/html"),
        (CONSTRUCT, "ttl", TURTLE),
        (CONSTRUCT, "trig", "application/trig"),
        (CONSTRUCT, "jsonld", "application/ld+json"),
        (CONSTRUCT, "nt", "application/n-triples"),
        (CONSTRUCT, "nq", "application/n-quads"),
        (CONSTRUCT, "rdf", "application/rdf+xml"),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_format_decides_whatever_the_client_accepts(address: str, way: str, query: str, name: str, told: str) -> None:
    answer = sent(way, address, query, ("format", name), options=accept("image/png"))
    assert (answer.status, answer.type) == (200, told)


@pytest.mark.parametrize(
    ("query", "name", "named"), [(SELECT, "docx", "csv"), (SELECT, "ttl", "csv"), (ASK, "csv", "json")]
)
def test_a_format_that_does_not_fit_is_refused_and_those_that_do_are_named(
    address: str, query: str, name: str, named: str
) -> None:
    answer = get(address, query, ("format", name))
    assert answer.status in (400, 406)
    assert named in json.dumps(answer.problem)
