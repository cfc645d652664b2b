"""Literals become what pandas has for them; what has no such form stays text."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, Store

from kg.notebook.frames import frame_of
from kg.rdf.vocabulary import XSD
from kg.sparql.evaluation import select


def column(*terms: str) -> Any:
    return frame_of(select(Store(), f"SELECT ?x {{ VALUES ?x {{ {' '.join(terms)} }} }}")).x


@pytest.mark.parametrize(
    ("terms", "dtype", "values"),
    [
        (["1", "UNDEF", "-3"], "Int64", [1, None, -3]),
        (["1.5", "2e3"], "Float64", [1.5, 2000.0]),
        (["1", "2.5"], "Float64", [1.0, 2.5]),
        (["true", '"0"^^xsd:boolean', "UNDEF"], "boolean", [True, False, None]),
        (['"1648-10-24"^^xsd:date', "UNDEF"], "datetime64[s]", ["1648-10-24 00:00:00", "NaT"]),
        (['"a"@en', '"b"', "city:leeds", "<urn:x>"], "string", ["a", "b", "city:leeds", "urn:x"]),
        (['"2015"^^xsd:gYear', '"2015-03"^^xsd:gYearMonth'], "string", ["2015", "2015-03"]),
        (["1", '"one"'], "object", [1, "one"]),
        (['"many"^^xsd:integer', '"yes"^^xsd:boolean'], "string", ["many", "yes"]),
        ([str(2**70)], "object", [2**70]),
        (['"INF"^^xsd:double', '"NaN"^^xsd:double'], "Float64", [math.inf, None]),
    ],
)
def test_a_column_has_the_type_of_its_literals(terms: list[str], dtype: str, values: list[Any]) -> None:
    found = column(*terms)
    assert str(found.dtype) == dtype
    shown = [str(value) for value in found] if dtype.startswith("datetime") else list(found.astype("object"))
    assert [None if value is found.dtype.type or str(value) == "<NA>" else value for value in shown] == values


def test_an_answer_without_rows_keeps_its_columns() -> None:
    frame = frame_of(select(Store(), "SELECT ?a ?b { ?a ?b ?c }"))
    assert (list(frame.columns), len(frame)) == (["a", "b"], 0)


def test_rows_without_columns_are_counted() -> None:
    assert len(frame_of(select(Store(), "SELECT * { }"))) == 1


@given(
    st.lists(st.one_of(st.none(), st.integers(-(2**62), 2**62), st.dates(), st.booleans(), st.text("ab é", max_size=3)))
)
def test_each_value_comes_back(values: list[Any]) -> None:
    """Whatever else stands in its column."""
    kinds = {bool: XSD.boolean, int: XSD.integer, date: XSD.date, str: XSD.string}
    terms = [
        "UNDEF"
        if value is None
        else str(Literal(str(value).lower() if value in (True, False) else str(value), datatype=kinds[type(value)]))
        for value in values
    ]
    found = column(*terms)
    back = [None if value is None or str(value) in ("<NA>", "NaT") else value for value in found.astype("object")]
    assert [value.date() if hasattr(value, "date") else value for value in back] == values
