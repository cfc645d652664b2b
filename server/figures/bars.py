"""Bars: a number for each thing, as long as it is great."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from server.web import LinkedText

MOST = 80
"""Bars that are drawn."""


@dataclass(frozen=True)
class Bar:
    """A bar: what it stands for, and its number, as it is printed and as it is."""

    things: tuple[LinkedText, ...]
    printed: str
    value: float


def bars(drawn: Sequence[Bar]) -> Markup:
    """Return bars from a common zero, which lies inside where a number is below it."""
    shown = drawn[:MOST]
    least, greatest = min(0, *(bar.value for bar in shown), 0), max(0, *(bar.value for bar in shown), 0)
    span = (greatest - least) or 1
    parts = [
        (bar, round((min(bar.value, 0) - least) / span * 100, 2), round(abs(bar.value) / span * 100, 2))
        for bar in shown
    ]
    return Markup(render_template("figures/bars.html", parts=parts, beyond=len(drawn) - len(shown)))
