"""The map of a table: its places, and the lines between them."""

from __future__ import annotations

from collections.abc import Iterable

from flask import render_template
from markupsafe import Markup

from kg.rdf.lookup import Term
from kg.views import Marks, marks
from server.figures import chart
from server.figures.land import Point
from server.figures.views.figure import WIDTH, Drawing, Show, hint, objection_to, row_words

_MOST_TOLD = 12
_CURRENT = ("", "current")


def draw_positions(found: Marks, show: Show) -> Drawing:
    """Return the places as dots with names and the lines between places over the land."""
    routes = found.of(marks.Route)
    spots = _ends(routes, show)
    for place in found.of(marks.Place):
        spots[place.at] = _spot(place, show)
    lines = tuple(_line(route, spots, show) for route in routes)
    drawing = chart.Chart(chart.window_around(list(spots), WIDTH), tuple(spots.values()), lines)
    body = render_template("figures/chart.html", chart=drawing, label="Map", signs=chart.SIGNS)
    return Markup(body), drawing.window.height, WIDTH


def _ends(routes: Iterable[marks.Route], show: Show) -> dict[Point, chart.Spot]:
    """Return the places to which lines lead, each as large as their number."""
    found: dict[Point, chart.Spot] = {}
    for route in routes:
        for at, term in zip(route.ends, (route.one, route.other), strict=True):
            thing = show(term)
            weight = found[at].weight + 1 if at in found else 1
            found[at] = chart.Spot(thing.text, thing.href or "", at, weight)
    return found


def _spot(place: marks.Place, show: Show) -> chart.Spot:
    thing = show(place.label)
    told = [_with_status(show(term).text, status, show) for term, status in place.told]
    names = dict.fromkeys([*told[:_MOST_TOLD], *(["…"] if len(told) > _MOST_TOLD else [])])
    name = f"{thing.text}: {', '.join(names)}" if names else thing.text
    weight = max(place.weight, len(told), 0.0)
    title = hint([name], place.voices, show)
    return chart.Spot(thing.text, thing.href or "", place.at, weight, title, objection_to(place.voices))


def _line(route: marks.Route, spots: dict[Point, chart.Spot], show: Show) -> chart.Route:
    one, other = (spots[at] for at in route.ends)
    thing = show(route.label)
    ends = f"{one.name} – {other.name}"
    count = row_words(route.rows) if route.weight == 1 else [f"{route.weight:g}"]
    name = thing.text if route.rows == 1 and route.weight == 1 and thing.text else f"{ends}: {', '.join(count)}"
    title, objection = hint([name], route.voices, show), objection_to(route.voices)
    return chart.Route(title, thing.href or "", one, other, f"of-{objection}" if objection else "alone", objection)


def _with_status(name: str, status: Term | None, show: Show) -> str:
    text = show(status).text
    return name if text in _CURRENT else f"{name} ({text})"
