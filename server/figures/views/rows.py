"""Rows of a drawing: names, each above what is drawn for it, so that a narrow page shows as much as a wide one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kg.views import Voices
from server.figures.views.figure import Line, Remark, Show, remarks, stated_by, wrap
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


def stack(
    names: Sequence[Sequence[LinkedText]],
    besides: Sequence[str],
    bars: Sequence[tuple[float, float]],
    said: Sequence[tuple[Sequence[Remark], Sequence[str]]],
    top: int = 0,
) -> tuple[list[DrawnRow], int]:
    """Return rows below each other, and the height of all: each has names, a text beside, a bar, and words."""
    rows, down = [], top
    for parts, beside, (begin, length), (objections, sources) in zip(names, besides, bars, said, strict=True):
        texts = _name_lines([part for part in parts if part.text], max(_ROOM - len(beside), _LEAST_ROOM))
        lines = [Line(down + (n + 1) * _TEXT - 5, line) for n, line in enumerate(texts)]
        first, down = lines[0].down, down + len(lines) * _TEXT
        bar, down = down, down + BAR
        for remark in objections[:_MOST_REMARKS]:
            for text in wrap(remark.text, _ROOM, _MOST_LINES):
                down += _SMALL
                lines.append(Line(down - 3, (replace(remark.source, text=text),), f"remark of-{remark.kind}"))
        css = f"of-{objections[0].kind}" if objections else ""
        named = _BETWEEN.text.join(part.text for part in parts)
        hint = "; ".join([named, beside, *sources, *(remark.text for remark in objections)])
        rows.append(DrawnRow(tuple(lines), beside, first, bar, begin, length, css, hint))
        down += _GAP
    return rows, down


def words_of(voices: Voices, show: Show) -> tuple[list[Remark], list[str]]:
    """Return the objections to a row, and who states it, in words."""
    return remarks(voices, show), stated_by(voices, show)


def _name_lines(parts: Sequence[LinkedText], room: int) -> list[tuple[LinkedText, ...]]:
    """Return names in lines: several in one if they fit, else each in lines of its own."""
    if not parts:
        return [(LinkedText("–"),)]
    if len(parts) > 1 and sum(len(part.text) + len(_BETWEEN.text) for part in parts) <= room:
        joined = [one for part in parts for one in (_BETWEEN, part)][1:]
        return [tuple(joined)]
    return [(replace(part, text=line),) for part in parts for line in wrap(part.text, room, _MOST_LINES)]
