"""POST /update: SPARQL 1.1 Update by the SPARQL 1.1 Protocol, section 2.2, each a change through the gate.

`summary` and `source` are parameters of the address, or fields of the form, as in every request that makes a change; so
is `acknowledge`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import Blueprint, Response, abort, request

from kg.accounts import Role
from kg.curation import ComputedContent, NothingToChangeError, Rationale
from kg.errors import BadValueError
from kg.history import Record
from kg.sparql.evaluation import Dataset
from kg.store import Snapshot
from kg.submissions import Submission
from kg.updates import change_of
from server.change_requests import ChangeRequest, change_id_for, created_response, expected_revision
from server.service import Principal, require, service
from server.sparql import protocol
from server.sparql.protocol import Parameters

blueprint = Blueprint("updates", __name__)

_USING = ("using-graph-uri", "using-named-graph-uri")


@dataclass(frozen=True)
class UpdateRequest:
    """A SPARQL update, the data set of its WHERE if the request names one, and its rationale."""

    text: str
    using: Dataset | None
    rationale: Rationale


@blueprint.post("/update")
def update() -> Response:
    """Make the change that a SPARQL update describes, and record it: 201; 204 if it changes nothing."""
    who = require(Role.CURATOR)
    asked = read()
    try:
        return created_response(_commit(who, asked, change_id_for(who)))
    except NothingToChangeError:
        return Response(status=204)


def read() -> UpdateRequest:
    """Return what the current request wants. Aborts with 400 and 415 as section 2.2 of the protocol says.

    Raises BadValueError if it does not say why the change is made.
    """
    in_address = protocol.parameters_of(request.query_string)
    in_body, direct = protocol.body_of(request, protocol.UPDATE)
    said = {name: in_address.get(name, []) + in_body.get(name, []) for name in {*in_address, *in_body}}
    if "query" in said:
        abort(400, "The request has query=: this address takes updates; queries go to /sparql.")
    texts = said.get("update", []) + direct
    if len(texts) != 1:
        abort(400, f"Send one update, as update=… in {protocol.FORM} or as a body of {protocol.UPDATE}.")
    graphs = [protocol.graphs_of(said, name) for name in _USING]
    return UpdateRequest(texts[0], Dataset(*graphs) if any(graphs) else None, _rationale(said))


def _rationale(said: Parameters) -> Rationale:
    """Return why, and from which source. Raises BadValueError with an address that says both."""
    stated = {name: said.get(name, [""])[-1] for name in ("summary", "source")}
    missing = [name for name, text in stated.items() if not text.strip()]
    if missing:
        raise BadValueError(
            f"The update has no {' and no '.join(missing)}: a change says why it is made, and from which source.",
            "For example: /update?summary=Name+corrected&source=https://example.org/page",
        )
    acknowledged = ChangeRequest.parse_yes("acknowledge", said["acknowledge"][-1] if "acknowledge" in said else None)
    return Rationale.parse(stated["summary"], stated["source"], acknowledged)


def _commit(who: Principal, asked: UpdateRequest, change_id: str) -> Record:
    """Make the change; evaluate the update anew if others change the graph meanwhile."""
    skolem = hashlib.sha256(f"{change_id}\n{asked.text}".encode()).hexdigest()[:12]

    def compute(upon: Snapshot, seconds: float | None) -> Submission:
        change = change_of(
            *(asked.text, service.folder, upon.build, upon.store, skolem),
            pool=service.workers.pool(),
            using=asked.using,
            seconds=seconds,
        )
        if not change.added and not change.removed:
            raise NothingToChangeError("The update changes nothing.", "There is nothing to do.")
        return Submission(change)

    draft = asked.rationale.draft(change_id, "update", ComputedContent(compute), who.name)
    return service.curation.gate.commit(draft, expected_revision())
