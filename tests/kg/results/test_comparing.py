"""A filter by size has the rows that the engine's own comparison has, and a date all of its days."""

from __future__ import annotations

import operator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from kg.errors import BadValueError
from kg.rdf.lookup import Term
from kg.rdf.vocabulary import XSD
from kg.results import Selection
from kg.results.comparing import Comparison
from tests.kg.results.support import database_of

SIGNS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
numbers = st.one_of(
    st.integers(-3, 3).map(Literal),
    st.decimals(-3, 3, places=1).map(lambda value: Literal(str(value), datatype=XSD.decimal)),
    st.sampled_from(["NaN", "INF", "-INF", "2.5e0"]).map(lambda text: Literal(text, datatype=XSD.double)),
)
others = st.sampled_from([None, NamedNode("x:1"), Literal("2"), Literal("> 1"), Literal("1999", datatype=XSD.gYear)])
stated = st.integers(-3, 3) | st.decimals(-3, 3, places=1)
days = st.dates(date(1998, 12, 1), date(2001, 2, 28))


def fitting(values: list[Term | None], text: str) -> list[Term | None]:
    with database_of(["value"], [(value,) for value in values]) as result:
        return [value for (value,) in result.rows(Selection(contains={"value": text})).found.rows]


@given(st.lists(numbers | others, max_size=12), numbers, stated, st.sampled_from([*SIGNS]))
def test_numbers_compare_as_those_of_the_engine(
    values: list[Term | None], one: Literal, bound: object, sign: str
) -> None:
    rows = [*values, one, Literal(0)]
    known = [value for value in rows if value is not None and "gYear" not in str(value)]
    given_rows = " ".join(f"({number} {value})" for number, value in enumerate(known))
    answer = Store().query(f"SELECT ?n {{ VALUES (?n ?v) {{ {given_rows} }} FILTER (?v {sign} {bound}) }}")
    assert isinstance(answer, QuerySolutions)
    expected = [known[int(row["n"].value)] for row in answer]
    assert fitting([*known], f"{sign}{bound}") == expected
    assert [value for value in fitting(rows, f" {sign} {bound} ") if value in known] == expected


@given(st.lists(days, min_size=1), days, st.sampled_from([4, 7, 10]), st.sampled_from([*SIGNS]))
def test_a_year_and_a_month_are_all_of_their_days(values: list[date], bound: date, length: int, sign: str) -> None:
    text, compare = bound.isoformat()[:length], SIGNS[sign]
    expected = [value for value in values if compare(value.isoformat()[:length], text)]
    moments = [Literal(f"{value}T23:59:59Z", datatype=XSD.dateTime) for value in expected]
    terms = [Literal(value.isoformat(), datatype=XSD.date) for value in values]
    assert [str(value.value) for value in fitting([*terms], f"{sign} {text}")] == [str(one) for one in expected]  # type: ignore[union-attr]
    assert fitting([*moments], f"{sign} {text}") == moments
    last = max(*values, bound) + timedelta(1)
    within = fitting([*terms], f"{text}..{last}")
    assert within == [term for term in terms if term.value[:length] >= text]


def test_a_range_has_its_ends_and_texts_are_found_as_before() -> None:
    years = [Literal(str(year), datatype=XSD.gYear) for year in range(1988, 2003)]
    assert fitting([*years], "1990..2000") == years[2:13]
    assert fitting([Literal(1999), Literal(2000), Literal(2001)], "1,990..2,000") == [Literal(1999), Literal(2000)]
    assert fitting([Literal(10), Literal(1)], "1") == [Literal(10), Literal(1)]
    assert fitting([Literal("a > 1"), Literal("2")], "> 1") == [Literal("a > 1")]
    assert fitting([Literal(1)], "> 1999-02") == []


def test_a_comparison_counts_the_rows_whose_values_have_no_size() -> None:
    kinds, values = "ababab", [Literal(1990), Literal("1990s"), Literal("early 1980s"), None, Literal("1985"), None]
    rows = [*zip(map(Literal, kinds), values, strict=True), (Literal("a"), Literal("1980", datatype=XSD.gYear))]
    with database_of(["kind", "begin"], rows) as result:
        for contains, expected in (
            ({"begin": "1980..1990"}, {"begin": 3}),
            ({"begin": "< 1"}, {"begin": 3}),
            ({"begin": "> 1", "kind": "a"}, {"begin": 2}),
            ({"begin": "1990"}, {}),
            ({"kind": "a"}, {}),
        ):
            assert result.rows(Selection(contains=contains)).without_size == expected


@pytest.mark.parametrize("text", ["> many", "<=", "1990..", "1990..then", ">= 2001-13", "> 2001-02-30", "> 1 2"])
def test_a_comparison_that_cannot_be_read_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(BadValueError, match="which is neither a number nor a date") as refused:
        fitting([Literal(1)], text)
    assert "1990..2000" in str(refused.value.hint)
    assert fitting([Literal("word")], text) == []


@pytest.mark.parametrize(
    ("text", "way_out"),
    [("1990..1980", "1980..1990"), ("2,000..3", "3..2,000"), ("2001-05..1999", "1999..2001-05")],
)
def test_a_range_that_runs_backwards_is_refused_with_the_way_out(text: str, way_out: str) -> None:
    with pytest.raises(BadValueError, match="runs backwards") as refused:
        fitting([Literal(1)], text)
    assert way_out in str(refused.value.hint)


@pytest.mark.parametrize("text", ["", "..", "a..b", "1", "Leeds", "= 1"])
def test_what_states_no_comparison_is_a_text(text: str) -> None:
    assert Comparison.read(text) is None
