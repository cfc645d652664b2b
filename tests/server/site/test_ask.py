"""Questions in people's own words over HTTP: the page, which needs no script, and JSON."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from server.site.examples import EXAMPLES

pytestmark = pytest.mark.drawn

BIRMINGHAM = "Which Chinese city is Birmingham twinned with?"


def page(client: FlaskClient, question: str) -> str:
    answer = client.get("/ask", query_string={"q": question}, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    return unescape(answer.text)


def test_the_field_of_each_page_leads_to_a_page_with_the_answer_and_who_denies_it(both: FlaskClient) -> None:
    head = both.get("/docs", headers={"Accept": "text/html"}).text
    assert re.search(r'<form class="search" role="search" action="/ask">\s*<input type="search" name="q"', head)
    shown = page(both, BIRMINGHAM)
    (line,) = re.findall(r"<li>\s*Guangzhou is a major twin of Birmingham\..*?</li>", shown, re.DOTALL)
    assert 'href="/doc/passage/table-2"' in line
    assert re.search(r'of-denies">Denied by</span> <a class="chip against of-denies"\s+href="/doc/passage/', line)
    # the first is of the answer; a narrower one is offered beside it
    href = re.findall(r'href="(/queries/twins-of-a-city[^"]*)"', shown)[0]
    rows = both.get(href, headers={"Accept": "text/csv"}).text
    assert "Changchun" in rows
    assert "Guangzhou" in rows


def test_json_has_the_same_with_the_revision_and_addresses_keep_the_scope(both: FlaskClient) -> None:
    found = both.get("/ask.json", query_string={"q": BIRMINGHAM}).json
    assert found["status"] == "answered"
    assert found["revision"]
    understood = {part["text"]: (part["iri"], part["as"]) for part in found["understood"]}
    assert understood["Birmingham"] == ("https://w3id.org/city-diplomacy/id/city/birmingham", "thing")
    first = both.get("/ask.json", query_string={"q": BIRMINGHAM, "scope": "report"}).json
    assert "Changchun" in str(found["answers"])
    assert "Changchun" not in str(first["answers"])


@pytest.mark.parametrize("question", ["", "Кто побратим Лидса?", '"*^:', "x" * 10_000, "you idiots"])
def test_what_finds_nothing_leads_on_by_examples(both: FlaskClient, question: str) -> None:
    shown = page(both, question)
    assert set(re.findall(r'<a class="chip" href="(/ask\?q=[^"]*)"', shown)) == {
        f"/ask?q={quote(example)}" for example in EXAMPLES
    }
    assert "Not understood" in shown or not question.strip('"*^:')


@pytest.mark.parametrize(
    ("question", "status", "leads_to"),
    [
        ("who is the best twin", "not-found", "/doc/passage/"),
        ("<script>alert(1)</script>", "not-found", "/queries"),
        ("SELECT ?s { ?s a cd:City } LIMIT 1", "not-found", "/sparql?query=SELECT%20%3Fs"),
        ("London", "answered", "/doc/city/london"),
        ("Leeds York Bristol Cardiff Belfast Beijing Shanghai Wuhan Nanjing Xiamen", "answered", "/doc/city/xiamen"),
        ("Chinese cities", "answered", "/doc/group/chinese-cities-studied"),  # one of several of that name
    ],
)
def test_what_is_no_question_leads_on(both: FlaskClient, question: str, status: str, leads_to: str) -> None:
    assert both.get("/ask.json", query_string={"q": question}).json["status"] == status
    shown = page(both, question)
    assert f'href="{leads_to}' in shown
    assert "<script>alert" not in both.get("/ask", query_string={"q": question}, headers={"Accept": "text/html"}).text


def test_the_page_says_how_a_slip_was_read(both: FlaskClient) -> None:
    assert "“Birmingam” is read as “Birmingham”." in page(both, "Which Chinese city is Birmingam twinned with?")


def test_examples_are_answered(both: FlaskClient) -> None:
    found = {example: both.get("/ask.json", query_string={"q": example}).json["status"] for example in EXAMPLES}
    assert set(found.values()) <= {"answered", "denied"}, found


def test_a_passage_is_listed_with_its_summary_above_its_sentences(both: FlaskClient) -> None:
    shown = page(both, "what is the difference between Core Cities and Key Cities?")
    (listed,) = re.findall(r"<h2>Passages</h2>.*?<ul>.*?<li>(.*?)<ul>", shown, re.DOTALL)
    assert "/doc/passage/box-2" in listed
    assert "1995" in listed
    assert "2013" in listed
