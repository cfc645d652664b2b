"""The drawing of a table: by its view and by what it holds."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import QuerySolutions, Store

from kg.queries import CannedQuery, Question, canned_queries
from kg.rdf.labels import display_names
from kg.sparql.evaluation import run
from server.figures import figure_for
from server.figures.timeline import ticks
from server.web import LinkedText

DRAWN = [query for query in canned_queries().values() if query.view in ("bars", "timeline", "map")]


@pytest.mark.parametrize("query", DRAWN, ids=lambda query: query.name)
def test_each_question_that_names_a_drawing_has_one(
    query: CannedQuery, store_for: Callable[[CannedQuery], Store], app: Flask
) -> None:
    store = store_for(query)
    answer = run(store, query.text if query.works else Question(query).example().text())
    assert isinstance(answer, QuerySolutions)
    columns = [variable.value for variable in answer.variables]
    rows = [[shown(store, row[name]) for name in columns] for row in answer]
    with app.app_context():
        drawn = figure_for(query.view, columns, rows)
    assert drawn is not None
    assert ">nan" not in drawn.replace('"', ">")
    assert len(re.findall(r"<li>|<circle|<rect", drawn)) >= min(len(rows), 3)


def shown(store: Store, term: object) -> LinkedText:
    value = str(getattr(term, "value", "" if term is None else term))
    is_thing = value.startswith("https://w3id.org/")
    return LinkedText(display_names(store, [value])[value], "/x") if is_thing else LinkedText(value)


def test_what_a_table_cannot_show_is_not_drawn(app: Flask) -> None:
    words = [[LinkedText("a"), LinkedText("b")]]
    with app.app_context():
        for view in ("bars", "timeline", "map", "graph", "table", "nonsense"):
            assert figure_for(view, ["one", "two"], words) is None
        assert figure_for("bars", ["one", "two"], []) is None
        assert figure_for("map", ["place", "wkt"], [[LinkedText("a"), LinkedText("POINT(1 2 3)")]]) is None
        assert figure_for("timeline", ["what", "earliest"], [[LinkedText("a"), LinkedText("soon")]]) is None


def test_what_lies_in_a_place_is_named_after_it(app: Flask) -> None:
    columns = ["operator", "place", "lat", "long", "status"]
    tianjin = [LinkedText("Tianjin", "/t"), LinkedText("39.14222"), LinkedText("117.17667"), LinkedText("current")]
    dusseldorf = [LinkedText("Düsseldorf"), LinkedText("51.22319"), LinkedText("6.77927"), LinkedText("planned")]
    rows = [[LinkedText(who), *tianjin] for who in ("Kobe", "Melbourne", "Kobe")] + [
        [LinkedText("Chongqing"), *dusseldorf]
    ]
    with app.app_context():
        drawn = figure_for("map", columns, rows)
    assert drawn is not None
    assert "Tianjin: Kobe, Melbourne" in drawn
    assert "Düsseldorf: Chongqing (planned)" in drawn


def test_bars_are_as_long_as_their_numbers(app: Flask) -> None:
    rows = [
        [LinkedText("a<b", "/a"), LinkedText("10")],
        [LinkedText("b"), LinkedText("-5")],
        [LinkedText("c"), LinkedText("0")],
    ]
    with app.app_context():
        drawn = figure_for("bars", ["what", "number"], rows)
    assert drawn is not None
    assert re.findall(r'x="([\d.]+)%" width="([\d.]+)%"', drawn) == [
        ("33.33", "66.67"),
        ("0.0", "33.33"),
        ("33.33", "0.0"),
    ]
    assert '<a href="/a">a&lt;b</a>' in drawn


def test_a_place_with_more_twins_has_a_larger_dot(app: Flask) -> None:
    rows = [
        [LinkedText("few", "/few"), LinkedText("4"), LinkedText("POINT(10 50)")],
        [LinkedText("many", "/many"), LinkedText("25"), LinkedText("POINT(20 45)")],
    ]
    with app.app_context():
        drawn = figure_for("map", ["body", "twins", "wkt"], rows)
    assert drawn is not None
    radii = {float(radius) for radius in re.findall(r'<circle[^>]* r="([\d.]+)"', drawn)}
    assert {4.8, 8.7} <= radii


def test_a_vague_date_is_a_long_span_and_keeps_its_words(app: Flask) -> None:
    names = ["thing", "begin", "earliest", "latest"]
    rows = [[LinkedText("x"), LinkedText("1990s"), LinkedText("1990-01-01"), LinkedText("1999-12-31")]]
    with app.app_context():
        drawn = figure_for("timeline", names, rows)
    assert drawn is not None
    assert 'x1="0.0%" x2="99.95%"' in drawn
    assert "1990s" in drawn


def test_what_is_open_goes_on_to_the_end(app: Flask) -> None:
    names = ["thing", "time", "earliest", "latest"]
    rows = [
        [LinkedText("x"), LinkedText("since 2000"), LinkedText("2000-01-01"), LinkedText("")],
        [LinkedText("y"), LinkedText("2009 to 2014"), LinkedText("2009-01-01"), LinkedText("2014-12-31")],
    ]
    with app.app_context():
        drawn = figure_for("timeline", names, rows)
    assert drawn is not None
    (_, open_end), (_, last_end) = re.findall(r'class="span" x1="([\d.]+)%" x2="([\d.]+)%', drawn)
    assert open_end == last_end
    assert "since 2000" in drawn


def test_an_event_of_which_nothing_is_said_is_named_after_its_thing(app: Flask) -> None:
    names = ["change", "tie", "begin", "says"]
    rows = [
        [LinkedText("begun"), LinkedText("Twinning of Belfast and Shenyang", "/b"), LinkedText("2016"), LinkedText("")],
        [LinkedText("ended"), LinkedText("Membership", "/m"), LinkedText("2015"), LinkedText("It pays no more.")],
    ]
    with app.app_context():
        drawn = figure_for("timeline", names, rows)
    assert drawn is not None
    assert '<a href="/b">Twinning of Belfast and Shenyang</a>' in drawn
    assert "It pays no more." in drawn
    assert "Membership" not in drawn


def test_the_axis_ends_where_the_last_span_ends(app: Flask) -> None:
    names = ["thing", "begin"]
    rows = [[LinkedText("x"), LinkedText("1801")], [LinkedText("y"), LinkedText("2014")]]
    with app.app_context():
        drawn = figure_for("timeline", names, rows)
    assert drawn is not None
    assert max(float(end) for end in re.findall(r'class="span" x1="[^"]*" x2="([\d.]+)%', drawn)) > 99
    assert max(int(year) for year in re.findall(r">(\d{4})</text>", drawn)) == 2000


@given(st.dates(), st.dates())
def test_the_axis_holds_all_years(one: date, other: date) -> None:
    first, last = sorted((one.year, other.year))
    years = ticks(first, last + 1)
    assert years[0] <= first < last + 1 <= years[-1]
    assert len(years) <= 12
    assert len({b - a for a, b in itertools.pairwise(years)}) == 1
