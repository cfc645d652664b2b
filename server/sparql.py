"""The SPARQL endpoint, first version: SELECT, ASK, CONSTRUCT and DESCRIBE by GET and POST (SPARQL 1.1 Protocol, 2.1).

The query runs in this process: fit for loopback and trusted readers. Killable workers with limits come with the
endpoint issue; only `_run` will change then.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, abort, render_template, request

from kg import querying
from server import answers, graph
from server.labels import Labels

blueprint = Blueprint("sparql", __name__)


@blueprint.get("/sparql")
@blueprint.post("/sparql")
def endpoint() -> Response:
    """Answer a query; GET without one shows a form."""
    query = _query_of_request()
    if query is None:
        return Response(render_template("sparql.html"), mimetype="text/html")
    return _run(query, request.args.get("format"))


def _run(query: str, format_name: str | None) -> Response:
    _, store = graph.current()
    return answers.write(querying.run(store, query), format_name, Labels(store), answers.Words())


def _query_of_request() -> str | None:
    """Return the one query that a request holds, None for a GET without any."""
    body = request.get_data()
    for part in (request.query_string, body):
        _decoded(unquote_to_bytes(part))
    if "update" in request.args or "update" in request.form:
        abort(400, "This address answers queries; it takes no updates.")
    queries = request.args.getlist("query") + request.form.getlist("query")
    if request.mimetype == "application/sparql-query":
        queries.append(_decoded(body))
    elif request.method == "POST" and request.mimetype != "application/x-www-form-urlencoded":
        abort(415, "Send application/x-www-form-urlencoded with query=… or application/sparql-query.")
    if len(queries) > 1:
        abort(400, "The request holds several queries; send one.")
    if not queries and request.method == "POST":
        abort(400, "The request holds no query; send query=… or a body of application/sparql-query.")
    return queries[0] if queries else None


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        abort(400, "The query is not UTF-8.")
