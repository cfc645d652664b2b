"""The timeline: each date from the first to the last day that it can mean, so that a vague date looks vague."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template
from markupsafe import Markup

from server.web import LinkedText

MOST = 80
"""Spans that are drawn."""
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
_TICKS = 8


@dataclass(frozen=True)
class Span:
    """An event with the first and the last day that it can be (None: unknown), and its date as printed."""

    thing: LinkedText
    printed: str
    earliest: date
    latest: date | None


def timeline(drawn: Sequence[Span]) -> Markup:
    """Return the spans in the order of time below an axis of years."""
    shown = sorted(drawn, key=lambda span: (span.earliest, span.latest or date.max))[:MOST]
    first, last = min(span.earliest for span in shown), max(span.latest or span.earliest for span in shown)
    years = ticks(first.year, last.year + 1)
    begin, end = years[0], min(years[-1], last.year + 1)  # what follows the last span would be empty
    parts = [
        (span, _share(_year(span.earliest), begin, end), _share(_year(span.latest or last), begin, end))
        for span in shown
    ]
    marks = [(year, _share(year, begin, end)) for year in years if year <= end]
    return Markup(render_template("figures/timeline.html", parts=parts, marks=marks, beyond=len(drawn) - len(shown)))


def ticks(first: int, last: int) -> list[int]:
    """Return the years that the axis names, evenly apart: from one not after the first to one not before the last."""
    step = next((step for step in _STEPS if (last - first) / step <= _TICKS), _STEPS[-1])
    begin = first // step * step
    return list(range(begin, last + step, step))


def _year(day: date) -> float:
    return day.year + (day.timetuple().tm_yday - 1) / 366


def _share(year: float, begin: int, end: int) -> float:
    return round((year - begin) / (end - begin) * 100, 2)
