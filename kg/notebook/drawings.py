"""Draw frames with matplotlib, in the views that canned queries name."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from kg.errors import QueryError
from kg.notebook.frames import import_extra
from kg.queries import find_query

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame, Series

_BAR = 0.25  # inches for each row
_LONGEST = 50  # characters of a name beside the drawing
_MOST_NAMED = 40  # places whose names can be read beside each other
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def draw(frame: DataFrame, view: str) -> Axes | DataFrame:
    """Return a frame as axes for bars, a timeline or a map; for any other view as a frame with headings in words.

    Raises QueryError if the frame has nothing of that kind to draw, CityKgError if matplotlib is not installed.
    """
    draw = {"bars": _bars, "timeline": _timeline, "map": _map}.get(view)
    if draw is None:
        name = frame.attrs.get("query")
        return frame.rename(columns=find_query(name).headings) if name else frame
    axes = draw(frame)
    axes.set_title(frame.attrs.get("question", ""), wrap=True)
    return axes


def _bars(frame: DataFrame) -> Axes:
    """Draw the first column of numbers as bars, labelled by the first column, with the first row at the top."""
    of = import_extra("pandas").api.types
    numbers = [
        name for name in frame.columns[1:] if of.is_numeric_dtype(frame[name]) and not of.is_bool_dtype(frame[name])
    ]
    if frame.empty or not numbers:
        raise QueryError("There are no bars to draw.", "A column of numbers is needed, behind a first one of names.")
    axes = _axes(len(frame))
    axes.barh(range(len(frame)), frame[numbers[0]].astype("float64"))
    _name_rows(axes, _names(frame, numbers[0]))
    axes.set_xlabel(numbers[0])
    return axes


def _timeline(frame: DataFrame) -> Axes:
    """Draw a bar from the first to the last day of each row that has a date; a point if they are the same day."""
    first = _days(frame, "earliest", "begin", "time", "end")
    last = _days(frame, "latest", "end").fillna(first)
    dated = frame[first.notna()]
    if dated.empty:
        raise QueryError("There is no timeline to draw.", "A column earliest, begin, time or end with dates is needed.")
    axes = _axes(len(dated))
    first, last = first[dated.index], last[dated.index]
    axes.use_sticky_edges = False  # else the first point and the last one are cut in two
    axes.barh(range(len(dated)), last - first, left=first)
    axes.plot(first, range(len(dated)), "o", markersize=3)
    _name_rows(axes, _names(dated, "says" if "says" in dated else ""))
    return axes


def _map(frame: DataFrame) -> Axes:
    """Draw points and lines by longitude and latitude; points with their names, where these can be read."""
    shapes = [_positions(row) for _, row in frame.iterrows()]
    if not any(shapes):
        raise QueryError("There is no map to draw.", "A column wkt of points or lines is needed, or lat and long.")
    axes = _axes(0)
    for shape in shapes:
        axes.plot(*zip(*shape, strict=True), marker="o", markersize=3, linewidth=0.8, color="C0")
    named = {shape[0]: name for name, shape in zip(_on_a_map(frame), shapes, strict=True) if len(shape) == 1}
    for position, name in named.items() if len(named) <= _MOST_NAMED else ():
        axes.annotate(name, position, xytext=(3, 3), textcoords="offset points", fontsize="x-small")
    middle = math.radians(sum(axes.get_ylim()) / 2)
    axes.set_aspect(1 / max(math.cos(middle), 0.2), adjustable="datalim")  # a degree east is shorter than one north
    axes.set_xlabel("longitude")
    axes.set_ylabel("latitude")
    return axes


def _on_a_map(frame: DataFrame) -> list[str]:
    """Return the names of rows on a map: the place, then everything that lies there."""
    names = _names(frame, "")
    if "placeLabel" not in frame:
        return names
    if "statusLabel" in frame:
        statuses = zip(names, frame["statusLabel"], strict=True)
        names = [name if status == "current" else f"{name} ({status})" for name, status in statuses]
    there: dict[str, dict[str, None]] = {}
    for place, name in zip(frame["placeLabel"], names, strict=True):
        there.setdefault(str(place), {})[name] = None
    return [f"{place}: {', '.join(there[str(place)])}" for place in frame["placeLabel"]]


def _axes(rows: int) -> Axes:
    plot = import_extra("matplotlib.pyplot")
    _, axes = plot.subplots(figsize=(9, max(3.0, _BAR * rows)), layout="constrained")
    return axes  # type: ignore[no-any-return]


def _name_rows(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(
        range(len(names)), [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…" for name in names]
    )
    axes.invert_yaxis()


def _names(frame: DataFrame, column: str) -> list[str]:
    """Return the names of rows: `column` if it holds text, else the labels before it, else the first column."""
    if column == "says":
        chosen = ["says"]
    else:
        before = list(frame.columns)[: list(frame.columns).index(column)] if column else list(frame.columns)
        chosen = [name for name in before if name.lower().endswith("label")] or before[:1]
        chosen = chosen if column else chosen[:1]
    return [" – ".join(str(row[name]) for name in chosen) for _, row in frame.iterrows()]


def _days(frame: DataFrame, *columns: str) -> Series:
    """Return the first day that one of these columns has in each row; 1980s and 2015-03 begin with their first one."""
    pandas = import_extra("pandas")
    days = pandas.Series(pandas.NaT, index=frame.index, dtype="datetime64[s]")
    for name in columns:
        if name in frame:
            printed = frame[name].astype("string").str.removesuffix("s")
            days = days.fillna(pandas.to_datetime(printed, format="ISO8601", errors="coerce").astype("datetime64[s]"))
    return days


def _positions(row: Any) -> list[tuple[float, float]]:
    text = f"{row['long']} {row['lat']}" if "wkt" not in row and {"lat", "long"} <= set(row.index) else row.get("wkt")
    numbers = [float(number) for number in _NUMBER.findall(str(text))]
    return list(zip(numbers[::2], numbers[1::2], strict=False))
