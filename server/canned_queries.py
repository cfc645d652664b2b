"""The canned queries over HTTP: their catalogue, and their answers."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kg import catalogue, parameters, querying
from kg.catalogue import CannedQuery
from kg.formats import GRAPH_FORMAT, RESULT_FORMAT
from kg.query_guard import examine
from server import answers, graph
from server.labels import Labels
from server.negotiation import negotiate

blueprint = Blueprint("canned_queries", __name__)

_SUFFIXES = {*RESULT_FORMAT, *GRAPH_FORMAT, "html"}


@blueprint.get("/queries")
def listing() -> Response:
    """List the queries: as a page, or as JSON with parameters and columns."""
    queries = catalogue.canned_queries().values()
    if negotiate(request.headers.get("Accept"), ["application/json", "text/html"]) == "text/html":
        topics: dict[str, list[CannedQuery]] = {}
        for query in queries:
            topics.setdefault(query.topic, []).append(query)
        response = Response(render_template("queries.html", topics=topics), mimetype="text/html")
    else:
        response = jsonify([asdict(query) for query in queries])
    response.vary.add("Accept")
    return response


@blueprint.get("/queries/")
def listing_with_slash() -> AnyResponse:
    """Send to the catalogue."""
    return redirect("/queries", 308)


@blueprint.get("/queries/<path:name>")
def answer(name: str) -> Response:
    """Answer a canned query with the given parameters, in the format of its suffix or of the client's choice.

    A query that needs a parameter, asked for without any, answers for its example.
    """
    stem, dot, suffix = name.rpartition(".")
    name, format_name = (stem, suffix) if dot and suffix in _SUFFIXES else (name, None)
    query = catalogue.find(name)
    given = {key: value for key, value in request.args.items() if key != "format"}
    text = parameters.bind(query, given) if given or not _needs_values(query) else query.text
    _, store = graph.current()
    names = request.args.getlist("format") or ([format_name] if format_name else [])
    words = answers.Words(query.summary, query.description, query.columns, f"/queries/{name}")
    form = examine(text, len(text)).form
    return answers.write(querying.run(store, text), form, names, Labels(store), words)


def _needs_values(query: CannedQuery) -> bool:
    return any(p.default is None and not p.optional for p in query.parameters)
