"""Writing graphs by the SPARQL 1.1 Graph Store HTTP Protocol: PUT, POST and DELETE, each a change through the gate.

Only curated graphs can be written. `summary` and `source` may be said as parameters; otherwise the summary is the
request, and the source is the graph itself, which is named after it.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, abort, request
from pyoxigraph import NamedNode, Store

from kg import change_documents, curating
from kg import namespaces as ns
from kg.curating import ReadOnlyGraphError
from kg.errors import BadValueError, UnknownNameError
from kg.gate import NothingToChangeError
from kg.history import Record
from kg.submissions import Submission
from kg.tokens import Role
from kg.validation import Change
from server import access, graph, made_once, preconditions, submitted
from server.access import Principal
from server.submitted import Submitted

blueprint = Blueprint("graph_writes", __name__)

_WORDS = ("graph", "default", *submitted.WORDS)


@blueprint.route("/graph/<path:name>", methods=["PUT", "POST", "DELETE"])
def direct(name: str) -> Response:
    """Write the graph of this address (Graph Store Protocol, 4.1, 5.3 to 5.5)."""
    return _written(ns.GRAPH + name)


@blueprint.route("/graphs", methods=["PUT", "POST", "DELETE"])
def indirect() -> Response:
    """Write the graph that the request names (Graph Store Protocol, 4.2); the default graph is read-only."""
    named, is_default = request.args.getlist("graph"), "default" in request.args
    if len(named) + is_default != 1:
        abort(400, "Name exactly one graph: /graphs?graph=<IRI>")
    if is_default:
        abort(405, valid_methods=["GET", "HEAD", "OPTIONS"])
    return _written(named[0])


def _written(iri: str) -> Response:
    who = access.require(Role.CURATOR)
    name = _writable(iri)
    said = submitted.read(*_WORDS)
    sent = _sent(said, name)
    if (made := made_once.earlier(who)) is not None:
        return _answer(name, True, made)
    with graph.curation().gate().held() as store:
        preconditions.check_graph(store, name)
        exists = store.contains_named_graph(name)
        if request.method == "DELETE" and not exists:
            raise UnknownNameError("graph", iri, [])
        made = _made(who, _written_over(sent, store, name), _words(said, name))
    return _answer(name, exists, made)


def _writable(iri: str) -> NamedNode:
    try:
        return NamedNode(curating.checked_graph(iri))
    except BadValueError as error:
        raise ReadOnlyGraphError(f"{iri} cannot be written here.", error.hint) from error


def _sent(said: Submitted, name: NamedNode) -> Submission:
    """Return the triples that are sent, as they would be added. Raises BadValueError for anything else."""
    if request.method == "DELETE":
        return Submission(Change.of())
    sent = curating.submission_of(said.whole(), name.value)
    if not sent.change.added:
        raise BadValueError("The text has no statement.", "To empty a graph, send DELETE.")
    graphs = {str(quad.graph_name) for quad in sent.change.added | sent.change.removed}
    if sent.change.removed or graphs - {str(name)}:
        raise BadValueError("The text is more than the triples of this graph.", "POST /changes takes it.")
    return sent


def _written_over(sent: Submission, store: Store, name: NamedNode) -> Submission:
    """Return what is sent as a change of the graph, from which PUT and DELETE take all that it has besides."""
    there = frozenset(store.quads_for_pattern(None, None, None, name))
    removed = frozenset() if request.method == "POST" else there - sent.change.added
    return replace(sent, change=Change(sent.change.added - there, removed))


def _words(said: Submitted, name: NamedNode) -> curating.Words:
    summary = said.fields.get("summary") or f"{request.method} {ns.compact(name.value)}"
    return curating.Words.checked(summary, said.fields.get("source") or name.value, said.acknowledged)


def _made(who: Principal, submission: Submission, words: curating.Words) -> Record | None:
    """Return the change, None if the graph is already as it would be."""

    def make(change_id: str) -> Record:
        draft = words.draft(change_id, "graph-store", submission.change, who.name)
        return curating.make(graph.curation().gate(), submission, draft)

    try:
        return made_once.change(who, make)
    except NothingToChangeError:
        return None


def _answer(name: NamedNode, existed: bool, made: Record | None) -> Response:
    """Return 201 with the address of a graph that is new, else 204 (Graph Store Protocol, 5.3 to 5.5)."""
    is_new = not existed and made is not None
    response = Response(status=201 if is_new else 204)
    if is_new:
        response.headers["Location"] = "/graph/" + name.value.removeprefix(ns.GRAPH)
    if made is not None:
        graph.moved_to(replace(graph.curation().gate().build, changes=made.number))
        response.headers["Link"] = (
            f'<{change_documents.address(made.number)}>; rel="http://www.w3.org/ns/prov#wasGeneratedBy"'
        )
    return response
