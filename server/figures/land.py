"""The outlines of the land, and windows through which a map looks at the world.

The outlines are those of Natural Earth (public domain); `land.json` has them as `tests/generators/land.py` says.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

Point = tuple[float, float]
"""Longitude and latitude in degrees; or right and down in a drawing."""

UNIT = 0.02
"""Degrees: the precision of the outlines."""


@dataclass(frozen=True)
class Box:
    """A part of the world, or of a drawing: its sides."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def around(cls, points: Iterable[Point]) -> Box:
        """Return the smallest box that holds the points."""
        across, up = zip(*points, strict=True)
        return cls(min(across), min(up), max(across), max(up))

    def holds(self, point: Point) -> bool:
        """Return True if a point lies in the box."""
        return self.west <= point[0] <= self.east and self.south <= point[1] <= self.north

    def encloses(self, other: Box) -> bool:
        """Return True if another box lies strictly inside."""
        across = self.west < other.west and other.east < self.east
        return across and self.south < other.south and other.north < self.north

    def meets(self, other: Box) -> bool:
        """Return True if the two boxes have a point in common."""
        across = self.west <= other.east and other.west <= self.east
        return across and self.south <= other.north and other.south <= self.north


NORTH_SEA = Box(-11.5, 49.5, 6, 57.5)
EAST_CHINA = Box(99, 20.5, 129.5, 42.5)
CLOSE = (NORTH_SEA, EAST_CHINA)
"""The parts that maps show closely: the outlines are finer there."""

_ROOM = 14, 10
"""Units to the side and down that the number of a candidate takes in a drawing."""


@dataclass(frozen=True)
class MapWindow:
    """A part of the world as it is drawn, so many units wide: degrees are as long as in its middle (equirectangular).

    The drawing's own units go right and down from its upper left corner.
    """

    box: Box
    width: int

    @cached_property
    def scale(self) -> Point:
        """Units for a degree of longitude and of latitude."""
        across = self.width / (self.box.east - self.box.west)
        middle = math.radians((self.box.south + self.box.north) / 2)
        return across, across / math.cos(middle)

    @property
    def height(self) -> int:
        """The height of the drawing."""
        return round((self.box.north - self.box.south) * self.scale[1])

    def at(self, place: Point) -> Point:
        """Return where a place lies in the drawing, be it inside or not."""
        across, up = self.scale
        return round((place[0] - self.box.west) * across, 1), round((self.box.north - place[1]) * up, 1)

    def numbers_of(self, candidates: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return where the numbers of candidates stand in the drawing: those too close together in one place."""
        found: list[dict[str, Any]] = []
        for number, one in enumerate(candidates, start=1):
            if "latitude" in one:
                right, down = self.at((one["longitude"], one["latitude"]))
                near = (at for at in found if abs(at["right"] - right) < _ROOM[0] and abs(at["down"] - down) < _ROOM[1])
                if (there := next(near, None)) is not None:
                    there["numbers"] += f", {number}"
                    there["right"] = max(there["right"], right)  # beside all of their points
                else:
                    found.append({"right": right, "down": down, "numbers": str(number)})
        return found

    def land(self) -> str:
        """Return the path of the land in it: what lies outside is cut off."""
        return _land(self)


@lru_cache(256)
def _land(window: MapWindow) -> str:
    parts = []
    for box, ring in rings():
        if box.meets(window.box):
            cut = ring if window.box.encloses(box) else clip(ring, window.box)
            corners = _drop_repeats([(round(x), round(y)) for x, y in map(window.at, cut)])
            if len(corners) > 2:
                steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(corners)]
                parts.append(f"M{corners[0][0]} {corners[0][1]}l{' '.join(steps)}z".replace(" -", "-"))
    return "".join(parts)


def _drop_repeats(corners: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Drop each point that repeats the one before it."""
    return [*corners[:1], *(corner for before, corner in pairwise(corners) if corner != before)]


def clip(ring: Sequence[Point], box: Box) -> list[Point]:
    """Return the part of a polygon that lies in a box (Sutherland and Hodgman 1974), open or closed as it was."""
    found = list(ring)
    for axis, bound, keeps_above in ((0, box.west, 1), (0, box.east, -1), (1, box.south, 1), (1, box.north, -1)):
        points, found = found, []
        for before, point in zip([points[-1], *points] if points else [], points, strict=False):
            inside, was = ((p[axis] - bound) * keeps_above >= 0 for p in (point, before))
            if inside != was:
                part = (bound - before[axis]) / (point[axis] - before[axis])
                crossing = [before[n] + part * (point[n] - before[n]) for n in (0, 1)]
                crossing[axis] = bound
                found.append((crossing[0], crossing[1]))
            if inside:
                found.append(point)
    return found


@cache
def rings() -> tuple[tuple[Box, tuple[Point, ...]], ...]:
    """Return the outlines of the land, each with the box around it."""
    found = []
    for numbers in json.loads((Path(__file__).parent / "land.json").read_text(encoding="utf-8")):
        across, up = accumulate(numbers[::2]), accumulate(numbers[1::2])
        ring = tuple((round(x * UNIT, 2), round(y * UNIT, 2)) for x, y in zip(across, up, strict=True))
        found.append((Box.around(ring), ring))
    return tuple(found)
