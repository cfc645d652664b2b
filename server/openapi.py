"""The description of all addresses for programs: OpenAPI 3.1, generated from the catalogue and the routes."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Response, current_app, jsonify
from pyoxigraph import Store

from server import graph, openapi_addresses, openapi_changes, openapi_queries
from server.openapi_parts import COMPONENTS

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
def document() -> Response:
    """Describe the addresses of this service in OpenAPI 3.1."""
    _, store = graph.current()
    return jsonify(_document(store))


@lru_cache(maxsize=1)  # a store is a snapshot that never changes
def _document(store: Store) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "City Diplomacy Knowledge Graph",
            "version": version("city-diplomacy-kg"),
            "summary": "What a report on city diplomacy states, as linked data, with the passage that states it.",
            "description": "Formats are chosen by the Accept header, by `format=` where it is listed, or by a suffix: "
            "`/queries/twins-of-a-city.csv`. Errors are problem details (RFC 9457). Every answer names the revision "
            "of the graph in X-Revision.",
        },
        "servers": [{"url": "/"}],
        "tags": openapi_queries.tags() + openapi_addresses.tags(),
        "paths": openapi_changes.merged(openapi_queries.paths(store) | openapi_addresses.paths(_summaries())),
        "components": COMPONENTS
        | {
            "schemas": COMPONENTS["schemas"] | openapi_queries.schemas(store),
            "securitySchemes": openapi_changes.SECURITY,
        },
    }


def _summaries() -> dict[str, str]:
    """Return what each route does, by its rule: the first line of what its code says."""
    views = current_app.view_functions
    return {
        rule.rule: (views[rule.endpoint].__doc__ or "").partition("\n")[0] for rule in current_app.url_map.iter_rules()
    }
