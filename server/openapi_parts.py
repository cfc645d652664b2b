"""Parts of the OpenAPI document that several addresses share: answers, errors, headers, parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from server import problems
from server.representations import HTML

_PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457). `type` leads to a page that explains the error.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "hint": {"type": "string", "description": "The way out."},
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
        "limit": {"type": "string"},
        "reached": {"type": "string"},
    },
}
_RESULTS = {
    "type": "object",
    "description": "SPARQL 1.1 Query Results JSON Format.",
    "required": ["head"],
    "properties": {
        "head": {"type": "object"},
        "results": {"type": "object", "required": ["bindings"]},
        "boolean": {"type": "boolean"},
    },
}
COMPONENTS: dict[str, Any] = {
    "schemas": {"Problem": _PROBLEM, "Results": _RESULTS},
    "responses": {
        "Problem": {
            "description": "What is wrong, and the way out.",
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}, HTML: {}},
        },
        "Unchanged": {"description": "The client has it already (If-None-Match)."},
    },
    "headers": {
        "ETag": {"description": "A strong validator of these bytes.", "schema": {"type": "string"}},
        "Link": {"description": "Other formats, descriptions, further pages.", "schema": {"type": "string"}},
        "X-Revision": {"description": "The revision of the graph.", "schema": {"type": "string"}},
    },
}

_SCHEMAS: dict[str, Any] = {"application/sparql-results+json": {"$ref": "#/components/schemas/Results"}}


def answer(media_types: Iterable[str], headers: Iterable[str] = ("X-Revision",)) -> dict[str, Any]:
    """Return a response that comes in one of several media types."""
    return {
        "description": "The answer.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {name: {"schema": _SCHEMAS[name]} if name in _SCHEMAS else {} for name in media_types},
    }


def responses(success: Mapping[str, Any]) -> dict[str, Any]:
    """Return the responses of an address: its own, and the errors that every address may answer with."""
    problem = {"$ref": "#/components/responses/Problem"}
    return {**success, "4XX": problem, "5XX": problem}


def parameter(name: str, place: str, description: str, schema: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return a parameter; one in the path is always needed."""
    needed = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "description": description, "schema": dict(schema), **needed, **more}
