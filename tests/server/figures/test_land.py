"""The outlines of the land, and the windows on them."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from server.figures import Spot, land, locator
from server.figures.land import Box, MapWindow, Point, clip
from tests.generators import land as made_land
from tests.generators.land import simplify_line

degrees = st.floats(-50, 50).map(lambda number: round(number, 3))
points = st.lists(st.tuples(degrees, degrees), min_size=2, max_size=30)


def test_the_file_is_small_and_has_the_land_that_maps_show() -> None:
    assert Path(land.__file__).with_name("land.json").stat().st_size < 60_000
    assert len(land.rings()) > 100
    for box in land.CLOSE:
        assert "z" in MapWindow(box, 300).land()
    assert MapWindow(Box(-40, 30, -30, 40), 100).land() == ""  # the Atlantic


@given(points, st.floats(0.1, 10))
def test_what_is_left_out_of_a_line_lies_near_it(line: list[Point], tolerance: float) -> None:
    kept = simplify_line(line, tolerance)
    assert (kept[0], kept[-1]) == (line[0], line[-1])
    assert set(kept) <= set(line)
    for point in line:
        assert min(made_land._distance(point, a, b) for a, b in pairwise(kept)) <= tolerance + 1e-9


@given(points)
def test_what_is_cut_out_lies_in_the_box(ring: list[Point]) -> None:
    box = Box(-10, -10, 10, 10)
    cut = clip(ring, box)
    assert all(Box(-10.001, -10.001, 10.001, 10.001).holds(point) for point in cut)
    assert {point for point in ring if box.holds(point)} <= set(cut)


def test_a_window_keeps_the_shape_of_the_land_in_its_middle() -> None:
    window = MapWindow(Box(0, 50, 20, 70), 200)
    assert window.at((0, 70)) == (0, 0)
    assert window.at((20, 50)) == (200, 400)  # at 60 degrees a degree of longitude is half as long
    assert window.height == 400


def test_a_locator_shows_where_a_place_lies(app: Flask) -> None:
    with app.app_context():
        drawn = locator(Spot("Leeds <&", "", (-1.54785, 53.79648)))
        edge = locator(Spot("The end", "", (180, -90)))
    assert 'aria-label="Map: where Leeds &lt;&amp; lies"' in drawn
    assert re.search(r'<circle class="here" cx="120.0" cy="\d', drawn)
    assert re.search(r'class="land" d="M\d', drawn)
    assert len(drawn) < 6_000
    assert "The end" in edge
