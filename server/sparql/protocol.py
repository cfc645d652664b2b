"""Read a request to the SPARQL endpoint (SPARQL 1.1 Protocol, section 2.1): which query over which data set.

It decides what a request asks, and refuses what the protocol does not allow; it runs nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from flask import Request, abort
from werkzeug.http import parse_options_header

from kg.errors import BadValueError, shorten
from kg.rdf.formats import SPARQL_QUERY
from kg.rdf.lookup import parse_iri
from kg.workers import QueryJob
from server.figures.views import ViewSwitch
from server.results import ResultView

FORM = "application/x-www-form-urlencoded"
UPDATE = "application/sparql-update"

_VERSIONS = {"1.0", "1.1", "1.2", "1.2-basic"}

_ELSEWHERE = {UPDATE: " Updates go to /update.", SPARQL_QUERY: " Queries go to /sparql."}

Parameters = dict[str, list[str]]


@dataclass(frozen=True)
class QueryRequest:
    """A query and its data set. Graphs of the request replace FROM and FROM NAMED; `seconds` is the client's deadline.

    `format_names` take precedence over the Accept header; the first that fits wins.
    """

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    seconds: float | None
    format_names: tuple[str, ...]
    revision: str = ""
    """That of the past which the request asks, in its address or its form; empty for the present."""
    least_revision: str = ""
    """The revision that the answer has to hold, or a later one; empty where the present one is meant."""
    evidence: bool = False
    """True if each row is to say who says so."""
    view: str = ""
    """The view in which the answer is drawn; empty for that which the page begins with."""
    result_view: ResultView = field(default_factory=ResultView)
    """How its rows are shown, or which of them are downloaded."""


def read(request: Request) -> QueryRequest:
    """Return what a request asks; `query` is None for a GET that asks nothing.

    Aborts with 400 for what the protocol forbids, 415 for a body of another type or character set. Raises BadValueError
    for several revisions, for evidence= with another word than yes, and for a view that is none.
    """
    parameters = parameters_of(request.query_string)
    direct: list[str] = []
    has_body = request.method not in ("GET", "HEAD")
    if has_body:
        in_body, direct = body_of(request, SPARQL_QUERY)
        for name, values in in_body.items():
            parameters[name] = parameters.get(name, []) + values
    _refuse_updates(parameters)
    _check_version(parameters)
    return QueryRequest(
        query=_one_query(parameters.get("query", []) + direct, may_be_missing=not has_body),
        default_graphs=graphs_of(parameters, "default-graph-uri"),
        named_graphs=graphs_of(parameters, "named-graph-uri"),
        seconds=_seconds(parameters),
        format_names=tuple(parameters.get("format", ())),
        revision=_one_revision(parameters, "at"),
        least_revision=_one_revision(parameters, "min-revision"),
        evidence="evidence" in parameters and QueryJob.wants_evidence(parameters["evidence"]),
        view=ViewSwitch.read(parameters.get(ViewSwitch.PARAMETER, ())),
        result_view=ResultView.read(parameters),
    )


def parameters_of(encoded: bytes) -> Parameters:
    """Return the parameters of an address or a form, in their order. Aborts with 400 if they are not UTF-8."""
    try:
        return parse_qs(encoded.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        return abort(400, "The request is not UTF-8.")


def body_of(request: Request, direct: str) -> tuple[Parameters, list[str]]:
    """Return the parameters of a form, or the text that the body is if it has the media type `direct`.

    Aborts with 400 without a Content-Type, 415 for another one or another character set.
    """
    if request.method in ("GET", "HEAD"):
        return {}, []
    stated = request.headers.get("Content-Type")
    if not stated:
        abort(400, f"The request does not say what its body is: send Content-Type {direct} or {FORM}.")
    media_type, options = parse_options_header(stated)
    media_type = media_type.lower()
    stated_version = {"version": [options["version"]]} if "version" in options else {}
    if options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        abort(415, "The body must be UTF-8.")
    if media_type == FORM:
        return parameters_of(request.get_data()) | stated_version, []
    if media_type == direct:
        return stated_version, [_decode(request.get_data())]
    remark = _ELSEWHERE.get(media_type, "")
    return abort(415, f"The body is {media_type}: send {direct}, or {FORM}.{remark}")


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return abort(400, "The request is not UTF-8.")


def _refuse_updates(parameters: Parameters) -> None:
    for name in ("update", "using-graph-uri", "using-named-graph-uri"):
        if name in parameters:
            abort(400, f"The request has {name}=: this address answers queries; updates go to /update.")


def _check_version(parameters: Parameters) -> None:
    versions = parameters.get("version", [])
    if len(versions) > 1:
        abort(400, "The request names several versions of SPARQL; name one.")
    for version in versions:
        if version not in _VERSIONS:
            abort(400, f"SPARQL version {version!r} is unknown; known are {', '.join(sorted(_VERSIONS))}.")


def _one_query(queries: list[str], *, may_be_missing: bool) -> str | None:
    if len(queries) > 1:
        abort(400, "The request holds several queries; send one.")
    if not queries and not may_be_missing:
        abort(400, f"The request holds no query: send query=… as {FORM}, or a body of {SPARQL_QUERY}.")
    return queries[0] if queries else None


def _one_revision(parameters: Parameters, name: str) -> str:
    if name not in parameters:
        return ""
    revisions = sorted({revision for revision in parameters[name] if revision})
    if len(revisions) > 1:
        raise BadValueError(
            f"The request names several revisions: {', '.join(map(shorten, revisions))}.",
            f"Name one with {name}=, in the address or in the form.",
        )
    return revisions[0] if revisions else ""


def graphs_of(parameters: Parameters, name: str) -> tuple[str, ...]:
    """Return the graphs that a parameter names, each once. Aborts with 400 for what is not an absolute IRI."""
    if name not in parameters:
        return ()
    graphs = tuple(dict.fromkeys(parameters[name]))
    for iri in graphs:
        if parse_iri(iri) is None:
            abort(400, f"{name}={iri!r} is not an absolute IRI.")
    return graphs


def _seconds(parameters: Parameters) -> float | None:
    if "timeout" not in parameters:
        return None
    stated = parameters["timeout"][-1]
    try:
        seconds = float(stated)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        abort(400, f"timeout={stated!r} is not a number of seconds above 0.")
    return seconds
