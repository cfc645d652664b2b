"""The timeline: each date from the first to the last day that it can mean, so that a vague date looks vague."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import render_template
from markupsafe import Markup

from kg.views import marks
from server.figures.views.figure import Show
from server.figures.views.rows import BAR, Row, stack

_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
_TICKS = 8
_AXIS = 26  # units


def draw_spans(drawn: Sequence[marks.Span], show: Show) -> tuple[Markup, int]:
    """Return the spans in the order of time below an axis of years, and their height."""
    spans = sorted(drawn, key=lambda span: (span.earliest, span.latest or date.max))
    first, last = min(span.earliest for span in spans), max(span.latest or span.earliest for span in spans)
    years = ticks(first.year, last.year + 1)
    begin, end = years[0], min(years[-1], last.year + 1)  # what follows the last span would be empty
    rows, height = stack(
        [
            Row(
                [show(span.label)],
                " – ".join(show(term).text for term in span.printed) or str(span.earliest.year),
                (_share(_year(span.earliest), begin, end), _share(_year(span.latest or last), begin, end)),
                span.voices,
            )
            for span in spans
        ],
        show,
        top=_AXIS,
    )
    marks = [(year, _share(year, begin, end)) for year in years if year <= end]
    return Markup(
        render_template("figures/views/timeline.svg", rows=rows, marks=marks, middle=BAR // 2, height=height)
    ), height


def ticks(first: int, last: int) -> list[int]:
    """Return the years that the axis names, evenly apart: from one not after the first to one not before the last."""
    step = next((step for step in _STEPS if (last - first) / step <= _TICKS), _STEPS[-1])
    begin = first // step * step
    return list(range(begin, last + step, step))


def _year(day: date) -> float:
    return day.year + (day.timetuple().tm_yday - 1) / 366


def _share(year: float, begin: int, end: int) -> float:
    return round((year - begin) / (end - begin) * 100, 2)
