"""The pages of /sparql, for people: the form, results with who says so, and what is wrong with a query."""

from __future__ import annotations

import hashlib
import html
import json
import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from kg.rdf import namespaces as ns
from kg.rdf.rows import FirstRows
from kg.results import KeptResult
from server.sparql import endpoint, page
from server.workbench import QueryForm
from tests.support.http import Answer, Ask
from tests.support.serving import ALONE

pytestmark = pytest.mark.drawn

PEOPLE = ("-H", "Accept: text/html,application/xhtml+xml,*/*;q=0.8")
TWINS = page.EXAMPLES["The twins of London, and the passages that name them"]
BIRMINGHAM = TWINS.replace("city:london", "city:birmingham")


def shown(ask: Ask, query: str, **more: str) -> Answer:
    return ask(*PEOPLE, "/sparql?" + urlencode({"query": query, **more}))


def text(answer: Answer) -> str:
    return answer.body.decode()


def kept(answer: Answer) -> str:
    """Return the query in the form of a page."""
    field = re.search(r'<textarea id="query"[^>]*>\n(.*?)</textarea>', text(answer), re.S)
    assert field
    return html.unescape(field[1])


@pytest.mark.parametrize("query", page.EXAMPLES.values(), ids=page.EXAMPLES)
def test_each_example_has_an_answer_and_no_hint(ask: Ask, query: str) -> None:
    answer = shown(ask, query)
    assert answer.status == 200
    assert kept(answer) == query
    assert "<td" in text(answer)
    assert 'role="note"' not in text(answer)


def test_the_form_has_what_its_writer_needs(ask: Ask) -> None:
    form = text(ask(*PEOPLE, "/sparql"))
    assert all(html.escape(title) in form for title in page.EXAMPLES)
    assert f"{ALONE.seconds:g} seconds, 1,000,000 rows, 100,000 characters of query" in form
    assert "<code>city:</code>" in form
    assert len(form) < 30_000


def test_a_result_is_drawn_in_the_views_that_fit_and_alone(ask: Ask) -> None:
    page_of_pairs = text(shown(ask, TWINS, view="pairs"))
    tabs = re.search(r'<nav aria-label="Views">(.*?)</nav>', page_of_pairs)
    assert tabs is not None
    assert re.findall(r">([A-Z]\w+)</a>", tabs[1]) == ["Table", "Pairs", "Matrix"]
    assert 'aria-current="page">Pairs' in tabs[1]
    assert "<table>" in page_of_pairs
    svg = html.unescape(re.findall(r'href="([^"]+format=svg)">SVG', page_of_pairs)[0])
    answer = ask(svg)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml; charset=utf-8")
    assert answer.headers["content-disposition"] == 'inline; filename="answer.svg"'
    drawing = ElementTree.fromstring(answer.body)
    style = next(drawing.iter("{http://www.w3.org/2000/svg}style")).text or ""
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in answer.headers["content-security-policy"]
    assert f"revision {answer.headers['x-revision']} of 20" in " ".join(drawing.itertext())
    assert ask("-H", f"If-None-Match: {answer.headers['etag']}", svg).status == 304
    assert ask("--head", svg).status == 200


def test_a_view_draws_all_rows_not_those_of_the_page(ask: Ask) -> None:
    lengths = "SELECT ?s (STRLEN(STR(?s)) AS ?n) WHERE { ?s ?p ?o }"
    rows = ask(f"/sparql?{urlencode({'query': lengths, 'format': 'tsv'})}").body.splitlines()[1:]
    numbers = sum(not row.endswith(b"\t") for row in rows)
    assert numbers > FirstRows.MOST
    assert f"The 80 largest of {numbers:,} bars." in text(shown(ask, lengths, view="bars"))


def test_a_view_that_does_not_fit_is_refused_alone_and_told_on_the_page(ask: Ask) -> None:
    assert "The view bars does not fit this answer: it needs a number" in text(shown(ask, TWINS, view="bars"))
    refused = ask(f"/sparql?{urlencode({'query': TWINS, 'view': 'bars', 'format': 'svg'})}")
    assert (refused.status, json.loads(refused.body)["hint"]) == (400, "Views that fit: table, pairs, matrix.")
    assert ask(f"/sparql?{urlencode({'query': TWINS, 'view': 'barts'})}").status == 400
    assert ask(f"/sparql?{urlencode({'query': 'ASK { ?a ?b ?c }', 'format': 'svg'})}").status == 406


def test_a_result_keeps_the_query_and_leads_on(ask: Ask) -> None:
    answer = shown(ask, TWINS)
    said = text(answer)
    assert kept(answer) == TWINS
    assert re.search(r"<caption>\d+ rows, in ", said)
    links = [html.unescape(href) for href in re.findall(r'href="(/sparql[?][^"]+)"', said)]
    assert {name for href in links for name in parse_qs(href) if not name.startswith("/")} == {
        *("format", "view", "at"),
        *("sort", "facet", "hide"),
    }
    assert all(ask(href).status == 200 for href in links)
    assert "geojson" not in said.lower()
    revision = answer.headers["x-revision"]
    cited = html.unescape(re.findall(r'<code class="copied">([^<]*)', said)[0])
    assert cited.startswith(f"Answer to a query in SPARQL. City Diplomacy Knowledge Graph, revision {revision} of 20")
    lasting = re.findall(r"http\S+", cited)[0]
    assert lasting.endswith(f"&at={revision}")
    assert kept(ask("-H", "Accept: text/html", "/" + lasting.split("/", 3)[3])) == TWINS


def test_a_text_in_the_form_of_objections_is_shown_as_it_is(ask: Ask) -> None:
    answer = shown(ask, 'SELECT ("denies <x>" AS ?a) {}')
    assert answer.status == 200
    assert "denies &lt;x&gt;</td>" in text(answer)


def test_the_code_of_a_page_runs(ask: Ask) -> None:
    for query, wanted in ((TWINS, "passage"), ("ASK {}", "true"), ("DESCRIBE city:york", "york")):
        code = [
            html.unescape(found) for found in re.findall(r"<code>(.*?)</code></pre>", text(shown(ask, query)), re.S)
        ]
        assert len(code) == 3
        for command in (["bash", "-c", code[0]], [sys.executable, "-c", code[1]]):
            assert wanted in subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_columns_of_select_star_come_as_the_query_names_them(ask: Ask) -> None:
    query = "SELECT * { ?zebra cd:twin ?ape . ?ape a ?bee } LIMIT 2"
    heads = re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?(\w+)', text(shown(ask, query)))
    assert heads == ["zebra", "ape", "bee"]
    assert ask("-G", "-H", "Accept: text/csv", "--data-urlencode", f"query={query}", "/sparql").body.startswith(
        b"zebra,ape,bee"
    )


def test_languages_and_datatypes_stand_over_a_column_or_beside_values(ask: Ask) -> None:
    alike = text(shown(ask, "SELECT ?x { VALUES ?x { 1 2 } }"))
    assert '<small class="lang">xsd:integer</small></th>' in alike
    mixed = text(shown(ask, 'SELECT ?x { VALUES ?x { 1 "a"@zh-Hans "b" true } }'))
    for cell in ("1 <small", '<span lang="zh-hans">a</span> <small class="lang">@zh-hans</small>', ">b</td>"):
        assert cell in mixed
    assert 'true <small class="lang">xsd:boolean</small>' in mixed


def test_a_large_answer_shows_its_first_rows_and_where_all_are(ask: Ask) -> None:
    answer = shown(ask, "SELECT * { ?s ?p ?o }")
    assert answer.status == 200
    found = re.search(r"<caption>Rows 1–([\d,]+) of (?:the first )?([\d,]+) rows", text(answer))
    assert found
    first, count = (int(number.replace(",", "")) for number in found.groups())
    assert first <= FirstRows.MOST < count
    assert text(answer).count("</tr>\n") == first
    assert "format=csv" in text(answer)


def test_a_page_stays_small_whatever_its_values(ask: Ask) -> None:
    heavy = """SELECT ?a ?b {
      ?s ?p ?o BIND(CONCAT(STR(?s), STR(?p), STR(?o)) AS ?all)
      BIND(CONCAT(SHA512(?all), SHA384(?all), SHA256(?all)) AS ?a) BIND(SHA512(CONCAT("x", ?all)) AS ?b)
    }"""
    answer = ask("-H", "Accept-Encoding: gzip", *PEOPLE, "/sparql?" + urlencode({"query": heavy}))
    assert answer.status == 200
    assert len(answer.body) < 32_000


def test_who_says_so_stands_beside_each_row_and_who_says_otherwise(ask: Ask) -> None:
    plain = text(shown(ask, BIRMINGHAM))
    assert "Who says so</th>" not in plain
    answer = shown(ask, BIRMINGHAM, evidence="yes")
    said = text(answer)
    assert "Who says so</th>" in said
    assert re.search(r'class="chip" href="/[^"]*table-2"[^>]*>Table 2<', said)
    assert re.search(r'class="chip against of-denies" href="/[^"]*table-1"[^>]*>Table 1<', said)
    assert "objections</summary>" in said
    assert "checked> Who says so" in said
    assert "evidence=yes" in said.partition("<summary>Copy and API")[0]


def test_a_row_that_no_passage_says_tells_so(ask: Ask) -> None:
    assert ">no passage<" in text(shown(ask, "SELECT ?x { city:leeds cd:within ?x }", evidence="yes"))


def test_a_part_without_evidence_is_named(ask: Ask) -> None:
    said = html.unescape(text(shown(ask, "SELECT ?x { city:leeds cd:within+ ?x }", evidence="yes")))
    assert "No evidence for <code>city:leeds cd:within+ ?x" in said
    assert said.count("No evidence") == 1


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("SELECT * { ?x a cd:Citty }", "Nothing matches ?x a cd:Citty"),
        ("SELECT * { ?x a cd:City ; skos:prefLabel 'Leeds' }", 'The graph has it as "Leeds"@en'),
        ("SELECT * { ?x cd:twin city:london ; cd:order 4 }", "The part before it has matches:"),
    ],
)
def test_an_empty_answer_says_what_left_nothing(ask: Ask, query: str, wanted: str) -> None:
    answer = shown(ask, query)
    said = html.unescape(text(answer))
    assert answer.status == 200
    assert "<strong>No rows</strong>" in said
    assert wanted in said
    assert kept(answer) == query


def test_a_hint_stands_once_and_leads_to_what_was_meant(ask: Ask) -> None:
    said = text(shown(ask, "SELECT * { ?x a cd:Citty }"))
    assert said.count("did you mean cd:City?") == 1
    assert '<a href="/ontology#City">Look it up</a>' in said


@pytest.mark.parametrize(
    ("query", "status", "wanted"),
    [
        ("SELECT ?x {\n  ?x a cd:City ;;; }\n} LIMIT 3", 400, "line 3, column "),
        ("SELCT ?x { ?x a cd:City }", 400, "Did you mean SELECT?"),
        ("SELECT ?x { ?x a cdx:City }", 400, "The prefix cdx: is not declared. Did you mean cd: ?"),
        ("INSERT DATA { <x:a> <x:b> 1 }", 400, "updates go to /update"),
        ("SELECT * { SERVICE <http://a/> { ?s ?p ?o } }", 403, "Federation is switched off"),
        ("SELECT ?x {" + "?x " * 33_000, 400, "too many to repeat here"),
        ("SELECT ?x {" + "{" * 99_000, 503, "too many to repeat here"),
        ("SELECT ?x { # " + "x" * 200_000, 413, "too many to repeat here"),
        ("<script>alert(1)</script>", 400, "none of its four forms"),
    ],
)
def test_a_query_with_a_mistake_is_kept_and_told(ask: Ask, query: str, status: int, wanted: str) -> None:
    answer = ask(*PEOPLE, "--data-urlencode", f"query={query}", "/sparql")
    said = html.unescape(text(answer))
    assert (answer.status, answer.type) == (status, "text/html")
    assert wanted in said
    assert len(answer.body) < 60_000
    assert "citykg" not in said
    assert "<script>alert" not in text(answer)
    assert kept(answer) == (query if len(query) <= QueryForm.MOST_REPEATED else "")
    problem = ask("--data-urlencode", f"query={query}", "/sparql")
    assert (problem.status, problem.type) == (status, "application/problem+json")


def test_the_place_of_a_mistake_is_marked() -> None:
    query = "SELECT ?x {\r\n\t?x a cd:City ;;; }\r\n} LIMIT 3"
    lines = page.lines_around(query, 2, 16)
    assert [line.number for line in lines] == [1, 2, 3]
    assert lines[1].text == "\t?x a cd:City ;;; }"
    assert lines[1].mark == "\t".ljust(15) + "^"
    far = page.lines_around("x" * 10_000 + "!", 1, 10_001)
    assert len(far) == 1
    assert far[0].text[far[0].mark.index("^")] == "!"
    assert len(far[0].text) <= 100


def test_the_limit_of_time_is_told_in_words(ask: Ask) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    answer = shown(ask, slow, timeout="0.2")
    assert answer.status == 503
    assert "had no answer after 0.2 seconds, and was stopped" in text(answer)
    assert kept(answer) == slow


def test_an_ask_is_answered_with_yes_or_no(ask: Ask) -> None:
    assert ">Yes <" in text(shown(ask, "ASK {}"))
    assert ">No <" in text(shown(ask, "ASK { ?s cd:nothing ?o }"))
    assert ">Yes <" in text(shown(ask, "ASK {}", evidence="yes"))


def test_who_says_so_may_take_too_long_and_is_what_to_leave_out(ask: Ask) -> None:
    answer = shown(ask, "SELECT * { ?s ?p ?o }", evidence="yes", timeout="0.05")
    assert answer.status == 503
    assert "Without who says so it takes much less time." in text(answer)
    assert "checked> Who says so" in text(answer)


def test_a_page_keeps_the_revision_and_the_graphs_that_were_asked(ask: Ask) -> None:
    revision = ask("/sparql?query=ASK+%7B%7D").headers["x-revision"]
    graph = "https://w3id.org/city-diplomacy/graph/report/table-1"
    said = text(shown(ask, "SELECT ?s { ?s ?p ?o } LIMIT 1", at=revision, **{"default-graph-uri": graph}))
    assert f'<input type="hidden" name="at" value="{revision}">' in said
    assert f'<input type="hidden" name="default-graph-uri" value="{graph}">' in said


def test_a_reworded_hint_about_evidence_is_not_said_beside_what_the_page_lists(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_result = endpoint._Run.kept_result

    def reworded(run: Any) -> KeptResult:
        kept = kept_result(run)
        return replace(kept, hints=tuple(replace(hint, sentence=f"Reworded: {hint.about}.") for hint in kept.hints))

    monkeypatch.setattr(endpoint._Run, "kept_result", reworded)
    query = {"query": "SELECT * { city:leeds cd:within+ ?x . ?x cd:twinedWith ?y }", "evidence": "yes"}
    page = client.get("/sparql", query_string=query, headers={"Accept": "text/html"}).text
    assert re.findall(r"Reworded: [^<]*ontology#twinnedWith\.", page)
    assert "Reworded: " + ns.BASE + "docs/evidence" not in page
