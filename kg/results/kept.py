"""A result that is kept: its rows as they are selected, and the query again once its file is of no use."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from kg.errors import CityKgError
from kg.readings import WrittenReading
from kg.results.columns import ColumnType
from kg.results.database import DamagedResultError, place_of
from kg.results.readings import read_columns, read_rows, read_view, write_table
from kg.results.rows import ResultRows
from kg.results.selection import ResultPart, Selection
from kg.sparql import Hint
from kg.views import View
from kg.workers import WorkerResult

T = TypeVar("T")


@dataclass(frozen=True)
class KeptResult:
    """A result, and what came with it when the query ran: hints, checked values, and seconds of workers.

    `content` is the path of its file, or where none could be written its bytes, for the current request alone.
    `read` lets a worker do a reading; `again` runs the query again, once the file turns out to be gone or damaged.
    """

    content: Path | bytes
    hints: tuple[Hint, ...]
    prepared: Mapping[str, Any] | None
    seconds: float
    read: Callable[[WrittenReading[...], tuple[Any, ...]], WorkerResult]
    again: Callable[[], KeptResult]

    @property
    def is_in_file(self) -> bool:
        """True if later requests find it."""
        return isinstance(self.content, Path)

    def rows(self, selection: Selection, part: ResultPart) -> ResultRows:
        """Return a part of the rows that match, with names of what is in them (read_rows).

        Raises BadValueError for a column that the result has not, and what workers raise.
        """
        return ResultRows.from_json(self._read(read_rows, selection.as_json(), asdict(part)).read_all())

    def view(self, selection: Selection, wanted: str) -> View:
        """Return all rows that match in a view, "any" for the first that fits. Raises as `rows` does."""
        return View.from_json(self._read(read_view, selection.as_json(), wanted).read_all())

    def columns(self, selection: Selection) -> list[ColumnType]:
        """Return the columns of the table of all rows that match, also those of evidence. Raises as `rows` does."""
        described = json.loads(self._read(read_columns, selection.as_json()).read_all())
        return [ColumnType(**one) for one in described]

    def table(self, selection: Selection, media_type: str) -> WorkerResult:
        """Return all rows that match in a format of tables. Raises as `rows` does."""
        return self._read(write_table, selection.as_json(), media_type)

    def _read(self, reading: WrittenReading[...], *arguments: Any) -> WorkerResult:
        """Return a reading of the file; where that fails the query is run again, once."""
        try:
            return self.read(reading, (place_of(self.content), *arguments))
        except CityKgError as error:
            if not isinstance(error, DamagedResultError) and not error.may_be_damage:
                raise
        if isinstance(self.content, Path):
            with suppress(OSError):  # on a disk that cannot be written
                self.content.unlink()
        return self.read(reading, (place_of(self.again().content), *arguments))
