"""Rows of a drawing: names, each above what is drawn for it, so that a narrow page shows as much as a wide one.

Bars are such rows: a number for each thing, as long as it is great.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import render_template
from markupsafe import Markup

from kg.views import Marks, Voices, marks
from server.figures.views.figure import WIDTH, Drawing, Line, Show, hint, objection_to, remarks, wrap
from server.web import LinkedText

_ROOM, _LEAST_ROOM, _MOST_LINES = 36, 16, 3
"""Letters for which a line of a narrow page has room, of a name at least; lines of a name."""
BAR = 12
_TEXT, _SMALL, _GAP = 19, 17, 10  # units: of a line, of a small one, between rows
_BETWEEN = LinkedText(" – ")
_MOST_REMARKS = 3


@dataclass(frozen=True)
class DrawnRow:
    """A row: its lines of text, what stands at its right, and where its bar lies: units down, and percent across."""

    lines: tuple[Line, ...]
    beside: str
    beside_down: int
    down: int
    begin: float
    length: float
    css: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Row:
    """What a row shows: its names, a text beside, its bar in percent across, and who speaks of it."""

    names: Sequence[LinkedText]
    beside: str
    bar: tuple[float, float]
    voices: Voices


def stack(rows: Sequence[Row], show: Show, top: int = 0) -> tuple[list[DrawnRow], int]:
    """Return rows below each other, and the height of all."""
    drawn, down = [], top
    for row in rows:
        texts = _name_lines([one for one in row.names if one.text], max(_ROOM - len(row.beside), _LEAST_ROOM))
        lines = [Line(down + (n + 1) * _TEXT - 5, line) for n, line in enumerate(texts)]
        first, down = lines[0].down, down + len(lines) * _TEXT
        bar, down = down, down + BAR
        for remark in remarks(row.voices, show)[:_MOST_REMARKS]:
            for text in wrap(remark.text, _ROOM, _MOST_LINES):
                down += _SMALL
                lines.append(Line(down - 3, (replace(remark.source, text=text),), f"remark of-{remark.kind}"))
        css = f"of-{objection}" if (objection := objection_to(row.voices)) else ""
        words = [_BETWEEN.text.join(one.text for one in row.names), row.beside]
        drawn.append(DrawnRow(tuple(lines), row.beside, first, bar, *row.bar, css, hint(words, row.voices, show)))
        down += _GAP
    return drawn, down


def _name_lines(parts: Sequence[LinkedText], room: int) -> list[tuple[LinkedText, ...]]:
    """Return names in lines: several in one if they fit, else each in lines of its own."""
    if not parts:
        return [(LinkedText("–"),)]
    if len(parts) > 1 and sum(len(part.text) + len(_BETWEEN.text) for part in parts) <= room:
        joined = [one for part in parts for one in (_BETWEEN, part)][1:]
        return [tuple(joined)]
    return [(replace(part, text=line),) for part in parts for line in wrap(part.text, room, _MOST_LINES)]


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
