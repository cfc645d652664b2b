"""Drafts: proposals not made yet, which only their authors see. Kept, changed, discarded, proposed."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from kg.curation import Rationale
from kg.curation.proposals import NewProposal, Proposal
from kg.submissions import PARTS, SubmittedText, pack, unpack
from server.change_requests import ChangeRequest, RequestKey, entity_tags
from server.service import Principal, service


def add(who: Principal, sent: ChangeRequest) -> Response:
    """Keep what was sent as a draft, whatever it says: 201."""
    new, key = _kept(who, sent), RequestKey(who)
    with service.curation.database.writing():  # the draft and the key, or neither
        number = key.outcome()
        made = service.curation.proposals.get(int(number), who.name) if number else service.curation.keep_draft(new)
        key.record(str(made.number))
    response = respond(made)
    response.status_code = 201
    response.headers["Location"] = f"/proposals/{made.number}"
    return response


def change(who: Principal, number: int) -> Response:
    """Replace all of a draft by what the current request sends, if it is still that of If-Match."""
    new = _kept(who, ChangeRequest.read(*ChangeRequest.RATIONALE, "graph"))
    return respond(service.curation.keep_draft(new, number, _expected_tag(who, number)))


def discard(who: Principal, number: int) -> None:
    """Forget a draft, if it is still that of If-Match."""
    service.curation.proposals.discard_draft(number, who.name, _expected_tag(who, number))


def propose(who: Principal, number: int) -> Proposal:
    """Make a proposal of a draft, if it is still that of If-Match."""
    with service.clients.charging():
        return service.curation.propose_draft(number, who.name, _expected_tag(who, number))


def respond(draft: Proposal) -> Response:
    """Return a draft as JSON, with its texts, and its entity tag."""
    response = jsonify(draft.as_dict() | texts_json(draft))
    response.set_etag(service.curation.proposals.tag(draft.number, draft.proposer))
    return response


def texts_json(proposal: Proposal) -> dict[str, Any]:
    """Return the texts of a proposal, or a draft, by their parts; a part of one text, which most are, is that text."""
    texts = unpack(proposal.media_type, service.curation.proposals.body(proposal.number, proposal.proposer))
    sent = {part: [_text_as_json(text) for text in texts if text.part == part] for part in (*PARTS, SubmittedText.FORM)}
    return {part: one[0] if len(one) == 1 else one for part, one in sent.items() if one}


def page_address(number: int) -> str:
    """Return the address of the form of a draft."""
    return f"/desk/text?draft={number}"


def _kept(who: Principal, sent: ChangeRequest) -> NewProposal:
    """Return the draft that was sent. Raises BadValueError."""
    rationale = Rationale.parse_unfinished(sent.fields.get("summary", ""), sent.fields.get("source", ""))
    return NewProposal(who.name, rationale.summary, rationale.source, sent.graph, *pack(sent.texts()))


def _expected_tag(who: Principal, number: int) -> str | None:
    """Return the tag that the request wants a draft to have, None if any will do."""
    tags = entity_tags("If-Match")
    if not tags or tags == ["*"]:
        return None
    current = service.curation.proposals.tag(number, who.name)
    return current if current in tags else tags[0]


def _text_as_json(text: SubmittedText) -> dict[str, str]:
    file = {"file": text.file} if text.file else {}
    return {"mediaType": text.media_type, "text": text.body.decode(errors="replace")} | file
