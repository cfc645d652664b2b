"""POST /validate: what a change would do to the graph as it is. Nothing is stored, no token is needed."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort

from kg import curating
from kg.judgements import Judgement
from kg.submissions import Submission
from server import access, alternatives, answers, graph, submitted

blueprint = Blueprint("validating", __name__)

MOST_FOR_STRANGERS = 2_000
"""Statements of a submission that is validated without a token."""


@blueprint.post("/validate")
def validate() -> Response:
    """Return the judgement of what was sent, in the form that the client prefers: JSON, a SHACL report, text."""
    said = submitted.read(*submitted.WORDS, "graph")
    with graph.charged():
        submission = curating.submission_of(said.texts(), said.graph, graph.current()[1])
        _refuse_much(submission)
        found = graph.judged(submission)
    chosen = alternatives.preferred(MEDIA_TYPES)
    response = Response(_WRITERS[chosen](found), content_type=answers.content_type(MEDIA_TYPES[chosen]))
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response


def _refuse_much(submission: Submission) -> None:
    """Refuse what a stranger may not take the time of the service for."""
    quads = len(submission.change.added) + len(submission.change.removed)
    if quads > MOST_FOR_STRANGERS and access.optional_principal() is None:
        abort(413, f"{quads:,} statements; without a token up to {MOST_FOR_STRANGERS:,} are validated at a time.")


MEDIA_TYPES = {"json": "application/json", "ttl": "text/turtle", "txt": "text/plain"}
_WRITERS: dict[str, Callable[[Judgement], bytes]] = {
    "json": Judgement.as_json,
    "ttl": Judgement.as_turtle,
    "txt": lambda found: found.as_text().encode(),
}
