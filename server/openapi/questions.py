"""The canned queries in OpenAPI: an address for each, with typed parameters and the choices that the graph has."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from kg.publish.questions import parameter_values
from kg.queries import CannedQuery, Parameter
from kg.rdf.formats import RESULT_FORMATS
from kg.rdf.namespaces import PREFIXES
from kg.rdf.scopes import EVERYTHING, REPORT, scopes_of_works
from server.service import service

_ADDRESS = "^https?://[A-Za-z0-9][A-Za-z0-9.-]*(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]*)*$"
"""Addresses that any client can write; others that are IRIs (RFC 3987) are accepted as well."""


def tags() -> list[dict[str, str]]:
    """Return a tag for each topic."""
    topics = dict.fromkeys(query.topic for query in service.questions.answerable())
    return [{"name": topic, "description": f"Questions on {topic.replace('-', ' ')}."} for topic in topics]


def schemas() -> dict[str, Any]:
    """Return the choices that the graph has for parameters, by the name under which paths refer to them."""
    found: dict[str, Any] = {}
    for query in service.questions.answerable():
        with service.revisions.in_scope(query.scope):
            of_query = {_shared_name(p, query.scope): p for p in query.parameters}
            found |= {name: _choices(p) for name, p in of_query.items() if name and name not in found}
    return {name: schema for name, schema in found.items() if schema}


def paths(pattern: dict[str, Any]) -> dict[str, Any]:
    """Return the addresses of all canned queries, made on a pattern: what every one takes and answers."""
    pattern["schemas"]["iri"]["pattern"] = f"^(?:{'|'.join(PREFIXES)}):[A-Za-z0-9_.-]+$|{_ADDRESS}"
    found = {}
    for query in service.questions.answerable():
        with service.revisions.in_scope(query.scope):
            found[f"/queries/{query.name}"] = {"get": _operation(query, _fit_pattern(pattern, query))}
    return found


def _fit_pattern(pattern: dict[str, Any], query: CannedQuery) -> dict[str, Any]:
    """Return a pattern without the parameters and formats that a query does not have."""
    pattern = deepcopy(pattern)
    for fmt in RESULT_FORMATS:
        if fmt not in query.formats:
            pattern["parameters"][-1]["schema"]["enum"].remove(fmt.suffix)
            del pattern["responses"]["200"]["content"][fmt.media_type]
    if query.why_not_pageable:
        pattern["parameters"] = [one for one in pattern["parameters"] if one["name"] not in ("limit", "offset")]
    stated = {one["name"]: one for one in pattern["parameters"]}
    known = [REPORT, *scopes_of_works(service.revisions.current().works), EVERYTHING]
    stated["scope"]["schema"] = {"enum": known, "default": query.scope}
    for name, schema in _of_columns(list(query.columns), list(query.all_columns)).items():
        stated[name]["schema"] |= schema
    return pattern


def _of_columns(columns: list[str], choice: list[str]) -> dict[str, Any]:
    """Return what may be said of the columns of a result, by parameter; `choice` are those that can be asked for."""
    one_of, chosen = f"(?:{'|'.join(columns)})", f"(?:{'|'.join(choice)})"
    of_schema = {"maxLength": 2000}  # whatever stands in an address is a text
    return {
        "sort": {"enum": ["", *columns, *(f"-{name}" for name in columns)]},
        "facet": {"enum": ["", *columns]},
        "columns": {"pattern": rf"^(?:{chosen}(?:,{chosen})*|{chosen}:[A-Za-z][A-Za-z0-9_]{{0,39}})?$"},
        "hide": {"pattern": f"^(?:{one_of}(?:,{one_of})*)?$"},
        "filters": {
            "patternProperties": {
                f"^filter\\.{one_of}$": of_schema,
                f"^is\\.{one_of}$": {"type": "array", "items": {"type": "string"}},
            }
        },
    }


def _operation(query: CannedQuery, pattern: dict[str, Any]) -> dict[str, Any]:
    columns = "\n".join(f"- `{name}`: {meaning}" for name, meaning in query.all_columns.items())
    return {
        "operationId": f"all-{query.name}" if query.name == query.topic else query.name,  # some are names of pages
        "summary": query.summary,
        "description": f"{query.description.strip()}\n\n{columns}",
        "tags": [query.topic],
        "parameters": [
            *(_parameter(p, pattern["schemas"], query.scope) for p in query.parameters),
            *pattern["parameters"],
        ],
        "responses": pattern["responses"],
    }


def _parameter(stated: Parameter, by_type: dict[str, Any], scope: str) -> dict[str, Any]:
    choices = _choices(stated)
    schema = choices or by_type[stated.type]
    if choices and (name := _shared_name(stated, scope)):
        schema = {"$ref": f"#/components/schemas/{name}"}
    without = " It may be left out." if stated.optional and stated.default is None else ""
    return {
        "name": stated.name,
        "in": "query",
        "description": f"{stated.label}.{without}",
        "schema": schema | ({} if stated.default is None else {"default": _typed(stated, stated.default)}),
        "example": _typed(stated, stated.example),
        **({"required": True} if stated.is_required else {"allowEmptyValue": True}),  # forms send what is empty
    }


def _typed(stated: Parameter, value: str) -> str | int:
    """Return a value of a parameter as JSON has it."""
    return int(value) if stated.type == "integer" else value


def _choices(stated: Parameter) -> dict[str, Any]:
    """Return the schema of a parameter's choices, empty if it has none."""
    known = service.workers.read(parameter_values, stated.as_json())
    return {"type": "string", "enum": list(known)} if known else {}


def _shared_name(stated: Parameter, scope: str) -> str:
    """Return the name of a schema that several parameters of a scope may share, empty if there is none."""
    of = "" if scope == REPORT else f"{scope}."
    if isinstance(stated.choices, str):
        return f"{of}vocabulary.{stated.choices}"
    return f"{of}{stated.of_class.replace(':', '.')}" if stated.of_class else ""
