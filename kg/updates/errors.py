"""Errors of an update, besides the limits of kg.workers.pool."""

from __future__ import annotations

from kg.errors import CityKgError, QueryError
from kg.sparql import RefusedQueryError
from kg.sparql.text import QuerySyntaxError


class UpdateSyntaxError(QuerySyntaxError):
    """An update that cannot be parsed; `line` and `column` start at 1."""


class UpdateTooLongError(QueryError):
    """The update has more characters than the limit allows."""

    title = "The update is too long"

    def __init__(self, length: int, longest: int) -> None:
        super().__init__(
            f"The update has {length:,} characters; the longest that is read has {longest:,}.",
            "Send several updates, or what is to be added as Turtle to /changes, up to 100,000 statements at a time.",
        )


class UpdateError(QueryError):
    """An update that is well-formed, but cannot be carried out."""


class RefusedUpdateError(RefusedQueryError):
    """The update asks for something that this service does not do, or writes a graph of files or rules."""

    title = "The update is refused"


class DefaultGraphUpdateError(CityKgError):
    """An operation writes to the default graph, which follows from the named ones; the hint has it rewritten."""

    title = "The update writes to the default graph"
