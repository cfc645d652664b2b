"""Dates as people write them: read where they can be read in one way, and refused otherwise."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal

from kg.tables.dates import parse_date, parse_period
from kg.tables.mapping import DayOrder, UnfitCellError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2006", "2006"),
        ("12 May 2006", "2006-05-12"),
        ("12th May, 2006", "2006-05-12"),
        ("May 12, 2006", "2006-05-12"),
        ("May 2006", "2006-05"),
        ("Sept. 2006", "2006-09"),
        ("12.05.2006", "2006-05-12"),
        ("12. 5. 2006", "2006-05-12"),
        ("05/2006", "2006-05"),
        ("5.2006", "2006-05"),
        ("13/05/2006", "2006-05-13"),
        ("05/13/2006", "2006-05-13"),
        ("05/05/2006", "2006-05-05"),
        ("2006/05/12", "2006-05-12"),
        ("2006-5-2", "2006-05-02"),
        ("12. Mai 2006", "2006-05-12"),
        ("März 1990", "1990-03"),
        ("Jänner 1990", "1990-01"),
        ("1er août 1985", "1985-08-01"),
        ("déc. 1985", "1985-12"),
        ("12 de mayo de 2006", "2006-05-12"),
        ("enero de 1999", "1999-01"),
        ("2006年", "2006"),
        ("2006年5月", "2006-05"),
        ("2006年5月12日", "2006-05-12"),
        ("1980s", "1980s"),
        ("1980er Jahre", "1980s"),
        ("est. 1985", "1985"),
        ("signed 3 June 1985", "1985-06-03"),
    ],
)
def test_a_date_is_read_as_people_write_it(text: str, value: str) -> None:
    assert parse_date(text).literal.value == value


@pytest.mark.parametrize(
    "text",
    ["c. 1983", "c1983", "ca 1999", "ca. 1999", "circa 1983", "Circa May 1983", "um 1983",
     "etwa 1983", "vers 1983", "hacia 1983", "约1983年", "大约1983年", "1983年左右", "around 2012", "c. 1980s"],
)  # fmt: skip
def test_an_approximate_date_stays_as_printed_and_has_no_bounds(text: str) -> None:
    found = parse_date(text)
    assert (found.literal, found.first, found.last) == (Literal(text), date.min, date.max)


@pytest.mark.parametrize(
    ("text", "begin", "end", "has_more"),
    [
        ("since c. 1983", "c. 1983", None, False),
        ("seit ca. 1983", "ca. 1983", None, False),
        ("c. 1983–1999", "c. 1983", "1999", False),
        ("1983 bis um 1999 (Akten)", "1983", "um 1999", True),
        ("since 1985", "1985", None, False),
        ("seit 1990", "1990", None, False),
        ("seit Mai 1990", "1990-05", None, False),
        ("depuis 1962", "1962", None, False),
        ("desde 1981", "1981", None, False),
        ("自1990年起", "1990", None, False),
        ("1985–1999", "1985", "1999", False),
        ("1985-1999", "1985", "1999", False),
        ("1985 - 1999", "1985", "1999", False),
        ("1985 to 1999", "1985", "1999", False),
        ("von 1985 bis 1999", "1985", "1999", False),
        ("1985年至1999年", "1985", "1999", False),
        ("1985–", "1985", None, False),
        ("until 1999", None, "1999", False),
        ("bis 2001", None, "2001", False),
        ("1990 (renewed 2004)", "1990", None, True),
        ("2006-05", "2006-05", None, False),
        ("May 2006 – June 2010", "2006-05", "2010-06", False),
    ],
)
def test_a_cell_may_say_when_it_began_and_ended(text: str, begin: str | None, end: str | None, has_more: bool) -> None:
    found = parse_period(text)
    assert (found.begin and found.begin.literal.value, found.end and found.end.literal.value) == (begin, end)
    assert found.has_more is has_more


@pytest.mark.parametrize(
    "text",
    ["", "06", "12/05/06", "juil-août 1990", "jui 1990", "ju 1990", "about", "c. 84", "1990?", "19910",
     "1990/1991/1992", "12.13.2006", "31 June 2006", "0 May 2006", "32.1.2006", "1985–1990–1999", "Mai", "12 Mai",
     "05-13/2006"],
)  # fmt: skip
def test_what_is_no_date_or_not_clear_is_refused(text: str) -> None:
    with pytest.raises(UnfitCellError) as caught:
        parse_period(text)
    assert caught.value.why.message_zh
    assert caught.value.why.hint


def test_the_order_of_day_and_month_is_asked_for_and_never_guessed() -> None:
    with pytest.raises(UnfitCellError, match="read in two ways") as caught:
        parse_date("12/05/2006")
    assert "dates: day-first" in caught.value.why.hint
    assert parse_date("12/05/2006", "day-first").literal.value == "2006-05-12"
    assert parse_date("12/05/2006", "month-first").literal.value == "2006-12-05"


@given(st.dates(date(1000, 1, 1)), st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%B %d, %Y"]))
def test_each_way_to_write_a_day_gives_that_day(day: date, form: str) -> None:
    order: DayOrder = "day-first"
    found = parse_date(day.strftime(form), order)
    assert (found.first, found.last, found.literal.value) == (day, day, day.isoformat())
