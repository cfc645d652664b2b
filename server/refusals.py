"""What the problem details of a refused change have beside words: findings, statements in the way, other changes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from typing import Any

from kg import change_documents
from kg.curating import RefusedChangeError
from kg.errors import CityKgError
from kg.faults import RefusedSubmissionError
from kg.gate import ConflictError, RevisionPassedError
from kg.history import Record, lines_of
from server import graph


@singledispatch
def members(error: CityKgError) -> dict[str, Any]:
    """Return the further members of the problem details of an error (RFC 9457, section 3.2)."""
    return {}


@members.register
def _(error: RefusedSubmissionError) -> dict[str, Any]:
    first = error.faults[0]
    return {"line": first.line, "column": first.column, "findings": [fault.as_dict() for fault in error.faults]}


@members.register
def _(error: RefusedChangeError) -> dict[str, Any]:
    return error.judgement.as_dict()


@members.register
def _(error: ConflictError) -> dict[str, Any]:
    return {"statements": lines_of(error.quads) or None, "changes": _named(error.changes) or None}


@members.register
def _(error: RevisionPassedError) -> dict[str, Any]:
    number = error.wanted.partition(".")[2] or "0"
    history = graph.curation().history
    is_known = number.isascii() and number.isdigit() and int(number) <= history.count()
    return {"changes": _named(history.records(after=int(number))) if is_known else None}


def _named(records: Iterable[Record]) -> list[dict[str, Any]]:
    return [change_documents.summary(record) for record in records]
