"""Pairs of things: those of one column left, those of another right, a line for each pair; or as a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from kg.views import Marks, marks
from server.figures.chart import SIGNS
from server.figures.pairs import fan_out, order_sides
from server.figures.views.figure import WIDTH, Drawing, Show, hint, objection_to, row_words, wrap
from server.web import LinkedText

_ROW, _HEADING = 34, 26  # units
_ROOM, _ROOM_ON_PHONES = 44, 15  # letters beside the lines


@dataclass(frozen=True)
class Side:
    """A thing at one side: how far down it stands, its name, and its name in lines for a narrow page."""

    down: float
    thing: LinkedText
    brief: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class PairLine:
    """The line of a pair: its path, the middle of its height, what it says, and the kind of an objection to it."""

    path: str
    middle: float
    title: str
    objection: str = ""


def draw_pairs(found: Marks, show: Show, headings: Sequence[str]) -> Drawing:
    """Return the lines between the things of both columns, in an order in which few cross."""
    drawn = found.of(marks.Pair)
    ends = [(f"left {pair.one}", f"right {pair.other}") for pair in drawn]
    terms = dict(item for pair, (a, b) in zip(drawn, ends, strict=True) for item in ((a, pair.one), (b, pair.other)))
    things = {key: show(term) for key, term in terms.items()}
    left, right = order_sides(ends, {key: thing.text for key, thing in things.items()}, dict.fromkeys(things, False))
    height = max(len(left), len(right)) * _ROW
    at = {key: _HEADING + (n + 0.5) * height / len(side) for side in (left, right) for n, key in enumerate(side)}
    joined = [(str(number), a, b) for number, (a, b) in enumerate(ends)]
    starts = fan_out(joined, at, at, _ROW)
    stops = fan_out([(number, b, a) for number, a, b in joined], at, at, _ROW)
    lines = []
    for number, (pair, (a, b)) in enumerate(zip(drawn, ends, strict=True)):
        start, stop = starts[str(number)], stops[str(number)]
        title = hint([f"{things[a].text} – {things[b].text}", *row_words(pair.rows)], pair.voices, show)
        path = f"M0 {start:g}C50 {start:g} 50 {stop:g} 100 {stop:g}"
        lines.append(PairLine(path, (start + stop) / 2, title, objection_to(pair.voices)))
    body = render_template(
        "figures/views/pairs.svg",
        left=[_side(at[key], things[key]) for key in left],
        right=[_side(at[key], things[key]) for key in right],
        lines=sorted(lines, key=lambda line: bool(line.objection)),
        headings=[wrap(heading, _ROOM_ON_PHONES, 1)[0] for heading in headings],
        height=_HEADING + height,
        signs=SIGNS,
    )
    return Markup(body), _HEADING + height, WIDTH


def _side(down: float, thing: LinkedText) -> Side:
    lines = wrap(thing.text, _ROOM_ON_PHONES)
    return Side(round(down, 1), thing, wrap(thing.text, _ROOM, 1)[0], tuple(lines))


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
