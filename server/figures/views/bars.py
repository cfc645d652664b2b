"""Bars: a number for each thing, as long as it is great."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from kg.views import Marks, marks
from server.figures.views.figure import WIDTH, Drawing, Show
from server.figures.views.rows import BAR, Row, stack


def draw_bars(found: Marks, show: Show) -> Drawing:
    """Return bars from a common zero, which lies inside where a number is below it."""
    drawn = found.of(marks.Bar)
    least, greatest = min(0, *(bar.value for bar in drawn), 0), max(0, *(bar.value for bar in drawn), 0)
    span = (greatest - least) or 1
    rows, height = stack(
        [
            Row(
                [show(label) for label in bar.labels],
                show(bar.printed).text,
                (round((min(bar.value, 0) - least) / span * 100, 2), round(abs(bar.value) / span * 100, 2)),
                bar.voices,
            )
            for bar in drawn
        ],
        show,
    )
    return Markup(render_template("figures/views/bars.svg", rows=rows, thickness=BAR)), height, WIDTH
