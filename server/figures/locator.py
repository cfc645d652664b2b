"""Small maps of a place: where it lies, and its ties to other places."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from flask import render_template
from markupsafe import Markup

from server.figures.chart import SIGNS, Chart, Route, Spot, great_circle, window_around
from server.figures.land import Box, MapWindow

_WIDTH_OF_TIES = 420
_WIDTH, _ACROSS, _UP = 240, 36.0, 15.0  # units, and degrees to be seen
_NORTHERNMOST = 78.0  # beyond it degrees of longitude shrink to nothing


def locator(here: Spot, routes: Sequence[Route] = ()) -> Markup:
    """Return a small map of a place and of the lines from it to others; without lines, of the land around it."""
    if routes:
        return _map_of_ties(here, routes)
    longitude, latitude = here.position
    middle = min(max(latitude, -_NORTHERNMOST), _NORTHERNMOST)
    window = MapWindow(
        Box(longitude - _ACROSS / 2, middle - _UP / 2, longitude + _ACROSS / 2, middle + _UP / 2), _WIDTH
    )
    at = window.at(here.position)
    return Markup(render_template("figures/locator.html", window=window, label=here.name, at=at))


def _map_of_ties(here: Spot, routes: Sequence[Route]) -> Markup:
    spots = tuple({spot.position: spot for route in routes for spot in (route.one, route.other)}.values())
    ways = chain.from_iterable(great_circle(route.one.position, route.other.position) for route in routes)
    window = window_around(list(ways), _WIDTH_OF_TIES)  # lines bend to the north of their ends
    drawing, label = Chart(window, spots, tuple(routes)), f"Map: the ties of {here.name} to other places"
    return Markup(render_template("figures/chart.html", chart=drawing, label=label, signs=SIGNS))
