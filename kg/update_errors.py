"""What can be wrong with an update, beyond the limits of kg.query_workers."""

from __future__ import annotations

from kg.errors import CityKgError, QueryError
from kg.query_guard import RefusedQueryError
from kg.querying import QuerySyntaxError


class UpdateSyntaxError(QuerySyntaxError):
    """An update that cannot be parsed; `line` and `column` start at 1."""


class UpdateError(QueryError):
    """An update that is well-formed, but cannot be followed."""


class RefusedUpdateError(RefusedQueryError):
    """The update asks for what this service does not do, or writes a graph that files and rules write."""


class DefaultGraphUpdateError(CityKgError):
    """An operation writes to the default graph, which follows from the named ones; the hint has it rewritten."""
