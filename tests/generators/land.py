"""Make `land.json`, the outlines of the land: `python -m tests.generators.land LAND > server/figures/land.json`.

LAND is `land-50m.json` of the npm package world-atlas 2.0.2, which is Natural Earth 1:50m (public domain) as TopoJSON:
`npm pack world-atlas` brings it. What is kept: each ring as whole numbers, in UNIT of a degree, the first point as it
is and each other one as the way from that before it; islands too small to be seen are left out, and points that lie no
farther than a tolerance from the line between their neighbours (Douglas and Peucker 1973). The tolerance is finer where
the maps look closely.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from server.figures.land import CLOSE, UNIT, Box, Point

COARSE, FINE = 0.15, 0.05
"""Degrees."""
_SMALLEST = {COARSE: 0.3, FINE: 0.02}  # square degrees
_SOUTHERNMOST = -58.0  # the Antarctic is on none of the maps


def rings(topology: dict[str, Any]) -> list[list[Point]]:
    """Return the rings of the polygons of a topology, in degrees (the TopoJSON format specification, section 2)."""
    (by_x, by_y), (from_x, from_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        points = accumulate(arc, lambda before, step: [before[0] + step[0], before[1] + step[1]])
        arcs.append([(x * by_x + from_x, y * by_y + from_y) for x, y in points])
    polygons = [polygon for shape in topology["objects"]["land"]["geometries"] for polygon in shape["arcs"]]
    return [
        _join_arcs([arcs[n] if n >= 0 else arcs[~n][::-1] for n in ring]) for polygon in polygons for ring in polygon
    ]


def _join_arcs(arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """Return the ring that arcs make; one that crosses the antimeridian goes on beyond it."""
    found: list[Point] = []
    for x, y in [*arcs[0], *(point for arc in arcs[1:] for point in arc[1:])]:
        turns = round((found[-1][0] - x) / 360) if found else 0
        found.append((x + 360 * turns, y))
    home = round(sum(x for x, _ in found) / len(found) / 360)
    return [(x - 360 * home, y) for x, y in found]


def simplify_line(points: Sequence[Point], tolerance: float) -> list[Point]:
    """Return the points of a line that are needed so that none of the others is farther from it than the tolerance."""
    if len(points) < 3:
        return list(points)
    first, last = points[0], points[-1]
    far, place = max((_distance(point, first, last), place) for place, point in enumerate(points[1:-1], start=1))
    if far <= tolerance:
        return [first, last]
    return simplify_line(points[: place + 1], tolerance)[:-1] + simplify_line(points[place:], tolerance)


def _distance(point: Point, first: Point, last: Point) -> float:
    """Return the distance of a point from the stretch between two others."""
    (x, y), (along, up) = (point[0] - first[0], point[1] - first[1]), (last[0] - first[0], last[1] - first[1])
    length = along * along + up * up
    part = min(max((x * along + y * up) / length, 0), 1) if length else 0
    return math.hypot(x - part * along, y - part * up)


def _encode_ring(ring: list[Point]) -> list[int] | None:
    """Return a ring as it is written; None if it is not to be seen."""
    box = Box.around(ring)
    tolerance = FINE if any(box.meets(close) for close in CLOSE) else COARSE
    area = abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))) / 2
    if area < _SMALLEST[tolerance] or box.north < _SOUTHERNMOST:
        return None
    half = len(ring) // 2
    stretches = _simplify_stretches(ring[: half + 1]), _simplify_stretches(ring[half:])
    points = [(round(x / UNIT), round(y / UNIT)) for stretch in stretches for x, y in stretch]
    points = [*points[:1], *(point for before, point in pairwise(points) if point != before)]
    if len(points) < 4:
        return None
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]
    return [*points[0], *(number for step in steps for number in step)]


def _simplify_stretches(points: Sequence[Point]) -> list[Point]:
    """Simplify a line finely where the maps look closely, and coarsely elsewhere."""
    found: list[Point] = []
    start = 0
    for place in range(1, len(points) + 1):
        if place == len(points) or _is_close(points[place]) != _is_close(points[start]):
            stretch = points[start : min(place + 1, len(points))]
            found += simplify_line(stretch, FINE if _is_close(points[start]) else COARSE)
            start = place
    return found


def _is_close(point: Point) -> bool:
    return any(box.holds(point) for box in CLOSE)


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    kept = [
        ring for ring in map(_encode_ring, rings(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))) if ring
    ]
    print("[" + ",\n".join(json.dumps(ring, separators=(",", ":")) for ring in kept) + "]")
