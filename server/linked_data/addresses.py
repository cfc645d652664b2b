"""The addresses of the documents about things."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from flask import Flask
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from kg.rdf import namespaces as ns
from kg.rdf.formats import RESULT_FORMAT
from kg.rdf.scopes import EVERYTHING, REPORT
from kg.rdf.vocabulary import SKOS
from server.context import service

_THINGS = f'SELECT DISTINCT ?thing WHERE {{ ?thing %s ?value FILTER STRSTARTS(STR(?thing), "{ns.ID}") }}'
_NAMED, _ALL = f"{SKOS.prefLabel}", "?property"


def named_documents() -> list[str]:
    """Return the paths of the documents about all things that have a name, sorted."""
    return _documents(_NAMED)


def documents_to_make_ahead(app: Flask) -> Iterator[str]:
    """Yield the paths of all documents in Turtle, the report's first, then what has a name, then all else.

    A path may come more than once. Lists are read when they are needed. Raises what Service.answer raises.
    """
    for scope, known_by in ((REPORT, _ALL), (EVERYTHING, _NAMED), (EVERYTHING, _ALL)):
        with app.test_request_context(), service.in_scope(scope):
            paths = _documents(known_by)
        yield from (f"{path}.ttl" for path in paths)


def _documents(known_by: str) -> list[str]:
    found = service.answer(_THINGS % known_by, RESULT_FORMAT["tsv"].media_type).whole()
    rows = parse_query_results(found, QueryResultsFormat.TSV)
    assert isinstance(rows, QuerySolutions)
    return sorted(f"/doc/{quote(row['thing'].value.removeprefix(ns.ID))}" for row in rows)
