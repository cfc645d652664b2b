"""Pages of an answer: nothing but whole numbers gets into a query. That they are the whole: tests/queries."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import BadValueError
from kg.queries import paging
from kg.queries.catalogue import canned_queries
from kg.queries.paging import RowRange
from kg.queries.values import parse_row_count

QUERIES = canned_queries()


@given(st.text() | st.from_regex(r"[+-]?[0-9]{1,12}"))
def test_only_digits_are_a_number_of_rows(value: str) -> None:
    if re.fullmatch("[0123456789]{1,9}", value):
        assert parse_row_count("limit", value) == int(value)
        return
    with pytest.raises(BadValueError, match="whole number") as caught:
        parse_row_count("limit", value)
    assert "parameter limit" in caught.value.message


@given(st.none() | st.integers(0, RowRange.MOST), st.integers(0, RowRange.MOST))
def test_the_clauses_hold_words_and_numbers_only(limit: int | None, offset: int) -> None:
    assert re.fullmatch(r"(LIMIT \d+\n)?(OFFSET \d+\n)?", RowRange(limit, offset).clauses())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT * { } ORDER BY ?x", None),
        ("SELECT * { { SELECT * { } LIMIT 1 } } ORDER BY DESC(?x) # LIMIT 3", None),
        ('SELECT ("VALUES" AS ?limit) { cd:limit ?offset <http://a/LIMIT> } ORDER BY ?limit', None),
        ("ASK { }", "not a table"),
        ("CONSTRUCT { } WHERE { SELECT * { } ORDER BY ?x }", "not a table"),
        ("SELECT * { }", "no order"),
        ("SELECT * { { SELECT * { } ORDER BY ?x } }", "no order"),
        ("SELECT * { } ORDER BY ?x LIMIT 3", "limits its rows"),
        ("select * { } order by ?x offset 3", "limits its rows"),
        ("SELECT * { } ORDER BY ?x VALUES ?x { 1 }", "VALUES"),
    ],
)
def test_what_has_pages(text: str, reason: str | None) -> None:
    found = paging.why_not_pageable(text)
    assert found is None if reason is None else reason in (found or "")


def test_a_query_that_limits_itself_is_still_one_after_its_header_is_taken_off() -> None:
    query = replace(QUERIES["chronology"], text="#+ summary: x\nSELECT * { } ORDER BY ?x LIMIT 3")
    assert paging.why_not_pageable(query.text)
