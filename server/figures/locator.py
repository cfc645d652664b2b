"""The locator: a small map of where a place lies."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from server.figures.land import Box, MapWindow

_WIDTH, _ACROSS, _UP = 240, 36.0, 15.0  # units, and degrees to be seen
_NORTHERNMOST = 78.0  # beyond it degrees of longitude shrink to nothing


def locator(latitude: float, longitude: float, label: str) -> Markup:
    """Return a small map of the land around a place, with the place in its middle."""
    middle = min(max(latitude, -_NORTHERNMOST), _NORTHERNMOST)
    window = MapWindow(
        Box(longitude - _ACROSS / 2, middle - _UP / 2, longitude + _ACROSS / 2, middle + _UP / 2), _WIDTH
    )
    at = window.at((longitude, latitude))
    return Markup(render_template("figures/locator.html", window=window, label=label, at=at))
