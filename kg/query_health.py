"""Do the canned queries still answer? Each is run for its examples and compared with what its header says."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import QuerySolutions, Store

from kg import catalogue, querying
from kg.catalogue import CannedQuery
from kg.errors import QueryError


@dataclass(frozen=True)
class Finding:
    """How one query answered: its number of rows, and what is not as it should be, if anything."""

    name: str
    rows: int
    faults: tuple[str, ...]


def findings(store: Store) -> tuple[Finding, ...]:
    """Run all canned queries as they stand, for their examples.

    A query is well if it has the columns that its header explains, no other, and at least one row: examples are
    chosen so that the graph has something to say of them.
    """
    return tuple(finding(store, query) for query in catalogue.canned_queries().values())


def finding(store: Store, query: CannedQuery) -> Finding:
    """Run one query for its examples and say how it answered."""
    try:
        answer = querying.run(store, query.text)
    except QueryError as error:
        return Finding(query.name, 0, (error.message,))
    if not isinstance(answer, QuerySolutions):
        return Finding(query.name, 0, ("The answer is no table.",))
    columns = {variable.value for variable in answer.variables}
    rows = sum(1 for _ in answer)
    faults = (
        *(f"The column {name} is explained, and missing." for name in query.columns if name not in columns),
        *(f"The column {name} is not explained." for name in sorted(columns - query.columns.keys())),
        *(["There are no rows."] if rows == 0 else []),
    )
    return Finding(query.name, rows, faults)
