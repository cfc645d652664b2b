"""What is shown of a result: its order, the rows that match, the columns that are hidden."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar

from kg.errors import BadValueError, shorten
from kg.rdf.rows import FirstRows


@dataclass(frozen=True)
class Selection:
    """The rows of a result that match, in an order, and the columns of them that are shown.

    `contains` maps columns to texts that their values or the names of these have within them, in any case; in columns
    of numbers or dates, to comparisons as well (kg.results.comparing). `values` maps columns to the keys of the values
    of which a row has one (ValueCount.key), "" for no value. `sort` is a column, empty for the order of the query.
    """

    LONGEST: ClassVar = 2_000
    """Characters of a text that is looked for."""

    sort: str = ""
    descending: bool = False
    contains: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    hidden: Sequence[str] = ()

    @property
    def is_filtered(self) -> bool:
        """True if rows may be missing."""
        return bool(self.contains or self.values)

    def without_values_of(self, column: str) -> Selection:
        """Return the same without a choice among the values of one column."""
        return replace(self, values={name: keys for name, keys in self.values.items() if name != column})

    def without_filter_of(self, column: str) -> Selection:
        """Return the same without the filter of one column."""
        return replace(self, contains={name: text for name, text in self.contains.items() if name != column})

    def check(self, columns: Collection[str]) -> None:
        """Raise BadValueError for a column that the result has not, and for a text that is too long."""
        for name in (*filter(None, [self.sort]), *self.contains, *self.values, *self.hidden):
            check_column(name, columns)
        for text in self.contains.values():
            if len(text) > self.LONGEST:
                raise BadValueError(
                    f"The filter {shorten(text)!r} has more than {self.LONGEST:,} characters.", "Filter by less text."
                )

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-serialisable values."""
        return asdict(self)

    @classmethod
    def from_json(cls, described: Mapping[str, Any]) -> Selection:
        """Return the selection that `as_json` described."""
        return cls(**described)


@dataclass(frozen=True)
class ResultPart:
    """A part of the rows that match: `most` from the place `start` on; and a column whose values are counted.

    Of that column values are counted that have `containing` within them. The columns `lists` list passages by their
    labels (kg.publish.questions: names_in).
    """

    start: int = 0
    most: int = FirstRows.MOST
    lists: Sequence[str] = ()
    counted: str = ""
    containing: str = ""


def check_column(name: str, columns: Collection[str]) -> None:
    """Raise BadValueError if a result has no column of a name."""
    if name not in columns:
        raise BadValueError.of_unknown(f"The result has no column {shorten(name)!r}.", name, columns)
