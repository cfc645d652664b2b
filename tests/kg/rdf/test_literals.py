"""Numbers and dates as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from kg.rdf.literals import as_written

XSD = "http://www.w3.org/2001/XMLSchema#"


def written(text: str, datatype: str, unit: str = "") -> str:
    return as_written(Literal(text, datatype=NamedNode(XSD + datatype)), unit)


@pytest.mark.parametrize(
    ("text", "datatype", "shown"),
    [
        ("2431", "integer", "2,431"),
        ("-17408", "int", "-17,408"),
        ("2800000000", "integer", "2.8 billion"),
        ("2800000001", "integer", "2,800,000,001"),
        ("0.666667", "decimal", "0.6667"),
        ("0.00012345678", "decimal", "0.0001235"),
        ("1234.5", "decimal", "1,234.5"),
        ("2.0", "decimal", "2"),
        ("1.25E3", "double", "1,250"),
        ("1E300", "double", "1E300"),
        ("INF", "double", "INF"),
        ("2026-11-29", "date", "29 November 2026"),
        ("2006-05", "gYearMonth", "May 2006"),
        ("2016", "gYear", "2016"),
        ("2026-11-29T14:05:00Z", "dateTime", "29 November 2026, 14:05 UTC"),
        ("2026-11-29T14:05:06.5", "dateTime", "29 November 2026, 14:05:06.5"),
        # as they are: not plain, not a number, an offset, another datatype
        *[(text, "integer", text) for text in ("007", "+5", "many", "")],
        *[(text, "date", text) for text in ("2026-11-29+08:00", "-0044-03-15", "2026-13-01", "soon")],
        ("2431", "string", "2431"),
    ],
)
def test_it_is_written_as_people_do(text: str, datatype: str, shown: str) -> None:
    assert written(text, datatype) == shown


@pytest.mark.parametrize(
    ("text", "datatype", "unit", "shown"),
    [
        ("20", "integer", "percent", "20 %"),
        ("0.2", "decimal", "percent", "0.2 %"),
        ("0.666667", "decimal", "fraction", "67 %"),
        ("2431", "integer", "one", "2,431"),
        ("half", "decimal", "fraction", "half"),
    ],
)
def test_shares_are_percents(text: str, datatype: str, unit: str, shown: str) -> None:
    assert written(text, datatype, unit) == shown


@given(st.integers(-(10**20), 10**20))
def test_no_digit_of_a_whole_number_is_lost(number: int) -> None:
    shown = written(str(number), "integer")
    digits = Decimal(shown.removesuffix(" billion").replace(",", ""))
    assert digits * (10**9 if shown.endswith("billion") else 1) == number


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14, places=12))
def test_a_fraction_differs_from_what_it_was_in_the_fifth_digit_at_most(number: Decimal) -> None:
    shown = Decimal(written(f"{number:f}", "decimal").replace(",", ""))
    rounded = Decimal("0.00005") if abs(number) >= 1 else abs(number) * Decimal("0.0005")
    assert abs(shown - number) <= rounded
