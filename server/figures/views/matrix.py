"""The matrix: which things of one column stand beside which of another, with a number or how often."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from kg.views import Marks, marks
from server.figures.chart import SIGNS
from server.figures.views.figure import Drawing, Show, hint, objection_to, row_words, wrap
from server.web import LinkedText

_ROW, _NARROWEST, _LETTER = 32, 30, 7.5  # units
_SIDE, _TOP = 132, 164  # units: of the names at the left, and of those above
_ROOM, _ROOM_ABOVE = 18, 22  # letters of a line there


@dataclass(frozen=True)
class DrawnCell:
    """A cell: where its middle lies, what it shows (nothing: a dot), its words, and the kind of an objection to it."""

    x: float
    y: float
    shown: str
    title: str
    objection: str = ""


@dataclass(frozen=True)
class Heading:
    """The heading of a row or column: where it stands, the thing, and its name in lines."""

    at: float
    thing: LinkedText
    lines: tuple[str, ...]


def draw_matrix(found: Marks, show: Show) -> Drawing:
    """Return the cells of a matrix below and beside their headings."""
    cells = found.of(marks.Cell)
    counts = any(cell.rows > 1 for cell in cells)
    texts = [_shown(cell, show, counts=counts) for cell in cells]
    wide = round(max(_NARROWEST, *(len(text) * _LETTER + 10 for text in texts)))
    across = {term: _SIDE + (n + 0.5) * wide for n, term in enumerate(found.columns)}
    down = {term: _TOP + (n + 0.5) * _ROW for n, term in enumerate(found.rows)}
    drawn = [
        DrawnCell(across[cell.other], down[cell.one], text, _title(cell, show), objection_to(cell.voices))
        for cell, text in zip(cells, texts, strict=True)
    ]
    height, width = _TOP + len(down) * _ROW, _SIDE + len(across) * wide
    body = render_template(
        "figures/views/matrix.svg",
        cells=drawn,
        rows=[_heading(at, show(term), _ROOM) for term, at in down.items()],
        columns=[_heading(at, show(term), _ROOM_ABOVE) for term, at in across.items()],
        top=_TOP,
        side=_SIDE,
        row=_ROW,
        wide=wide,
        height=height,
        width=width,
        signs=SIGNS,
    )
    return Markup(body), height, width


def _shown(cell: marks.Cell, show: Show, *, counts: bool) -> str:
    if cell.value is not None:
        return show(cell.value).text
    return f"{cell.rows:,}" if counts else ""


def _title(cell: marks.Cell, show: Show) -> str:
    value = row_words(cell.rows) if cell.value is None else [show(cell.value).text]
    return hint([f"{show(cell.one).text} – {show(cell.other).text}", *value], cell.voices, show)


def _heading(at: float, thing: LinkedText, room: int) -> Heading:
    return Heading(at, thing, tuple(wrap(thing.text, room)))
