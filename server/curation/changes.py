"""The changes: a list, a feed, each with what it added and removed; making one, and taking one back."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, json, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from kg.accounts import Role
from kg.curation import Rationale
from kg.errors import UnknownNameError
from kg.history import HistoryGraph, Record, feed, write
from kg.rdf.formats import HTML
from kg.submissions.checks import withdraws
from server.context import require, service
from server.curation import change_list, change_page
from server.curation.change_list import Listed
from server.curation.proposing import kept
from server.gate import Submitted, change_id_of, created, wanted_revision
from server.web import AnswerType, Document

blueprint = Blueprint("changes", __name__)

FEED = "/changes.atom"

_LIST_TYPES = {"json": "application/json", "html": HTML, "atom": "application/atom+xml"}
_RECORD_TYPES = {
    "ttl": "text/turtle",
    "html": HTML,
    "json": "application/json",
    "nq": "application/n-quads",
    "rdfp": "application/rdf-patch",
}


@blueprint.get("/changes")
@blueprint.get("/changes.<suffix>")
def listing(suffix: str | None = None) -> Response:
    """List the changes of the revision that is read, newest first; filtered, in pages, also as an Atom feed."""
    wanted = change_list.read(request.args)
    build = service.current()
    listed = change_list.listed(service.curation.history, build.changes, wanted)
    links = tuple(listed.turned("/changes").items())
    document = Document("/changes", links, wanted.query(wanted.page), alternatives=_LIST_TYPES)
    return document.answer(suffix, lambda chosen: _list(listed, build.changed, chosen))


@blueprint.get("/changes/<int:number>")
@blueprint.get("/changes/<int:number>.<suffix>")
def one(number: int, suffix: str | None = None) -> Response:
    """Return a change: its PROV record and the exact quads."""
    record = _record(number)
    links = (("cite-as", record.iri.value), ("collection", "/changes"))
    document = Document(record.address, links, alternatives=_RECORD_TYPES)
    return document.answer(
        suffix, lambda chosen: _page(record) if chosen == "html" else write(record, _RECORD_TYPES[chosen])
    )


@blueprint.get("/agents/<name>")
def agent(name: str) -> Response:
    """Lead to the changes of whoever the history calls so."""
    return Response(status=303, headers={"Location": f"/changes?{urlencode({'agent': name})}"})


@blueprint.post("/changes")
def make() -> Response:
    """Make a change: 201 once it cannot be lost; 202 for one that withdraws something and becomes a proposal."""
    who = require(Role.CURATOR)
    sent = Submitted.read(*Submitted.RATIONALE, "graph")
    rationale, submission = sent.rationale, sent.submission()
    if withdraws(submission.change, service.newest().store):
        return kept(who, sent, instead=True)
    gate, revision = service.curation.gate, wanted_revision()
    return created(gate.commit(rationale.draft(change_id_of(who), "submit", submission, who.name), revision))


@blueprint.post("/changes/<int:number>/revert")
def revert(number: int) -> AnyResponse:
    """Take a change back by another one; the page of that says what was left."""
    who = require(Role.CURATOR, by_form=True)
    sent = Submitted.read("summary", "acknowledge", is_short=True)
    record, revision = _record(number), wanted_revision()
    summary = Rationale.checked_summary(sent.fields.get("summary") or f"Undo change {record.number}")
    made = service.curation.undo(
        number,
        change_id_of(who),
        agent=who.name,
        summary=summary,
        acknowledged=sent.acknowledged,
        if_revision=revision,
    )
    return redirect(made.address, 303) if AnswerType.is_for_people() else created(made)


def _record(number: int) -> Record:
    build = service.current()
    record = service.curation.history.get(number) if 0 < number <= build.changes else None
    if record is None:
        raise UnknownNameError("change", str(number), [f"1 to {build.changes}"] if build.changes else [])
    return record


def _list(listed: Listed, updated: str, suffix: str) -> bytes:
    wanted = listed.wanted
    if suffix == "json":
        return json.dumps({"changes": [record.as_dict() for record in listed.records]}).encode()
    if suffix == "html":
        formats = {name: wanted.at(f"/changes.{name}", wanted.page) for name in ("json", "atom")}
        return change_page.changes(listed, formats).encode()
    return feed(listed.records, listed.turned(FEED) | {"self": wanted.at(FEED, wanted.page)}, updated)


def _page(record: Record) -> bytes:
    undone_by = service.read(HistoryGraph.undone_by, record.number)
    formats = {name: f"{record.address}.{name}" for name in ("ttl", "nq", "rdfp", "json")}
    return change_page.change(record, service.current().changes, undone_by, formats).encode()
