"""Keeping what a request sends as a proposal."""

from __future__ import annotations

from flask import Response, jsonify

from kg.curation import Curation
from server.context import Principal, service
from server.gate import RequestKey, Submitted


def kept(who: Principal, sent: Submitted, instead: bool = False) -> Response:
    """Keep what was sent as a proposal: 201; or 202 where it is kept `instead` of being made, since that takes two."""
    rationale, graph, curation, key = sent.rationale, sent.graph, service.curation, RequestKey(who)
    with service.clients.charged():
        report = curation.validation.report(sent.submission())
    propose = curation.propose_instead if instead else curation.propose
    with curation.database.writing():  # the proposal and the key, or neither
        number = key.outcome()
        if number is not None:
            made = curation.proposals.get(int(number))
        else:
            made = propose(sent.texts(), graph, rationale, who.name, report)
            key.note(str(made.number))
    said = {"hint": f"{Curation.TAKES_TWO} POST /proposals/{made.number}/accept"} if instead else {}
    response = jsonify(made.as_dict() | {"findings": made.findings} | said)
    response.status_code = 202 if instead else 201
    response.headers["Location"] = f"/proposals/{made.number}"
    return response
