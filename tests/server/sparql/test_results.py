"""The result of a SELECT on its page: sorted, filtered, counted, hidden, turned and downloaded by its address."""

from __future__ import annotations

import csv
import html
import io
import re
from urllib.parse import urlencode

import pytest

from kg.results import ResultWriter
from tests.support.answer_page import heading, rows
from tests.support.http import Answer, Ask

PEOPLE = ("-H", "Accept: text/html")
TWINS = "SELECT ?city ?twin { ?city cd:twinnedWith ?twin } ORDER BY ?twin"
ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"


def shown(ask: Ask, query: str, *more: tuple[str, str]) -> Answer:
    return ask(*PEOPLE, "/sparql?" + urlencode([("query", query), *more]))


def first_things(answer: Answer) -> list[str]:
    """Return the things of the first column by their addresses, which have the order of their IRIs."""
    return re.findall(r'<tr><td><a href="([^"]*)"', answer.body.decode())


def caption(answer: Answer) -> str:
    found = re.search("<caption>([^<,]*(?:,[0-9]+[^<,]*)*)", answer.body.decode())
    assert found, answer.body
    return found[1]


def link(answer: Answer, text: str) -> str:
    """Return where the first link leads whose text has something within it."""
    for href, inner in re.findall(r'<a\b[^>]*href="([^"]*)"[^>]*>(.*?)</a>', answer.body.decode(), re.S):
        if text in html.unescape(re.sub("<[^>]*>", "", inner)):
            return html.unescape(href)
    raise AssertionError(text)


def table(ask: Ask, query: str, *more: tuple[str, str], name: str = "csv") -> list[list[str]]:
    answer = ask("/sparql?" + urlencode([("query", query), *more, ("format", name)]))
    assert answer.status == 200, answer.body
    return list(csv.reader(io.StringIO(answer.body.decode())))


def test_headings_sort_upwards_then_downwards_and_say_so(ask: Ask) -> None:
    plain = shown(ask, TWINS)
    assert heading(plain, 0).endswith("#answer")
    assert '<div id="answer"' in plain.body.decode()
    up = ask(*PEOPLE, heading(plain, 0))
    assert first_things(up) == sorted(first_things(plain))
    assert '<th scope="col" aria-sort="ascending">' in up.body.decode()
    down = ask(*PEOPLE, heading(up, 0))
    assert first_things(down) == sorted(first_things(plain), reverse=True)
    assert 'aria-sort="descending"' in down.body.decode()
    assert rows(ask(*PEOPLE, link(down, "sorted by city, descending"))) == rows(plain)


def test_rows_are_filtered_by_names_and_counted_truly(ask: Ask) -> None:
    plain = shown(ask, TWINS)
    total = len(rows(plain))
    assert caption(plain) == f"{total} rows"
    some = shown(ask, TWINS, ("filter.city", "BIRM"))
    assert rows(some) == [row for row in rows(plain) if "birm" in row[0].lower()]
    assert caption(some) == f"{len(rows(some))} of {total} rows"
    assert rows(ask(*PEOPLE, link(some, "city contains “BIRM”"))) == rows(plain)
    none = shown(ask, TWINS, ("filter.city", "xyzzy"))
    assert (none.status, f"No row matches, of {total}." in none.body.decode()) == (200, True)
    assert 'id="answer"' in none.body.decode()
    assert rows(ask(*PEOPLE, link(none, "Show all rows"))) == rows(plain)


def test_values_are_counted_over_all_rows_and_lead_to_their_rows(ask: Ask) -> None:
    plain = rows(shown(ask, TWINS))
    counted = shown(ask, TWINS, ("facet", "city"))
    values = re.findall(
        r'<a href="([^"]*)" rel="nofollow">([^<]*)</a> <span class="muted">(\d+)<', counted.body.decode()
    )
    names = [row[0] for row in plain]
    assert [int(count) for _, _, count in values] == sorted((names.count(name) for name in set(names)), reverse=True)[
        :50
    ]
    for href, name, count in values[:3]:
        chosen = ask(*PEOPLE, html.unescape(href))
        assert [row[0] for row in rows(chosen)] == [html.unescape(name)] * int(count)
        assert link(chosen, f"city: {html.unescape(name)}")
    first, second = (html.unescape(href) for href, _, _ in values[:2])
    both = ask(*PEOPLE, first.replace("#answer", "&") + re.findall("is.city=[^&#]*", second)[0])
    assert len(rows(both)) == int(values[0][2]) + int(values[1][2])


@pytest.mark.drawn
def test_a_facet_of_many_values_shows_the_first_and_filters_them(ask: Ask) -> None:
    many = shown(ask, ALL, ("facet", "o"))
    rest = re.search(r"([\d,]+) more values: filter them", many.body.decode())
    assert rest
    assert int(rest[1].replace(",", "")) > 5_000
    some = shown(ask, ALL, ("facet", "o"), ("values", "birmingham and guangzhou"))
    assert "more values" not in some.body.decode()
    assert link(some, "Twinning of Birmingham and Guangzhou")
    assert "No results for “xyzzy”" in shown(ask, ALL, ("facet", "o"), ("values", "xyzzy")).body.decode()


def test_hidden_columns_are_gone_from_the_table_and_come_back(ask: Ask) -> None:
    hidden = shown(ask, TWINS, ("hide", "twin"), ("sort", "-twin"))
    assert {len(row) for row in rows(hidden)} == {1}
    assert {len(row) for row in rows(ask(*PEOPLE, link(hidden, "Show twin")))} == {2}
    assert shown(ask, TWINS, ("hide", "city,twin")).status == 200


@pytest.mark.drawn
def test_pages_turn_through_all_rows_each_once(ask: Ask) -> None:
    things = "SELECT DISTINCT ?s { ?s ?p ?o } LIMIT 3000"
    query = f"SELECT ?n ?text {{ {{ {things} }} BIND(STR(?s) AS ?n) BIND(SHA256(?n) AS ?text) }}"
    answer = shown(ask, query, ("sort", "text"))
    seen = [row[1] for row in rows(answer)]
    assert caption(answer) == f"Rows 1–{len(seen)} of 3,000 rows"
    while 'rel="next"' in answer.body.decode():
        answer = ask(*PEOPLE, link(answer, "Next page"))
        seen += [row[1] for row in rows(answer)]
    assert (len(seen), seen) == (3000, sorted(seen))
    assert rows(ask(*PEOPLE, link(answer, "First page")))[0][1] == seen[0]
    beyond = shown(ask, query, ("from", "5000"))
    assert (beyond.status, rows(beyond)) == (200, [])


def test_downloads_have_the_rows_and_columns_that_are_shown(ask: Ask) -> None:
    view = (("filter.city", "birm"), ("sort", "-twin"), ("hide", "city"))
    page = shown(ask, TWINS, *view)
    head, *body = table(ask, TWINS, *view)
    assert (head, len(body)) == (["twin"], len(rows(page)))
    assert [one for (one,) in body] == sorted((one for (one,) in body), reverse=True)
    answer = ask(link(page, "CSV"))
    assert list(csv.reader(io.StringIO(answer.body.decode())))[1:] == body
    assert table(ask, TWINS, *view, name="tsv")[0] == ["?twin"]
    assert table(ask, TWINS) != table(ask, TWINS, ("sort", "-twin"))


def test_who_says_so_goes_with_its_row(ask: Ask) -> None:
    query = "SELECT ?city ?twin { ?t cd:twin ?city , ?twin FILTER(?twin != ?city) } LIMIT 60"
    plain = rows(shown(ask, query, ("evidence", "yes")))
    down = shown(ask, query, ("evidence", "yes"), ("sort", "-twin"), ("filter.twin", "ham"))
    assert len({row[2] for row in rows(down)}) > 1
    assert sorted(rows(down)) == sorted(row for row in plain if "ham" in row[1])
    head, *body = table(ask, query, ("evidence", "yes"), ("sort", "-twin"))
    assert head == ["city", "twin", "evidence", "saysOtherwise", "objections"]
    assert sorted(body) == sorted(table(ask, query, ("evidence", "yes"))[1:])


@pytest.mark.drawn
def test_beyond_what_is_kept_the_page_says_so_and_counts_no_more(ask: Ask) -> None:
    million = "SELECT ?a ?b { { SELECT ?a { ?a ?p ?o } LIMIT 1000 } { SELECT ?b { ?b ?p ?o } LIMIT 1000 } }"
    answer = shown(ask, million, ("sort", "-b"))
    said = re.fullmatch(r"Rows 1–[\d,]+ of the first ([\d,]+) rows", caption(answer))
    assert said
    assert 1_000 <= int(said[1].replace(",", "")) <= ResultWriter.MOST_ROWS
    content = answer.body.decode()
    assert "1,000,000 rows" not in content
    assert f"The query has more rows than the first {said[1]}. A result is kept up to 100,000 rows" in content
    assert "Only the rows kept are sorted" in content


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (("sort", "twn"), "The result has no column 'twn'. Did you mean 'twin'?"),
        (("filter.nope", "a"), "The result has no column 'nope'."),
        (("facet", "nope"), "The result has no column 'nope'."),
        (("is.nope", "a"), "The result has no column 'nope'."),
        (("hide", "nope"), "The result has no column 'nope'."),
        (("from", "x"), "from='x' is not the number of a row."),
        (("filter.city", "a" * 2_001), "has more than 2,000 characters."),
    ],
)
def test_a_view_that_does_not_fit_is_refused_and_says_why(ask: Ask, view: tuple[str, str], message: str) -> None:
    answer = shown(ask, TWINS, view)
    assert answer.status == 400
    assert message in html.unescape(answer.body.decode())


def test_the_form_carries_no_view_to_another_query(ask: Ask) -> None:
    answer = shown(ask, TWINS, ("view", "bars"), ("sort", "city"), ("facet", "city"), ("evidence", "yes"))
    form = re.search(r'<form action="/sparql" class="query">.*?</form>', answer.body.decode(), re.S)
    assert form
    assert re.findall(r'name="([^"]*)"', form[0]) == ["query", "evidence"]


def test_a_value_that_is_not_there_has_no_row(ask: Ask) -> None:
    answer = shown(ask, TWINS, ("is.city", "') OR 1=1 --"))
    assert "No row matches" in answer.body.decode()


def test_a_query_too_long_for_links_is_shown_without_controls(ask: Ask) -> None:
    answer = shown(ask, f"{TWINS}\n#{'x' * 9_000}")
    assert (answer.status, "Columns and filters" in answer.body.decode()) == (200, False)
    assert len(rows(answer)) > 1
