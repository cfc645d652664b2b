"""Search over HTTP: page, JSON, OpenSearch; and what a wrong address or a wrong value leads on to."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import pytest

from kg.names.search import KINDS
from server.site.guides import GUIDES
from server.site.search import TITLES_OF_KINDS
from tests.server.curation.test_curators_day import SOURCE, WORDS, turtle, twinning
from tests.support.curated import Curated
from tests.support.http import Ask
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
PAGE = ("-H", "Accept: text/html")


def page(ask: Ask, path: str) -> tuple[int, str]:
    answer = ask(*PAGE, path)
    assert answer.type == "text/html", path
    return answer.status, answer.body.decode()


def main(html: str) -> str:
    return html.partition('<main id="content">')[2].partition("</main>")[0]


def links(html: str) -> list[tuple[str, str]]:
    """Return the addresses and texts of the links of a page's main part."""
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', main(html))
    return [(unescape(href), unescape(re.sub("<.*?>", "", text))) for href, text in found]


def test_the_first_hit_leads_to_the_thing_and_says_where_and_what_it_is(ask: Ask) -> None:
    status, html = page(ask, "/search?q=Macau")
    assert status == 200
    assert next(link for link in links(html) if link[0].startswith("/doc/")) == ("/doc/city/macao", "Macao")
    assert "city in China · also called" in main(html)
    assert "named in 3 passages" in main(html)
    assert ("/search?q=Macau&kind=city", "Cities 1") in links(html)
    assert '<input type="search" name="q" value="Macau"' in html


@pytest.mark.parametrize(
    ("sought", "leads_to"),
    [
        ("北京", "/doc/city/beijing"),
        ("Anshang", "/doc/city/anshan"),
        ("Q956", "/doc/city/beijing"),
        ("table 1", "/doc/passage/table-1"),
        ("cd:Twinning", "/ontology#Twinning"),
        ("environment", "/vocabulary/theme/environment"),
        ("twins-of-a-city", "/queries/twins-of-a-city?thing=city%3Alondon"),
        ("how to cite", "/docs/cite"),
        ("licences", "/docs/licences"),
        ("length of a query", "/docs/limits"),
    ],
)
def test_every_hit_has_an_address_that_answers(ask: Ask, sought: str, leads_to: str) -> None:
    first = ask(f"/search.json?q={quote(sought)}").members["results"][0]
    assert first["address"] == leads_to
    assert ask(*PAGE, first["address"].partition("#")[0]).status == 200


def test_each_guide_is_found_by_its_title_and_its_headings(ask: Ask) -> None:
    for name, title in GUIDES.items():
        headings = re.findall("<h2>(.*?)</h2>", main(page(ask, f"/docs/{name}")[1]))
        for text in (title, *map(unescape, headings)):
            found = ask(f"/search.json?kind=guide&q={quote(text)}").members["results"]
            assert f"/docs/{name}" in [one["address"] for one in found], text
    _, html = page(ask, "/search?q=cite")
    assert ("/search?q=cite&kind=guide", "Guides 1") in links(html)
    assert json.loads(ask("/search/suggestions?q=how+to+cite").body)[3][0].endswith("/docs/cite")


def test_every_kind_has_a_word_for_several() -> None:
    assert TITLES_OF_KINDS.keys() >= set(KINDS)


def test_json_and_page_are_one_document_that_caches_can_keep(ask: Ask) -> None:
    plain, by_suffix, by_format = ask("/search?q=C40"), ask("/search.json?q=C40"), ask("/search?q=C40&format=json")
    assert plain.type == "application/json"
    assert plain.body == by_suffix.body == by_format.body
    assert plain.headers["content-location"] == "/search.json?q=C40"
    assert plain.links("alternate").keys() == {"/search.html?q=C40"}
    assert ask("-H", f"If-None-Match: {plain.headers['etag']}", "/search.json?q=C40").status == 304
    assert ask("-H", "Accept: image/png", "/search?q=C40").status == 406


def test_pages_follow_one_another(ask: Ask) -> None:
    first = ask("/search?q=network")
    (following,) = first.links("next")
    assert following == "/search?q=network&page=2"
    second = ask(following)
    assert (second.members["page"], second.members["total"]) == (2, first.members["total"])
    status, html = page(ask, f"/search?q=network&page={first.members['pages'] + 1}")
    assert (status, "page of this search" in html) == (404, True)


def test_without_a_word_there_are_examples_that_find_something(ask: Ask) -> None:
    status, html = page(ask, "/search")
    assert status == 200
    examples = [href for href, _ in links(html) if href.startswith("/search?q=")]
    assert len(examples) > 5
    for address in examples:
        assert ask("-H", "Accept: application/json", address).members["total"] > 0, address


def test_without_results_the_nearest_names_are_shown(ask: Ask) -> None:
    status, html = page(ask, "/search?q=Birmingam")
    assert (status, "No results for “" in html) == (200, True)
    assert ("/doc/city/birmingham", "Birmingham") in links(html)


@pytest.mark.parametrize(
    ("written", "spelt"), [("hongkong", "Hong Kong"), ("core-cities", "Core Cities"), ("sistercity", "sister city")]
)
def test_a_name_finds_the_same_however_its_words_are_joined(ask: Ask, written: str, spelt: str) -> None:
    one, other = (json.loads(ask(f"/search.json?{urlencode({'q': text})}").body) for text in (written, spelt))
    assert one["total"] == other["total"] > 20
    assert one["kinds"] == other["kinds"]
    assert one["results"] == other["results"]


def test_several_things_of_one_name_are_all_listed_first(ask: Ask) -> None:
    found = ask("/search.json?q=twinning").members["results"]
    called_so = [one["is_called_so"] for one in found]
    assert sum(called_so) > 1
    assert called_so == sorted(called_so, reverse=True)
    assert f"{sum(called_so)} exact matches, listed first" in page(ask, "/search?q=twinning")[1]


def test_the_name_of_a_kind_leads_to_its_list(ask: Ask) -> None:
    assert ("/doc/network", "List of all: Networks of cities") in links(page(ask, "/search?q=Networks")[1])


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"q": "x" * 5_000}, 400),
        ({"q": "北" * 400}, 400),
        ({"q": "Macau", "kind": "town"}, 400),
        ({"q": "Macau", "page": "0"}, 404),
        ({"q": "Macau", "page": "99999999999999999999"}, 404),
        ({"q": "<script>alert(1)</script>"}, 200),
        ({"q": '"><img src=x onerror=alert(1)>'}, 200),
        ({"q": "\0\x1b[31m\u202e"}, 200),
        ({"q": "()*+?[\\"}, 200),
        ({"kind": "city"}, 200),
    ],
)
def test_bad_input_is_a_page_that_leads_on(ask: Ask, asked: dict[str, str], status: int) -> None:
    answered, html = page(ask, f"/search?{urlencode(asked)}")
    assert answered == status
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert not re.search(r"[\0-\x08\x0b-\x1f]", html)
    assert 'action="/ask"' in html
    assert len(html) < 100_000


def test_a_browser_learns_how_to_search_here_and_completes_what_is_typed(ask: Ask) -> None:
    assert '<link rel="search" type="application/opensearchdescription+xml" href="/opensearch.xml"' in page(ask, "/")[1]
    description = ask("/opensearch.xml")
    assert description.type == "application/opensearchdescription+xml"
    urls = {
        url.get("type"): url.get("template", "")
        for url in ElementTree.fromstring(description.body).iter(f"{OPENSEARCH}Url")
    }
    completing = urls["application/x-suggestions+json"]
    assert completing.startswith("http://127.0.0.1")
    answer = ask("/" + completing.replace("{searchTerms}", "birm").partition("://")[2].partition("/")[2])
    assert answer.type == "application/x-suggestions+json"
    typed, names, meanings, addresses = json.loads(answer.body)
    assert (typed, names[0], meanings[0]) == ("birm", "Birmingham", "city in United Kingdom, England")
    assert addresses[0].endswith("/doc/city/birmingham")
    assert len(names) == len(meanings) == len(addresses)


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/doc/city/birmingam", "/doc/city/birmingham"),
        ("/id/city/Macau", "/doc/city/macao"),
        ("/doc/city/%E5%8C%97%E4%BA%AC", "/doc/city/beijing"),
        ("/doc/network/C-40", "/doc/network/c40"),
        ("/linkset/city/birmingam", "/doc/city/birmingham"),
        ("/doc/town/london", "/doc/city/london"),
        ("/queries/twins-of-city", "/queries/twins-of-a-city?thing=city%3Alondon"),
        ("/vocabulary/themes", "/vocabulary/theme"),
        ("/vocabulary/theme/environmental", "/vocabulary/theme/environment"),
        ("/beijing", "/doc/city/beijing"),
        ("/cities", "/doc/city"),
        ("/doc/networks", "/doc/network"),
        ("/city/sheffeild.html", "/doc/city/sheffield"),
    ],
)
def test_an_address_that_leads_nowhere_says_what_may_be_meant(ask: Ask, path: str, leads_to: str) -> None:
    problem = ask(path)
    assert problem.status == 404
    assert problem.members["suggestions"][0]["address"] == leads_to
    status, html = page(ask, path)
    assert status == 404
    assert links(html)[0][0] == leads_to
    assert ask(*PAGE, leads_to).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/zzzzz",
        "/changes/1",
        "/doc/city/birmingham?profile=nothing",
        "/" + "x" * 3_000,
        "/%00",
        "/%3Cscript%3E",
        "/doc/%F0%9F%92%A9",
    ],
)
def test_where_nothing_can_be_meant_nothing_is_suggested(ask: Ask, path: str) -> None:
    problem = ask(path)
    assert problem.status == 404
    assert "suggestions" not in problem.members
    assert len(page(ask, path)[1]) < 20_000


@pytest.mark.parametrize(
    ("path", "status", "target"),
    [
        ("/doc/city/Birmingham", 301, "/doc/city/birmingham"),
        ("/doc/city/Birmingham.ttl", 301, "/doc/city/birmingham.ttl"),
        ("/doc/City/birmingham", 301, "/doc/city/birmingham"),
        ("/id/network/C40", 301, "/id/network/c40"),
        ("/doc/twinning/Guangzhou-Birmingham", 301, "/doc/twinning/birmingham-guangzhou"),
        ("/ontology/", 308, "/ontology"),
        ("/sparql/?query=ASK%7B%7D", 308, "/sparql?query=ASK%7B%7D"),
        ("/doc/city/birmingham/", 308, "/doc/city/birmingham"),
        ("/queries/", 308, "/queries"),
        ("//example.org/", 404, None),
        ("/nowhere/", 404, None),
    ],
)
def test_another_spelling_of_an_address_leads_to_it(ask: Ask, path: str, status: int, target: str | None) -> None:
    answer = ask(path)
    assert (answer.status, answer.headers.get("location")) == (status, target)


def test_a_name_that_several_things_bear_leads_to_each_of_them(ask: Ask) -> None:
    path = "/queries/numbers?thing=Chinese+cities"
    status, html = page(ask, path)
    assert (status, "“Chinese cities” has several meanings: choose one." in html) == (400, True)
    suggested = ask(path).members["suggestions"]
    assert {one["value"] for one in suggested} == {
        "group:chinese-cities",
        "group:chinese-cities-studied",
        "team:chinese-cities",
    }
    for one in suggested:
        assert (one["address"], one["label"]) in links(html)
        assert ask(*PAGE, one["address"]).status == 200


def test_what_a_change_adds_is_found_until_it_is_taken_back(curated: Curated) -> None:
    def found() -> list[str]:
        results = curated.ask("/search.json?q=jinan-york").members["results"]
        return [one["address"] for one in results if one["kind"] == "twinning"]

    assert found() == []
    made = curated.ask(*turtle(PREFIXES + SOURCE + twinning("jinan", "york")), f"/changes?{WORDS}", by="Ann")
    assert made.status == 201, made.body
    assert found() == ["/doc/twinning/jinan-york"]
    assert curated.ask("-X", "POST", f"{made.headers['location']}/revert", by="Ann").status == 201
    assert found() == []
