"""A request that changes the graph: what it expects of it, whether it comes again, and the answer once it is done.

An entity tag in If-Match (RFC 9110, section 13.1.1) is the revision that X-Revision named. A request with an
Idempotency-Key that comes again, since its answer was lost, is the same request.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from flask import Response, jsonify, request

from kg.accounts import IdempotencyKeys
from kg.curation import CurationService, Rationale, SubmissionReport
from kg.curation.proposals import Proposal
from kg.history import Record
from kg.submissions import SubmittedText
from server.change_requests.change_request import ChangeRequest
from server.service import Principal, service


def expected_revision() -> str | None:
    """Return the revision that the request wants to change, None if any will do."""
    tags = entity_tags("If-Match")
    current = service.curation.gate.build.revision
    return None if not tags or tags == ["*"] else current if current in tags else tags[0]


def entity_tags(header: str) -> list[str]:
    """Return the entity tags in a header of the request, without their quotation marks."""
    stated = request.headers.get(header, "")
    return [tag.strip().strip('"') for tag in stated.split(",") if tag.strip()]


class RequestKey:
    """The idempotency key of the current request, if it has one, and the outcome noted under it.

    Read and record an outcome within one block of `service.curation.database.writing()`; create the key before it. Only
    a change uses a key up: after a request that was refused, the key is free for the corrected one.
    """

    def __init__(self, who: Principal, content: str = "", key: str | None = None) -> None:
        """Take the key of a client: clients cannot see the outcomes of each other's requests. Raises BadValueError.

        `content` is the SHA-256 of the request; without it the body is hashed. A form has its `key` in a field. Call it
        outside of `writing()`: the holder of the gate's lock may be waiting for the database.
        """
        self._token_id = who.token_id
        self._keys = IdempotencyKeys(service.curation.database)
        self._key = key or request.headers.get("Idempotency-Key")
        self._digest = _request_digest(content) if self._key is not None else ""
        if self._key is not None:
            self._keys.free(self._token_id, self._key, self._digest, _outcome_exists)

    def outcome(self) -> str | None:
        """Return what was noted. Raises KeyReusedError if the key came with another request, BadValueError."""
        return None if self._key is None else self._keys.recall(self._token_id, self._key, self._digest)

    def record(self, outcome: str) -> None:
        """Note what becomes of the request. Raises as `outcome` does."""
        if self._key is not None:
            self._keys.remember(self._token_id, self._key, self._digest, outcome)


def _outcome_exists(outcome: str) -> bool:
    """Return True if the outcome exists: a proposal by its number, or the change or import of an id."""
    if outcome.isdigit() or service.importer.find(outcome) is not None:
        return True
    with service.curation.gate.holding():  # so that one whose writing failed half-way counts
        return service.curation.gate.find_change(outcome) is not None


def _request_digest(content: str) -> str:
    said = (content.encode(),) if content else (request.headers.get("Content-Type", "").encode(), request.get_data())
    return IdempotencyKeys.digest(request.method.encode(), request.full_path.encode(), *said)


def change_id_for(who: Principal, change_id: str = "", key: RequestKey | None = None) -> str:
    """Return the id under which the current request makes its change: a new one if none is given.

    It is the same for the same request, and noted before the change is made: who dies in between makes it under that id
    when asked again, and gets what was made under it. Raises KeyReusedError, BadValueError.
    """
    if key is None and "Idempotency-Key" not in request.headers:
        return change_id or uuid4().hex
    key = key or RequestKey(who)
    with service.curation.database.writing():
        noted = key.outcome()
        if noted is None:
            noted = change_id or uuid4().hex
            key.record(noted)
    return noted


def created_response(record: Record) -> Response:
    """Return the answer for a change that was made: 201, where the change is, and the revision that it made."""
    told = service.curation.change_json(record)
    response = jsonify(told)
    response.status_code = 201
    response.headers["Location"] = record.address
    response.headers["X-Revision"] = told["revision"]
    return response


def store_proposal(who: Principal, sent: ChangeRequest, instead: bool = False) -> Response:
    """Keep what was sent as a proposal: 201; or 202 where it is kept `instead` of being made, since that takes two."""
    rationale, graph, key = sent.rationale, sent.graph, RequestKey(who)
    with service.clients.charging():
        report = service.curation.validation.report(sent.submission())
    made = keep_proposal(who, sent.texts(), graph, rationale, report=report, key=key, instead=instead)
    said = {"hint": f"{CurationService.TAKES_TWO} POST /proposals/{made.number}/accept"} if instead else {}
    response = jsonify(made.as_dict() | {"findings": made.findings} | said)
    response.status_code = 202 if instead else 201
    response.headers["Location"] = f"/proposals/{made.number}"
    return response


def keep_proposal(
    who: Principal,
    texts: Sequence[SubmittedText],
    graph: str,
    rationale: Rationale,
    *,
    report: SubmissionReport,
    key: RequestKey,
    instead: bool = False,
) -> Proposal:
    """Keep texts as a proposal, or return the one that the same request has made; `instead` as in `store_proposal`."""
    curation = service.curation
    propose = curation.propose_instead if instead else curation.propose
    with curation.database.writing():  # the proposal and the key, or neither
        if (number := key.outcome()) is not None:
            return curation.proposals.get(int(number))
        made = propose(texts, graph, rationale, who.name, report)
        key.record(str(made.number))
    return made
