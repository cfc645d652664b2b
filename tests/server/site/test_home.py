"""The start page as a stranger meets it: what this is, the pair diagram, ways on."""

from __future__ import annotations

import re

import pytest
from pyoxigraph import Store

from kg.rdf.vocabulary import CD, RDF
from tests.server.curation.test_curators_day import SOURCE, WORDS, turtle, twinning
from tests.support.curated import Curated
from tests.support.http import Ask
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn


def test_a_stranger_reads_what_this_is_and_who_made_the_report(ask: Ask) -> None:
    answer = ask("/")
    page = answer.body.decode()
    assert answer.status == 200
    assert "City Leadership Initiative at University College London" in page
    assert page.count("<h1>") == 1
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert title.count("City Diplomacy Knowledge Graph") == 1


def test_what_is_counted_is_what_is_found_where_the_count_leads(ask: Ask) -> None:
    page = ask("/").body.decode()
    twinnings = re.search(r'(\d+) <a href="/map">twinnings</a>', page)
    assert twinnings
    assert f"{twinnings[1]} twinnings." in ask("/map").body.decode()
    questions = re.search(r'<a href="/queries">(\d+)&nbsp;questions</a>', page)
    listed = ask("/queries.html").body.decode()
    assert questions
    assert f"{questions[1]} questions about the report" in listed
    linked = re.findall(r'<li><a href="/queries/', listed)
    assert len(linked) == int(questions[1])


def test_every_twinning_of_the_graph_is_on_it_and_the_contradicted_one_is_marked(ask: Ask, store: Store) -> None:
    page = ask("/").body.decode()
    found = store.quads_for_pattern(None, RDF.type, CD.Twinning)
    slugs = {quad.subject.value.rpartition("/")[2] for quad in found}  # type: ignore[union-attr]
    implied = {"antwerp-chongqing", "beijing-moscow", "chongqing-dusseldorf", "tianjin-ulaanbaatar"}
    assert len(slugs) > 30
    assert {slug for slug in slugs if f'href="/doc/twinning/{slug}"' not in page} == implied
    assert "Beijing – Moscow" in page.partition("only imply")[2]
    assert f"and {len(slugs - implied)} <a href=" in page
    assert re.findall(r'href="([^"]*)" tabindex="-1" class="denied"', page) == ["/doc/twinning/birmingham-guangzhou"]
    assert "stated by Table 2; denied by Section 3.1, paragraph 2 and Table 1: no official one" in page


def test_the_kinds_of_disagreement_are_counted(ask: Ask) -> None:
    page = ask("/").body.decode()
    counted = dict(re.findall(r'href="/disagreements\?kind=([\w-]+)">[^<]*</a> <span class="number">(\d+)', page))
    assert counted.keys() == {"denies", "counts-otherwise", "in-tension", "more-exact", "spelt-otherwise", "gap"}
    assert f"{sum(map(int, counted.values()))} disagreements" in page


def test_it_is_light_and_few_keys_lead_through_it(ask: Ask) -> None:
    assert len(ask("-H", "Accept-Encoding: gzip", "/").body) < 30_000
    content = ask("/").body.decode().partition("</main>")[0]
    stops = re.findall(r"<(?:a|button|input|summary)\b(?![^>]*tabindex=\"-1\")", content)
    assert len(stops) <= 61


def test_a_twinning_of_a_curator_is_drawn_by_its_source_and_named_among_the_changes(curated: Curated) -> None:
    assert "no changes since" in curated.ask("/").body.decode()
    sent = turtle(PREFIXES + SOURCE + twinning("jinan", "york"))
    assert curated.ask(*sent, f"/changes?{WORDS}", by="Ann").status == 201
    page = curated.ask("/").body.decode()
    assert "another source" in page
    assert 'href="/changes/1"' in page
    assert re.search(r"<title>York – Jinan: stated by [^<;]*; denied by Table 1", page)
