"""The views of a table that fit what its columns hold: the switch between them, and their figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from flask import Response
from pyoxigraph import NamedNode

from kg.errors import BadValueError, shorten
from kg.evidence import Evidence, RowEvidence
from kg.rdf.lookup import Term
from kg.rdf.rows import FirstRows
from kg.views import VIEWS, Marks, Roles, View, Voices
from server.figures.views.figure import Drawing, Figure, Show, kinds_of, style_source
from server.figures.views.pairs import draw_matrix, draw_pairs
from server.figures.views.positions import draw_positions
from server.figures.views.rows import draw_bars
from server.figures.views.timeline import draw_spans
from server.web import Labels, LinkedText

TABLE = "table"


class _Kind(NamedTuple):
    """How a view is drawn; what a table needs for it; its marks in words, and the rows without one.

    The marks of a view that `has_signs` bear the signs of objections, those of others have words below each.
    """

    draw: Callable[..., Drawing]
    needs: str
    many: str
    lacking: str
    has_signs: bool = False


_KINDS = {
    "map": _Kind(
        draw_positions, "a position (WKT, or latitude and longitude)", "places and lines", "no position", has_signs=True
    ),
    "pairs": _Kind(draw_pairs, "two columns of things", "pairs", "only one of the two", has_signs=True),
    "matrix": _Kind(draw_matrix, "two columns of things or names", "cells", "only one of the two", has_signs=True),
    "timeline": _Kind(draw_spans, "a date", "events", "no date"),
    "bars": _Kind(draw_bars, "a number beside a name", "bars", "no number"),
}


@dataclass(frozen=True)
class ViewedTable:
    """A table that can be drawn: what reads its rows in a view, its title, and the headings of its columns by name.

    `in_work` returns the text of a thing by its text and IRI: passages are named with their works.
    """

    read: Callable[[str], View]
    title: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)
    in_work: Callable[[str, str], str] = LinkedText.text_in_work

    @classmethod
    def of(
        cls,
        found: FirstRows,
        title: str = "",
        headings: Mapping[str, str] = MappingProxyType({}),
        evidence: Evidence | None = None,
    ) -> ViewedTable:
        """Return the table of rows that are here, with who says so."""
        voices = [_voices(row) for row in evidence.rows] if evidence else []
        called = {**found.display_names, **(evidence.called if evidence else {})}
        named = replace(found, display_names=called)
        return cls(lambda wanted: View.of(named, wanted, voices), title, headings)

    def figure(self, wanted: str) -> Figure | None:
        """Return its figure in a view, None if that does not fit."""
        return self.draw(self.read(wanted))

    def draw(self, view: View, root: str = "") -> Figure | None:
        """Return the figure of a view, None where there is nothing to draw."""
        if view.marks is None or view.roles is None or not view.marks.drawn:
            return None
        return self._draw(view, view.marks, view.roles, self._show(view.called, root))

    def required_figure(self, wanted: str, root: str) -> Figure:
        """Return its figure in a view, or in the first that fits; raises BadValueError if there is none."""
        view = self.read(wanted if wanted in VIEWS else View.ANY)
        figure = self.draw(view, root)
        if figure is None:
            raise BadValueError(*why_not(view, wanted))
        return figure

    def _show(self, called: Mapping[str, str], root: str) -> Show:
        labels = Labels(called)

        def show(term: Term | None) -> LinkedText:
            shown = labels.value(term)
            if isinstance(term, NamedNode):
                shown = replace(shown, text=self.in_work(shown.text, term.value))
            return replace(shown, href=root + shown.href) if shown.href and shown.href.startswith("/") else shown

        return show

    def _names(self, view: View, roles: Roles) -> list[str]:
        """Return the names of the columns that are drawn."""
        positions = (place for places in roles.positions for place in places)
        return [view.names[place] for place in sorted({*roles.labels, *roles.ends, *roles.values, *positions})]

    def _draw(self, view: View, found: Marks, roles: Roles, show: Show) -> Figure:
        kind, ends = _KINDS[found.view], [view.names[place] for place in roles.ends]
        above = {"headings": [self.headings.get(name, name) for name in ends]} if found.view == "pairs" else {}
        body, height, width = kind.draw(found, show, **above)
        kinds = kinds_of(mark.voices for mark in found.drawn) if kind.has_signs else ()
        title = self.title or f"{VIEWS[found.view]}: {', '.join(self._names(view, roles))}"
        return Figure(found.view, title, note_on(found, view), body, height, width, found.view == "map", kinds)


@dataclass(frozen=True)
class ViewSwitch:
    """The views between which a page lets people choose: their addresses by title, the one shown, and its figure.

    `message` says why the view that was asked for is not shown.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    current: str = "Table"
    figure: Figure | None = None
    file: str = ""
    message: str = ""

    PARAMETER: ClassVar = "view"

    @classmethod
    def of(cls, table: ViewedTable, asked: str, default: str, address: Callable[[str, bool], str]) -> ViewSwitch:
        """Return the switch of a table; `address` returns that of a view, as a page or as a file."""
        shown = asked or default
        view = table.read(shown)
        if not view.fitting and asked not in VIEWS:
            return cls()
        figure = table.draw(view)
        titles = {TABLE: "Table", **{one: VIEWS[one] for one in view.fitting}}
        return cls(
            {title: address(one, False) for one, title in titles.items()} if view.fitting else {},
            VIEWS[shown] if figure else titles[TABLE],
            figure,
            address(shown, True) if figure else "",
            " ".join(why_not(view, asked)) if asked in VIEWS and figure is None else "",
        )

    @staticmethod
    def read(values: Sequence[str]) -> str:
        """Return the view that the values of a parameter name; empty if none. Raises BadValueError for another word."""
        named = sorted({value for value in values if value})
        known = (TABLE, *VIEWS)
        wrong = next((value for value in named if value not in known), None)
        if wrong is not None:
            raise BadValueError.of_unknown(f"view={shorten(wrong)!r} does not name a view.", wrong, known)
        if len(named) > 1:
            raise BadValueError(f"The request names several views: {', '.join(named)}.", "Name one with view=.")
        return named[0] if named else ""


def why_not(view: View, wanted: str) -> tuple[str, str]:
    """Return why a table is not drawn in a view, and in which it is."""
    fitting = f"Views that fit: {', '.join((TABLE, *view.fitting))}."
    if not view.count:
        return "There is nothing to draw: the answer has no rows.", fitting
    if wanted not in VIEWS:
        return "No view but the table fits this answer.", fitting
    return f"The view {VIEWS[wanted].lower()} does not fit this answer: it needs {_KINDS[wanted].needs}.", fitting


def note_on(drawn: Marks, view: View) -> str:
    """Return what a drawing leaves out, in words: marks beyond the largest, rows without a value, rows not read."""
    kind = _KINDS[drawn.view]
    parts = []
    if drawn.view == "matrix" and drawn.is_cut:
        parts.append(
            f"The {len(drawn.rows):,} of {drawn.row_total:,} rows and {len(drawn.columns):,} of"
            f" {drawn.column_total:,} columns with the most cells."
        )
    elif drawn.is_cut:
        which = "first" if drawn.view == "timeline" else "largest"
        parts.append(f"The {len(drawn.drawn):,} {which} of {drawn.total:,} {kind.many}.")
    if drawn.view == "matrix" and any(mark.rows > 1 for mark in drawn.drawn):
        parts.append("The numbers are counts of rows.")
    if drawn.without:
        parts.append(f"{drawn.without:,} {'row has' if drawn.without == 1 else 'rows have'} {kind.lacking}.")
    if not view.is_whole:
        parts.append(f"Of the first {view.count:,} rows.")
    return " ".join(parts)


def figure_response(figure: Figure, credits: Sequence[str], name: str) -> Response:
    """Return a figure as a file that browsers show: its own style is let through by its hash, and nothing else."""
    response = Response(figure.file(credits), mimetype="image/svg+xml")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.svg"'
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {style_source()}; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


def _voices(row: RowEvidence) -> Voices:
    return Voices(tuple((one.kind, one.passage) for one in row.objections), row.sources)
