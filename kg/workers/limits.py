"""The limits of a task, and the error that says which one it reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kg.errors import QueryError


@dataclass(frozen=True)
class QueryLimits:
    """The limits of one query, and of the number of queries."""

    seconds: float = 10.0
    """Seconds from the start of evaluation to the last byte."""
    assist_seconds: float = 0.2
    """Seconds for one completion or check, of which an editor asks for the next one soon."""
    rows: int = 1_000_000
    """Rows of a table, or triples of a graph."""
    result_bytes: int = 256 << 20
    """Bytes of a serialised answer."""
    query_length: int = 100_000
    """Characters of a query."""
    memory_bytes: int = 1 << 30
    """Bytes of address space that a worker may take beyond what it has once its snapshot is open."""
    workers: int = 2
    """Queries of clients at the same time, each in a process; as many more may be ours, with evidence, for editors."""
    queue: int = 2_000
    """Queries that wait for a worker; each waits at most `seconds`."""


class LimitReachedError(QueryError):
    """A job reached a limit: `limit` is seconds, rows, result_bytes, memory or nesting; `reached` is the amount."""

    title = "A limit is reached"

    def __init__(self, limit: str, reached: str, hint: str = "", what: str = "query") -> None:
        super().__init__(f"The {what} reached the limit of {limit.replace('_', ' ')}: {reached}.", hint)
        self.limit = limit
        self.reached = reached

    def details(self) -> dict[str, Any]:
        """Return the limit and the amount reached."""
        return {"limit": self.limit, "reached": self.reached}
