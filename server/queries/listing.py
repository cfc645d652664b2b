"""The catalogue of the canned queries at `/queries`: what each takes and answers, and where it is."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, json, render_template, request

from kg.errors import UnknownNameError
from kg.publish.catalogues import CATALOGUE_OF_QUERIES, query_examples
from kg.publish.questions import parameter_values
from kg.queries import CannedQuery, Parameter
from kg.rdf.formats import GRAPH_FORMAT, HTML
from kg.rdf.scopes import EVERYTHING, REPORT
from server import scopes
from server.queries import addresses
from server.queries.addresses import CATALOGUE, LISTINGS
from server.service import service
from server.web import Document, Link

blueprint = Blueprint("canned_queries", __name__)

_DRAWN_VIEWS = ("map", "timeline", "bars")


@blueprint.get("/queries")
@blueprint.get("/queries.<suffix>")
def listing(suffix: str | None = None) -> Response:
    """List the canned queries as JSON, a page, or RDF (SHACL executables), by the suffix or as the client prefers."""
    chosen = CATALOGUE.choose(suffix)
    return _document().add_headers(_render(chosen), chosen, negotiated=suffix is None)


def _document() -> Document:
    """Return the catalogue with its signposts. Questions are too many for a header: what describes it names them."""
    described = Link("describedby", CATALOGUE.at("ttl"), LISTINGS["ttl"])
    return replace(CATALOGUE, links=(*Document.catalogue_links(CATALOGUE_OF_QUERIES), described, *CATALOGUE.links))


def _render(suffix: str) -> Response:
    scope = scopes.chosen_scope()
    if suffix in GRAPH_FORMAT:
        listed = query_examples(service.questions.answerable(), service.addresses.sparql_endpoint())
        examples = sorted(set(listed), key=str)
        return Response(Document.serialise(examples, suffix), content_type=LISTINGS[suffix])
    if suffix == "json":
        return Response(json.dumps(_entries(service.revisions.snapshot_path())), content_type=LISTINGS["json"])
    return Response(
        render_template("queries.html", **_page_context(request.args.get("topic", ""), scope)), mimetype=HTML
    )


def _page_context(wanted: str, scope: str) -> dict[str, Any]:
    """Return what the page shows: the questions by topic, or those of the one that is wanted, asked of a scope.

    Raises UnknownNameError.
    """
    if wanted and wanted not in CannedQuery.TOPICS:
        raise UnknownNameError("topic of questions", wanted, list(CannedQuery.TOPICS))
    entries: dict[str, list[tuple[CannedQuery, str, list[str]]]] = {topic: [] for topic in CannedQuery.TOPICS}
    listed = service.questions.answerable()
    for query in listed:
        entries[query.topic].append(
            (
                query,
                addresses.page_address(addresses.example_document(query, _other_scope(query, scope))),
                _features(query),
            )
        )
    topics = {topic: title for topic, title in CannedQuery.TOPICS.items() if entries[topic] or topic == wanted}
    return {
        "topics": topics,
        "wanted": wanted,
        "shown": {topic: entries[topic] for topic in ([wanted] if wanted else topics)},
        "count": len(listed),
    }


def _other_scope(query: CannedQuery, scope: str) -> str:
    """Return the scope of all works for a question on the report, where there are others and the page shows all."""
    works = service.revisions.current().works
    return EVERYTHING if works and scope == EVERYTHING and query.scope == REPORT else ""


def _features(query: CannedQuery) -> list[str]:
    """Return what the page of a question has beside a table."""
    return [*(["form"] if query.parameters else []), *([query.view] if query.view in _DRAWN_VIEWS else [])]


@lru_cache(maxsize=1)
def _entries(snapshot: Path) -> list[dict[str, Any]]:
    """Return the entries of a snapshot, the one that the current request reads."""
    entries = []
    for query in service.questions.answerable():
        with service.revisions.in_scope(query.scope):
            entries.append(_entry(query))
    return entries


def _entry(query: CannedQuery) -> dict[str, Any]:
    address = addresses.address(query)
    example = addresses.example_document(query)
    return {
        "name": query.name,
        "topic": query.topic,
        "summary": query.summary,
        "description": query.description,
        "tags": query.tags,
        "parameters": [_parameter(parameter) for parameter in query.parameters],
        "columns": query.columns,
        "columnsOnDemand": query.more,
        "view": query.view,
        "scope": {"default": query.scope, "works": query.works},
        "paging": {"allowed": query.why_not_pageable is None, "reason": query.why_not_pageable},
        "address": address,
        "example": addresses.page_address(example),
        "formats": {suffix: f"{address}.{suffix}" for suffix in addresses.formats(query)},
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    offered = service.workers.read(parameter_values, parameter.as_json(), True)
    return {
        "name": parameter.name,
        "type": parameter.type,
        "label": parameter.label,
        "default": parameter.default,
        "example": parameter.example,
        "optional": parameter.optional,
        "class": parameter.of_class,
        "language": parameter.language,
        "choices": [{"value": value, "label": label} for value, label in offered.items()] or None,
    }
