"""The pair diagram: cities outside a country left, its own cities right, a line for each twinning by who states it.

The names are lists of links, as large as any text; only the lines are a drawing, which takes the room between them.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from server.figures.ties import Style, Twinning, TwinPlace, legend, line_css, styles

MOST = 90
"""Twinnings that are drawn; of more, those that the most sources state. Beyond it lines run together."""

_WIDTH, _ROW = 100, 10  # units of the drawing, which is stretched to the room that it has
_APART = 2.2
_SWEEPS = 12


@dataclass(frozen=True)
class PlaceGroup:
    """Places of one side under a common heading."""

    heading: str
    places: tuple[TwinPlace, ...]


@dataclass(frozen=True)
class TwinningLine:
    """The line of a twinning: its path, the share of the height at which its middle lies, its look."""

    twinning: Twinning
    path: str
    middle: float
    css: str


@dataclass(frozen=True)
class PairDiagram:
    """The twinnings that are drawn, in the order of their places, and those that are left out.

    `apart` have no party in the country, or two; `beyond` are those for which there is no room.
    """

    left: tuple[PlaceGroup, ...]
    right: tuple[PlaceGroup, ...]
    drawn: tuple[Twinning, ...]
    apart: tuple[Twinning, ...]
    beyond: int
    looks: Mapping[str, Style]

    @classmethod
    def of(cls, twinnings: Sequence[Twinning], home: str, first: str) -> PairDiagram:
        """Return the diagram for the country `home`, with the cities of the country `first` on top at the left."""
        turned = [twinning.with_other_in(home) for twinning in twinnings]
        across = [one for one in turned if one.other.state == home != one.one.state]
        apart = tuple(one for one in turned if one.other.state != home or one.one.state == home)
        ranked = sorted(across, key=lambda one: (-len(one.stated), one.name))
        drawn = sorted(ranked[:MOST], key=lambda one: one.name)
        left, right = _order_places(drawn, first)
        return cls(
            left=_group(left, first),
            right=(PlaceGroup(right[0].state_name, tuple(right)),) if right else (),
            drawn=tuple(drawn),
            apart=apart,
            beyond=len(across) - len(drawn),
            looks=styles(drawn),
        )

    @property
    def denied(self) -> list[Twinning]:
        """The twinnings drawn that a source denies."""
        return [twinning for twinning in self.drawn if twinning.denied]

    def legend(self) -> list[Style]:
        """Return what the looks of the lines mean."""
        return legend(self.drawn, dict(self.looks))

    def height(self) -> int:
        """Return the height of the drawing, in its own units."""
        return max(map(_entries, (self.left, self.right))) * _ROW

    def lines(self) -> list[TwinningLine]:
        """Return the lines, those that a source denies last, so that they lie on top."""
        starts, ends = self._ends()
        found = [self._line(one, starts[one.iri], ends[one.iri]) for one in self.drawn]
        return sorted(found, key=lambda line: bool(line.twinning.denied))

    def _line(self, twinning: Twinning, start: float, end: float) -> TwinningLine:
        half = _WIDTH // 2
        path = f"M0 {start:g}C{half} {start:g} {half} {end:g} {_WIDTH} {end:g}"
        return TwinningLine(twinning, path, self._share((start + end) / 2), line_css(twinning, self.looks))

    def _share(self, at: float) -> float:
        return round(at / self.height() * 100, 2)

    def posts(self) -> list[tuple[int, float, float]]:
        """Return where lines begin and end: the side (0 or 100), and shares of the height from and to."""
        found: dict[tuple[int, str], list[float]] = {}
        starts, ends = self._ends()
        for one in self.drawn:
            found.setdefault((0, one.one.iri), []).append(starts[one.iri])
            found.setdefault((_WIDTH, one.other.iri), []).append(ends[one.iri])
        return [(side, self._share(min(at)), self._share(max(at))) for (side, _), at in found.items()]

    def _ends(self) -> tuple[dict[str, float], dict[str, float]]:
        """Return where the line of each twinning begins and ends: those of one place beside each other."""
        left, right = _heights(self.left, self.height()), _heights(self.right, self.height())
        joined = [(one.iri, one.one.iri, one.other.iri) for one in self.drawn]
        return fan_out(joined, left, right), fan_out([(iri, b, a) for iri, a, b in joined], right, left)

    def markup(self) -> Markup:
        """Return the drawing with the names at its sides."""
        return Markup(render_template("figures/pairs.html", diagram=self))


def _entries(groups: Sequence[PlaceGroup]) -> int:
    """Return how many rows a side has: its headings and its places."""
    return sum(1 + len(group.places) for group in groups)


def _heights(groups: Sequence[PlaceGroup], height: float) -> dict[str, float]:
    """Return where each place of a side stands: all rows of a side share the height evenly."""
    row = height / max(_entries(groups), 1)
    entries = [place for group in groups for place in (None, *group.places)]  # None for the heading
    return {place.iri: round((at + 0.5) * row, 2) for at, place in enumerate(entries) if place is not None}


def fan_out(
    joined: Sequence[tuple[str, str, str]],
    own: Mapping[str, float],
    far: Mapping[str, float],
    row: float = _ROW,
) -> dict[str, float]:
    """Return by line where it meets its own side: the lines of a place side by side, in the order of their far ends.

    A line is given with its place on its own side and on the far one; `row` is the height of a place.
    """
    lines: dict[str, list[tuple[float, str]]] = {}
    for iri, a, b in joined:
        lines.setdefault(a, []).append((far[b], iri))
    found = {}
    for place, at_place in lines.items():
        apart = min(_APART * row / _ROW, row * 0.7 / len(at_place))
        for number, (_, iri) in enumerate(sorted(at_place)):
            found[iri] = round(own[place] + (number - (len(at_place) - 1) / 2) * apart, 2)
    return found


def _group(left: Sequence[TwinPlace], first: str) -> tuple[PlaceGroup, ...]:
    own = [place for place in left if place.state == first]
    others = [place for place in left if place.state != first]
    groups = [PlaceGroup(own[0].state_name, tuple(own))] if own else []
    return (*groups, PlaceGroup("Elsewhere" if own else "", tuple(others))) if others else tuple(groups)


def _order_places(drawn: Sequence[Twinning], first: str) -> tuple[list[TwinPlace], list[TwinPlace]]:
    """Return the places of each side in an order in which few lines cross; those of the state `first` stay on top."""
    places = {place.iri: place for one in drawn for place in (one.one, one.other)}
    left, right = order_sides(
        [(one.one.iri, one.other.iri) for one in drawn],
        {iri: place.name for iri, place in places.items()},
        {iri: place.state != first for iri, place in places.items()},
    )
    return [places[iri] for iri in left], [places[iri] for iri in right]


def order_sides(
    lines: Sequence[tuple[str, str]], names: Mapping[str, str], below: Mapping[str, bool]
) -> tuple[list[str], list[str]]:
    """Return both sides of lines in an order in which few lines cross, at the left those `below` behind the others.

    Each side in turn is put in the order of the mean places of its partners, which is the barycentre heuristic of
    Sugiyama, Tagawa and Toda (1981); then neighbours change places as long as that helps. That is begun in the order
    of names and with what hangs together side by side, and the better end is taken.
    """
    by_name = {iri: (name, iri) for iri, name in names.items()}
    by_part = {iri: (part, iri) for iri, part in _components(lines).items()}
    found = [_settle_order(lines, below, start) for start in (by_name, by_part)]
    return min(found, key=lambda sides: crossings(sides[0], sides[1], lines))


def _settle_order(
    lines: Sequence[tuple[str, str]], below: Mapping[str, bool], start: Mapping[str, tuple[str, str]]
) -> tuple[list[str], list[str]]:
    """Return the order to which both sides come from one in which they are sorted."""
    back = [(b, a) for a, b in lines]
    partners = {iri: [b for a, b in (*lines, *back) if a == iri] for iri in start}
    left = sorted({a for a, _ in lines}, key=lambda iri: (below[iri], start[iri]))
    right = sorted({b for _, b in lines}, key=lambda iri: start[iri])
    best = crossings(left, right, lines), left, right
    for _ in range(_SWEEPS):
        right = _by_mean(right, left, partners)
        left = sorted(_by_mean(left, right, partners), key=below.__getitem__)
        best = min(best, (crossings(left, right, lines), left, right), key=lambda found: found[0])
    _, left, right = best
    bound = sum(not below[iri] for iri in left)
    while _swap_neighbours(right, left, partners, 0) or _swap_neighbours(left, right, partners, bound):
        pass
    return left, right


def _components(lines: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return by place a name that it shares with all places that lines lead to from it, in any number of steps."""
    part = {place: place for line in lines for place in line}
    for one, other in lines:
        kept, gone = sorted((part[one], part[other]))
        part = {place: kept if name == gone else name for place, name in part.items()}
    return part


def _by_mean(side: Sequence[str], fixed: Sequence[str], partners: Mapping[str, Sequence[str]]) -> list[str]:
    at = {place: number for number, place in enumerate(fixed)}
    return sorted(side, key=lambda place: sum(at[far] for far in partners[place]) / len(partners[place]))


def _swap_neighbours(side: list[str], fixed: Sequence[str], partners: Mapping[str, Sequence[str]], bound: int) -> bool:
    """Swap neighbours where fewer lines cross then, never over the bound; return True if any were swapped."""
    at = {place: number for number, place in enumerate(fixed)}
    found = False
    for number in range(len(side) - 1):
        upper, lower = ([at[far] for far in partners[place]] for place in side[number : number + 2])
        now = sum(a > b for a in upper for b in lower)
        then = sum(a < b for a in upper for b in lower)
        if then < now and number + 1 != bound:
            side[number], side[number + 1] = side[number + 1], side[number]
            found = True
    return found


def crossings(left: Sequence[str], right: Sequence[str], lines: Sequence[tuple[str, str]]) -> int:
    """Return how many pairs of lines cross, where places stand in these orders."""
    at_left = {place: number for number, place in enumerate(left)}
    at_right = {place: number for number, place in enumerate(right)}
    above: list[int] = []  # where the lines that begin higher up end
    found = 0
    for _, end in sorted((at_left[a], at_right[b]) for a, b in lines):
        found += len(above) - bisect_right(above, end)
        insort(above, end)
    return found
