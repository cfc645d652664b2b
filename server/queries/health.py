"""Query health: each canned query is run for its examples and compared with its header."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from kg.lanes import Lane
from kg.queries import CannedQuery, canned_queries, find_query
from kg.rdf.formats import HTML, RESULT_FORMAT
from kg.sparql.text import QuerySyntaxError
from server.queries import addresses
from server.service import service
from server.web import Document

blueprint = Blueprint("query_health", __name__)

_DOCUMENT = Document("/healthz/queries", alternatives={"json": "application/json", "html": HTML})


@dataclass(frozen=True)
class QueryHealth:
    """The result of checking one query: its number of rows, and its faults.

    `lacking` are works that are not loaded, in which case it was not run.
    """

    name: str
    rows: int
    faults: tuple[str, ...]
    lacking: tuple[str, ...] = ()


@blueprint.get("/healthz/queries")
def health() -> Response:
    """Run all canned queries for their examples: 200 if each answers as its header says, 503 otherwise."""
    suffix = _DOCUMENT.choose()
    build = service.revisions.current()
    found = check_all(service.revisions.snapshot_path())
    status = "failing" if any(one.faults for one in found) else "ok"
    if suffix == "html":
        shown = {
            "findings": found,
            "build": build,
            "example": lambda name: addresses.example_document(find_query(name)),
        }
        response = Response(render_template("query_health.html", **shown), mimetype=HTML)
    else:
        response = jsonify(status=status, revision=build.revision, queries=found)
    response.status_code = 200 if status == "ok" else 503
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response


@lru_cache(maxsize=1)
def check_all(snapshot: Path) -> tuple[QueryHealth, ...]:
    """Run all canned queries as they stand, for their examples, on a snapshot, the one that the current request reads.

    A query is OK if it has exactly the columns that its header explains, and at least one row: the graph has
    statements about the examples.
    """
    service.clients.turn(Lane.SLOW)
    loaded = service.revisions.current().works
    return tuple(
        QueryHealth(query.name, 0, (), lacking) if (lacking := query.missing_works(loaded)) else check_query(query)
        for query in canned_queries().values()
    )


def check_query(query: CannedQuery) -> QueryHealth:
    """Run one query for its examples and return its health. Raises errors that are not faults of the query."""
    try:
        with service.revisions.in_scope(query.scope):
            read = service.questions.run(query.text, RESULT_FORMAT["json"].media_type).read_all()
    except QuerySyntaxError as error:
        return QueryHealth(query.name, 0, (error.message,))
    answer = parse_query_results(read, QueryResultsFormat.JSON)
    if not isinstance(answer, QuerySolutions):
        return QueryHealth(query.name, 0, ("The answer is not a table.",))
    columns = {variable.value for variable in answer.variables}
    rows = sum(1 for _ in answer)
    faults = (
        *(f"The column {name} is explained, and missing." for name in query.columns if name not in columns),
        *(f"The column {name} is not explained." for name in sorted(columns - query.all_columns.keys())),
        *(["There are no rows."] if rows == 0 else []),
    )
    return QueryHealth(query.name, rows, faults)
