"""Maps: names do not cover each other, lines take the shortest way, and what lies beyond the window is said."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.figures.chart import Chart, Route, Spot, great_circle, thin, window_around
from server.figures.labels import at_the_edge, place_labels
from server.figures.land import Box, MapWindow, Point

places = st.tuples(st.floats(-179, 179), st.floats(-89, 89))
inside = st.tuples(st.floats(0, 300), st.floats(0, 200))
names = st.text("abcdefghij ", min_size=1, max_size=20)
BOUNDS = Box(0, 0, 300, 200)


def overlap(one: Box, other: Box) -> bool:
    across = one.west < other.east and other.west < one.east
    return across and one.south < other.north and other.south < one.north


@given(st.lists(st.tuples(inside, names, st.floats(1, 5)), max_size=20))
def test_no_name_covers_another_or_a_dot_or_the_edge(points: list[tuple[Point, str, float]]) -> None:
    labels = place_labels(points, BOUNDS, 12)
    assert len(labels) == len(points)
    rooms = [label.room for label in labels if label]
    assert not any(overlap(one, other) for one, other in combinations(rooms, 2))
    assert all(room.west >= 0 and room.east <= 300 and room.south >= 0 and room.north <= 200 for room in rooms)
    for label, (own, _, _) in zip(labels, points, strict=True):
        if label:
            assert not any(label.room.holds(at) for at, _, _ in points if at != own)


def test_a_name_alone_stands_at_the_right_and_at_the_edge_elsewhere() -> None:
    (label,) = place_labels([((50, 50), "Leeds", 3)], BOUNDS, 12)
    assert label
    assert (label.anchor, label.at[0]) == ("start", 55)
    (label,) = place_labels([((298, 50), "Leeds", 3)], BOUNDS, 12)
    assert label
    assert label.anchor == "end"


@given(st.lists(st.tuples(inside, names), max_size=6))
def test_names_at_the_edge_do_not_cover_each_other(points: list[tuple[Point, str]]) -> None:
    rooms = [label.room for label in at_the_edge(points, BOUNDS, 12)]
    assert not any(overlap(one, other) for one, other in combinations(rooms, 2))


def distance(one: Point, other: Point) -> float:
    (x1, y1), (x2, y2) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    a = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * math.asin(min(1, math.sqrt(a)))


@given(places, places)
def test_a_great_circle_is_the_shortest_way(one: Point, other: Point) -> None:
    way = great_circle(one, other)
    assert (way[0], way[-1]) == (one, other)
    length = sum(distance(a, b) for a, b in pairwise(way))
    assert math.isclose(length, distance(one, other), abs_tol=1e-5)


def test_a_line_that_leaves_the_window_says_where_it_leads() -> None:
    here, far = Spot("Here", "/here", (10, 50)), Spot("Far", "/far", (80, 50))
    chart = Chart(MapWindow(Box(0, 40, 20, 60), 400), (here, far), (Route("t", "/t", far, here, objection="denies"),))
    assert [spot.name for spot, _, _ in chart.dots()] == ["Here"]
    assert [spot.name for spot, _ in chart.spots_beyond()] == ["Far"]
    ((_, path),) = chart.lines()
    assert path.startswith("M200 ")
    ((_, at),) = chart.marks()
    assert 200 <= at[0] <= 400


def test_where_a_closer_map_shows_a_place_it_has_no_name() -> None:
    spots = (Spot("In", "/in", (10, 50)), Spot("Out", "/out", (2, 45)))
    chart = Chart(MapWindow(Box(0, 40, 20, 60), 400), spots, frames=(Box(8, 48, 12, 52),))
    assert {spot.name: label is not None for spot, _, label in chart.dots()} == {"In": False, "Out": True}
    ((corner, width, height),) = chart.boxes()
    assert (corner[0], width) == (160, 80)
    assert height > 0


def test_a_wide_map_has_larger_names_and_dots_for_phones_and_fewer_where_room_lacks() -> None:
    spots = tuple(Spot(f"A city {n}", f"/{n}", (2 + 4 * n, 50)) for n in range(4))
    box = Box(0, 40, 20, 60)
    chart = Chart(MapWindow(box, 900), spots)
    small = chart.for_phones()
    assert small
    (label,) = (label for _, _, label in small.dots()[:1])
    assert label
    assert label.room.north - label.room.south > 30
    assert small.radius(spots[0]) > 2 * chart.radius(spots[0])
    rooms = [label.room for _, _, label in small.dots() if label]
    assert not any(overlap(one, other) for one, other in combinations(rooms, 2))
    assert Chart(MapWindow(box, 400), spots).for_phones() is None


@given(st.lists(places, min_size=1, max_size=10))
def test_a_window_that_fits_holds_all_places(positions: list[Point]) -> None:
    window = window_around(positions, 500)
    assert window.height > 0
    assert all(window.box.holds(at) for at in positions)


def test_a_line_over_the_date_line_goes_out_at_one_edge_and_comes_in_at_the_other() -> None:
    window = MapWindow(Box(-180, -60, 180, 80), 960)
    tokyo, san_francisco = Spot("Tokyo", "", (139.7, 35.7)), Spot("San Francisco", "", (-122.4, 37.8))
    ((_, path),) = Chart(window, (), (Route("", "", tokyo, san_francisco),)).lines()
    parts = [[float(point.split()[0]) for point in part.split("L")] for part in path.split("M")[1:]]
    assert len(parts) == 2
    assert all(abs(one - other) < 100 for part in parts for one, other in pairwise(part))
    assert sorted([parts[0][0], parts[1][-1]]) == sorted([window.at(tokyo.position)[0], window.at((-122.4, 37.8))[0]])
    assert {parts[0][-1] > 960, parts[1][0] < 0} == {True}


def test_a_line_elsewhere_is_one_path() -> None:
    ends = Spot("Leeds", "", (-1.5, 53.8)), Spot("Hangzhou", "", (120.2, 30.3))
    ((_, path),) = Chart(MapWindow(Box(-180, -60, 180, 80), 960), (), (Route("", "", *ends),)).lines()
    assert path.count("M") == 1


@given(places, places)
def test_a_line_is_drawn_with_few_points_and_hardly_off_its_way(one: Point, other: Point) -> None:
    window = MapWindow(Box(-180, -90, 180, 90), 900)
    way = [window.at(point) for point in great_circle(one, other)]
    kept = thin(way)
    assert (kept[0], kept[-1]) == (way[0], way[-1])
    assert set(kept) <= set(way)
    for (ax, ay), (bx, by) in pairwise(kept):
        length = math.hypot(bx - ax, by - ay)
        between = way[way.index((ax, ay)) : way.index((bx, by))]
        assert all(abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) <= 0.31 * length for x, y in between)


def test_a_way_along_the_equator_is_a_line_of_two_points() -> None:
    window = MapWindow(Box(-180, -90, 180, 90), 900)
    assert len(thin([window.at(point) for point in great_circle((0, 0), (90, 0))])) == 2
