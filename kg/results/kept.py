"""A result that is kept in a file: its rows as they are selected, and the query again once the file is of no use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from kg.errors import CityKgError
from kg.readings import WrittenReading
from kg.results.database import DamagedResultError
from kg.results.readings import read_rows, read_view, write_table
from kg.results.rows import ResultRows
from kg.results.selection import ResultPart, Selection
from kg.sparql import Hint
from kg.views import View
from kg.workers import WorkerResult

T = TypeVar("T")


@dataclass(frozen=True)
class KeptResult:
    """A result in a file, and what came with it when the query ran: hints, checked values, and seconds of workers.

    `read` lets a worker do a reading; `again` runs the query again, once the file turns out to be gone or damaged.
    """

    path: Path
    hints: tuple[Hint, ...]
    prepared: Mapping[str, Any] | None
    seconds: float
    read: Callable[[WrittenReading[...], tuple[Any, ...]], WorkerResult]
    again: Callable[[], KeptResult]

    def rows(self, selection: Selection, part: ResultPart) -> ResultRows:
        """Return a part of the rows that match, with names of what is in them (read_rows).

        Raises BadValueError for a column that the result has not, and what workers raise.
        """
        return ResultRows.from_json(self._read(read_rows, selection.as_json(), asdict(part)).read_all())

    def view(self, selection: Selection, wanted: str) -> View:
        """Return all rows that match in a view, "any" for the first that fits. Raises as `rows` does."""
        return View.from_json(self._read(read_view, selection.as_json(), wanted).read_all())

    def table(self, selection: Selection, media_type: str) -> WorkerResult:
        """Return all rows that match in a format of tables. Raises as `rows` does."""
        return self._read(write_table, selection.as_json(), media_type)

    def _read(self, reading: WrittenReading[...], *arguments: Any) -> WorkerResult:
        """Return a reading of the file; where that fails the query is run again, once."""
        try:
            return self.read(reading, (str(self.path), *arguments))
        except CityKgError as error:
            if not isinstance(error, DamagedResultError) and not error.may_be_damage:
                raise
        self.path.unlink(missing_ok=True)
        return self.read(reading, (str(self.again().path), *arguments))
