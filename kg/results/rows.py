"""Selected rows of a result and the counts of a column's values; their form between processes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from kg.rdf.rows import FirstRows
from kg.results.comparing import Comparison
from kg.results.terms import as_binding


@dataclass(frozen=True)
class ValueCount:
    """A value of a column: its key in addresses, its text for people, and the number of rows that have it."""

    key: str
    text: str
    count: int


@dataclass(frozen=True)
class ColumnValues:
    """The most frequent values of a column, of `distinct` that match, as rows have them that match the selection."""

    column: str
    values: Sequence[ValueCount]
    distinct: int

    @classmethod
    def from_json(cls, described: Mapping[str, Any]) -> ColumnValues:
        """Return the values that `asdict` described."""
        return cls(described["column"], [ValueCount(**one) for one in described["values"]], described["distinct"])


@dataclass(frozen=True)
class ResultRows:
    """Rows of a result from the place `start` on, as they were selected.

    `found` are these rows (kg.rdf.rows: FirstRows) with the names of what is in them; its `count` is the number of rows
    that match. `total` is the number of rows that the result has. If not `is_whole`, the query has more than that;
    if not `is_named`, some things are found by their IRIs alone. `columns` are all columns, also those that are hidden.
    `chosen` has the texts of the values that are selected, by column and key.
    `evidence` has a member for each row of `found` if the result has evidence (kg.evidence: RowEvidence as JSON), and
    `beside` what belongs to all rows.
    The columns `sized` have numbers or dates, which filters compare; `without_size` has, of columns that are compared,
    the number of rows that are left out since their values are neither.
    """

    found: FirstRows
    total: int
    is_whole: bool
    is_named: bool
    columns: Sequence[str]
    start: int = 0
    chosen: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    evidence: Sequence[Mapping[str, Any]] | None = None
    beside: Mapping[str, Any] | None = None
    values: ColumnValues | None = None
    sized: Sequence[str] = ()
    without_size: Mapping[str, int] = field(default_factory=dict)

    def as_first_rows(self) -> FirstRows:
        """Return the rows found, as complete as the result is."""
        return replace(self.found, is_complete=self.is_whole)

    def is_comparison(self, column: str, text: str) -> bool:
        """Return True if a filter of a column compares its numbers or dates. Raises BadValueError."""
        return column in self.sized and Comparison.read(text) is not None

    def as_table(self) -> dict[str, Any]:
        """Return the rows in the JSON of SPARQL results."""
        names = self.found.names
        bindings = [
            {name: as_binding(term) for name, term in zip(names, row, strict=True) if term is not None}
            for row in self.found.rows
        ]
        return {"head": {"vars": list(names)}, "results": {"bindings": bindings}}

    def with_names(self, names: Mapping[str, str]) -> ResultRows:
        """Return the same with further names of what is in its rows."""
        return replace(self, found=replace(self.found, display_names={**self.found.display_names, **names}))

    def with_values(self, values: ColumnValues | None) -> ResultRows:
        """Return the same with the counts of the values of a column."""
        return replace(self, values=values)

    def as_json(self) -> bytes:
        """Return it as JSON, which `from_json` reads."""
        plain = {
            one.name: getattr(self, one.name) for one in fields(self) if one.name not in ("found", "values", "chosen")
        }
        told = {"chosen": dict(self.chosen), "found": self.found.described()}
        values = self.values and asdict(self.values)
        return json.dumps({**plain, **told, "values": values}, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, body: bytes) -> ResultRows:
        """Return the rows that `as_json` wrote."""
        read = json.loads(body)
        values = read["values"] and ColumnValues.from_json(read["values"])
        return cls(**{**read, "found": FirstRows.from_described(read["found"]), "values": values})
