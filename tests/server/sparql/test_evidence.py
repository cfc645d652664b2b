"""`evidence=yes` on /sparql, against a running server."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from kg.rdf import namespaces as ns
from tests.support.http import Ask

TWIN = "SELECT ?twin { city:birmingham cd:twinnedWith ?twin }"
PASSAGE = ns.ID + "passage/"


def asked(ask: Ask, query: str, *options: str, **parameters: str) -> Any:
    return ask(*options, "/sparql?" + urlencode({"query": query, "evidence": "yes", **parameters}))


@pytest.mark.drawn
def test_a_table_has_who_says_so_and_who_says_otherwise(ask: Ask) -> None:
    answer = asked(ask, TWIN, format="csv")
    assert answer.status == 200
    (row,) = csv.DictReader(io.StringIO(answer.body.decode()))
    assert row == {
        "twin": ns.ID + "city/guangzhou",
        "evidence": PASSAGE + "table-2",
        "saysOtherwise": f"{PASSAGE}section-3.1-p2 {PASSAGE}table-1",
        "objections": f"denies <{PASSAGE}section-3.1-p2> denies <{PASSAGE}table-1>",
    }


@pytest.mark.parametrize("name", ["json", "xml", "tsv"])
def test_every_format_has_the_columns(ask: Ask, name: str) -> None:
    answer = asked(ask, TWIN, format=name)
    assert answer.status == 200
    assert f"{PASSAGE}section-3.1-p2 {PASSAGE}table-1".encode() in answer.body
    if name == "json":
        assert json.loads(answer.body)["head"]["vars"] == ["twin", "evidence", "saysOtherwise", "objections"]


def test_a_row_without_a_passage_leaves_the_columns_open_and_has_no_objections(ask: Ask) -> None:
    answer = asked(ask, "SELECT ?label { city:york skos:prefLabel ?label FILTER(LANG(?label) = 'en') }", format="json")
    (row,) = json.loads(answer.body)["results"]["bindings"]
    assert row.keys() == {"label", "objections"}
    assert row["objections"]["value"] == ""


def test_the_answer_has_an_etag_of_its_own(ask: Ask) -> None:
    answer = asked(ask, TWIN)
    assert answer.headers["etag"] != asked(ask, TWIN, evidence="").headers["etag"]
    again = asked(ask, TWIN, "-H", f"If-None-Match: {answer.headers['etag']}")
    assert (again.status, again.body) == (304, b"")


def test_hints_name_the_parts_without_evidence(ask: Ask) -> None:
    answer = asked(ask, "SELECT * { city:york cd:within* ?place ; cd:twinedWith ?x }")
    told = answer.headers["link"]
    assert "No evidence for city:york cd:within* ?place: a path" in told
    assert "did you mean cd:twinnedWith?" in told


@pytest.mark.parametrize(
    ("query", "parameters", "detail"),
    [
        (TWIN, {"evidence": "no"}, "evidence='no' is not understood."),
        ("ASK { ?s ?p ?o }", {}, "Only the rows of a SELECT have evidence."),
        ("SELECT * { ?s ?p ", {}, "The query is not SPARQL at line 1"),
    ],
)
def test_what_cannot_be_answered_is_refused(ask: Ask, query: str, parameters: dict[str, str], detail: str) -> None:
    answer = asked(ask, query, **parameters)
    assert answer.status == 400
    assert json.loads(answer.body)["detail"].startswith(detail)


def test_a_canned_query_has_the_columns_too(ask: Ask) -> None:
    answer = ask("/queries/twins-of-a-city.csv?thing=birmingham&evidence=yes")
    (row,) = csv.DictReader(io.StringIO(answer.body.decode()))
    assert (row["evidence"], PASSAGE + "table-1" in row["saysOtherwise"]) == (PASSAGE + "table-2", True)
    assert answer.headers["etag"] != ask("/queries/twins-of-a-city.csv?thing=birmingham").headers["etag"]
    assert ask("/queries/twins-of-a-city.csv?thing=birmingham&evidence=maybe").status == 400


@pytest.mark.drawn
def test_pages_of_an_answer_keep_who_says_so(ask: Ask) -> None:
    answer = ask("/queries/cities-by-number-of-networks.json?limit=2&evidence=yes")
    (following,) = answer.links("next")
    assert "evidence=yes" in following
    rows = json.loads(ask(following).body)["results"]["bindings"]
    assert len(rows) == 2
    assert all("evidence" in row for row in rows)


@pytest.mark.drawn
def test_the_page_of_a_canned_query_says_who_says_so_below_its_form(ask: Ask) -> None:
    question = "/queries/twins-of-a-city?thing="
    assert (
        f'href="{question}city%3Abirmingham&amp;evidence=yes"'
        in ask("-H", "Accept: text/html", f"{question}birmingham").body.decode()
    )
    answer = ask("-H", "Accept: text/html", f"{question}birmingham&evidence=yes")
    assert answer.status == 200
    form, _, rows = answer.body.decode().partition('<form class="fields"')[2].partition("</form>")
    assert 'name="thing" value="Birmingham"' in form
    assert 'name="evidence" value="yes" checked>' in form
    assert '<th scope="col">Who says so</th>' in rows
    assert re.search(r'class="chip against of-denies" href="/[^"]*section-3.1-p2"[^>]*>Section 3.1, paragraph 2<', rows)
    assert '<span class="mark against of-denies">Denied by</span>' in rows
    assert (
        "Denied by Section 3.1, paragraph 2: Birmingham is the only Core City without a sister city in China." in rows
    )
    assert f'<a href="{question}city%3Abirmingham" rel="nofollow">Hide who says so</a>' in rows


@pytest.mark.drawn
def test_parts_without_evidence_are_one_line_with_all_of_them_within(ask: Ask) -> None:
    page = ask("-H", "Accept: text/html", "/queries/who-states-each-twinning?evidence=yes").body.decode()
    assert page.count("No evidence for") == 1
    ((line, listed),) = re.findall(
        r'<details class="note"><summary>(.*?)</summary><ul>(.*?)</ul></details>', page, re.DOTALL
    )
    assert line == "No evidence for 4 parts of the query: EXISTS, paths of any length or negated."
    assert listed.count("<li><code>") == 4
    table = page.partition("<table")[0]
    assert "BIND (EXISTS" not in table.partition("<details")[0]


def test_a_header_has_them_in_one_line_too(ask: Ask) -> None:
    query = "SELECT * { city:york cd:within* ?place , ?x MINUS { ?x a cd:Nothing } FILTER EXISTS { ?place ?p ?o } }"
    said = re.findall(r'title="(No evidence[^"]*)"', asked(ask, query).headers["link"])
    assert said == ["No evidence for 4 parts of the query: paths of any length or negated, MINUS, EXISTS."]


def test_what_does_not_fit_keeps_the_wish_to_know_who_says_so(ask: Ask) -> None:
    answer = ask("-H", "Accept: text/html", "/queries/twins-of-a-city?thing=Nowhere&evidence=yes")
    assert answer.status == 400
    assert 'name="evidence" value="yes" checked>' in answer.body.decode()


def test_a_head_request_costs_little_and_a_post_works(ask: Ask) -> None:
    assert asked(ask, TWIN, "--head").status == 200
    posted = ask("--data-urlencode", f"query={TWIN}", "-d", "evidence=yes", "-d", "format=csv", "/sparql")
    assert b"saysOtherwise" in posted.body
