"""Place names in a drawing so that none covers another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from server.figures.land import Box, Point

_WIDE, _TALL = 0.64, 1.15  # of the size of the letters: a letter on average, and a line; a little more than fonts take
_TRIES = 5
_CLEAR = 2.0  # units between a name and a dot


@dataclass(frozen=True)
class Label:
    """A name beside a point: where its text begins, is centred or ends, and the room that it takes."""

    at: Point
    anchor: str
    room: Box


def place_labels(
    points: Sequence[tuple[Point, str, float]], bounds: Box, size: float, others: Sequence[Box] = ()
) -> list[Label | None]:
    """Return for each point, given with its name and the radius of its dot, where its name stands; None if nowhere.

    Names are placed in order, and no name covers another name, a dot, the edge or one of `others`. Those that
    find no room come first in another try; the try that places the most is taken.
    """
    order = list(range(len(points)))
    own = [around(point, radius) for point, _, radius in points]
    ways = [
        [label for label in _candidates(point, name, radius, size) if _is_inside(label.room, bounds)]
        for point, name, radius in points
    ]
    best: dict[int, Label] = {}
    for _ in range(_TRIES):
        found = _greedy(own, ways, order, others)
        best = max(best, found, key=len)
        left_out = [place for place in order if place not in found]
        if not left_out or order[: len(left_out)] == left_out:
            break
        order = [*left_out, *(place for place in order if place in found)]
    return [best.get(place) for place in range(len(points))]


def _greedy(
    own: Sequence[Box], ways: Sequence[Sequence[Label]], order: Sequence[int], others: Sequence[Box]
) -> dict[int, Label]:
    """Return where names stand, each in the first of its `ways` that meets no other name and no dot but its `own`."""
    taken = _OccupiedRooms()
    for place, dot in enumerate(own):
        taken.add(dot, place)
    for other in others:
        taken.add(other)
    found = {}
    for place in order:
        for label in ways[place]:
            if not taken.has_any_in(label.room, place):
                found[place] = label
                taken.add(label.room)
                break
    return found


class _OccupiedRooms:
    """The occupied rooms of a drawing, indexed by the squares that they touch."""

    _SIDE = 64.0

    def __init__(self) -> None:
        self._by_square: dict[tuple[int, int], list[tuple[Box, int | None]]] = {}

    def add(self, room: Box, of: int | None = None) -> None:
        """Take a room, for the dot of a point if it is that of one."""
        for square in self._squares(room):
            self._by_square.setdefault(square, []).append((room, of))

    def has_any_in(self, room: Box, of: int) -> bool:
        """Return True if an occupied room, other than the point's own dot, meets a room."""
        near = (taken for square in self._squares(room) for taken in self._by_square.get(square, ()))
        return any(place != of and room.meets(other) for other, place in near)

    def _squares(self, room: Box) -> Iterator[tuple[int, int]]:
        across = range(int(room.west // self._SIDE), int(room.east // self._SIDE) + 1)
        down = range(int(room.south // self._SIDE), int(room.north // self._SIDE) + 1)
        return ((x, y) for x in across for y in down)


def at_the_edge(points: Iterable[tuple[Point, str]], bounds: Box, size: float) -> Iterator[Label]:
    """Yield for each point near the edge, given with a name, where the name stands inside, each beside the others."""
    taken: list[Box] = []
    for point, name in points:
        half, height = len(name) * _WIDE * size / 2, _TALL * size
        y = min(max(point[1], bounds.south + height / 2), bounds.north - height / 2)
        steps = (sign * step * size / 2 for step in range(200) for sign in (1, -1))
        xs = (min(max(point[0] + step, bounds.west + half), bounds.east - half) for step in steps)
        rooms = (Box(x - half, y - height / 2, x + half, y + height / 2) for x in xs)
        room = next((room for room in rooms if not any(room.meets(other) for other in taken)), None)
        if room is not None:
            taken.append(room)
            yield Label((round((room.west + room.east) / 2, 1), round(y + 0.35 * size, 1)), "middle", room)


def _candidates(point: Point, name: str, radius: float, size: float) -> Iterator[Label]:
    """Yield where the name of a point may stand, the best place first: right, left, above, below, the corners."""
    width, height, (x, y) = len(name) * _WIDE * size, _TALL * size, point
    beside, above = radius + _CLEAR, radius + _CLEAR + height / 2
    for dx, dy, anchor in (
        *((beside, 0, "start"), (-beside, 0, "end"), (0, -above, "middle"), (0, above, "middle")),
        *((beside, -above / 1.6, "start"), (beside, above / 1.6, "start")),
        *((-beside, -above / 1.6, "end"), (-beside, above / 1.6, "end")),
        *((-radius, -above, "end"), (radius, -above, "start"), (-radius, above, "end"), (radius, above, "start")),
    ):
        begin = x + dx - {"start": 0, "middle": width / 2, "end": width}[anchor]
        middle = y + dy
        room = Box(begin, middle - height / 2, begin + width, middle + height / 2)
        yield Label((round(x + dx, 1), round(middle + 0.35 * size, 1)), anchor, room)


def around(point: Point, radius: float) -> Box:
    """Return the room of a dot."""
    return Box(point[0] - radius, point[1] - radius, point[0] + radius, point[1] + radius)


def _is_inside(room: Box, bounds: Box) -> bool:
    across = bounds.west <= room.west and room.east <= bounds.east
    return across and bounds.south <= room.south and room.north <= bounds.north
