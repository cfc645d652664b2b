"""The report and other works as pages, JSON and CSV; disagreements; the evidence pair by pair."""

from __future__ import annotations

import csv
import gzip
import html
import io
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from kg.errors import PageNumberError
from kg.publish.paging import count_pages, parse_page_number
from kg.rdf import namespaces as ns
from tests.support import two_works
from tests.support.http import Ask
from tests.support.serving import client as client_of

pytestmark = pytest.mark.drawn

HTML = ("-H", "Accept: text/html")
HEAVIEST = 30_000


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a service over two works."""
    folder = two_works.folder(tmp_path_factory.mktemp("two") / "data")
    with client_of(folder) as client:
        yield client


def page(ask: Ask, path: str) -> str:
    answer = ask(*HTML, path)
    assert (answer.status, answer.type) == (200, "text/html"), path
    assert len(gzip.compress(answer.body)) < HEAVIEST, path
    return answer.body.decode()


def links(text: str) -> set[str]:
    return set(re.findall(r'href="([^"#]+)', text))


def test_the_report_says_who_made_it_what_it_holds_and_what_is_missing(ask: Ask) -> None:
    text = page(ask, "/report")
    assert "Foreign and Commonwealth Office" in text
    assert {"/doc/passage/table-1", "/report?section=3.1", "/disagreements?kind=gap"} <= links(text)
    contents = ask("/report.json").members
    assert len([one for section in contents["sections"] for one in section["passages"]]) == 104
    assert all(f'href="/doc/passage/{one["name"]}"' in text for one in contents["gaps"])


def test_what_the_report_is_stands_apart_from_what_our_copy_says(ask: Ask) -> None:
    published = ask("/report.json").members["work"]["publication"]
    assert published["title"] == "'City Diplomacy' and Twinning: Lessons from the UK, China and Globally"
    assert published["authors"] == ["Michele Acuto", "Mika Morissette", "Dan Chan", "Benjamin Leffel"]
    assert (published["issued"], published["series"]) == ("2016-01", "Future of Cities: Working Paper")
    assert published["publisher"] == "Foresight, Government Office for Science"
    assert [one["iri"].rpartition("/")[2] for one in published["sources"]] == ["docslib-5350201", "taiinitiative-org"]
    assert published["missing"][0]["text"].startswith("Our copy prints no title")
    text = html.unescape(page(ask, "/report"))
    assert f"<h1>{published['title']}</h1>" in re.sub(r"</?span[^>]*>", "", text)
    assert {"January 2016", *published["authors"]} <= set(re.split(r" · |, |</?p[^>]*>", text))
    assert "/doc/source/docslib-5350201" in links(text)


def test_each_section_is_read_from_the_first_to_the_last_page(ask: Ask) -> None:
    path, read = "/report?section=others", []
    while path:
        text = page(ask, path)
        read += re.findall(r'<article id="([^"]+)"', text)
        found = re.search(r'<a rel="next" href="([^"]+)"', text)
        path = found[1].replace("&amp;", "&") if found else ""
    contents = ask("/report.json").members
    assert read == [one["name"] for section in contents["sections"] for one in section["passages"]]


def test_no_page_of_a_passage_has_an_id_twice(ask: Ask) -> None:
    for path in (
        "/report?section=3.1",
        "/doc/passage/table-1",
        "/doc/passage/section-3.1-p1",
        "/disagreements?kind=gap",
    ):
        ids = re.findall(r' id="([^"]+)"', page(ask, path))
        assert len(ids) == len(set(ids)), path


def test_a_table_has_links_what_is_printed_and_marks(ask: Ask) -> None:
    text = page(ask, "/doc/passage/table-1")
    rows = re.findall("<tr.*?</tr>", text, re.DOTALL)
    (row,) = [row for row in rows if 'href="/doc/city/sheffield"' in row]
    assert {"/doc/city/anshan", "/doc/twinning/anshan-sheffield"} <= links(row)
    assert "SHEFFIELD, ANSHANG" in row
    assert "/doc/disagreement/sheffield-twin" in links(row)
    assert 'class="chip against of-counts-otherwise"' in row


def test_a_passage_as_json_leads_to_those_beside_it_and_browsers_go_to_its_page(ask: Ask) -> None:
    answer = ask("-H", "Accept: application/json", "/report/figure-4.1")
    assert answer.status == 200  # no suffix
    assert set(answer.links("prev")) == {"/report/box-2"}
    assert set(answer.links("next")) == {"/report/figure-4.2"}
    assert set(answer.links("alternate")) == {"/report/figure-4.1.html"}
    assert ask("/report/figure-4.1.json").members["passage"]["entry"]["name"] == "figure-4.1"
    for path in ("/report/figure-4.1?scope=all", "/report/figure-4.1.html?scope=all"):
        led = ask(*HTML, path)
        assert (led.status, led.headers["location"]) == (301, "/doc/passage/figure-4.1?scope=all")
        assert "Accept" in led.headers["vary"]
    beside = page(ask, "/doc/passage/figure-4.1")
    assert '<a rel="prev" href="/doc/passage/box-2">Box 2</a>' in beside
    assert 'href="/report/figure-4.1.json"' in beside


def test_each_disagreement_is_on_the_page_of_its_kind_with_its_sides(ask: Ask) -> None:
    every = ask("/disagreements.json").members
    assert len(every["all"]) == sum(kind["count"] for kind in every["kinds"])
    overview = page(ask, "/disagreements")
    for kind in every["kinds"]:
        plain = "Something is missing in our copy of the report alone."
        assert (plain if kind["name"] == "copy-gap" else kind["meaning"]["text"]) in overview
        pages = [page(ask, f"/disagreements?kind={kind['name']}&page={n + 1}") for n in range(-(-kind["count"] // 20))]
        assert sum(text.count('<section class="two-sides">') for text in pages) == kind["count"]
    denials = page(ask, "/disagreements?kind=denies")
    assert "Where an official Chinese twin of Birmingham would stand" in denials
    assert {"/doc/passage/table-1", "/doc/disagreement/birmingham-twin-tables"} <= links(denials)


@pytest.mark.parametrize(
    ("replaced", "successor"),
    [
        ("contradiction", "denies"),
        ("numeric-mismatch", "counts-otherwise"),
        ("tension", "in-tension"),
        ("variant", "spelt-otherwise"),
    ],
)
def test_a_kind_that_was_replaced_is_answered_with_its_successor(ask: Ask, replaced: str, successor: str) -> None:
    old, new = (ask(f"/disagreements.json?kind={kind}").members for kind in (replaced, successor))
    assert old["all"] == new["all"] != []
    assert replaced not in [kind["name"] for kind in old["kinds"]]
    asked = [
        ask(f"/queries/disagreements.csv?kind={kind}").body for kind in (replaced, f"disagreement-kind:{replaced}")
    ]
    assert asked == [ask(f"/queries/disagreements.csv?kind={successor}").body] * 2
    assert f"/vocabulary/disagreement-kind/{successor}" in links(page(ask, f"/vocabulary/disagreement-kind/{replaced}"))


def test_a_kind_of_disagreement_looks_the_same_wherever_it_is_named(ask: Ask) -> None:
    sheet = ask("/assets/site.css").body.decode()
    for kind in ask("/disagreements.json").members["kinds"]:
        of_kind = f"/disagreements?kind={kind['name']}"
        of = f".of-{'CopyGap' if kind['name'] == 'copy-gap' else kind['name']}"
        coloured = re.findall(rf"{re.escape(of)}\b[^{{}}]*\{{[^{{}}]*--kind:", sheet)
        assert len(coloured) == 1, of
        if not kind["count"]:
            continue
        if kind["name"] == "copy-gap":
            assert ' against of-CopyGap"' in page(ask, of_kind)  # and no passage disagrees with what is lost
            continue
        listed = ask("-H", "Accept: application/json", of_kind).members["all"]
        first = next(one for one in listed if "/disagreement/" in one["iri"])  # others are told by rule, of a thing
        paths = [one["iri"].replace(ns.ID, "/doc/") for one in (first, first["passages"][0])]
        for path in (of_kind, *paths):
            assert f' against of-{kind["name"]}"' in page(ask, path), path


def test_evidence_as_csv_says_what_the_page_says(ask: Ask) -> None:
    for name in ("twinnings", "memberships"):
        text = page(ask, f"/evidence/{name}")
        answer = ask(f"/evidence/{name}.csv")
        assert answer.type == "text/csv"
        rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
        marks = text.partition("<tbody>")[2]
        told = {"twinnings": ("✓ stated", "✗ denied"), "memberships": ("✓", "✗")}[name]
        assert {row["says"] for row in rows} - {"implies"} == {"states", "denies"}
        assert marks.count(">implied</a>") == len([row for row in rows if row["says"] == "implies"])
        assert marks.count(told[1]) == len([row for row in rows if row["says"] == "denies"])
        assert all(row["first"].startswith(ns.ID) and row["passage"].startswith(ns.ID) for row in rows)
    assert ask("/evidence").headers["location"] == "/evidence/twinnings"


def test_a_second_work_is_read_in_the_same_way(two: FlaskClient) -> None:
    listed = two.get("/works", headers={"Accept": "text/html"}).text
    assert {"/report", "/works/second"} <= links(listed)
    assert two.get("/works/this-report").headers["Location"] == "/report"
    assert two.get("/works/this-report.json").headers["Location"] == "/report.json"
    contents = two.get("/works/second").text
    assert {"/doc/passage/second/one", "/doc/passage/second/two"} <= links(contents)
    assert "City Leadership Initiative" not in contents
    assert '<span lang="zh-hans">利兹没有友好城市。</span>' in contents
    first = two.get("/doc/passage/second/one", headers={"Accept": "text/html"}).text
    assert "Leeds has no &lt;twin&gt; in China." in first
    assert {"/doc/passage/second/two", "/works/second", "/doc/passage/p1", "/doc/disagreement/leeds"} <= links(first)
    assert two.get("/works/second/one.json").json["work"]["name"] == "second"
    assert '<span lang="zh-hans">城市都一样。</span>' in two.get("/works/second?section=others").text
    assert "/doc/passage/second/one" in links(two.get("/doc/passage/p1", headers={"Accept": "text/html"}).text)


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/report/tabel-1", 404, "table-1"),
        ("/report/table-1.ttl", 404, "table-1"),
        ("/report?section=9.9", 404, "3.1"),
        ("/report?page=2", 404, "no page of this list"),
        ("/report.pdf", 404, "html"),
        ("/works/nosuch", 404, "no work"),
        ("/works/nosuch/table-1", 404, "no work"),
        ("/disagreements?kind=quarrel", 400, "denies"),
        ("/disagreements?kind=&kind=quarrel", 400, "denies"),
        ("/disagreements?kind=denies&kind=in-tension", 400, "denies, in-tension"),
        ("/disagreements?kind=denies&page=2", 404, "no page of this list"),
        ("/disagreements?kind=%3Cb%3E&page=1", 400, "&lt;b&gt;"),
        ("/evidence/friendships", 404, "twinnings"),
        ("/evidence/twinnings.xml", 404, "twinnings"),
        ("/report/" + "x" * 5000, 404, "no passage"),
    ],
)
def test_what_there_is_not_is_a_page_that_says_so_and_leads_on(ask: Ask, path: str, status: int, says: str) -> None:
    answer = ask(*HTML, path)
    assert (answer.status, answer.type) == (status, "text/html")
    assert says in answer.body.decode()
    assert {"/report", "/disagreements"} <= links(answer.body.decode())


@pytest.mark.parametrize(
    ("asked", "last", "start"),
    [
        ("/report?section=3.1", 2, "/report"),
        ("/disagreements?kind=in-tension", 4, "/disagreements"),
        ("/doc/passage", 2, "/doc"),
        ("/search?q=city&kind=passage", 4, "/search"),
    ],
)
def test_a_page_past_the_end_leads_to_the_last_one_and_the_beginning(
    ask: Ask, asked: str, last: int, start: str
) -> None:
    path, _, query = asked.partition("?")
    answer = ask(*HTML, f"{path}?{query}&page=99")
    text = html.unescape(answer.body.decode())
    pages = [f"{path}?{query}&page={number}".replace("?&", "?") for number in range(1, last + 1)]
    assert answer.status == 404
    assert links(text) > {*pages, start}
    assert f'"{pages[-1]}">Page {last}, the last<' in text
    assert ask(f"{path}?{query}&page=99").members["pages"] == last


def test_an_unknown_kind_is_answered_with_those_that_there_are(ask: Ask) -> None:
    answer = ask(*HTML, "/disagreements?kind=quarrel")
    assert "/disagreements?kind=in-tension" in links(answer.body.decode())
    assert "There is no kind of disagreement named" in answer.body.decode()
    problem = ask("/disagreements.json?kind=quarrel")
    assert (problem.status, problem.type) == (400, "application/problem+json")


def test_a_long_list_has_its_last_page() -> None:
    assert [count_pages(count, 20) for count in (0, 1, 20, 21, 40, 41)] == [1, 1, 1, 2, 2, 3]
    assert [parse_page_number(page, 3) for page in ("", "1", "3")] == [1, 1, 3]
    for page in ("0", "4", "01", "+1", "１", "1.0"):
        with pytest.raises(PageNumberError):
            parse_page_number(page, 3)
