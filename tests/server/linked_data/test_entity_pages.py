"""The pages about things as a browser gets them."""

from __future__ import annotations

import gzip
import html
import json
import re
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.publish.pages.words import MOST_REFERRERS
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD
from tests.support.folders import written
from tests.support.http import Ask
from tests.support.serving import client


def page(ask: Ask, path: str) -> str:
    answer = ask("-H", "Accept: text/html", path)
    assert (answer.status, answer.type) == (200, "text/html")
    return answer.body.decode()


@pytest.mark.drawn
def test_a_page_says_in_words_what_is_stated_and_leads_to_its_data(ask: Ask) -> None:
    body = page(ask, "/doc/city/birmingham")
    assert "twinned with" in body
    assert 'class="two-sides"' in body
    assert '<span class="mark against of-denies">Denied by</span> <a class="chip against of-denies"' in body
    assert "rdf:" not in body
    assert "Linked from" not in body
    assert 'href="/doc/city/birmingham?view=statements">Data</a>' in body
    assert re.search(
        r"Linked from 2 absences, (.* )?3 disagreements", page(ask, "/doc/city/birmingham?view=statements")
    )


@pytest.mark.parametrize(
    "path", ["/doc/city/birmingham?view=statements", "/doc/country/china?page=2", "/doc/city/leeds?profile=concise"]
)
def test_all_statements_stand_each_with_who_says_so(ask: Ask, path: str) -> None:
    body = page(ask, path)
    assert 'class="statements"' not in body
    assert re.search(r'<tr><th scope="row"><a href="/ontology#\w+">.*</td><td><a class="chip"', body)
    if "birmingham" in path:
        assert 'aria-current="page">Data' in body
        assert 'aria-current="true">Statements' in body
        assert 'href="/doc/geometry/birmingham"' in body
        assert "Position of Birmingham" in body


@pytest.mark.parametrize(("path", "name"), [("city/leeds", "Leeds"), ("network/c40", "C40"), ("city/oxford", "Oxford")])
def test_a_few_questions_have_the_name_in_them_and_rows(ask: Ask, path: str, name: str) -> None:
    body = page(ask, f"/doc/{path}")
    asked = re.findall(r'<a href="(/queries/[^"]+)">([^<]+)</a>', body.partition("Questions about it")[2])
    assert 1 < len(asked) <= 5
    for address, question in asked:
        assert re.search(rf"{name}\b(?! or organisation)", question)
        way, _, values = html.unescape(address).partition("?")
        assert len(ask(f"{way}.csv?{values}").body.splitlines()) > 1, address


def test_a_country_asks_for_the_twinnings_of_its_cities_first_where_these_have_some(ask: Ask) -> None:
    body = page(ask, "/doc/country/denmark")
    first = re.findall(r'<a href="(/queries/[^"]+)">', body.partition("Questions about it")[2])[0]
    assert first.startswith("/queries/twinnings?country=country%3Adenmark")
    assert "/queries/twinnings?" not in page(ask, "/doc/country/spain")
    assert body.index("<h2>Places") < body.index("<h2>What passages say")


def test_a_map_has_the_ties_of_a_city_and_marks_those_that_a_source_denies(ask: Ask) -> None:
    drawn = page(ask, "/doc/city/birmingham").partition('<svg class="chart"')[2].partition("</svg>")[0]
    assert "twinning: Birmingham – Guangzhou; denied by " in drawn
    assert 'class="line alone of-denies"' in drawn
    assert '<a href="/doc/city/guangzhou"' in drawn
    assert "of-denies" not in page(ask, "/doc/city/cork").partition('<svg class="chart"')[2].partition("</svg>")[0]
    assert 'class="locator"' in page(ask, "/doc/city/oxford")


def test_a_page_describes_the_thing_for_search_engines(ask: Ask) -> None:
    body = page(ask, "/doc/city/birmingham")
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', body)
    described = json.loads(found)
    assert (described["@type"], described["name"]) == ("City", "Birmingham")
    assert "http://www.wikidata.org/entity/Q2256" in described["sameAs"]
    assert described["containedInPlace"]["name"] == "England"
    assert "twinned with Guangzhou" in described["description"]
    assert '<link rel="canonical" href="/doc/city/birmingham">' in body


def test_a_source_of_most_of_many_values_stands_once_before_them(ask: Ask) -> None:
    members = page(ask, "/doc/network/c40").partition("Where no source is named:")[2].partition("</dl>")[0]
    by = re.findall(r'class="chip" href="([^"]+)"', members.partition("</div></dl>")[0])
    assert by[0] not in by[1:], by
    assert len(set(by)) > 1
    assert "Where no source is named" not in page(ask, "/doc/city/oxford")


def test_the_turtle_of_a_document_is_a_page_whose_names_lead_on(ask: Ask) -> None:
    body = page(ask, "/doc/city/birmingham?view=turtle")
    (shown,) = re.findall(r'<pre class="turtle".*?><code>(.*?)</code></pre>', body, re.DOTALL)
    (folded,) = re.findall(r"prefixes</summary><pre.*?><code>(.*?)</code></pre>", body, re.DOTALL)
    text = "\n".join(html.unescape(re.sub(r"<[^>]+>", "", part)) for part in (folded, shown))
    turtle = ask("/doc/city/birmingham.ttl").body.decode()
    assert text.split() == turtle.split()
    addresses = {html.unescape(found) for found in re.findall(r'href="([^"]+)"', shown)}
    assert {"/doc/city/guangzhou", "/ontology#twin", "http://www.wikidata.org/entity/Q2256"} <= addresses
    assert "/doc/city/birmingham.ttl&#39;" in body
    assert 'aria-current="true">Turtle' in body


@pytest.mark.parametrize("path", ["/doc/country/china", "/doc/city/leeds?profile=provenance"])
def test_the_turtle_keeps_page_and_profile(ask: Ask, path: str) -> None:
    mark = "&" if "?" in path else "?"
    body = page(ask, f"{path}{mark}view=turtle")
    assert 'class="turtle"' in body
    if "china" in path:
        assert 'rel="next" href="/doc/country/china?view=turtle&amp;page=2"' in body


def test_a_view_that_is_not_there_is_a_404(ask: Ask) -> None:
    answer = ask("/doc/city/leeds?view=turtel")
    assert (answer.status, "Did you mean 'turtle'" in answer.members["detail"]) == (404, True)


@pytest.mark.drawn
def test_a_passage_is_one_page_with_its_statements_order_formats_and_citation(ask: Ask) -> None:
    body = page(ask, "/doc/passage/table-1")
    assert '<a rel="next" href="/doc/passage/figure-3">Figure 3</a>' in body
    assert {"/report", "/report?section=3.1"} <= set(re.findall(r'href="([^"]+)"', body))
    assert "/docs/cite?of=%2Fdoc%2Fpassage%2Ftable-1" in body or "/docs/cite?of=/doc/passage/table-1" in body
    assert 'href="/doc/passage/table-1.ttl"' in body
    assert "Questions about it" in body
    assert body.count("Where an official Chinese twin of Birmingham would stand") <= 2  # the table, and a disagreement


@pytest.mark.parametrize(
    "name",
    [
        "city/beijing",
        "network/c40",
        "passage/table-1",
        "group/chinese-cities",
        "publication/this-report",
        "country/china",
    ],
)
@pytest.mark.drawn
def test_the_heaviest_pages_weigh_at_most_30_kb(ask: Ask, name: str) -> None:
    for view in ("", "?view=turtle"):
        assert len(gzip.compress(ask("-H", "Accept: text/html", f"/doc/{name}{view}").body)) <= 30_000


def test_the_report_is_headed_with_its_title(ask: Ask) -> None:
    shown = ask("-H", "Accept: text/html", "/doc/publication/this-report").body.decode()
    title = "&#39;City Diplomacy&#39; and Twinning: Lessons from the UK, China and Globally"
    assert f"<h1>{title}</h1>" in shown
    assert f"<title>{title}" in shown
    assert '<p class="names">The report · CLI 2016</p>' in shown
    cited = ask("-H", "Accept: text/html", "/doc/publication/barber-2013").body.decode()
    assert "<h1>Barber (2013)</h1>" in cited


def test_a_page_number_that_is_not_there_leads_to_those_that_are(ask: Ask) -> None:
    answer = ask("-H", "Accept: text/html", "/doc/country/china?view=turtle&page=99")
    assert answer.status == 404
    last = re.search(
        r'href="/doc/country/china\?view=turtle&amp;page=(\d)">Page (\d), the last</a>', answer.body.decode()
    )
    assert last
    assert int(last[1]) == int(last[2]) > 1


def test_a_country_leads_with_its_places(ask: Ask) -> None:
    body = page(ask, "/doc/country/china")
    assert body.index(">Places</h2>") < body.index(">Activities</h2>")
    assert re.search(r'<a href="/doc/city/beijing">Beijing</a> · <a href="/doc/city/changsha">', body)


def test_a_page_leads_to_its_citation(ask: Ask) -> None:
    (address,) = re.findall(r'href="(/docs/cite\?[^"]*of=[^"]+)"', page(ask, "/doc/city/leeds"))
    assert ask(address).status == 200


@pytest.mark.slow
def test_a_page_says_how_much_it_leaves_out_and_leads_there(store: Store, tmp_path: Path) -> None:
    leeds, gazetteer = NamedNode(f"{ns.ID}city/leeds"), NamedNode(f"{ns.GRAPH}gazetteer")
    crowd = [
        Quad(NamedNode(f"{ns.ID}{kind}/made-{number:04}"), predicate, leeds, graph)
        for kind, predicate in (("polity", CD.within), ("group", CD.groupMember))
        for number in range(MOST_REFERRERS + 2)
        for graph in (gazetteer, DefaultGraph())
    ]
    with client(written(tmp_path / "data", [*store, *crowd])) as asked:
        body = asked.get("/doc/city/leeds", headers={"Accept": "text/html"}).text
        (places,) = re.findall(r'302 more are not shown here: <a href="([^"]+)">all places within it', body)
        within = asked.get(html.unescape(places), headers={"Accept": "text/csv"}).text
        assert "SELECT" in html.unescape(places)
        assert within.splitlines()[0] == "place,name"
        (more,) = re.findall(r'[0-9]+ more are not shown here: <a href="([^"]+)">Data</a> has them, in', body)
        assert "made-0" in asked.get(html.unescape(more), headers={"Accept": "text/html"}).text
