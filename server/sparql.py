"""The SPARQL endpoint: protocol, negotiation, guard, execution and writing, each in its own place.

A stranger's query never runs in this process: a worker process that can be killed parses and evaluates it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from xml.parsers import expat

from flask import Blueprint, Response, render_template, request
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from kg import describing
from kg import namespaces as ns
from kg.descriptions import service_description
from kg.errors import QueryError
from kg.formats import GRAPH_FORMAT
from kg.query_guard import examine
from kg.query_workers import Job, Result
from server import answers, graph, protocol
from server.labels import Labels
from server.protocol import QueryRequest

blueprint = Blueprint("sparql", __name__)

ENDPOINT = ns.BASE + "sparql"
RDF_XML = GRAPH_FORMAT["rdf"].media_type
NOTHING = ns.GRAPH + "none"
CHUNK = 1 << 16


@blueprint.route("/sparql", methods=["GET", "POST", "QUERY"])
def endpoint() -> Response:
    """Answer a query; GET without one gives the service description, or the form for a browser."""
    asked = protocol.read(request)
    if asked.query is None:
        return _description(asked.format_names)
    form = examine(asked.query, graph.limits().query_length).form
    media_type = answers.choose(form, asked.format_names)
    response = _headers(asked, form, media_type) if request.method == "HEAD" else _answer(asked, form, media_type)
    response.vary.add("Accept")
    return response


def _answer(asked: QueryRequest, form: str, media_type: str) -> Response:
    if media_type == answers.HTML:
        return _page(graph.pool().run(_job(asked, answers.machine_twin(form))), form)
    return _written(graph.pool().run(_job(asked, media_type)), media_type)


def _headers(asked: QueryRequest, form: str, media_type: str) -> Response:
    """Answer HEAD: the query is parsed, and evaluated over nothing, so that its mistakes show and it costs nothing."""
    wanted = answers.machine_twin(form) if media_type == answers.HTML else media_type
    over_nothing = replace(asked, default_graphs=(NOTHING,), named_graphs=())
    graph.pool().run(_job(over_nothing, wanted))
    response = Response(content_type=answers.content_type(media_type))
    response.automatically_set_content_length = False  # the length of what GET would send is not known
    return response


def _job(asked: QueryRequest, media_type: str) -> Job:
    wanted = answers.engine_type(media_type)
    return Job(asked.query or "", wanted, asked.default_graphs, asked.named_graphs, asked.seconds)


def _written(result: Result, media_type: str) -> Response:
    content_type = answers.content_type(media_type)
    if media_type == RDF_XML:
        _refuse_broken_xml(result)
    if result.path is None:
        return Response(result.body, content_type=content_type)
    response = Response(_streamed(result.path), content_type=content_type)
    response.content_length = result.path.stat().st_size
    response.call_on_close(partial(result.path.unlink, missing_ok=True))
    return response


def _refuse_broken_xml(result: Result) -> None:
    """Raise QueryError where the engine wrote a property whose IRI is no XML name (RDF/XML, section 5.1)."""
    with io.BytesIO(result.body or b"") if result.path is None else result.path.open("rb") as content:
        try:
            expat.ParserCreate(namespace_separator=" ").ParseFile(content)
        except expat.ExpatError:
            if result.path is not None:
                result.path.unlink(missing_ok=True)
            raise QueryError("The graph cannot be written as RDF/XML.", "Ask for Turtle or another format.") from None


def _streamed(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _page(result: Result, form: str) -> Response:
    if result.path is not None:
        result.path.unlink(missing_ok=True)
        raise QueryError("The answer is too large for a page.", "Add LIMIT, or ask for CSV or another format.")
    body = result.body or b""
    _, store = graph.current()
    return Response(
        answers.page(_parsed(body, form), Labels(store), answers.Words()),
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
