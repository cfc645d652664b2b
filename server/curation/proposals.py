"""Proposals: submit, list, accept, refuse, withdraw. All of it needs a token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from kg.accounts import Role
from kg.curation import ProposalState
from kg.curation.proposals import ImportedChange, Proposal
from kg.errors import BadValueError, UnknownNameError
from kg.history import Record
from kg.rdf import namespaces as ns
from kg.rdf.formats import HTML
from kg.submissions import unpack
from server.change_requests import (
    ChangeRequest,
    RequestKey,
    change_id_for,
    created_response,
    expected_revision,
    store_proposal,
)
from server.curation import change_list, drafts, own_work, proposal_page, proposal_rows
from server.service import Principal, require, service
from server.web import AnswerType

blueprint = Blueprint("reviewing", __name__)

_ASKED = ["state", "kind", "order", "page"]
"""What one can ask of the list."""


@blueprint.post("/proposals")
def propose() -> Response:
    """Keep a proposal, with what was found in it, until a curator decides: 201; with `draft`, a draft of any text."""
    who = require(Role.CONTRIBUTOR)
    sent = ChangeRequest.read(*ChangeRequest.RATIONALE, "graph", "draft")
    return drafts.add(who, sent) if sent.says("draft") else store_proposal(who, sent)


@blueprint.get("/proposals")
def list_proposals() -> Response:
    """List the proposals in pages: those in a `state`, of a `kind`; the newest first, or in `order=oldest`."""
    who = require(Role.CONTRIBUTOR)
    if AnswerType.prefers_page():
        return _page_response(list_page(who))
    _, _, shown, total = _find_page(who)
    return _vary_by_accept(jsonify({"proposals": shown, "total": total}))


def list_page(who: Principal) -> str:
    """Return the page of the list that the current request asks for."""
    queue, page, shown, total = _find_page(who)
    return proposal_page.render_proposals(shown, total, queue, page)


def _find_page(who: Principal) -> tuple[proposal_page.Queue, int, list[dict[str, Any]], int]:
    """Return what the request asks for and which page of it, the proposals on it, and how many there are in all.

    Drafts are those of the reader.
    """
    for name in request.args:
        if name not in _ASKED:
            raise UnknownNameError("parameter", name, _ASKED)
    page = change_list.page_number(request.args)
    queue = proposal_page.Queue(*(request.args.get(name, "") for name in ("state", "kind", "order")))
    for name, value, known in (("kind", queue.kind, proposal_page.KINDS), ("order", queue.order, ("oldest",))):
        if value and value not in known:
            raise BadValueError(f"{name}={value!r} is not understood.", f"One of: {', '.join(known)}")
    wanted = _parse_state(queue.state)
    found = service.curation.proposals.page(
        wanted,
        change_list.PAGE,
        (page - 1) * change_list.PAGE,
        author=who.name if wanted is ProposalState.DRAFT else None,
        is_import=queue.kind == "import" if queue.kind else None,
        oldest_first=queue.order == "oldest",
    )
    return queue, page, [one.as_dict() for one in found.proposals], found.total


@blueprint.get(own_work.FEED)
def own_feed() -> Response:
    """Return the drafts and the proposals of the holder of the token, with what was asked, as an Atom feed."""
    return Response(own_work.render_feed(require(Role.CONTRIBUTOR)), mimetype="application/atom+xml")


@blueprint.get("/proposals/<int:number>")
def show(number: int) -> AnyResponse:
    """Return a proposal with its texts as they were sent, what was found in them, and how far its acceptance is.

    For people a page; that of an import is the page of the import.
    """
    who = require(Role.CONTRIBUTOR)
    if AnswerType.prefers_page():
        return show_page(who, number)
    proposal = service.curation.proposals.get(number, who.name)
    if proposal.media_type == ImportedChange.MEDIA_TYPE:
        return _vary_by_accept(jsonify(_as_json(number) | {"import": _import_as_json(number)} | _details(proposal)))
    if proposal.state is ProposalState.DRAFT:
        return _vary_by_accept(drafts.respond(proposal))
    return _vary_by_accept(jsonify(_as_json(number) | drafts.texts_json(proposal) | _details(proposal)))


def _details(proposal: Proposal) -> dict[str, Any]:
    """Return what was found in a proposal, and its rows and notes, if it has any."""
    notes = [note.as_dict() for note in service.curation.proposals.notes(proposal.number)]
    said = {"findings": proposal.findings} | ({"notes": notes} if notes else {})
    return said | proposal_rows.rows_for_json(proposal)


@blueprint.put("/proposals/<int:number>")
def change_draft(number: int) -> Response:
    """Replace all of a draft of one's own."""
    return drafts.change(require(Role.CONTRIBUTOR), number)


@blueprint.delete("/proposals/<int:number>")
def discard_draft(number: int) -> Response:
    """Forget a draft of one's own: 204."""
    drafts.discard(require(Role.CONTRIBUTOR), number)
    return Response(status=204)


@blueprint.post("/proposals/<int:number>/propose")
def propose_draft(number: int) -> Response:
    """Make a proposal of a draft of one's own; the answer has what was found in it."""
    made = drafts.propose(require(Role.CONTRIBUTOR), number)
    return jsonify(made.as_dict() | {"findings": made.findings})


def show_page(who: Principal, number: int, root: str = "") -> AnyResponse:
    """Return the page of a proposal below a root; for a large or decided import, or a draft, the way to that."""
    proposal = service.curation.proposals.get(number, who.name)
    if proposal.state is ProposalState.DRAFT:
        return redirect(drafts.page_address(number), 303)
    is_import = proposal.media_type == ImportedChange.MEDIA_TYPE
    if is_import and not is_decided_by_rows(proposal):
        return redirect(root + page_address(number), 303)
    texts = [] if is_import else unpack(proposal.media_type, service.curation.proposals.body(number))
    return _page_response(proposal_page.render_proposal(who, _as_json(number), proposal, texts))


def is_decided_by_rows(proposal: Proposal) -> bool:
    """Return True for an open proposal whose rows can be decided apart."""
    return proposal.state is ProposalState.OPEN and service.curation.is_splittable(proposal)


def _page_response(text: str) -> Response:
    return _vary_by_accept(Response(text, mimetype=HTML))


def _vary_by_accept(response: Response) -> Response:
    response.vary.add("Accept")
    return response


def page_address(number: int) -> str:
    """Return the address of the page of a proposal, or of the import that it is of."""
    is_import = service.curation.proposals.get(number).media_type == ImportedChange.MEDIA_TYPE
    return str(_import_as_json(number)["address"]) if is_import else f"/proposals/{number}"


@blueprint.post("/proposals/<int:number>/accept")
def accept(number: int) -> Response:
    """Make the change that a proposal wants: 201, as if it had been submitted; else why not, and it stays open.

    A large one takes longer than a request should: 202, and the proposal says how far it is.
    """
    made = begin_accepting(require(Role.CURATOR), number)
    if made is not None:
        return created_response(made)
    response = jsonify(_as_json(number))
    response.status_code = 202
    response.headers["Location"] = f"/proposals/{number}"
    return response


def begin_accepting(who: Principal, number: int) -> Record | None:
    """Accept a proposal as the current request says; return the change, None if making it takes longer."""
    # the form of the rows has the field of the reason to reject them, which is empty here
    sent = ChangeRequest.read("acknowledge", "row", "some", "reason", is_short=True)
    if things := rows():
        return _accept_rows(who, number, things, sent.acknowledged)
    curation, revision = service.curation, expected_revision()
    proposal = curation.proposals.get(number)
    change_id = change_id_for(who, proposal.change_id)
    if proposal.state is not ProposalState.OPEN and "Idempotency-Key" in request.headers:
        made = curation.gate.find_change(change_id)
        if made is not None and made.reviewer == who.name:
            return made
    come = curation.begin_accepting(number, who.name, sent.acknowledged, revision)
    return come if isinstance(come, Record) else None


def _accept_rows(who: Principal, number: int, things: Sequence[str], acknowledged: bool) -> Record:
    """Accept rows of a proposal; the same request again gets the same change, which is noted before it is made."""
    curation, key, revision = service.curation, RequestKey(who), expected_revision()
    with curation.gate.holding():
        if (noted := key.outcome()) is not None and (made := curation.gate.find_change(noted)) is not None:
            return made
        draft = curation.draft_of_rows(number, things, who.name, acknowledged)
        key.record(draft.id)
        return curation.accept_part(number, draft, revision)


def rows() -> list[str]:
    """Return the things of the rows to decide on, none for all. Raises BadValueError if none is ticked."""
    named = request.values.getlist("row")
    if "some" in request.values and not named:
        raise BadValueError("No row is ticked.", "Tick those that you decide on, or decide on the whole proposal.")
    return [ns.expand(name) or name for name in named]


@blueprint.post("/proposals/<int:number>/notes")
def note(number: int) -> Response:
    """Ask about an open proposal, or about what it says of a `thing`, or answer: 201. Its author and curators can."""
    ask(require(Role.CONTRIBUTOR), number)
    response = jsonify([one.as_dict() for one in service.curation.proposals.notes(number)])
    response.status_code = 201
    return response


def ask(who: Principal, number: int) -> None:
    """Keep the question, or the answer, that the current request has on a proposal."""
    said = ChangeRequest.read("text", "thing", is_short=True).fields
    if service.curation.proposals.get_open(number).proposer != who.name:
        who.refuse_without(Role.CURATOR)
    thing = said.get("thing", "")
    service.curation.proposals.ask(number, who.name, said.get("text", ""), ns.expand(thing) or thing)


def _as_json(number: int) -> dict[str, Any]:
    """Return a proposal as JSON, with the progress of its acceptance if that has begun."""
    proposal, acceptance = service.curation.proposals.get(number), service.curation.jobs.find(number)
    if acceptance is None or proposal.state is not ProposalState.OPEN:
        return proposal.as_dict()
    return proposal.as_dict() | {"acceptance": {"reviewer": acceptance.by, **acceptance.as_dict(service.folder.path)}}


@blueprint.post("/proposals/<int:number>/refuse")
def refuse(number: int) -> Response:
    """Refuse a proposal for a reason, or rows of it: the rest stays open."""
    who = require(Role.CURATOR)
    return jsonify(service.curation.refuse(number, who.name, reason(), rows()).as_dict())


@blueprint.post("/proposals/<int:number>/withdraw")
def withdraw(number: int) -> Response:
    """Withdraw a proposal, which only its author can."""
    who = require(Role.CONTRIBUTOR)
    return jsonify(service.curation.withdraw(number, who.name, reason()).as_dict())


def reason() -> str:
    """Return the reason that the current request gives, "" without one."""
    return ChangeRequest.read("reason", "row", "some", "acknowledge", is_short=True).fields.get("reason", "")


def _import_as_json(number: int) -> dict[str, Any]:
    """Return what to say of the import that a proposal is of: its counts, and where its report is."""
    importer = service.importer
    told = importer.as_dict(importer.imports.of_proposal(service.curation.proposals.body(number)))
    return {name: told[name] for name in ("address", "file", "mapping", "counts", "statements", "report", "unfit")}


def _parse_state(name: str) -> ProposalState | None:
    try:
        return ProposalState(name) if name else None
    except ValueError:
        raise BadValueError(f"state={name!r} is not a state.", f"One of: {', '.join(ProposalState)}") from None
