"""Changes: list, feed, single records; submitting a change, and undoing one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, Response, json, request

from kg.accounts import Role
from kg.curation import Rationale
from kg.errors import BadValueError, UnknownNameError
from kg.history import FeedEntry, HistoryGraph, Record, provenance_of, serialise_record
from kg.rdf.formats import HTML
from kg.rdf.serialise import lines_of
from kg.rules import inferred_between
from kg.submissions import Submission
from kg.submissions.checks import withdraws
from server.change_requests import (
    ChangeRequest,
    RequestKey,
    change_id_for,
    created_response,
    expected_revision,
    store_proposal,
)
from server.curation import change_list, change_page
from server.curation.change_list import ChangeListPage
from server.service import Principal, require, service
from server.web import Document

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
_MOST_CHANGES, _MOST_STATEMENTS = 1_000, 50_000
"""How much may have changed since the change of which is asked what followed from it."""


@blueprint.get("/changes")
@blueprint.get("/changes.<suffix>")
def list_changes(suffix: str | None = None) -> Response:
    """List the changes of the revision that is read, newest first; filtered, in pages, also as an Atom feed."""
    wanted = change_list.read_request(request.args)
    build = service.revisions.current()
    listed = change_list.find_page(service.curation.history, build.changes, wanted)
    links = tuple(listed.neighbours("/changes").items())
    document = Document("/changes", links, wanted.query_string(wanted.page), alternatives=_LIST_TYPES)
    return document.answer(suffix, lambda chosen: _render_list(listed, build.changed, chosen))


@blueprint.get("/changes/<int:number>")
@blueprint.get("/changes/<int:number>.<suffix>")
def show(number: int, suffix: str | None = None) -> Response:
    """Return a change: its PROV record and the exact quads."""
    record = find_record(number)
    links = (("cite-as", record.iri.value), ("collection", "/changes"))
    if _wants_inferred():
        patch = Document(record.address, links, "inferred=yes", alternatives={"rdfp": _RECORD_TYPES["rdfp"]})
        return patch.answer(suffix, lambda _: serialise_record(_with_inferred(record), _RECORD_TYPES["rdfp"]))
    document = Document(record.address, links, alternatives=_RECORD_TYPES)
    return document.answer(
        suffix,
        lambda chosen: render_page(record) if chosen == "html" else serialise_record(record, _RECORD_TYPES[chosen]),
    )


def _wants_inferred() -> bool:
    said = request.args.get("inferred")
    if said not in (None, "", "yes"):
        raise BadValueError(f"inferred={said!r} is not understood.", "Write inferred=yes, or leave it out.")
    return said == "yes"


def _with_inferred(record: Record) -> Record:
    """Return a change with all that it did to the graph: also with what followed from it, and its own description.

    A change that a build has withheld did nothing but to be described.
    """
    build = service.revisions.current()
    described = lines_of(provenance_of(record))
    if record.number in build.withheld_numbers:
        return replace(record, added=described, removed=())
    after = _undone(range(record.number + 1, build.changes + 1), build.withheld_numbers)
    before = _undone(range(record.number, build.changes + 1), build.withheld_numbers)
    inferred, no_longer = service.workers.read(inferred_between, before, after)
    return replace(record, added=[*record.added, *inferred, *described], removed=[*record.removed, *no_longer])


def _undone(numbers: Sequence[int], withheld: Collection[int]) -> tuple[list[str], list[str]]:
    """Return the quads, as lines, that the graph has more and less with changes undone, the last first.

    Raises BadValueError where that is too much to follow.
    """
    more, less = set[str](), set[str]()
    for number in reversed(numbers):
        record = service.curation.history.get(number)
        if record is None or number in withheld:
            continue
        added, removed = {*record.added}, {*record.removed}
        more, less = (more - added) | removed, (less | added) - removed
        if len(numbers) > _MOST_CHANGES or len(more) + len(less) > _MOST_STATEMENTS:
            raise BadValueError(
                f"Too much has changed since change {numbers[0]} to say what followed from it.",
                "Begin again with a download (/dumps/all.nq.gz) and go on from the change in its X-Revision.",
            )
    return sorted(more), sorted(less)


@blueprint.get("/agents/<name>")
def agent(name: str) -> Response:
    """Redirect to the changes of an agent."""
    return Response(status=303, headers={"Location": f"/changes?{urlencode({'agent': name})}"})


@blueprint.post("/changes")
def submit() -> Response:
    """Make a change: 201 once it cannot be lost; 202 for one that withdraws something and becomes a proposal."""
    who = require(Role.CURATOR)
    sent = ChangeRequest.read(*ChangeRequest.RATIONALE, "graph")
    made = make(who, sent.rationale, sent.submission())
    return created_response(made) if made is not None else store_proposal(who, sent, instead=True)


def make(who: Principal, rationale: Rationale, submission: Submission, key: RequestKey | None = None) -> Record | None:
    """Make a change as the current request says; return None for one that withdraws something, which takes two."""
    if withdraws(submission.change, service.revisions.newest_snapshot().store):
        return None
    gate, revision = service.curation.gate, expected_revision()
    return gate.commit(rationale.draft(change_id_for(who, key=key), "submit", submission, who.name), revision)


@blueprint.post("/changes/<int:number>/revert")
def revert(number: int) -> Response:
    """Undo a change by another one, whose page says which statements were left; with `dependents` what builds on it."""
    return created_response(undo(require(Role.CURATOR), number))


def undo(who: Principal, number: int) -> Record:
    """Undo a change as the current request says, and return the change that does it."""
    sent = ChangeRequest.read("summary", "acknowledge", "dependents", is_short=True)
    record, revision = find_record(number), expected_revision()
    summary = Rationale.parse_summary(sent.fields.get("summary") or f"Undo change {record.number}")
    return service.curation.undo(
        number,
        change_id_for(who),
        agent=who.name,
        summary=summary,
        acknowledged=sent.acknowledged,
        if_revision=revision,
        with_dependents=sent.says("dependents"),
    )


def find_record(number: int) -> Record:
    """Return a change of the revision that is read. Raises UnknownNameError."""
    build = service.revisions.current()
    record = service.curation.history.get(number) if 0 < number <= build.changes else None
    if record is None:
        raise UnknownNameError("change", str(number), [f"1 to {build.changes}"] if build.changes else [])
    return record


def _render_list(listed: ChangeListPage, updated: str, suffix: str) -> bytes:
    wanted = listed.request
    if suffix == "json":
        return json.dumps({"changes": [record.as_dict() for record in listed.records]}).encode()
    if suffix == "html":
        formats = {name: wanted.page_address(f"/changes.{name}", wanted.page) for name in ("json", "atom")}
        return change_page.render_changes(listed, formats).encode()
    links = listed.neighbours(FEED) | {"self": wanted.page_address(FEED, wanted.page)}
    texts = change_page.feed_texts(listed.records)
    entries = [FeedEntry.of_change(record, texts[record.number]) for record in listed.records]
    return FeedEntry.atom_feed("changes", "Changes to the City Diplomacy Knowledge Graph", entries, links, updated)


def render_page(record: Record) -> bytes:
    """Return the page of a change."""
    (undone_by,) = service.workers.read(HistoryGraph.undone_by, [record.number])
    formats = {name: f"{record.address}.{name}" for name in ("ttl", "nq", "rdfp", "json")}
    return change_page.render_change(record, service.revisions.current().changes, undone_by, formats).encode()
