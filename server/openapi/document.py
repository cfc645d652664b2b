"""`/openapi.json`: openapi.yaml, completed by what depends on the running service."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify

from kg import resources
from kg.rdf.formats import GRAPH_FORMATS
from server.errors import KINDS
from server.openapi import questions
from server.service import service

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
def document() -> Response:
    """Describe the addresses of this service in OpenAPI 3.1."""
    servers = [{"url": service.addresses.known_root() or "/"}]
    return jsonify(_document(service.revisions.current().revision) | {"servers": servers})


@lru_cache(maxsize=1)
def _document(revision: str) -> dict[str, Any]:
    """Return the description at a revision, which the current request reads."""
    stated = _load()
    components = stated["components"]
    paths = questions.paths(stated["x-canned-query"]) | stated["paths"]
    return {
        **{name: part for name, part in stated.items() if not name.startswith("x-")},
        "tags": questions.tags() + stated["tags"],
        "paths": {path: _with_errors(operations) for path, operations in paths.items()},
        "components": components | {"schemas": components["schemas"] | questions.schemas()},
    }


@cache
def _load() -> dict[str, Any]:
    """Return the content of openapi.yaml; callers must not change it."""
    text = Path(__file__).with_name("openapi.yaml").read_text(encoding="utf-8")
    for placeholder, value in {
        "@version@": version("city-diplomacy-kg"),
        '"@graph-type@": {}': ", ".join(f"{fmt.media_type}: {{}}" for fmt in GRAPH_FORMATS),
        '"@graph-suffix@"': ", ".join(fmt.suffix for fmt in GRAPH_FORMATS),
    }.items():
        text = text.replace(placeholder, value)
    stated: dict[str, Any] = resources.load_yaml(text)
    return stated


def _with_errors(operations: dict[str, Any]) -> dict[str, Any]:
    """Return the operations of an address with the errors that each may answer with, by the hundred of their status."""
    problem = {"$ref": "#/components/responses/Problem"}
    errors = {f"{kind.status // 100}XX": problem for kind in KINDS.values()}
    return {method: stated | {"responses": errors | stated["responses"]} for method, stated in operations.items()}
