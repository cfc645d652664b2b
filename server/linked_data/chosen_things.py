"""The things of a list that an address chooses, in its order, by the component of results (server.results)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Self
from urllib.parse import urlencode

from flask import request
from pyoxigraph import NamedNode

from kg.errors import BadValueError
from kg.publish.lists import KindList
from kg.rdf.rows import FirstRows
from kg.results import KeptResult, ResultPart, ResultRows, ResultWriter, Selection, readings
from kg.workers import WorkerResult
from server import scopes
from server.results import ResultControls, ResultView
from server.service import service


@dataclass(frozen=True)
class ChosenThings:
    """The things of a kind that are shown: all `things` as they are listed, or as the view of the address has them.

    Only for what is sorted, filtered or counted the list is made as a result, and kept.
    """

    kind: str
    things: Sequence[str]
    view: ResultView

    PARAMETERS: ClassVar = ("page", "scope", "at", "sort", "filter.", "is.", "facet", "values", "hide")
    """The parameters of the address of a list; two go before the name of a column."""

    @classmethod
    def of_request(cls, kind: str, things: Sequence[str]) -> Self:
        """Return what the address of the current request chooses. Raises BadValueError, for unknown parameters, too."""
        ResultView.require_known(request.args, cls.PARAMETERS, f"The list /doc/{kind}")
        view = ResultView.read(request.args.to_dict(flat=False)).starting(0)
        if readings.THING in view.selection.hidden:
            raise BadValueError("The names of things cannot be hidden.", "Hide other columns.")
        return cls(kind, things, view)

    @property
    def query(self) -> str:
        """The part of addresses that chooses the same things, without what only a page has."""
        return urlencode(self.view.of_rows().parameters())

    @property
    def shown(self) -> list[str]:
        """The names of the columns that are shown besides the names of things."""
        return [name for name in KindList(self.kind).headings if name not in self.view.selection.hidden]

    def page(self, number: str) -> tuple[int, ResultRows]:
        """Return a page of them with its number. Raises PageNumberError, and BadValueError for an unknown column."""
        of_kind = KindList(self.kind)
        start = (of_kind.page_number(number, len(self.things)) - 1) * KindList.PAGE_SIZE
        rows = self.rows(replace(self.view.part, start=start, most=KindList.PAGE_SIZE))
        return of_kind.page_number(number, rows.found.count), rows

    def every(self) -> list[str]:
        """Return the IRIs of all of them. Raises BadValueError for an unknown column."""
        return iris_of(self.rows(ResultPart(most=ResultWriter.MOST_ROWS))) if self.query else list(self.things)

    def rows(self, part: ResultPart) -> ResultRows:
        """Return a part of them as rows, whose only column is that of the things."""
        if not self._is_as_listed:
            return self._kept.rows(self.view.selection, part)
        columns, count = [readings.THING, *KindList(self.kind).headings], len(self.things)
        self.view.selection.check(columns)
        rows = tuple((NamedNode(iri),) for iri in self.things[part.start : part.start + part.most])
        return ResultRows(
            FirstRows((readings.THING,), rows, count), count, is_whole=True, is_named=True, columns=columns
        )

    def controls(self, rows: ResultRows) -> ResultControls | None:
        """Return the controls of a page of them; None where they are of no use."""
        address, headings = f"/doc/{self.kind}", {readings.THING: readings.THING, **KindList(self.kind).headings}
        base = list(scopes.as_parameters().items())
        shown, is_kept = len(rows.found.rows), self._is_as_listed or self._kept.is_in_file
        controls = ResultControls(
            self.view, rows, shown, address, base, headings, always=[readings.THING], is_kept=is_kept
        )
        return controls if controls.is_offered else None

    @property
    def _is_as_listed(self) -> bool:
        return not self.view.facet and replace(self.view.selection, hidden=()) == Selection()

    @cached_property
    def _kept(self) -> KeptResult:
        """The list as a result, kept from before or made now."""

        def run() -> tuple[WorkerResult, float]:
            began = time.monotonic()
            service.clients.check_share()
            return service.workers.write(readings.write_list, self.kind), time.monotonic() - began

        return service.results.result(("list", self.kind), run)


def iris_of(rows: ResultRows) -> list[str]:
    """Return the IRIs of the things in rows."""
    return [thing.value for thing in rows.found.column(readings.THING) if isinstance(thing, NamedNode)]
