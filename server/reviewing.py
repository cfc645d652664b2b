"""The proposals: making one, listing them, and deciding on them. They are for holders of tokens, not for everybody."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from kg import curating, packing
from kg.errors import BadValueError, UnknownNameError
from kg.history import Record
from kg.proposals import Proposals, State
from kg.tokens import Role
from server import access, change_answers, change_lists, graph, made_once, preconditions, submitted

blueprint = Blueprint("reviewing", __name__)


@blueprint.post("/proposals")
def propose() -> Response:
    """Keep a proposal, with what was found in it, until a curator decides: 201."""
    who = access.require(Role.CONTRIBUTOR)
    said = submitted.read(*submitted.WORDS, "graph")
    words, texts, for_graph = said.words, said.texts(), said.graph
    with graph.charged():
        found = graph.judged(curating.submission_of(texts, for_graph, graph.current()[1]))
    proposals = _proposals()
    made = made_once.proposal(
        who,
        lambda: curating.propose(proposals, texts, for_graph, words, who=who.name, found=found),
        proposals.get,
    )
    response = jsonify(made.as_dict() | {"findings": made.findings})
    response.status_code = 201
    response.headers["Location"] = f"/proposals/{made.number}"
    return response


@blueprint.get("/proposals")
def listing() -> Response:
    """List the proposals, newest first, in pages; `state` asks for those in one state."""
    access.require(Role.CONTRIBUTOR)
    for name in request.args:
        if name not in ("state", "page"):
            raise UnknownNameError("parameter", name, ["state", "page"])
    page = change_lists.page_of(request.args)
    found = _proposals().page(_state(request.args.get("state", "")), change_lists.PAGE, (page - 1) * change_lists.PAGE)
    return jsonify({"proposals": [one.as_dict() for one in found.proposals], "total": found.total})


@blueprint.get("/proposals/<int:number>")
def one(number: int) -> Response:
    """Return a proposal with its texts as they were sent, and what was found in them then."""
    access.require(Role.CONTRIBUTOR)
    proposal = _proposals().get(number)
    texts = packing.unpacked(proposal.media_type, _proposals().body(number))
    sent = {name: {"mediaType": t.media_type, "text": t.body.decode(errors="replace")} for name, t in texts.items()}
    return jsonify(proposal.as_dict() | sent | {"findings": proposal.findings})


@blueprint.post("/proposals/<int:number>/accept")
def accept(number: int) -> Response:
    """Make the change that a proposal wants: 201, as if it had been submitted; else why not, and it stays open."""
    who = access.require(Role.CURATOR)
    said = submitted.read("acknowledge", forms=submitted.FORMS)
    proposals, revision = _proposals(), preconditions.wanted_revision()

    def accepted(change_id: str) -> Record:
        gate = graph.curation().gate()
        return curating.accept(gate, proposals, number, who.name, said.acknowledged, if_revision=revision)

    return change_answers.made(made_once.change(who, accepted, curating.change_id_of(proposals.get(number))))


@blueprint.post("/proposals/<int:number>/refuse")
def refuse(number: int) -> Response:
    """Refuse a proposal for a reason."""
    who = access.require(Role.CURATOR)
    said = submitted.read("reason", forms=submitted.FORMS)
    refused = curating.refuse(graph.curation().gate(), _proposals(), number, who.name, said.fields.get("reason", ""))
    return jsonify(refused.as_dict())


@blueprint.post("/proposals/<int:number>/withdraw")
def withdraw(number: int) -> Response:
    """Take back a proposal of one's own."""
    who = access.require(Role.CONTRIBUTOR)
    said = submitted.read("reason", forms=submitted.FORMS)
    reason = said.fields.get("reason", "")
    withdrawn = curating.withdraw(graph.curation().gate(), _proposals(), number, who.name, reason)
    return jsonify(withdrawn.as_dict())


def _proposals() -> Proposals:
    return Proposals(graph.curation().desk)


def _state(name: str) -> State | None:
    try:
        return State(name) if name else None
    except ValueError:
        raise BadValueError(f"state={name!r} is no state.", f"One of: {', '.join(State)}") from None
