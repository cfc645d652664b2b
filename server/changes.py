"""The changes: a list, a feed, each with what it added and removed; making one, and taking one back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, Response, json, request

from kg import change_documents, curating, provenance
from kg.errors import UnknownNameError
from kg.history import Record
from kg.tokens import Role
from server import (
    access,
    alternatives,
    change_answers,
    change_lists,
    change_pages,
    graph,
    made_once,
    preconditions,
    submitted,
)
from server.alternatives import Alternative
from server.change_lists import Listed
from server.representations import HTML, Document

blueprint = Blueprint("changes", __name__)


@blueprint.get("/changes")
@blueprint.get("/changes.<suffix>")
def listing(suffix: str | None = None) -> Response:
    """List the changes of the revision that is read, newest first; filtered, in pages, also as an Atom feed."""
    wanted = change_lists.read(request.args)
    build, _ = graph.current()
    listed = change_lists.listed(graph.curation().history, build.changes, wanted)
    links = tuple(listed.turned("/changes").items())
    return alternatives.answer(
        Document("/changes", links, wanted.query(wanted.page)), suffix, _lists(listed, build.changed)
    )


@blueprint.get("/changes/<int:number>")
@blueprint.get("/changes/<int:number>.<suffix>")
def one(number: int, suffix: str | None = None) -> Response:
    """Return a change: its PROV record and the exact quads."""
    record = _record(number)
    iri = provenance.change_iri(number).value
    document = Document(change_documents.address(number), (("cite-as", iri), ("collection", "/changes")))
    return alternatives.answer(document, suffix, _formats(record))


@blueprint.get("/agents/<name>")
def agent(name: str) -> Response:
    """Lead to the changes of whoever the history calls so."""
    return Response(status=303, headers={"Location": f"/changes?{urlencode({'agent': name})}"})


@blueprint.post("/changes")
def make() -> Response:
    """Make a change: 201 once it cannot be lost."""
    who = access.require(Role.CURATOR)
    said = submitted.read(*submitted.WORDS, "graph")
    words, texts = said.words, said.texts()
    submission = curating.submission_of(texts, said.graph, graph.current()[1])
    gate, revision = graph.curation().gate(), preconditions.wanted_revision()

    def made(change_id: str) -> Record:
        draft = words.draft(change_id, "submit", submission.change, who.name)
        return curating.make(gate, submission, draft, revision)

    return change_answers.made(made_once.change(who, made))


@blueprint.post("/changes/<int:number>/revert")
def revert(number: int) -> Response:
    """Take a change back by another one."""
    who = access.require(Role.CURATOR)
    said = submitted.read("summary", "acknowledge", forms=submitted.FORMS)
    record, revision = _record(number), preconditions.wanted_revision()
    summary = curating.checked_summary(said.fields.get("summary") or f"Undo change {record.number}")
    gate = graph.curation().gate()

    def undone(change_id: str) -> Record:
        return curating.undo(
            gate, number, change_id, who=who.name, summary=summary, acknowledged=said.acknowledged, if_revision=revision
        )

    return change_answers.made(made_once.change(who, undone))


def _record(number: int) -> Record:
    build, _ = graph.current()
    record = graph.curation().history.get(number) if 0 < number <= build.changes else None
    if record is None:
        raise UnknownNameError("change", str(number), [str(build.changes)] if build.changes else [])
    return record


def _lists(listed: Listed, updated: str) -> Mapping[str, Alternative]:
    links = listed.turned(change_documents.FEED) | {"self": listed.wanted.at(change_documents.FEED, listed.wanted.page)}
    formats = {name: listed.wanted.at(f"/changes.{name}", listed.wanted.page) for name in ("json", "atom")}
    summaries = [change_documents.summary(record) for record in listed.records]
    return {
        "json": Alternative("application/json", lambda: json.dumps({"changes": summaries}).encode()),
        "html": Alternative(HTML, lambda: change_pages.changes(listed, formats).encode()),
        "atom": Alternative(change_documents.ATOM, lambda: change_documents.feed(listed.records, links, updated)),
    }


def _formats(record: Record) -> Mapping[str, Alternative]:
    writers: dict[str, tuple[str, Callable[[Record], bytes]]] = {
        "ttl": ("text/turtle", change_documents.turtle),
        "html": (HTML, _page),
        "json": ("application/json", lambda record: json.dumps(change_documents.whole(record)).encode()),
        "nq": ("application/n-quads", change_documents.n_quads),
        "rdfp": ("application/rdf-patch", change_documents.rdf_patch),
    }
    return {name: Alternative(media_type, partial(write, record)) for name, (media_type, write) in writers.items()}


def _page(record: Record) -> bytes:
    build, store = graph.current()
    undone_by = provenance.undone_by(store, record.number)
    formats = {name: f"{change_documents.address(record.number)}.{name}" for name in ("ttl", "nq", "rdfp", "json")}
    return change_pages.change(store, record, build.changes, undone_by, formats).encode()
