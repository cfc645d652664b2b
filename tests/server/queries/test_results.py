"""The answer to a question on its page: sorted by labels, filtered, counted, hidden, turned and downloaded."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from flask.testing import FlaskClient

from server.queries.page import QuestionPage
from tests.support.answer_page import heading, rows
from tests.support.http import Answer, Ask

PEOPLE = ("-H", "Accept: text/html")
PAIRS = (
    "/queries/twinnings?country=country:united-kingdom&other=country:china&table=yes"
    "&columns=one:uk,oneLabel:ukLabel,twin:chinese,twinLabel:chineseLabel,tables,twinning"
)


def cells(answer: Answer, column: int) -> list[str]:
    """Return the texts of a column of the table."""
    return [row[column] for row in rows(answer)]


def test_a_heading_sorts_things_by_the_labels_that_the_page_shows(ask: Ask) -> None:
    plain = ask(*PEOPLE, PAIRS)
    up = ask(*PEOPLE, heading(plain, 1))
    assert cells(up, 1) == sorted(cells(plain, 1)) != cells(plain, 1)
    assert 'aria-sort="ascending"' in up.body.decode()
    down = ask(*PEOPLE, heading(up, 1))
    assert cells(down, 1) == sorted(cells(plain, 1), reverse=True)


def test_rows_are_filtered_and_downloads_have_the_same(ask: Ask) -> None:
    whole = cells(ask(*PEOPLE, PAIRS), 0)
    page = ask(*PEOPLE, f"{PAIRS}&filter.uk=birm")
    assert cells(page, 0) == [name for name in whole if "birm" in name.lower()]
    assert f"{len(cells(page, 0))} of {len(whole)} rows" in page.body.decode()
    download = re.search(r'href="([^"]*)">CSV</a>', page.body.decode())
    assert download
    downloaded = list(csv.DictReader(io.StringIO(ask(html.unescape(download[1])).body.decode())))
    assert [row["ukLabel"] for row in downloaded] == cells(page, 0)
    none = ask(*PEOPLE, f"{PAIRS}&filter.uk=xyzzy")
    assert f"No row matches, of {len(whole)}." in none.body.decode()


def test_a_comparison_says_which_rows_it_leaves_out(ask: Ask) -> None:
    said = " ".join(ask(*PEOPLE, "/queries/network-foundings?filter.begin=1980..1990").body.decode().split())
    assert "a value in “When it was founded” that is neither a number nor a date. The filter leaves" in said


def test_a_hidden_column_takes_its_labels_along(ask: Ask) -> None:
    plain, hidden = ask(*PEOPLE, PAIRS), ask(*PEOPLE, f"{PAIRS}&hide=uk")
    assert cells(hidden, 0) == cells(plain, 1)
    whole, rest = (
        ask(f"{PAIRS}&format=csv{end}").body.decode().split("\r\n")[0].split(",") for end in ("", "&hide=uk")
    )
    assert [name for name in whole if name not in rest] == ["uk", "ukLabel"]


@pytest.mark.drawn
def test_a_long_answer_has_pages_that_hold_all_rows_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def text(address: str) -> str:
        return client.get(address, headers={"Accept": "text/html"}).text

    monkeypatch.setattr(QuestionPage, "MOST_BYTES", 18_000)
    page, seen = text("/queries/ties?sort=-kind"), list[str]()
    while True:
        seen += re.findall(r"<tr><td[^>]*>(.*?)</td>", page)
        following = re.search(r'<a rel="next" href="([^"]*)"', page)
        if not following:
            break
        assert page.count("</tr>") > 1
        page = text(html.unescape(following[1]))
    whole = list(csv.reader(io.StringIO(client.get("/queries/ties.csv").text)))
    assert len(seen) == len(whole) - 1
    assert 'rel="prev"' in page


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("sort=nope", "The result has no column 'nope'."),
        ("srt=twin", "has no parameter 'srt'."),
    ],
)
def test_what_does_not_fit_is_said_above_the_form(ask: Ask, parameters: str, message: str) -> None:
    answer = ask(*PEOPLE, f"{PAIRS}&{parameters}")
    assert (answer.status, message in html.unescape(answer.body.decode())) == (400, True)


@pytest.mark.parametrize("form", ["csv", "json", "rq"])
@pytest.mark.parametrize("parameter", ["sort=nope", "facet=nope", "is.nope=x", "hide=nope", "from=nope"])
def test_what_a_format_does_not_show_is_checked_as_well(ask: Ask, form: str, parameter: str) -> None:
    assert ask(f"{PAIRS}&format={form}&{parameter}").status == 400
    assert ask(f"{PAIRS}&format={form}&sort=-uk&facet=tables&from=2").status == 200
