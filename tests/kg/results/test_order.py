"""Rows are sorted as the engine's ORDER BY sorts, up to values that it takes for equal."""

import functools
import math
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store

from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term
from kg.results import Selection
from tests.kg.results.support import database_of

XSD = ns.PREFIXES["xsd"]


def typed(texts: st.SearchStrategy[str], *datatypes: str) -> st.SearchStrategy[Literal]:
    return st.builds(
        lambda text, name: Literal(text, datatype=NamedNode(XSD + name)), texts, st.sampled_from(datatypes)
    )


integers = st.integers(-(2**40), 2**40).map(str)
decimals = st.decimals(-(10**9), 10**9, places=4).map("{:f}".format)
doubles = st.sampled_from(("INF", "-INF", "NaN", "-0", "1e3", ".5", "5.", "3.4e39")) | st.floats(
    allow_nan=False, allow_infinity=False
).map(lambda value: f"{value:.6E}")
numbers = (
    typed(integers, "integer", "decimal", "double")
    | typed(st.integers(0, 127).map(str), "int", "byte", "unsignedShort", "nonNegativeInteger", "float")
    | typed(decimals, "decimal", "float")
    | typed(doubles, "double", "float")
)
years = st.integers(-3000, 12000).map(lambda year: f"{'-' if year < 0 else ''}{abs(year):04d}")
zones = st.sampled_from(("Z", "+05:30", "-11:00", "+14:00"))
dates = st.dates().map(str)
clocks = st.times().map(str)
times = [
    *(typed(values, name) for name, values in {"gYear": years, "date": dates, "time": clocks}.items()),
    typed(st.builds("{}T{}".format, dates, clocks), "dateTime"),
    typed(st.builds("{}T{}{}".format, dates, clocks, zones), "dateTime"),
    typed(st.builds("{}{}".format, dates, zones), "date"),
    typed(st.builds("{}-{:02d}".format, years, st.integers(1, 12)), "gYearMonth"),
    typed(st.builds("--{:02d}-{:02d}".format, st.integers(1, 12), st.integers(1, 28)), "gMonthDay"),
    typed(st.builds("P{}DT{}H{}S".format, *[st.integers(0, 100)] * 3), "dayTimeDuration", "duration"),
    typed(st.builds("P{}Y{}M".format, *[st.integers(0, 100)] * 2), "yearMonthDuration", "duration"),
]
words = st.text("aAbz9é1é伯\U0001f600 -", max_size=4)
texts = (
    words.map(Literal)
    | st.builds(lambda text, tag: Literal(text, language=tag), words, st.sampled_from(("de", "en", "zh-hans")))
    | st.builds(lambda text: Literal(text, datatype=NamedNode("http://a.example/type")), words)
    | typed(st.sampled_from(("true", "false", "1", "0")), "boolean")
)
others = (
    st.integers(0, 9).map(lambda number: NamedNode(f"http://a.example/{'é' * (number % 3)}{number}"))
    | st.text("abc", min_size=1, max_size=3).map(BlankNode)
    | st.none()
)
columns = st.one_of(*(st.lists(kind | others, max_size=12) for kind in (numbers, texts, *times)))
"""Columns whose literals compare in one way, as those of almost every answer: the engine cannot sort others."""

ENGINE = Store()


def by_engine(values: Sequence[Term | None], direction: str) -> list[int]:
    rows = " ".join(f"({number} {'UNDEF' if value is None else value})" for number, value in enumerate(values))
    if any(isinstance(value, BlankNode) for value in values):  # which VALUES cannot have
        rows = " ".join(f"({number} <x:{number}>)" for number in range(len(values)))
        store = Store()
        for number, value in enumerate(values):
            if value is not None:
                store.add(Quad(NamedNode(f"x:{number}"), NamedNode("x:is"), value))
        pattern = f"VALUES (?n ?node) {{ {rows} }} OPTIONAL {{ ?node <x:is> ?value }}"
        found = store.query(f"SELECT ?n {{ {pattern} }} ORDER BY {direction}(?value)")
    else:
        found = ENGINE.query(f"SELECT ?n {{ VALUES (?n ?value) {{ {rows} }} }} ORDER BY {direction}(?value)")
    assert isinstance(found, QuerySolutions)
    return [int(row["n"].value) for row in found]


@given(columns)
def test_rows_are_sorted_as_the_engine_sorts_them(values: list[Term | None]) -> None:
    for direction in ("ASC", "DESC"):
        with database_of(["value"], [(value,) for value in values]) as result:
            ours = result.rows(Selection("value", descending=direction == "DESC")).found.column("value")
        assert sorted(map(str, ours)) == sorted(map(str, values))
        in_engine = [values[number] for number in by_engine(values, direction)]
        assert [str(one) for one in ours] == [str(one) for one in in_engine] or all(
            one == other or is_equal(one, other) for one, other in zip(ours, in_engine, strict=True)
        )


@functools.cache
def is_equal(one: Term | None, other: Term | None) -> bool:
    """Return True if the engine takes two values for equal in order: then neither order puts one always first."""
    return by_engine([one, other], "ASC") == by_engine([one, other], "DESC")


def test_rows_that_are_equal_in_order_stay_as_the_query_has_them() -> None:
    rows = [(Literal(number % 2), Literal(number)) for number in range(10)]
    with database_of(["parity", "n"], rows) as result:
        found = result.rows(Selection("parity", descending=True)).found.column("n")
    assert [int(term.value) for term in found if isinstance(term, Literal)] == [1, 3, 5, 7, 9, 0, 2, 4, 6, 8]


def test_numbers_come_before_texts_and_what_is_none_last_among_numbers() -> None:
    values = [Literal("10"), Literal(math.nan), Literal("1z"), Literal(9), Literal(10), Literal(math.inf)]
    with database_of(["value"], [(value,) for value in values]) as result:
        found = result.rows(Selection("value")).found.column("value")
    assert list(found) == [Literal(9), Literal(10), Literal(math.inf), Literal(math.nan), Literal("10"), Literal("1z")]
