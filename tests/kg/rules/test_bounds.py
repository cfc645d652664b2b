"""The first and the last day of a date follow by rule, at a build and at each change; no others are stated."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, XSD
from kg.rules import inference
from kg.rules.derived_graphs import UnionChanges
from kg.shacl import validate_quads
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

RULE = {"bounds": inference.rules()["bounds"]}
CHANGES = UnionChanges(Store(), RULE)
THING = NamedNode(ns.ID + "account/x")
CURATED = NamedNode(ns.GRAPH + "curated/x")

Bounds = tuple[str, str] | tuple[()]


def month_bounds(year: int, month: int) -> tuple[Literal, Bounds]:
    text = f"{year:04}-{month:02}"
    return Literal(text, datatype=XSD.gYearMonth), (f"{text}-01", f"{text}-{monthrange(year, month)[1]}")


def year_bounds(year: int) -> tuple[Literal, Bounds]:
    return Literal(f"{year:04}", datatype=XSD.gYear), (f"{year:04}-01-01", f"{year:04}-12-31")


def day_bounds(day: str) -> tuple[Literal, Bounds]:
    return Literal(day, datatype=XSD.date), (day, day)


def decade_bounds(decade: int) -> tuple[Literal, Bounds]:
    return Literal(f"{decade:03}0s"), (f"{decade:03}0-01-01", f"{decade:03}9-12-31")


years = st.integers(1, 9999)
days = st.dates().map(lambda day: day_bounds(day.isoformat()))
decades = st.integers(0, 999).map(decade_bounds)
dates = st.one_of(years.map(year_bounds), st.builds(month_bounds, years, st.integers(1, 12)), days, decades)


def inferred(printed: Literal, of: NamedNode = CD.begin) -> dict[str, str]:
    """Return the bounds by the rule, which must be the same at a build and at a change."""
    quad = Quad(THING, of, printed, CURATED)
    found = set(inference.infer([quad], RULE.values()))
    change = CHANGES.of(Store(), {quad}, set())
    assert {one for one in change.added if one.graph_name == graphs.INFERRED} == found
    return {one.predicate.value.removeprefix(of.value): one.object.value for one in found}  # type: ignore[union-attr]


@given(dates)
@example(month_bounds(1900, 2))
@example(month_bounds(2000, 2))
@example(month_bounds(4, 2))
def test_a_date_has_the_bounds_of_the_calendar(dated: tuple[Literal, Bounds]) -> None:
    printed, bounds = dated
    for of in (CD.begin, CD.end, CD.atTime):
        assert inferred(printed, of) == dict(zip(("Earliest", "Latest"), bounds, strict=True))


@pytest.mark.parametrize(
    ("text", "datatype", "bounds"),
    [
        ("-0044", "gYear", ("-0044-01-01", "-0044-12-31")),
        ("-0004-02", "gYearMonth", ("-0004-02-01", "-0004-02-29")),
        ("2009Z", "gYear", ("2009-01-01", "2009-12-31")),
        ("2009-05-05:00", "gYearMonth", ("2009-05-01", "2009-05-31")),
        ("2014-05-01+08:00", "date", ("2014-05-01", "2014-05-01")),
        ("since 2000", "string", ()),
        ("the 1980s", "string", ()),
        ("1990s and 2000s", "string", ()),
        ("19th century", "string", ()),
        ("2009", "string", ()),
        ("2009", "integer", ()),
    ],
)
def test_years_before_our_era_and_time_zones_are_read_and_words_are_not(
    text: str, datatype: str, bounds: Bounds
) -> None:
    found = inferred(Literal(text, datatype=NamedNode(ns.PREFIXES["xsd"] + datatype)))
    assert tuple(found[name] for name in sorted(found)) == bounds


ACCOUNT = """
report:p1 {{
  account:x a cd:Account ; cd:accountOf twinning:hangzhou-leeds ; cd:statedIn passage:p1 ; cd:{of} {printed} {bounds} .
}}
"""
THIS_ERA = st.one_of(
    st.integers(2, 2199).map(year_bounds),
    st.builds(month_bounds, st.integers(2, 2199), st.integers(1, 12)),
    st.dates(date(2, 1, 1), date(2199, 12, 31)).map(lambda day: day_bounds(day.isoformat())),
    st.integers(1, 219).map(decade_bounds),
)
NEAR = st.sampled_from([0, 0, 0, 0, 1, -1, 2, 30, -31, 365, -366, 3653])
"""Days from a bound to the day that is stated."""


@st.composite
def zoned(draw: st.DrawFn) -> tuple[Literal, Bounds]:
    """A date in any time zone, or in none; a decade has none."""
    printed, bounds = draw(THIS_ERA)
    if printed.datatype == XSD.string:
        return printed, bounds
    zone = draw(st.sampled_from(["", "", "Z", "+08:00", "-05:00"]))
    return Literal(printed.value + zone, datatype=printed.datatype), bounds


def is_refused(of: str, printed: Literal, **bounds: str) -> bool:
    stated = "".join(f'; cd:{of}{name} "{day}"^^xsd:date' for name, day in bounds.items())
    text = PREFIXES + ACCOUNT.format(of=of, printed=printed, bounds=stated)
    report = validate_quads(parse(text, RdfFormat.TRIG), files=())
    return any(finding.shape == "shape:Dated-bounds" for finding in report.results)


def _shifted(day: date, days: int) -> date:
    """Return a day some days later or earlier, or the last or first that there is: years from 1 to 9999 are drawn."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


@given(
    zoned(),
    st.sampled_from(["begin", "end", "atTime"]),
    st.sampled_from(["Earliest", "Latest", "both"]),
    st.tuples(NEAR, NEAR),
)
@example(month_bounds(1900, 2), "begin", "Latest", (0, 1))
@example(month_bounds(2000, 2), "begin", "Latest", (0, -1))
@example(year_bounds(2009), "end", "Latest", (0, -334))
@example(year_bounds(1), "begin", "Earliest", (-366, 0))
@example((Literal("2009-05:00", datatype=XSD.gYear), ("2009-01-01", "2009-12-31")), "end", "Latest", (0, -214))
def test_the_gate_takes_the_bounds_that_follow_and_no_others(
    dated: tuple[Literal, Bounds], of: str, which: str, apart: tuple[int, int]
) -> None:
    printed, bounds = dated
    days = [_shifted(date.fromisoformat(bound), shift) for bound, shift in zip(bounds, apart, strict=True)]
    both = dict(zip(("Earliest", "Latest"), (day.isoformat() for day in days), strict=True))
    stated = both if which == "both" else {which: both[which]}
    differs = any(day != bound for (name, day), bound in zip(both.items(), bounds, strict=True) if name in stated)
    is_told_already = which == "both" and days[0] > days[1]  # that the first is after the last
    assert is_refused(of, printed, **stated) == (differs and not is_told_already)


@pytest.mark.parametrize("day", ["-0044-12-31", "-0044-06-15"])
def test_bounds_before_our_era_are_passed_over(day: str) -> None:
    assert not is_refused("begin", Literal("-0044", datatype=XSD.gYear), Latest=day)
