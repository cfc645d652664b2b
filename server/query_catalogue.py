"""The description of the canned queries for programs: what each takes and answers, and where it is."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pyoxigraph import Store

from kg import catalogue, choices, paging
from kg.catalogue import CannedQuery, Parameter
from kg.formats import RESULT_FORMATS
from server.protocol import QUERY
from server.representations import HTML

_GEOMETRY = "wkt"  # the column of geometries, without which there is nothing for a format of maps to show
SUFFIXES = {fmt.suffix for fmt in RESULT_FORMATS} | {"html", "rq"}
"""Suffixes of an address: those of an answer, of its page, and of the text of the query."""


def formats(query: CannedQuery) -> dict[str, str]:
    """Return the media types in which a query is to be had, by the suffix of the address."""
    written = [fmt for fmt in RESULT_FORMATS if fmt.engine is not None or _GEOMETRY in query.columns]
    return {**{fmt.suffix: fmt.media_type for fmt in written}, "html": HTML, "rq": QUERY}


def suffix(query: CannedQuery, media_type: str) -> str:
    """Return the suffix of one of these media types."""
    return next(suffix for suffix, other in formats(query).items() if other == media_type)


def address(query: CannedQuery) -> str:
    """Return the address of a query, without a suffix."""
    return f"/queries/{query.name}"


@lru_cache(maxsize=1)  # a store is a snapshot that never changes
def entries(store: Store) -> list[dict[str, Any]]:
    """Return a description of each canned query, with the choices that the graph has for its parameters."""
    return [_entry(store, query) for query in catalogue.canned_queries().values()]


def _entry(store: Store, query: CannedQuery) -> dict[str, Any]:
    hindrance = paging.hindrance(query.text)
    return {
        "name": query.name,
        "topic": query.topic,
        "summary": query.summary,
        "description": query.description,
        "tags": query.tags,
        "parameters": [_parameter(store, parameter) for parameter in query.parameters],
        "columns": query.columns,
        "view": query.view,
        "paging": {"allowed": hindrance is None, "reason": hindrance},
        "address": address(query),
        "formats": {suffix: f"{address(query)}.{suffix}" for suffix in formats(query)},
    }


def _parameter(store: Store, parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.type,
        "label": parameter.label,
        "default": parameter.default,
        "example": parameter.example,
        "optional": parameter.optional,
        "class": parameter.of_class,
        "language": parameter.language,
        "choices": [{"value": c.value, "label": c.label} for c in choices.of(store, parameter)] or None,
    }
