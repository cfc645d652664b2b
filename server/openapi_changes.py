"""The addresses that take changes, in OpenAPI: what each needs, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kg.submissions import MEDIA_TYPES
from server import protocol, submitted, validating
from server.openapi_parts import answer, parameter, responses

JSON = "application/json"
TAG = "changes"
SECURITY = {"token": {"type": "http", "scheme": "bearer", "description": "Made by `citykg token create`."}}

_NUMBER = parameter("number", "path", "The number.", {"type": "integer", "minimum": 1}, example=1)
_GRAPH_NAME = parameter("name", "path", "The graph.", {"type": "string"}, example="curated/draft")
_SUMMARY = parameter("summary", "query", "Why.", {"type": "string", "maxLength": 500})
_SOURCE = parameter("source", "query", "The IRI of the source.", {"type": "string", "format": "uri"})
_GRAPH = parameter("graph", "query", "For triples: the graph, such as curated/draft.", {"type": "string"})
_ACKNOWLEDGE = parameter("acknowledge", "query", "yes: its author has seen the warnings.", {"enum": ["yes"]})
_REASON = parameter("reason", "query", "Why not.", {"type": "string"})
_KEY = parameter("Idempotency-Key", "header", "The same request again is the same change.", {"type": "string"})
_IF_MATCH = parameter("If-Match", "header", "The revision that is to be changed.", {"type": "string"})
_STORE_GRAPH = parameter("graph", "query", "The IRI of the graph.", {"type": "string", "format": "uri"})

_WORDS = (_SUMMARY, _SOURCE, _GRAPH, _ACKNOWLEDGE)


@dataclass(frozen=True)
class Operation:
    """What an address takes and answers; `created` names the status of success."""

    summary: str
    parameters: tuple[dict[str, Any], ...] = ()
    created: str = "201"
    takes_text: bool = False
    is_open: bool = False
    media_types: tuple[str, ...] = (JSON,)


_STORED = (_SUMMARY, _SOURCE, _ACKNOWLEDGE, _KEY, _IF_MATCH)
OPERATIONS: dict[tuple[str, str], Operation] = {
    ("/validate", "post"): Operation(
        "Say what a change would do; nothing is stored.",
        _WORDS,
        "200",
        takes_text=True,
        is_open=True,
        media_types=tuple(validating.MEDIA_TYPES.values()),
    ),
    ("/changes", "post"): Operation("Make a change.", (*_WORDS, _KEY, _IF_MATCH), takes_text=True),
    ("/changes/{number}/revert", "post"): Operation("Take a change back.", (_NUMBER, _SUMMARY, _ACKNOWLEDGE, _KEY)),
    ("/proposals", "get"): Operation(
        "List the proposals.",
        (
            parameter("state", "query", "In which state.", {"enum": ["open", "accepted", "refused", "withdrawn"]}),
            parameter("page", "query", "The part of the list.", {"type": "integer", "minimum": 1}),
        ),
        "200",
    ),
    ("/proposals", "post"): Operation("Propose a change.", (*_WORDS, _KEY), takes_text=True),
    ("/proposals/{number}", "get"): Operation("Return a proposal.", (_NUMBER,), "200"),
    ("/proposals/{number}/accept", "post"): Operation("Accept a proposal.", (_NUMBER, _ACKNOWLEDGE)),
    ("/proposals/{number}/refuse", "post"): Operation("Refuse a proposal.", (_NUMBER, _REASON), "200"),
    ("/proposals/{number}/withdraw", "post"): Operation("Withdraw a proposal.", (_NUMBER, _REASON), "200"),
    ("/update", "post"): Operation("Make the change that a SPARQL update describes.", _STORED, takes_text=True),
    ("/graphs", "put"): Operation("Replace a graph.", (_STORE_GRAPH, *_STORED), "204", takes_text=True),
    ("/graphs", "post"): Operation("Add to a graph.", (_STORE_GRAPH, *_STORED), "204", takes_text=True),
    ("/graphs", "delete"): Operation("Empty a graph.", (_STORE_GRAPH, *_STORED), "204"),
    ("/graph/{name}", "put"): Operation("Replace a graph.", (_GRAPH_NAME, *_STORED), "204", takes_text=True),
    ("/graph/{name}", "post"): Operation("Add to a graph.", (_GRAPH_NAME, *_STORED), "204", takes_text=True),
    ("/graph/{name}", "delete"): Operation("Empty a graph.", (_GRAPH_NAME, *_STORED), "204"),
}


def merged(paths: dict[str, Any]) -> dict[str, Any]:
    """Return paths with the operations that take changes among theirs."""
    for (path, method), operation in OPERATIONS.items():
        paths.setdefault(path, {})[method] = _described(path, method, operation)
    return paths


def _described(path: str, method: str, operation: Operation) -> dict[str, Any]:
    success = answer(operation.media_types) if operation.created != "204" else {"description": "It is so now."}
    created = {"201": success} if operation.created == "204" and method != "delete" else {}
    return {
        "operationId": "-".join([method, *re.findall(r"\w+", path)]),
        "summary": operation.summary,
        "tags": [TAG],
        "parameters": list(operation.parameters),
        **({} if operation.is_open else {"security": [{"token": []}]}),
        **({"requestBody": _body(path)} if operation.takes_text else {}),
        "responses": responses({operation.created: success} | created),
    }


def _body(path: str) -> dict[str, Any]:
    if path == "/update":
        return {"required": True, "content": {protocol.UPDATE: {}, protocol.FORM: {}}}
    forms: Iterable[str] = () if path.startswith("/graph") else (submitted.FORM,)
    return {"required": True, "content": {name: {} for name in (*MEDIA_TYPES, *forms)}}
