"""The drawing of a table: which views fit what its columns hold, and that a mark stands for each row."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from kg.errors import BadValueError
from kg.queries import CannedQuery, Question, canned_queries
from kg.rdf.labels import display_names
from kg.rdf.lookup import Term
from kg.rdf.rows import FirstRows, Row
from kg.rdf.vocabulary import GEO, XSD
from kg.sparql.evaluation import run
from kg.views import VIEWS, Roles, View, fitting_views, marks, marks_of
from server.figures.views import Figure, ViewedTable, ViewSwitch
from server.figures.views.timeline import Axis, ticks

pytestmark = pytest.mark.drawn

DRAWN = [query for query in canned_queries().values() if query.view in VIEWS]
A, B, C = (NamedNode(f"https://w3id.org/city-diplomacy/id/city/{name}") for name in ("a-b", "b", "c"))
LONDON, BEIJING = Literal("POINT(-0.13 51.51)", datatype=GEO.wktLiteral), Literal("POINT(116.4 39.9)")


def year(stated: int) -> Literal:
    return Literal(str(stated), datatype=XSD.gYear)


def table(names: str, *rows: Sequence[Term | None]) -> ViewedTable:
    iris = {term.value for row in rows for term in row if isinstance(term, NamedNode)}
    iris |= set(re.findall(r"<([^>]+)>", " ".join(str(term) for row in rows for term in row)))
    called = {iri: iri.rpartition("/")[2] for iri in iris}
    found = FirstRows(tuple(names.split()), tuple(map(tuple, rows)), len(rows), display_names=called)
    return replace(ViewedTable.of(found), in_work=in_work)


def in_work(text: str, iri: str) -> str:
    """Name a passage with its work."""
    return f"A Report of 2025 with a long name, {text}" if "/passage/" in iri else text


def drawn(of: ViewedTable, view: str, app: Flask) -> Figure:
    with app.app_context():
        figure = of.figure(view)
    assert figure is not None
    return figure


@pytest.mark.parametrize("query", DRAWN, ids=lambda query: query.name)
def test_each_question_that_names_a_view_has_its_figure(
    query: CannedQuery, store_for: Callable[[CannedQuery], Store], app: Flask
) -> None:
    store = store_for(query)
    answer = run(store, query.text if query.works else Question(query).example().text())
    assert isinstance(answer, QuerySolutions)
    found = FirstRows.of(answer)
    iris = re.findall(r"<([^>]+)>", " ".join(str(term) for row in found.rows for term in row))
    named = FirstRows(found.names, found.rows, found.count, display_names=display_names(store, iris))
    with app.app_context():
        figure = replace(ViewedTable.of(named, query.summary), in_work=in_work).figure(query.view)
        assert figure is not None
        ElementTree.fromstring(figure.file(["Source"]))
    assert "nan" not in re.findall(r'"([^"]*)"', figure.body)
    assert len(re.findall(r"<circle|<rect|class=\"span", figure.body)) >= min(len(found.rows), 3)


@pytest.mark.parametrize(
    ("names", "row", "views"),
    [
        ("city twins", (A, Literal(3)), ["bars"]),
        ("year number", (year(1990), Literal(3)), ["timeline", "bars"]),
        ("one other", (A, B), ["pairs"]),
        ("place wkt", (A, LONDON), ["map"]),
        ("place lat long", (A, Literal(51.5), Literal(-0.1)), ["map"]),
        ("place lat long", (A, Literal(51.5), Literal(-200.1)), []),
        ("what begin", (A, Literal("1980s")), ["timeline"]),
        ("what words", (A, Literal("1980s")), []),
        (
            "one oneLat oneLong other otherLat otherLong",
            (A, *map(Literal, (1, 2)), B, *map(Literal, (3, 4))),
            ["map", "pairs"],
        ),
        ("place order", (A, Literal(69)), []),
        ("n", (Literal(3),), []),
        ("city", (A,), []),
        ("city cityLabel", (A, Literal("a")), []),
    ],
)
def test_views_fit_by_what_the_columns_hold(names: str, row: Sequence[Term], views: list[str], app: Flask) -> None:
    shown = table(names, row)
    with app.app_context():
        assert [view for view in VIEWS if shown.figure(view) is not None] == views


def test_a_matrix_has_categories_that_differ(app: Flask) -> None:
    rows = [(A, Literal("x")), (B, Literal("y")), (A, Literal("y"))]
    figure = drawn(table("city kind", *rows), "matrix", app)
    assert figure.body.count('class="cell') == len(rows)
    numbers = [(*row, Literal(n)) for n, row in enumerate(rows, 1_234)]
    assert ">1236<" in drawn(table("city kind number", *numbers), "matrix", app).body
    again = drawn(table("city kind number", *numbers, (*rows[0], Literal(7_777))), "matrix", app)
    assert (">2<" in again.body, ">1<" in again.body, ">1235<" in again.body) == (True, True, False)
    assert again.note == "The numbers are counts of rows."
    assert "matrix" not in table("city kind", *rows[:1]).read("").fitting


def test_a_view_that_does_not_fit_says_what_it_needs(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(BadValueError, match="view map does not fit this answer: it needs a position") as error:
            table("city twins", (A, Literal(3))).required_figure("map", "")
        assert error.value.hint == "Views that fit: table, bars."
        with pytest.raises(BadValueError, match="has no rows"):
            table("city twins").required_figure("bars", "")
        with pytest.raises(BadValueError, match=r"Did you mean 'bars'\?"):
            ViewSwitch.read(["bar"])


terms = st.one_of(
    st.none(),
    st.sampled_from(
        [
            A,
            B,
            C,
            LONDON,
            BEIJING,
            Literal("POINT(500 3)"),
            Literal("x"),
            Literal("yy"),
            Literal("NaN", datatype=XSD.double),
        ]
    ),
    st.integers(-5, 5).map(Literal),
    st.integers(1900, 2020).map(year),
)


def _has_values(view: str, roles: Roles, row: Row) -> bool:
    """Return True if a row of these terms has what a view draws, by other means than the code."""
    if view == "bars":
        value = row[roles.values[0]]
        return isinstance(value, Literal) and value.datatype == XSD.integer
    if view == "timeline":
        return any(isinstance(value := row[at], Literal) and value.datatype == XSD.gYear for at in roles.values)
    if view == "map":
        return any(row[at] in (LONDON, BEIJING) for places in roles.positions for at in places)
    return None not in [row[at] for at in roles.ends]


things = st.sampled_from([A, B, C, None])
numbers = st.one_of(st.integers(-5, 5).map(Literal), st.sampled_from([None, Literal("NaN", datatype=XSD.double)]))
shapes = st.sampled_from([LONDON, BEIJING, Literal("POINT(500 3)"), None])
years = st.one_of(st.integers(1900, 2020).map(year), st.none())
of_one_kind = st.one_of(st.tuples(things, things, numbers, shapes), st.tuples(things, years, numbers, shapes))


@given(st.one_of(st.lists(of_one_kind, max_size=30), st.lists(st.tuples(terms, terms, terms, terms), max_size=30)))
def test_marks_stand_for_the_rows_that_have_the_values(rows: list[tuple[Term | None, ...]]) -> None:
    names = ("one", "other", "number", "wkt")
    for view, roles in fitting_views(names, rows).items():
        found = marks_of(view, roles, rows)
        assert sum(mark.rows for mark in found.drawn) == found.with_values or found.is_cut
        assert found.with_values + found.without == len(rows)
        view_of_all = View.of(FirstRows(names, tuple(rows), len(rows), display_names={A.value: "a"}), view)
        assert view_of_all.marks == found
        assert View.from_json(view_of_all.as_json()) == view_of_all
        assert found.with_values == sum(_has_values(view, roles, row) for row in rows)


@pytest.mark.parametrize(
    ("view", "most"), [("bars", marks.MOST["bars"]), ("pairs", marks.MOST["pairs"]), ("map", marks.MOST["map"])]
)
def test_of_more_than_can_be_read_the_largest_are_drawn(view: str, most: int, app: Flask) -> None:
    things = [NamedNode(f"https://w3id.org/city-diplomacy/id/city/n{n}") for n in range(500)]
    rows = [
        (thing, B, Literal(n), Literal(f"POINT({n % 180} {n // 10})", datatype=GEO.wktLiteral))
        for n, thing in enumerate(things)
    ]
    figure = drawn(table("one other number wkt", *rows), view, app)
    assert f"The {most} largest of 500" in figure.note
    if view == "bars":
        assert figure.body.count("<rect") == most
        assert ">n499<" in figure.body
        assert ">n1<" not in figure.body


def test_who_objects_stands_beside_the_mark_in_words_and_colour(app: Flask) -> None:
    table_1 = "https://w3id.org/city-diplomacy/id/passage/table-1"
    objections = Literal(f"denies <{table_1}>")
    cases: tuple[tuple[str, str, tuple[Term, ...]], ...] = (
        ("bars", "one other n objections", (A, B, Literal(3))),
        ("pairs", "one other objections", (A, B)),
        ("timeline", "one begin objections", (A, year(1990))),
        ("map", "one wkt objections", (A, LONDON)),
    )
    for view, columns, values in cases:
        figure = drawn(table(columns, (*values, objections)), view, app)
        assert figure.kinds == (() if view in ("bars", "timeline") else ("denies",))  # of which it has the sign
        assert "of-denies" in figure.body
        assert "Denied by A Report of 2025 with a long name, table-1" in figure.body
        assert " …<" not in figure.body


def test_a_file_stands_alone(app: Flask) -> None:
    with app.app_context():
        figure = table("city n", (A, Literal(3)), (B, Literal(2)), (Literal("\x01 & <b>"), Literal(1))).required_figure(
            "bars", "https://x.org"
        )
        address = f"https://x.org/sparql?query={'a-' * 150}"
        root = ElementTree.fromstring(figure.file(["Source: a graph, revision 1. Licence: CC-BY-4.0.", address]))
    space = "{http://www.w3.org/2000/svg}"
    text = " ".join(root.itertext())
    assert "Licence: CC-BY-4.0" in text
    assert "prefers-color-scheme: dark" in text
    assert {link.get("href") for link in root.iter(f"{space}a")} == {
        "https://x.org/doc/city/a-b",
        "https://x.org/doc/city/b",
    }
    assert root.find(f"{space}title") is not None
    (description,) = root.iter(f"{space}desc")
    assert description.text
    assert description.text.endswith(f" {address}")
    assert address in ["".join(line.itertext()).strip() for line in root.iter(f"{space}text")]
    assert not re.search(r"url\(|@import|<image|<script", text)


def test_what_lies_in_a_place_is_named_after_it(app: Flask) -> None:
    names = "operator place lat long status"
    tianjin: list[Term] = [B, Literal(39.14222), Literal(117.17667)]
    dusseldorf: list[Term] = [C, Literal(51.22319), Literal(6.77927)]
    rows: list[Row] = [(Literal(who), *tianjin, Literal("current")) for who in ("Kobe", "Melbourne", "Kobe")]
    figure = drawn(table(names, *rows, (Literal("Chongqing"), *dusseldorf, Literal("planned"))), "map", app)
    assert "b: Kobe, Melbourne" in figure.body
    assert "c: Chongqing (planned)" in figure.body


def test_bars_are_as_long_as_their_numbers(app: Flask) -> None:
    rows: list[Row] = [(A, Literal(10)), (Literal("<b>"), Literal(-5)), (Literal("c"), Literal(0))]
    body = drawn(table("what number", *rows), "bars", app).body
    assert re.findall(r'x="([\d.]+)%" y="\d+" width="([\d.]+)%"', body) == [
        ("33.33", "66.67"),
        ("0.0", "33.33"),
        ("33.33", "0.0"),
    ]
    assert '<a href="/doc/city/a-b">a-b</a>' in body
    assert "&lt;b&gt;" in body


def test_a_place_with_more_twins_has_a_larger_dot(app: Flask) -> None:
    rows = [(A, Literal(4), LONDON), (B, Literal(25), BEIJING)]
    body = drawn(table("body twins wkt", *rows), "map", app).body
    radii = {float(radius) for radius in re.findall(r'<circle[^>]* r="([\d.]+)"', body)}
    assert {4.8, 8.7} <= radii


def spans(body: str) -> list[tuple[str, str]]:
    return re.findall(r'class="span" x1="([\d.]+)%" x2="([\d.]+)%', body)


def test_a_vague_date_is_a_long_span_and_keeps_its_words(app: Flask) -> None:
    day = [Literal(text, datatype=XSD.date) for text in ("1990-01-01", "1999-12-31")]
    body = drawn(table("thing begin earliest latest", (A, Literal("1990s"), *day)), "timeline", app).body
    assert spans(body) == [("0.0", "99.95")]
    assert "1990s" in body


def test_what_is_open_goes_on_to_the_end(app: Flask) -> None:
    day = [Literal(text, datatype=XSD.date) for text in ("2000-01-01", "2009-01-01", "2014-12-31")]
    rows = [(A, Literal("since 2000"), day[0], None), (B, Literal("2009 to 2014"), day[1], day[2])]
    body = drawn(table("thing time earliest latest", *rows), "timeline", app).body
    (_, open_end), (_, last_end) = spans(body)
    assert open_end == last_end
    assert "since 2000" in body


def test_an_event_of_which_nothing_is_said_is_named_after_its_thing(app: Flask) -> None:
    rows = [
        (Literal("begun"), A, year(2016), None),
        (Literal("ended"), B, year(2015), Literal("It pays no more.")),
    ]
    body = drawn(table("change tie begin says", *rows), "timeline", app).body
    assert '<a href="/doc/city/a-b">a-b</a>' in body
    assert "It pays no more." in body
    assert "/doc/city/b" not in body


def test_the_axis_ends_where_the_last_span_ends(app: Flask) -> None:
    body = drawn(table("thing begin", (A, year(1951)), (B, year(1980)), (C, year(2014))), "timeline", app).body
    assert max(float(end) for _, end in spans(body)) > 99
    assert max(years_of_axis(body)) == 2010


def test_the_axis_leaves_out_centuries_in_which_nothing_is_dated(app: Flask) -> None:
    body = drawn(table("thing begin", (A, year(1801)), (B, year(2014)), (C, year(2016))), "timeline", app).body
    assert ">…<" in body
    first, *others = years_of_axis(body)
    assert (first, min(others) >= 2014) == (1801, True)


def years_of_axis(body: str) -> list[int]:
    axis = re.search(r'<g class="years">.*?</g>', body, re.DOTALL)
    assert axis
    return list(map(int, re.findall(r">(\d{4})</text>", axis[0])))


def test_an_act_of_which_several_sources_tell_is_drawn_once(app: Flask) -> None:
    day = [Literal(text, datatype=XSD.date) for text in ("1986-01-01", "1986-12-31")]
    row = (A, Literal("1986"), *day)
    assert len(spans(drawn(table("thing begin earliest latest", row, row), "timeline", app).body)) == 1


@given(st.lists(st.tuples(st.integers(1, 2100), st.integers(1, 300)), min_size=1, max_size=12))
def test_the_axis_keeps_the_order_of_time(given: list[tuple[int, int]]) -> None:
    axis = Axis.over([(first, first + length) for first, length in given])
    moments = sorted({moment for first, length in given for moment in (first, first + length)})
    shares = [axis.share(moment) for moment in moments]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 100.01
    assert len({one.begin for one in axis.stretches}) == len(axis.breaks()) + 1


@given(st.dates(), st.dates())
def test_the_axis_holds_all_years(one: date, other: date) -> None:
    first, last = sorted((one.year, other.year))
    years = ticks(first, last + 1)
    assert years[0] <= first < last + 1 <= years[-1]
    assert len(years) <= 12
    assert len({b - a for a, b in itertools.pairwise(years)}) == 1
