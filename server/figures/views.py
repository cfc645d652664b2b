"""The drawing of a table, by the view that its question names and by what its columns hold."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from flask import render_template
from markupsafe import Markup

from server.figures.bars import Bar, bars
from server.figures.chart import Chart, Route, Spot, window_around
from server.figures.land import Point
from server.figures.timeline import Span, timeline
from server.web import LinkedText

Rows = Sequence[Sequence[LinkedText]]

_POINT = re.compile(r"\s*POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)\s*", re.IGNORECASE)
_LINE = re.compile(r"\s*LINESTRING\s*\(\s*(-?[\d.]+) (-?[\d.]+)\s*,\s*(-?[\d.]+) (-?[\d.]+)\s*\)\s*", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?|(s))?")
_WHEN = ("earliest", "latest", "begin", "end", "time")
_FEWEST, _MOST = 1, 400  # rows; more would be a smear
_WIDTH = 900


def figure_for(view: str, columns: Sequence[str], rows: Rows) -> Markup | None:
    """Return the drawing of a table in a view (bars, timeline, map), None where there is none for what it holds.

    `columns` are the names of the columns, `rows` what a page shows in them.
    """
    draw = {"bars": _bars, "timeline": _timeline, "map": _map}.get(view)
    return draw(columns, rows) if draw and _FEWEST <= len(rows) <= _MOST else None


def _bars(columns: Sequence[str], rows: Rows) -> Markup | None:
    """Draw the first column of numbers behind the first; what they stand for are the links before it."""
    numbers = [place for place in range(1, len(columns)) if all(_number(row[place]) is not None for row in rows)]
    if not numbers:
        return None
    place = numbers[0]
    things = [before for before in range(place) if before == 0 or all(row[before].href for row in rows)]
    drawn = [Bar(tuple(row[thing] for thing in things), row[place].text, _number(row[place]) or 0.0) for row in rows]
    return bars(drawn)


def _number(value: LinkedText) -> float | None:
    return float(value.text) if re.fullmatch(r"-?\d+(\.\d+)?", value.text) and not value.href else None


def _timeline(columns: Sequence[str], rows: Rows) -> Markup | None:
    """Draw from `earliest` to `latest`, without these as `begin`, `end` and `time` are printed.

    The event is in the column `says`, where that is empty in the first link, else in the first column that is not a
    date. A row with an `earliest` alone, as "since 2000", goes on to the end of the drawing.
    """
    at = {name: place for place, name in enumerate(columns)}
    what = at.get("says", next((place for name, place in at.items() if name not in _WHEN), None))
    if what is None:
        return None
    spans = []
    for row in rows:
        told = {name: row[at[name]].text for name in _WHEN if name in at and row[at[name]].text}
        days = [day for name in _WHEN for day in _days(told.get(name, ""))]
        if days:
            printed = dict.fromkeys(told[name] for name in ("begin", "end", "time") if name in told)
            is_open = "latest" in at and not any(_days(told.get(name, "")) for name in _WHEN[1:])
            last = None if is_open else max(days)
            event = row[what] if row[what].text else next((value for value in row if value.href), row[what])
            spans.append(Span(event, " – ".join(printed) or str(days[0].year), min(days), last))
    return timeline(spans) if spans else None


def _days(text: str) -> list[date]:
    """Return the first and the last day that a printed date can mean: 2015-03-01, 2015-03, 2015 or 1980s."""
    found = _DATE.fullmatch(text)
    if not found:
        return []
    year, month, day = (int(found[place] or 0) for place in (1, 2, 3))
    last_year, last_month = year + 9 if found[4] else year, month or 12
    try:
        first = date(year, month or 1, day or 1)
        return [first, date(last_year, last_month, day or monthrange(last_year, last_month)[1])]
    except (ValueError, IndexError):
        return []


def _map(columns: Sequence[str], rows: Rows) -> Markup | None:
    """Draw points and straight lines of well-known text, and where there is none, of latitude and longitude.

    The size of a dot is the number of its `twins`, else of what is drawn there. A row with a `place` is named after
    that: "Tianjin: Kobe, Melbourne". A line is called by its first column, or where it stands for several `twinnings`
    by its ends and their number.
    """
    at = {name: place for place, name in enumerate(columns)}
    spots: dict[Point, Spot] = {}
    there: defaultdict[Point, list[str]] = defaultdict(list)
    routes = []
    for row in rows:
        name, href = row[0].text, row[0].href or ""
        ends = _ends(row[at["wkt"]].text) if "wkt" in at else _pair(row, at)
        for end, party in zip(ends, ("one", "other"), strict=False):
            shown = row[at[party]] if len(ends) == 2 and party in at else row[0]
            twins = _number(row[at["twins"]]) if "twins" in at and len(ends) == 1 else None
            weight = int(twins) if twins is not None else spots[end].weight + 1 if end in spots else 1
            if at.get("place"):
                there[end] = list(dict.fromkeys([*there[end], _with_status(row, at)]))
                place, weight = row[at["place"]], len(there[end])
                shown = LinkedText(f"{place.text}: {', '.join(there[end])}", place.href)
            spots[end] = Spot(shown.text, shown.href or "", end, weight)
        if len(ends) == 2:
            one, other = (spots[end] for end in ends)
            counted = f"{one.name} – {other.name}: {row[at['twinnings']].text}" if "twinnings" in at else name
            routes.append(Route(counted, href, one, other))
    if not spots:
        return None
    chart = Chart(window_around(list(spots), _WIDTH), tuple(spots.values()), tuple(routes))
    return Markup(render_template("figures/map.html", chart=chart, label="Map"))


def _with_status(row: Sequence[LinkedText], at: dict[str, int]) -> str:
    status = row[at["status"]].text if "status" in at else ""
    return row[0].text if status in ("", "current") else f"{row[0].text} ({status})"


def _pair(row: Sequence[LinkedText], at: dict[str, int]) -> list[Point]:
    if "lat" not in at or "long" not in at:
        return []
    latitude, longitude = _number(row[at["lat"]]), _number(row[at["long"]])
    return [] if latitude is None or longitude is None else [(longitude, latitude)]


def _ends(text: str) -> list[Point]:
    if match := _POINT.fullmatch(text):
        return [(float(match[1]), float(match[2]))]
    if match := _LINE.fullmatch(text):
        return [(float(match[1]), float(match[2])), (float(match[3]), float(match[4]))]
    return []
