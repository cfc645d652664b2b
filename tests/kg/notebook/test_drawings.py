"""Answers are drawn in the view of their query: what is on the axes is what the frame holds."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pyparsing
import pytest

import kg
from kg.errors import CityKgError, QueryError
from kg.notebook import Graph
from kg.queries import canned_queries
from kg.store import DataFolder

pytestmark = pytest.mark.drawn

os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(scope="module")
def graph(folder: DataFolder) -> Graph:
    return kg.open(folder.path)


@pytest.fixture(scope="module", autouse=True)
def parsers_without_memory() -> Iterator[None]:
    """Undo what matplotlib does to all parsers of pyparsing: with a memory, that of rdflib takes twice as long."""
    yield
    pyparsing.ParserElement.disable_memoization()


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def names(axes: Any) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


def test_bars_stand_behind_their_names_the_first_at_the_top(graph: Graph) -> None:
    most = graph.ask("cities-by-number-of-networks", limit=3)
    axes = graph.draw(most)
    assert [bar.get_width() for bar in axes.patches] == list(most.networks)
    assert names(axes)[0] == "Hong Kong – China"
    assert axes.yaxis_inverted()
    assert axes.get_title() == most.attrs["question"]


def test_a_timeline_has_the_days_that_are_dated(graph: Graph) -> None:
    from matplotlib.dates import date2num

    dated = graph.ask("twinning-timeline")
    axes = graph.draw(dated)
    assert [bar.get_x() for bar in axes.patches] == [date2num(day) for day in dated.earliest]
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert ends == [date2num(last) for last in dated.latest.fillna(dated.earliest)]
    assert names(axes)[0].startswith(dated.says[0][:30])


def test_printed_dates_make_a_timeline_too(graph: Graph) -> None:
    founded = graph.ask("network-foundings")
    assert len(graph.draw(founded).patches) == founded.begin.notna().sum() < len(founded)
    founded["begin"] = "1980s"
    assert {str(day)[:10] for day in graph.draw(founded).lines[0].get_xdata()} == {"1980-01-01"}


def test_a_map_has_a_line_for_each_pair_and_a_point_for_each_place(graph: Graph) -> None:
    twinnings = graph.ask("twinnings", thing="guangzhou", columns="label,oneLat,oneLong,twinLat,twinLong,wkt")
    axes = graph.draw(twinnings)
    ends = {tuple(map(tuple, line.get_xydata())) for line in axes.lines}
    assert ends == {((row.oneLong, row.oneLat), (row.twinLong, row.twinLat)) for row in twinnings.itertuples()}
    places = graph.ask("places", country="japan")
    for frame in (places, places.drop(columns="wkt")):
        axes = graph.draw(frame)
        assert {(x, y) for line in axes.lines for x, y in line.get_xydata()} == set(
            places[["long", "lat"]].itertuples(index=False, name=None)
        )
        assert {text.get_text() for text in axes.texts} == set(places.label)


MAPPED = "operator,operatorLabel,place,placeLabel,lat,long,status,statusLabel,passage"


def test_what_lies_in_a_place_is_named_after_it_on_a_map(graph: Graph) -> None:
    names = {text.get_text() for text in graph.draw(graph.ask("offices", columns=MAPPED), "map").texts}
    assert {"Tianjin: Kobe, Melbourne", "London: Hong Kong", "Düsseldorf: Chongqing (planned)"} <= names


def test_a_table_has_its_headings_in_words(graph: Graph) -> None:
    table = graph.draw(graph.ask("citations"))
    assert list(table.columns) == list(canned_queries()["citations"].headings.values())
    plain = graph.sparql("SELECT ?city { ?city a cd:City } LIMIT 1")
    assert graph.draw(plain) is plain


def test_another_view_can_be_asked_for(graph: Graph) -> None:
    counted = graph.sparql("SELECT ?network (COUNT(*) AS ?members) { ?city cd:memberOf ?network } GROUP BY ?network")
    assert len(graph.draw(counted, "bars").patches) == len(counted) > 3


@pytest.mark.parametrize("view", ["bars", "timeline", "map"])
def test_what_cannot_be_drawn_says_what_is_needed(graph: Graph, view: str) -> None:
    with pytest.raises(QueryError, match="A column"):
        graph.draw(graph.sparql("SELECT ?city { ?city a cd:City } LIMIT 1"), view)
    with pytest.raises(QueryError, match="A column"):
        graph.draw(graph.ask("cities-by-number-of-networks", limit=1).head(0), view)


@pytest.mark.slow
def test_every_answer_is_drawn(graph: Graph) -> None:
    for name, query in canned_queries().items():
        if name in graph.questions().index and query.view in ("bars", "timeline", "map"):
            answer = graph.ask(name, **query.examples).head(40)
            try:
                drawing = graph.draw(answer).figure
            except QueryError:
                assert name == "numbers"  # its figures are of several kinds, and so text
            else:
                drawing.draw_without_rendering()
                sys.modules["matplotlib.pyplot"].close(drawing)


def test_without_matplotlib_it_says_how_to_get_it(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(CityKgError, match=r"(?s)matplotlib.*pip install '\.\[notebook\]'"):
        graph.draw(graph.ask("cities-by-number-of-networks", limit=1))
