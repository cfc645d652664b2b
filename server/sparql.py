"""The SPARQL endpoint: protocol, negotiation, guard, execution and writing, each in its own place.

A stranger's query never runs in this process: a worker process that can be killed parses and evaluates it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import cast
from xml.parsers import expat

from flask import Blueprint, Flask, Response, current_app, render_template, request
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)
from werkzeug.wsgi import wrap_file

from kg import describing, federation
from kg import namespaces as ns
from kg.descriptions import service_description
from kg.errors import QueryError
from kg.formats import GRAPH_FORMAT
from kg.hints import Hint, KnownTerms
from kg.query_guard import examine
from kg.query_workers import Job, Result
from kg.remote_endpoints import RemoteEndpoints
from kg.service_clauses import ServiceQuery
from server import access, answers, graph, hint_links, protocol
from server.labels import Labels
from server.protocol import QueryRequest

blueprint = Blueprint("sparql", __name__)

ENDPOINT = ns.BASE + "sparql"
RDF_XML = GRAPH_FORMAT["rdf"].media_type
_NOBODY = RemoteEndpoints()
_ENDPOINTS = "citykg-endpoints"


def federate(app: Flask, endpoints: RemoteEndpoints) -> None:
    """Let an app ask some endpoints of others for SERVICE; without this it asks nobody."""
    app.extensions[_ENDPOINTS] = endpoints


@blueprint.route("/sparql", methods=["GET", "POST", "QUERY"])
def endpoint() -> Response:
    """Answer a query; GET without one gives the service description, or the form for a browser."""
    asked = protocol.read(request)
    if asked.query is None:
        return _description(asked.format_names)
    longest = graph.limits().query_length
    query = federation.find(asked.query, longest, _endpoints())
    form = examine(query.local_text, longest).form
    media_type = answers.choose(form, asked.format_names)
    job = _job(asked, answers.machine_twin(form) if media_type == answers.HTML else media_type)
    noted = _known_terms(graph.current()[1]).hints(query.remaining_text)
    if request.method == "HEAD":
        response = _headers(query, job, media_type)
    else:
        response = _answer(query, job, form, media_type, noted)
    response.vary.add("Accept")
    if noted:
        response.headers["Link"] = hint_links.header(noted)
    if query.clauses:
        response.headers["Cache-Control"] = "no-store"  # the answer also depends on what others say at the moment
    return response


def _answer(query: ServiceQuery, job: Job, form: str, media_type: str, noted: Sequence[Hint]) -> Response:
    result = federation.run(query, job, graph.pool(), _endpoints())
    graph.answered_from(result)
    return _page(result, form, noted) if media_type == answers.HTML else _written(result, media_type)


@lru_cache(maxsize=1)  # a store is a snapshot that never changes
def _known_terms(store: Store) -> KnownTerms:
    return KnownTerms(store)


def _headers(query: ServiceQuery, job: Job, media_type: str) -> Response:
    """Answer HEAD: the query is parsed, and evaluated over nothing, so that its mistakes show and it costs nothing."""
    federation.check(query, job, graph.pool())
    response = Response(content_type=answers.content_type(media_type))
    response.automatically_set_content_length = False  # the length of what GET would send is not known
    return response


def _endpoints() -> RemoteEndpoints:
    return cast(RemoteEndpoints, current_app.extensions.get(_ENDPOINTS, _NOBODY))


def _job(asked: QueryRequest, media_type: str) -> Job:
    wanted = answers.engine_type(media_type)
    who = access.optional_principal()
    return Job(
        asked.query or "",
        wanted,
        asked.default_graphs,
        asked.named_graphs,
        asked.seconds,
        spent=graph.charge(),
        allowed_seconds=who.seconds if who is not None else None,
    )


def _written(result: Result, media_type: str) -> Response:
    content_type = answers.content_type(media_type)
    if media_type == RDF_XML:
        _refuse_broken_xml(result)
    if result.file is None:
        return Response(result.body, content_type=content_type)
    file = wrap_file(request.environ, result.file)
    response = Response(file, content_type=content_type, direct_passthrough=True)
    response.content_length = os.fstat(result.file.fileno()).st_size
    return response


def _refuse_broken_xml(result: Result) -> None:
    """Raise QueryError where the engine wrote a property whose IRI is no XML name (RDF/XML, section 5.1)."""
    content = result.opened()
    try:
        expat.ParserCreate(namespace_separator=" ").ParseFile(content)
    except expat.ExpatError:
        content.close()
        raise QueryError("The graph cannot be written as RDF/XML.", "Ask for Turtle or another format.") from None
    content.seek(0)


def _page(result: Result, form: str, noted: Sequence[Hint]) -> Response:
    if result.file is not None:
        result.file.close()
        raise QueryError("The answer is too large for a page.", "Add LIMIT, or ask for CSV or another format.")
    body = result.body or b""
    _, store = graph.current()
    return Response(
        answers.page(_parsed(body, form), Labels(store), answers.Words(hints=[hint.sentence for hint in noted])),
        content_type=answers.content_type(answers.HTML),
    )


def _parsed(body: bytes, form: str) -> QuerySolutions | QueryBoolean | list[Triple]:
    if form in ("SELECT", "ASK"):
        return parse_query_results(body, QueryResultsFormat.JSON)
    return [quad.triple for quad in parse(body, RdfFormat.N_TRIPLES)]


def _description(format_names: tuple[str, ...]) -> Response:
    media_type = answers.choose("CONSTRUCT", format_names)
    if media_type == answers.HTML:
        response = Response(render_template("sparql.html"), content_type=answers.content_type(answers.HTML))
    else:
        _, store = graph.current()
        content = describing.write(service_description(store, ENDPOINT), answers.graph_format(media_type))
        response = Response(content, content_type=answers.content_type(media_type))
    response.vary.add("Accept")
    return response
