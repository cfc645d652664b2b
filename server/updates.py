"""POST /update: SPARQL 1.1 Update by the SPARQL 1.1 Protocol, section 2.2, each a change through the gate.

`summary`, `source` and `acknowledge` may be said as parameters. Without a source, an update of one graph names that
graph as its source, which is named after it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import Blueprint, Response, abort, request

from kg import curating
from kg.gate import NothingToChangeError, RevisionPassedError
from kg.history import Record
from kg.query_guard import Dataset
from kg.snapshots import Build
from kg.submissions import Submission
from kg.tokens import Role
from kg.update_requests import change_of
from server import access, change_answers, graph, made_once, preconditions, protocol
from server.access import Principal
from server.curation import OvertakenError
from server.protocol import Parameters

blueprint = Blueprint("updates", __name__)

ATTEMPTS = 5
"""Times that an update is evaluated anew, since the graph has changed while it was evaluated."""

_USING = ("using-graph-uri", "using-named-graph-uri")


@dataclass(frozen=True)
class UpdateRequest:
    """What a request wants: an update, the data set of its WHERE if the protocol names one, and what is said of it."""

    text: str
    using: Dataset | None
    said: Parameters

    def words(self, graphs: set[str]) -> curating.Words:
        """Return why, and from which source, of an update that writes these graphs. Raises BadValueError."""
        summary, source = self._last("summary") or "SPARQL update", self._last("source")
        if not source and len(graphs) == 1:
            (source,) = graphs
        return curating.Words.checked(summary, source, self._last("acknowledge") == "yes")

    def _last(self, name: str) -> str:
        return self.said.get(name, [""])[-1]


@blueprint.post("/update")
def update() -> Response:
    """Make the change that a SPARQL update describes, and record it: 201; 204 if it changes nothing."""
    who = access.require(Role.CURATOR)
    asked = read()
    try:
        return change_answers.made(made_once.change(who, lambda change_id: _made(who, asked, change_id)))
    except NothingToChangeError:
        return Response(status=204)


def read() -> UpdateRequest:
    """Return what the current request wants. Aborts with 400 and 415 as section 2.2 of the protocol says."""
    in_address = protocol.parameters_of(request.query_string)
    in_body, direct = protocol.body_of(request, protocol.UPDATE)
    said = {name: in_address.get(name, []) + in_body.get(name, []) for name in {*in_address, *in_body}}
    if "query" in said:
        abort(400, "The request has query=: this address takes updates; queries go to /sparql.")
    texts = said.get("update", []) + direct
    if len(texts) != 1:
        abort(400, f"Send one update, as update=… in {protocol.FORM} or as a body of {protocol.UPDATE}.")
    graphs = [protocol.graphs_of(said, name) for name in _USING]
    return UpdateRequest(texts[0], Dataset(*graphs) if any(graphs) else None, said)


def _made(who: Principal, asked: UpdateRequest, change_id: str) -> Record:
    """Make the change; evaluate the update anew as long as others change the graph meanwhile."""
    wanted = preconditions.wanted_revision()
    for _ in range(ATTEMPTS):
        build, submission = _evaluated(asked)
        try:
            return _committed(who, asked, change_id, submission, wanted or build.revision)
        except RevisionPassedError:
            if wanted:
                raise
    raise OvertakenError(
        f"The graph was changed {ATTEMPTS} times while the update was evaluated.", "Try again when less goes on."
    )


def _evaluated(asked: UpdateRequest) -> tuple[Build, Submission]:
    build, store = graph.newest()
    skolem = hashlib.sha256(f"{build.revision}\n{asked.text}".encode()).hexdigest()[:12]
    change = change_of(asked.text, graph.folder(), build, store, skolem, limits=graph.limits(), using=asked.using)
    return build, Submission(change)


def _committed(who: Principal, asked: UpdateRequest, change_id: str, submission: Submission, revision: str) -> Record:
    change = submission.change
    if not change.added and not change.removed:
        raise NothingToChangeError("The update changes nothing.", "There is nothing to do.")
    words = asked.words({quad.graph_name.value for quad in change.added | change.removed})  # type: ignore[union-attr]
    draft = words.draft(change_id, "update", change, who.name)
    return curating.make(graph.curation().gate(), submission, draft, revision)
