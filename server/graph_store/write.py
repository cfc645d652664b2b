"""Writing graphs by the SPARQL 1.1 Graph Store HTTP Protocol: PUT, POST and DELETE, each a change through the gate.

Only curated graphs can be written. `summary` and `source` may be said as parameters; otherwise the summary is the
request, and the source is the graph itself, which is named after it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

from flask import Blueprint, Response, abort, request
from pyoxigraph import NamedNode, Store

from kg.accounts import Role
from kg.curation import ComputedContent, NothingToChangeError, Rationale, RevisionPassedError
from kg.errors import BadValueError, CityKgError, UnknownNameError
from kg.history import Record
from kg.publish import GraphDocument
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.formats import GRAPH_FORMAT
from kg.rdf.lookup import match
from kg.rdf.vocabulary import SKOS
from kg.store import Snapshot
from kg.submissions import Submission, read
from server.change_requests import ChangeRequest, change_id_for, entity_tags
from server.errors import PreconditionFailedError
from server.service import Principal, require, service
from server.web import Document

blueprint = Blueprint("graph_writes", __name__)

_TAG_OF_REPRESENTATION = re.compile(r"[0-9a-f]{32}-([a-z]+)(?:-gzip)?")
_PARAMETERS = ("graph", "default", *ChangeRequest.RATIONALE)


class ReadOnlyGraphError(CityKgError):
    """A graph is written by files or rules, not through the gate."""

    title = "The graph cannot be written"


@blueprint.route("/graph/<path:name>", methods=["PUT", "POST", "DELETE"])
def write_direct(name: str) -> Response:
    """Write the graph of this address (Graph Store Protocol, 4.1, 5.3 to 5.5)."""
    return _write(ns.GRAPH + name)


@blueprint.route("/graphs", methods=["PUT", "POST", "DELETE"])
def write_indirect() -> Response:
    """Write the graph that the request names (Graph Store Protocol, 4.2); the default graph is read-only."""
    named, is_default = request.args.getlist("graph"), "default" in request.args
    if len(named) + is_default != 1:
        abort(400, "Name exactly one graph: /graphs?graph=<IRI>")
    if is_default:
        abort(405, valid_methods=["GET", "HEAD", "OPTIONS"])
    return _write(named[0])


def _write(iri: str) -> Response:
    who = require(Role.CURATOR)
    name = _writable_graph(iri)
    said = ChangeRequest.read(*_PARAMETERS)
    sent = _read_triples(said, name)
    existed = True  # as for a request that comes again, for which nothing is computed

    def compute(upon: Snapshot, seconds: float | None) -> Submission:
        nonlocal existed
        _check_preconditions(upon, name)
        existed = upon.store.contains_named_graph(name)
        if request.method == "DELETE" and not existed:
            raise UnknownNameError("graph", iri, [])
        return _as_change(sent, upon.store, name)

    made = _commit(who, ComputedContent(compute), _rationale(said, name))
    return _answer(name, existed, made)


def _writable_graph(iri: str) -> NamedNode:
    try:
        return NamedNode(graphs.writable_graph(iri))
    except BadValueError as error:
        raise ReadOnlyGraphError(f"{iri} cannot be written here.", error.hint) from error


def _read_triples(said: ChangeRequest, name: NamedNode) -> Submission:
    """Return the triples that are sent, as they would be added. Raises BadValueError for anything else."""
    if request.method == "DELETE":
        return Submission(Change.of())
    texts = said.single_text()
    if not texts[0].body.strip():
        raise BadValueError("The text has no statement.", "To empty a graph, send DELETE.")
    sent = read(texts, name.value, store=_concept_store(service.revisions.newest_snapshot().store))
    named = {str(quad.graph_name) for quad in sent.change.added | sent.change.removed}
    if sent.change.removed or named - {str(name)}:
        raise BadValueError("The text is more than the triples of this graph.", "POST /changes takes it.")
    return sent


def _concept_store(store: Store) -> Store:
    """Return the concepts alone that a table may name: of what else the graph knows, it would leave out the labels."""
    known = Store()
    for quad in match(store, None, SKOS.inScheme):
        known.extend([quad, *match(store, quad.subject, SKOS.prefLabel)])
    return known


def _as_change(sent: Submission, store: Store, name: NamedNode) -> Submission:
    """Return a submission as a change of the graph; PUT and DELETE also remove all other statements of it."""
    there = frozenset(match(store, graph=name))
    removed = frozenset() if request.method == "POST" else there - sent.change.added
    return replace(sent, change=Change(sent.change.added - there, removed))


def _rationale(said: ChangeRequest, name: NamedNode) -> Rationale:
    summary = said.fields.get("summary") or f"{request.method} {ns.compact(name.value)}"
    return Rationale.parse(summary, said.fields.get("source") or name.value, said.acknowledged)


def _check_preconditions(newest: Snapshot, name: NamedNode) -> None:
    """Check If-Match and If-None-Match (RFC 9110, sections 13.1.1 and 13.1.2).

    A tag is a revision, or that of the graph in one of its formats. Raises PreconditionFailedError,
    RevisionPassedError.
    """
    exists = newest.store.contains_named_graph(name)
    wanted, unwanted = entity_tags("If-Match"), entity_tags("If-None-Match")
    if exists and (unwanted == ["*"] or any(_matches(tag, newest, name) for tag in unwanted)):
        raise PreconditionFailedError("The graph is there, and If-None-Match asks that it is not.", "Read it first.")
    if wanted == ["*"] and not exists:
        raise PreconditionFailedError("The graph is not there, and If-Match asks that it is.", "Leave If-Match out.")
    if wanted and wanted != ["*"] and not any(_matches(tag, newest, name) for tag in wanted):
        raise RevisionPassedError(" or ".join(wanted), newest.revision, service.curation.history)


def _matches(tag: str, newest: Snapshot, name: NamedNode) -> bool:
    of_representation = _TAG_OF_REPRESENTATION.fullmatch(tag)
    if of_representation is None:
        return tag == newest.revision
    suffix, written = of_representation[1], BytesIO()
    if suffix not in GRAPH_FORMAT:
        return False
    GraphDocument.write(newest.store, written, name.value, suffix)
    return tag.removesuffix("-gzip") == Document.entity_tag(written.getvalue(), suffix)


def _commit(who: Principal, content: ComputedContent, rationale: Rationale) -> Record | None:
    """Return the change, None if the graph is already as it would be."""
    draft = rationale.draft(change_id_for(who), "graph-store", content, who.name)
    try:
        return service.curation.gate.commit(draft)
    except NothingToChangeError:
        return None


def _answer(name: NamedNode, existed: bool, made: Record | None) -> Response:
    """Return 201 with the address of a graph that is new, else 204 (Graph Store Protocol, 5.3 to 5.5)."""
    is_new = not existed and made is not None
    response = Response(status=201 if is_new else 204)
    if is_new:
        response.headers["Location"] = "/graph/" + name.value.removeprefix(ns.GRAPH)
    if made is not None:
        response.headers["X-Revision"] = service.curation.gate.build.revision_of(made.number)
        response.headers["Link"] = f'<{made.address}>; rel="http://www.w3.org/ns/prov#wasGeneratedBy"'
    return response
