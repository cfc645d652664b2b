"""The canned queries over HTTP: their catalogue, their answers, and their texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, json, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kg import catalogue, describing, descriptions, query_texts, querying
from kg.catalogue import CannedQuery
from kg.errors import UnknownNameError
from kg.formats import GRAPH_FORMAT
from kg.query_guard import examine
from server import answers, graph, query_catalogue, query_documents, query_pages, query_requests, representations
from server.labels import Labels
from server.negotiation import negotiate
from server.problems import NotAcceptableError
from server.query_documents import CATALOGUE, LISTINGS
from server.representations import HTML, Document, Link

blueprint = Blueprint("canned_queries", __name__)

_SUFFIXES = {*query_catalogue.SUFFIXES, *GRAPH_FORMAT}
_ALIASES = ("application/json", "application/xml")


@blueprint.get("/queries")
def listing() -> Response:
    """List the canned queries in the format that the client prefers: JSON, a page, or Turtle (SHACL executables)."""
    offers = list(LISTINGS.values())
    media_type = negotiate(request.headers.get("Accept"), offers)
    if media_type is None:
        raise NotAcceptableError(offers)
    suffix = next(suffix for suffix in LISTINGS if LISTINGS[suffix] == media_type)
    return _sealed(_listed(suffix), CATALOGUE, suffix, LISTINGS, negotiated=True)


@blueprint.get("/queries.<suffix>")
def listing_document(suffix: str) -> Response:
    """List the canned queries in the format of the suffix: json, html or ttl."""
    if suffix not in LISTINGS:
        raise UnknownNameError("format of /queries", suffix, list(LISTINGS))
    return _sealed(_listed(suffix), CATALOGUE, suffix, LISTINGS, negotiated=False)


@blueprint.get("/queries/")
def listing_with_slash() -> AnyResponse:
    """Send to the catalogue."""
    return redirect("/queries", 308)


@blueprint.get("/queries/<path:name>")
def answer(name: str) -> Response:
    """Answer a canned query for the given values, in the format of its suffix or of the client's choice.

    The suffix rq gives the text of the query. Without any value, a query that needs one answers for its example.
    """
    stem, _, suffix = name.rpartition(".")
    name, suffix = (stem, suffix) if stem and suffix in _SUFFIXES else (name, "")
    _, store = graph.current()
    asked = query_requests.read(store, catalogue.find(name), request.args)
    format_name = suffix or asked.format_name
    text = query_texts.write(asked.query, asked.values, asked.window)
    media_type = _chosen(asked.query, text, format_name)
    suffix = query_catalogue.suffix(asked.query, answers.engine_type(media_type))
    document = query_documents.document(asked)
    if suffix == "rq":
        response = Response(text)
    else:
        turned = query_documents.turned(store, asked)
        words = query_pages.words(store, asked, text, turned)
        response = answers.write(querying.run(store, text), _form(text), [suffix], Labels(store), words)
        links = (Link(relation, other.at(suffix)) for relation, other in turned.items())
        document = replace(document, links=(*document.links, *links))
    response.content_type = answers.content_type(media_type)  # the client's own name for a format that has two
    return _sealed(response, document, suffix, query_catalogue.formats(asked.query), negotiated=not format_name)


def _chosen(query: CannedQuery, text: str, format_name: str) -> str:
    """Return the media type that the name of a format decides, without one the client. Raises NotAcceptableError."""
    formats = query_catalogue.formats(query)
    if format_name in formats:
        return formats[format_name]
    if format_name:
        media_type = answers.choose(_form(text), [format_name])
    else:
        media_type = negotiate(request.headers.get("Accept"), [*formats.values(), *_ALIASES]) or ""
    if answers.engine_type(media_type) not in formats.values():
        raise NotAcceptableError(list(formats.values()))
    return media_type


def _form(text: str) -> str:
    return examine(text, len(text)).form


def _sealed(
    response: Response, document: Document, suffix: str, formats: Mapping[str, str], *, negotiated: bool
) -> Response:
    """Add what clients and caches go by: typed links, the address of this format, validators."""
    links = [Link(*link) for link in document.links]
    links += [Link("alternate", document.at(other), formats[other]) for other in formats if other != suffix]
    response.headers["Link"] = ", ".join(map(str, links))
    if negotiated:
        response.vary.add("Accept")
        response.headers["Content-Location"] = document.at(suffix)
    else:
        response.vary.discard("Accept")
    return representations.tagged(response, suffix)


def _listed(suffix: str) -> Response:
    _, store = graph.current()
    if suffix == "ttl":
        return Response(
            describing.write(descriptions.query_examples(), GRAPH_FORMAT["ttl"]), content_type="text/turtle"
        )
    if suffix == "json":
        return Response(json.dumps(query_catalogue.entries(store)), content_type=LISTINGS["json"])
    topics: dict[str, list[CannedQuery]] = {}
    for query in catalogue.canned_queries().values():
        topics.setdefault(query.topic, []).append(query)
    page = render_template("queries.html", topics=topics, formats_of=query_catalogue.formats)
    return Response(page, mimetype=HTML)
