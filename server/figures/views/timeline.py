"""The timeline: each date from the first to the last day that it can mean, so that a vague date looks vague.

Long empty times are left out, and the axis shows that it is broken there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template
from markupsafe import Markup

from kg.views import Marks, marks
from server.figures.views.figure import WIDTH, Drawing, Show
from server.figures.views.rows import BAR, Row, stack

_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
_TICKS = 8
_AXIS = 26  # units
_EMPTY, _LONG = 0.2, 50
"""The share of all years, and how many years at least, that are left out if nothing is in them."""
_BREAK, _LEAST = 6.0, 14.0  # percent: the width of a break, and the least of a stretch


@dataclass(frozen=True)
class Stretch:
    """Years without a long empty time, and where they lie in percent."""

    begin: int
    end: int
    left: float
    right: float
    years: tuple[int, ...]

    def share(self, year: float) -> float:
        """Return where a moment lies in percent."""
        part = (year - self.begin) / (self.end - self.begin)
        return round(self.left + part * (self.right - self.left), 2)


@dataclass(frozen=True)
class Axis:
    """The years from left to right, in stretches with breaks between them, each as wide as it has many spans."""

    stretches: tuple[Stretch, ...]

    @classmethod
    def over(cls, spans: Sequence[tuple[int, int]]) -> Axis:
        """Return the axis of spans from a year to the one after their last."""
        runs = _runs(spans)
        room = 100 - _BREAK * (len(runs) - 1) - _LEAST * len(runs) * (len(runs) > 1)
        left, found = 0.0, []
        for first, last in runs:
            inside = sum(first <= begin < last for begin, _ in spans)
            width = room * inside / len(spans) + _LEAST * (len(runs) > 1)
            most = 1 if last - first == 1 else max(1, round(_TICKS * width / 100))
            years = ticks(first, last, most)
            end = min(years[-1], last)  # what follows the last span would be empty
            shown = tuple(year for year in years if year <= end)
            found.append(Stretch(years[0], end, left, left + width, shown if len(runs) == 1 else shown[:most]))
            left += width + _BREAK
        return cls(tuple(found))

    def share(self, year: float) -> float:
        """Return where a moment lies in percent; one between stretches at the end of the earlier."""
        stretch = next((one for one in reversed(self.stretches) if one.begin <= year), self.stretches[0])
        return stretch.share(min(max(year, stretch.begin), stretch.end))

    def marks(self) -> list[tuple[int, float]]:
        """Return the years that are named, with where they stand."""
        return [(year, one.share(year)) for one in self.stretches for year in one.years]

    def breaks(self) -> list[float]:
        """Return where the axis is broken."""
        return [round(one.right + _BREAK / 2, 2) for one in self.stretches[:-1]]


def draw_spans(found: Marks, show: Show) -> Drawing:
    """Return the spans in the order of time below an axis of years."""
    spans = sorted(found.of(marks.Span), key=lambda span: (span.earliest, span.latest or date.max))
    last = max(span.latest or span.earliest for span in spans)
    axis = Axis.over([(span.earliest.year, (span.latest or last).year + 1) for span in spans])
    rows, height = stack(
        [
            Row(
                [show(span.label)],
                " – ".join(show(term).text for term in span.printed) or str(span.earliest.year),
                (axis.share(_year(span.earliest)), axis.share(_year(span.latest or last))),
                span.voices,
            )
            for span in spans
        ],
        show,
        top=_AXIS,
    )
    body = render_template(
        "figures/views/timeline.svg",
        rows=rows,
        marks=axis.marks(),
        breaks=axis.breaks(),
        middle=BAR // 2,
        height=height,
    )
    return Markup(body), height, WIDTH


def ticks(first: int, last: int, most: int = _TICKS) -> list[int]:
    """Return the years that the axis names, evenly apart: from one not after the first to one not before the last."""
    step = next((step for step in _STEPS if (last - first) / step <= most), _STEPS[-1])
    begin = first // step * step
    return list(range(begin, last + step, step))


def _runs(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans as few runs of years, with long empty times between them."""
    ordered = sorted(spans)
    long = max((max(last for _, last in ordered) - ordered[0][0]) * _EMPTY, _LONG)
    runs = [ordered[0]]
    for first, last in ordered[1:]:
        if first - runs[-1][1] > long:
            runs.append((first, last))
        else:
            runs[-1] = runs[-1][0], max(runs[-1][1], last)
    return runs


def _year(day: date) -> float:
    return day.year + (day.timetuple().tm_yday - 1) / 366
