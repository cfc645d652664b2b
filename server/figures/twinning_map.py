"""The map of the twinnings: a window on the regions that have them, and closer maps of where they are dense."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from server.figures.chart import SIGNS, Chart, Route, Spot
from server.figures.land import CLOSE, Box, MapWindow
from server.figures.ties import Style, Twinning, TwinPlace, legend, line_css, styles

_WORLD = MapWindow(Box(-14, 14, 152, 72), 960)
_CLOSER, _LETTERS = 380, 12.5
_TITLES = ("Around the North Sea and the Irish Sea", "East China and Korea")
MOST = 150
"""Lines that are drawn; of more, those that the most sources state."""


@dataclass(frozen=True)
class TwinningMap:
    """The maps of some twinnings, with their looks; `without` have a party whose place is not known."""

    world: Chart
    closer: tuple[tuple[str, Chart], ...]
    looks: Mapping[str, Style]
    drawn: tuple[Twinning, ...]
    without: tuple[Twinning, ...]
    beyond: int

    @classmethod
    def of(cls, twinnings: Sequence[Twinning], among: Sequence[Twinning]) -> TwinningMap:
        """Return the maps of some twinnings, drawn as they look among others."""
        known = [one for one in twinnings if one.one.position and one.other.position]
        drawn = sorted(sorted(known, key=lambda one: (-len(one.stated), one.name))[:MOST], key=lambda one: one.name)
        looks = styles(among)
        ties = Counter(place for one in drawn for place in (one.one, one.other))
        spots = {place: Spot(place.name, place.href, place.position or (0, 0), ties[place]) for place in ties}
        routes = tuple(_route(one, spots, line_css(one, looks)) for one in drawn)
        everywhere = tuple(spots.values())
        return cls(
            world=Chart(_WORLD, everywhere, routes, CLOSE),
            closer=tuple(
                (t, Chart(MapWindow(box, _CLOSER), everywhere, size=_LETTERS))
                for t, box in zip(_TITLES, CLOSE, strict=True)
            ),
            looks=looks,
            drawn=tuple(drawn),
            without=tuple(one for one in twinnings if one not in known),
            beyond=len(known) - len(drawn),
        )

    def legend(self) -> list[Style]:
        """Return what the looks of the lines mean."""
        return legend(self.drawn, dict(self.looks))

    def markup(self) -> Markup:
        """Return the maps."""
        return Markup(render_template("figures/world.html", map=self, signs=SIGNS))


def _route(twinning: Twinning, spots: Mapping[TwinPlace, Spot], css: str) -> Route:
    title = f"{twinning.name}: {twinning.voices()}"
    one, other = spots[twinning.one], spots[twinning.other]
    return Route(title, twinning.href, one, other, css, "denies" if twinning.denied else "")
