"""Pairs of things: those of one column left, those of another right, a line for each pair."""

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
