"""The canned queries in OpenAPI: an address for each, with typed parameters and the choices that the graph has."""

from __future__ import annotations

from typing import Any

from pyoxigraph import Store

from kg import catalogue, choices, paging
from kg.catalogue import CannedQuery, Parameter
from kg.parameters import LONGEST
from server import query_catalogue
from server.openapi_parts import answer, parameter, responses

_TYPES: dict[str, dict[str, Any]] = {
    "iri": {"type": "string", "pattern": "^[a-z][a-z0-9-]*:[A-Za-z0-9_.-]+$|^https?://"},
    "string": {"type": "string", "maxLength": LONGEST},
    "integer": {"type": "integer"},
    "date": {"type": "string", "format": "date"},
}


def tags() -> list[dict[str, str]]:
    """Return a tag for each topic."""
    topics = dict.fromkeys(query.topic for query in catalogue.canned_queries().values())
    return [{"name": topic, "description": f"Questions on {topic.replace('-', ' ')}."} for topic in topics]


def paths(store: Store) -> dict[str, Any]:
    """Return the addresses of all canned queries."""
    return {
        query_catalogue.address(query): {"get": _operation(store, query)}
        for query in catalogue.canned_queries().values()
    }


def schemas(store: Store) -> dict[str, Any]:
    """Return the choices that the graph has for parameters, by the name under which paths refer to them."""
    parameters = [p for query in catalogue.canned_queries().values() for p in query.parameters]
    return {name: _choices(store, p) for p in parameters if (name := _shared_name(p))}


def _operation(store: Store, query: CannedQuery) -> dict[str, Any]:
    columns = "\n".join(f"- `{name}`: {meaning}" for name, meaning in query.columns.items())
    return {
        "operationId": query.name,
        "summary": query.summary,
        "description": f"{query.description.strip()}\n\n{columns}",
        "tags": [query.topic],
        "parameters": [*(_parameter(store, query, p) for p in query.parameters), *_common(query)],
        "responses": responses(
            {
                "200": answer(query_catalogue.formats(query).values(), ("ETag", "Link", "X-Revision")),
                "304": {"$ref": "#/components/responses/Unchanged"},
            }
        ),
    }


def _parameter(store: Store, query: CannedQuery, stated: Parameter) -> dict[str, Any]:
    schema = _choices(store, stated) or _TYPES[stated.type]
    if name := _shared_name(stated):
        schema = {"$ref": f"#/components/schemas/{name}"}
    default = {} if stated.default is None else {"default": stated.default}
    description = f"{stated.label}.{_when_missing(query, stated)}"
    return _asked(stated.name, description, schema | default, example=stated.example)


def _asked(name: str, description: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a parameter that counts as not given when it is empty, since forms send it so."""
    return parameter(name, "query", description, schema, allowEmptyValue=True, **more)


def _when_missing(query: CannedQuery, stated: Parameter) -> str:
    """Say what happens without a value. None is `required`, since a query without any answers for its example."""
    if stated.default is not None:
        return ""
    if stated.optional:
        return " Left out, it narrows nothing."
    alone = sum(p.default is None and not p.optional for p in query.parameters) == 1
    return " Left out, it is the example." if alone else " Left out with all others, it is the example."


def _choices(store: Store, stated: Parameter) -> dict[str, Any]:
    """Return the schema of a parameter's choices, empty if it has none."""
    known = choices.of(store, stated)
    return {"type": "string", "enum": [choice.value for choice in known]} if known else {}


def _shared_name(stated: Parameter) -> str:
    """Return the name of a schema that several parameters may share, empty if there is none."""
    if isinstance(stated.choices, str):
        return f"vocabulary.{stated.choices}"
    return (stated.of_class or "").replace(":", ".")


def _common(query: CannedQuery) -> list[dict[str, Any]]:
    """Return the parameters that every query takes."""
    names = [*query_catalogue.formats(query)]
    chosen = _asked("format", "The format, in place of the Accept header.", {"enum": names})
    if paging.hindrance(query.text):
        return [chosen]
    schema = {"type": "integer", "minimum": 0, "maximum": paging.MOST}
    return [
        _asked("limit", "At most so many rows; Link leads to the next.", schema),
        _asked("offset", "Leave out so many rows at the beginning.", schema),
        chosen,
    ]
