"""Maps: places and the lines between them, over the outlines of the land."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import ClassVar

from kg.objections import KINDS
from server.figures.labels import Label, around, at_the_edge, place_labels
from server.figures.land import Box, MapWindow, Point

SIGNS = dict(zip(KINDS, ("✗", "≠", "↻", "~", "+", "“"), strict=True))
"""The sign of each kind of objection, which tells them apart without colours."""
_SIZE = 13.0  # of letters, in units of a drawing
_STEPS = 32  # of a great circle
_TOLERANCE = 0.3  # units of a drawing that a line may be off its way
_WIDE, _ENLARGED = 600, 2.6  # units of a drawing that a phone shrinks, and how much larger it needs names and dots


@dataclass(frozen=True)
class Spot:
    """A place on a map: its name, where it leads, where it lies, and how many lines it has.

    `title` says more than the name; `objection` is the kind of an objection to what is said of it.
    """

    WORLD: ClassVar = MapWindow(Box(-180, -58, 180, 78), 240)
    """A small map for spots anywhere: all land but the Antarctic."""

    name: str
    href: str
    position: Point
    weight: float = 1
    title: str = ""
    objection: str = ""

    @property
    def radius(self) -> float:
        """The radius of its dot: its area grows with the lines."""
        return round(2.2 + 1.3 * math.sqrt(self.weight), 1)


@dataclass(frozen=True)
class Route:
    """A line on a map: what it is, where it leads, its two ends, its look, and the kind of an objection to it."""

    title: str
    href: str
    one: Spot
    other: Spot
    css: str = "alone"
    objection: str = ""


@dataclass(frozen=True)
class Chart:
    """A map of a window: the dots with the names for which there is room, lines, and frames of closer maps.

    Names and dots are `scale` times as large as elsewhere, where the whole is shown small.
    """

    window: MapWindow
    spots: tuple[Spot, ...]
    routes: tuple[Route, ...] = ()
    frames: tuple[Box, ...] = ()
    size: float = field(default=_SIZE)
    scale: float = 1

    @property
    def bounds(self) -> Box:
        """The edges of the drawing."""
        return Box(0, 0, self.window.width, self.window.height)

    def for_phones(self) -> Chart | None:
        """Return the map with names and dots that can be read on a narrow screen, None if it is not wide."""
        return replace(self, scale=_ENLARGED) if self.window.width >= _WIDE else None

    def radius(self, spot: Spot) -> float:
        """Return the radius of a dot as it is drawn here."""
        return round(spot.radius * self.scale, 1)

    def dots(self) -> list[tuple[Spot, Point, Label | None]]:
        """Return the places in the window, where they lie in the drawing, and where their names stand, if anywhere.

        Names stand only where no closer map shows the place.
        """
        inside = [spot for spot in self.spots if self.window.box.holds(spot.position)]
        inside.sort(key=lambda spot: (-spot.weight, spot.name))
        at = {spot: self.window.at(spot.position) for spot in inside}
        named = [spot for spot in inside if not any(frame.holds(spot.position) for frame in self.frames)]
        taken = [around(at[spot], self.radius(spot)) for spot in inside if spot not in named]
        taken += [label.room for _, label in self.spots_beyond()]
        dots = [(at[spot], spot.name, self.radius(spot)) for spot in named]
        labels = place_labels(dots, self.bounds, self.size * self.scale, taken)
        standing = dict(zip(named, labels, strict=True))
        return [(spot, at[spot], standing.get(spot)) for spot in inside]

    @property
    def _parts(self) -> Sequence[tuple[Route, Sequence[Point], int]]:
        return _parts(self.window, self.routes)

    def lines(self) -> list[tuple[Route, str]]:
        """Return the lines with their paths."""
        around = 360 * self.window.scale[0]
        return [(route, _path(thin(part), around)) for route, part, _ in self._parts]

    def marks(self) -> list[tuple[Route, Point]]:
        """Return the lines to which a source objects, each with the position of its mark."""
        return [(route, part[inside // 2]) for route, part, inside in self._parts if route.objection]

    def spots_beyond(self) -> list[tuple[Spot, Label]]:
        """Return the places beyond the window to which a line leads, with their names where it leaves."""
        found: dict[Spot, Point] = {}
        for route, part, inside in self._parts:
            for spot in (route.one, route.other):
                if not self.window.box.holds(spot.position):
                    found[spot] = part[inside - 1]
        points = [(at, spot.name) for spot, at in found.items()]
        return list(zip(found, at_the_edge(points, self.bounds, self.size * self.scale), strict=False))

    def boxes(self) -> list[tuple[Point, float, float]]:
        """Return the frames of closer maps: their upper left corners, widths and heights."""
        found = []
        for frame in self.frames:
            (left, top), (right, bottom) = (
                self.window.at(corner) for corner in ((frame.west, frame.north), (frame.east, frame.south))
            )
            found.append(((left, top), round(right - left, 1), round(bottom - top, 1)))
        return found


@lru_cache(8)  # a map is drawn for phones as well
def _parts(window: MapWindow, routes: tuple[Route, ...]) -> Sequence[tuple[Route, Sequence[Point], int]]:
    """Return the lines that have a part in a window: its points, one beyond the edge too, and how many are inside.

    A line is followed from that end which lies in the window.
    """
    found = []
    for route in routes:
        ends = sorted((route.one.position, route.other.position), key=lambda end: not window.box.holds(end))
        way = great_circle(*ends)
        inside = len(list(takewhile(window.box.holds, way)))
        if inside:
            found.append((route, [window.at(point) for point in way[: inside + 1]], inside))
    return found


def _path(points: Sequence[Point], around: float) -> str:
    """Return the path through the points of a drawing in which the way around the world is so long.

    A line over the date line leaves the drawing at one edge and comes in at the other.
    """
    parts = ["M{:g} {:g}".format(*points[0])]
    for (x, y), (right, down) in pairwise(points):
        if abs(right - x) > around / 2:
            turn = math.copysign(around, right - x)
            parts.append(f"L{right - turn:g} {down:g}M{x + turn:g} {y:g}")
        parts.append(f"L{right:g} {down:g}")
    return "".join(parts)


def thin(way: Sequence[Point]) -> Sequence[Point]:
    """Return as few points of a way as show it, which is off the lines between them by _TOLERANCE at most.

    That is the algorithm of Douglas and Peucker (1973).
    """
    if len(way) < 3:
        return way
    (x, y), (right, down) = way[0], way[-1]
    off = [abs((right - x) * (b - y) - (down - y) * (a - x)) for a, b in way]
    farthest = max(range(len(way)), key=off.__getitem__)
    if off[farthest] <= _TOLERANCE * math.hypot(right - x, down - y):
        return [way[0], way[-1]]
    return [*thin(way[: farthest + 1])[:-1], *thin(way[farthest:])]


@lru_cache(512)  # a map is drawn anew with fewer rows where a page is too large
def great_circle(one: Point, other: Point) -> Sequence[Point]:
    """Return points on the shortest way over the globe between two places, the ends among them.

    Of two antipodes there is no shortest way; then, and for one place, these are the places.
    """
    a, b = _on_the_globe(one), _on_the_globe(other)
    angle = math.acos(min(max(sum(p * q for p, q in zip(a, b, strict=True)), -1), 1))
    if math.sin(angle) < 1e-9:
        return [one, other]
    found = [one]
    for step in range(1, _STEPS):
        here, there = (math.sin(part * angle) / math.sin(angle) for part in (1 - step / _STEPS, step / _STEPS))
        x, y, z = (here * p + there * q for p, q in zip(a, b, strict=True))
        found.append((math.degrees(math.atan2(y, x)), math.degrees(math.atan2(z, math.hypot(x, y)))))
    return [*found, other]


def _on_the_globe(place: Point) -> tuple[float, float, float]:
    across, up = (math.radians(angle) for angle in place)
    return math.cos(up) * math.cos(across), math.cos(up) * math.sin(across), math.sin(up)


def window_around(positions: Sequence[Point], width: int) -> MapWindow:
    """Return a window in which all of these places lie, with some room around."""
    box = Box.around(positions)
    across = max((box.east - box.west) * 1.2, 24)
    middle = math.radians((box.south + box.north) / 2)
    up = max((box.north - box.south) * 1.25, across * math.cos(middle) * 0.5)
    x, y = (box.west + box.east) / 2, (box.south + box.north) / 2
    return MapWindow(
        Box(max(x - across / 2, -180), max(y - up / 2, -90), min(x + across / 2, 180), min(y + up / 2, 90)), width
    )
