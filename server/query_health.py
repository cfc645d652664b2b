"""Do the canned queries answer as they should on the graph that is served?"""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Response, jsonify, render_template, request

from kg import query_health
from server import graph
from server.negotiation import negotiate
from server.problems import NotAcceptableError
from server.representations import HTML

blueprint = Blueprint("query_health", __name__)

_OFFERS = ["application/json", HTML]

# A store is a snapshot that never changes, so what was found in it stays right; the last one is kept.
_findings = lru_cache(maxsize=1)(query_health.findings)


@blueprint.get("/healthz/queries")
def health() -> Response:
    """Run all canned queries for their examples: 200 if each answers as its header says, 503 otherwise."""
    media_type = negotiate(request.headers.get("Accept"), _OFFERS)
    if media_type is None:
        raise NotAcceptableError(_OFFERS)
    build, store = graph.current()
    found = _findings(store)
    status = "failing" if any(finding.faults for finding in found) else "ok"
    if media_type == HTML:
        response = Response(render_template("query_health.html", findings=found, build=build), mimetype=HTML)
    else:
        response = jsonify(status=status, revision=build.revision, queries=found)
    response.status_code = 200 if status == "ok" else 503
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response
