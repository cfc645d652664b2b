"""POST /validate: what a change would do to the graph as it is. Nothing is stored, no token is needed."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response

from kg import curating
from kg.judgements import Judgement
from server import alternatives, answers, graph, submitted

blueprint = Blueprint("validating", __name__)


@blueprint.post("/validate")
def validate() -> Response:
    """Return the judgement of what was sent, in the form that the client prefers: JSON, a SHACL report, text."""
    said = submitted.read(*submitted.WORDS, "graph")
    found = graph.judged(curating.submission_of(said.texts(), said.graph, graph.current()[1]))
    chosen = alternatives.preferred(MEDIA_TYPES)
    response = Response(_WRITERS[chosen](found), content_type=answers.content_type(MEDIA_TYPES[chosen]))
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response


MEDIA_TYPES = {"json": "application/json", "ttl": "text/turtle", "txt": "text/plain"}
_WRITERS: dict[str, Callable[[Judgement], bytes]] = {
    "json": Judgement.as_json,
    "ttl": Judgement.as_turtle,
    "txt": lambda found: found.as_text().encode(),
}
