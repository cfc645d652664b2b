"""All other reading addresses in OpenAPI: one table of what each takes and in which formats it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from kg import change_documents
from kg import namespaces as ns
from kg.formats import GRAPH_FORMATS, RESULT_FORMATS
from kg.profiles import PROFILES
from server import linksets, protocol
from server.openapi_parts import answer, parameter, responses
from server.representations import HTML, MEDIA_TYPE_OF

JSON = "application/json"
_TEXT = "text/plain"
_GRAPHS = tuple(fmt.media_type for fmt in GRAPH_FORMATS)
_DOCUMENT = (*_GRAPHS, HTML)
_RESULTS = tuple(fmt.media_type for fmt in RESULT_FORMATS)
_DUMP = (*_GRAPHS, "application/gzip")

_GRAPH_IRI = {"type": "string", "format": "uri"}
_SUFFIX = parameter("suffix", "path", "The format.", {"enum": list(MEDIA_TYPE_OF)})
_LISTING = parameter("suffix", "path", "The format.", {"enum": ["json", "html", "ttl"]})
_KIND = parameter("kind", "path", "The kind of thing.", {"enum": ns.ENTITY_TYPES}, example="city")
_SLUG = parameter("slug", "path", "The name of the thing.", {"type": "string"}, example="birmingham")
_SCHEME = parameter("scheme", "path", "The vocabulary.", {"type": "string"}, example="theme")
_CONCEPT = parameter("concept", "path", "The concept.", {"type": "string"}, example="environment")
_GRAPH_NAME = parameter("name", "path", "The graph.", {"type": "string"}, example="report/table-1")
_ERROR = parameter("slug", "path", "The kind of error.", {"type": "string"}, example="not-found")
_DUMP_FILE = parameter("file", "path", "The file.", {"type": "string"}, example="report/table-1.ttl")
_VERSION = parameter("version", "path", "The version.", {"type": "string"}, example=version("city-diplomacy-kg"))
_PROFILE = parameter("profile", "query", "How much it tells.", {"enum": list(PROFILES)})
_PAGE = parameter("page", "query", "The part of a long document.", {"type": "integer", "minimum": 1})
_NUMBER = parameter("number", "path", "The number.", {"type": "integer", "minimum": 1}, example=1)
_AGENT = parameter("name", "path", "The name of a person in the history.", {"type": "string"}, example="ann")
_LIST_SUFFIX = parameter("suffix", "path", "The format.", {"enum": ["json", "html", "atom"]})
_CHANGE_SUFFIX = parameter("suffix", "path", "The format.", {"enum": ["ttl", "html", "json", "nq", "rdfp"]})
_CHANGE = ("text/turtle", HTML, JSON, "application/n-quads", "application/rdf-patch")
_FILTERS = (
    *(parameter(name, "query", f"Only those of this {name}.", {"type": "string"}) for name in ("agent", "source")),
    parameter("graph", "query", "Only those that touch this graph.", {"type": "string"}),
    parameter("since", "query", "Only those since then.", {"type": "string", "format": "date"}),
)
_GRAPH = parameter("graph", "query", "The IRI of a graph; either this or default.", _GRAPH_IRI)
_DEFAULT = parameter("default", "query", "The default graph.", {"type": "string"}, allowEmptyValue=True)


@dataclass(frozen=True)
class Address:
    """What an address takes, the media types of its answer, none for one that leads elsewhere, and its tag."""

    tag: str
    media_types: tuple[str, ...]
    parameters: tuple[dict[str, Any], ...] = ()


ADDRESSES = {
    "/": Address("service", (HTML,)),
    "/queries": Address("questions", (JSON, HTML, "text/turtle")),
    "/queries.<suffix>": Address("questions", (JSON, HTML, "text/turtle"), (_LISTING,)),
    "/healthz/queries": Address("questions", (JSON, HTML)),
    "/id/<kind>/<slug>": Address("linked data", (), (_KIND, _SLUG, _PROFILE)),
    "/doc/<kind>/<slug>": Address("linked data", _DOCUMENT, (_KIND, _SLUG, _PROFILE, _PAGE)),
    "/linkset/<kind>/<slug>": Address("linked data", (linksets.MEDIA_TYPE,), (_KIND, _SLUG)),
    "/ontology": Address("linked data", _DOCUMENT),
    "/ontology/<version>": Address("linked data", _DOCUMENT, (_VERSION,)),
    "/ontology.<suffix>": Address("linked data", _DOCUMENT, (_SUFFIX,)),
    "/shapes": Address("linked data", _DOCUMENT),
    "/shapes.<suffix>": Address("linked data", _DOCUMENT, (_SUFFIX,)),
    "/vocabulary/<scheme>": Address("linked data", _DOCUMENT, (_SCHEME,)),
    "/vocabulary/<scheme>/<concept>": Address("linked data", _DOCUMENT, (_SCHEME, _CONCEPT)),
    "/dataset": Address("data set", _DOCUMENT),
    "/dataset.<suffix>": Address("data set", _DOCUMENT, (_SUFFIX,)),
    "/.well-known/void": Address("data set", ()),
    "/graphs": Address("data set", _DOCUMENT, (_GRAPH, _DEFAULT)),
    "/graph/<path:name>": Address("data set", _DOCUMENT, (_GRAPH_NAME,)),
    "/dumps/<path:file>": Address("data set", _DUMP, (_DUMP_FILE,)),
    "/dumps/SHA256SUMS": Address("data set", (_TEXT,)),
    "/agents/<name>": Address("changes", (), (_AGENT,)),
    "/changes": Address("changes", (JSON, HTML, change_documents.ATOM), (*_FILTERS, _PAGE)),
    "/changes.<suffix>": Address("changes", (JSON, HTML, change_documents.ATOM), (_LIST_SUFFIX, *_FILTERS, _PAGE)),
    "/changes/<int:number>": Address("changes", _CHANGE, (_NUMBER,)),
    "/changes/<int:number>.<suffix>": Address("changes", _CHANGE, (_NUMBER, _CHANGE_SUFFIX)),
    "/docs/errors/<slug>": Address("service", (HTML,), (_ERROR,)),
    "/healthz": Address("service", (JSON,)),
    "/readyz": Address("service", (JSON,)),
    "/metrics": Address("service", (_TEXT,)),
    "/openapi.json": Address("service", (JSON,)),
}
"""Reading addresses by their rule. `/sparql` and the single canned queries are described elsewhere."""


def tags() -> list[dict[str, str]]:
    """Return the tags of these addresses."""
    return [{"name": tag} for tag in dict.fromkeys([*(a.tag for a in ADDRESSES.values()), "SPARQL"])]


def paths(summaries: Mapping[str, str]) -> dict[str, Any]:
    """Return these addresses. `summaries` says what each does, by its rule; one that is not there is left out."""
    described = {
        re.sub(r"<(?:path:|int:)?(\w+)>", r"{\1}", rule): {"get": _operation(rule, address, summaries[rule])}
        for rule, address in ADDRESSES.items()
        if rule in summaries
    }
    return {"/sparql": _sparql(summaries["/sparql"]), **described}


def _operation(rule: str, address: Address, summary: str) -> dict[str, Any]:
    return {
        "operationId": "-".join(re.findall(r"\w+", re.sub("path:|int:", "", rule))) or "home",
        "summary": summary,
        "tags": [address.tag],
        "parameters": list(address.parameters),
        "responses": responses(_success(address)),
    }


def _success(address: Address) -> dict[str, Any]:
    elsewhere = {"description": "The address to go on to is in Location."}
    if not address.media_types:
        return {"303": elsewhere, "301": elsewhere}
    return {"200": answer(address.media_types), "301": elsewhere}


def _sparql(summary: str) -> dict[str, Any]:
    """Describe the SPARQL endpoint (SPARQL 1.1 Protocol, section 2.1)."""
    graphs = {"type": "array", "items": _GRAPH_IRI}
    query = parameter("query", "query", "The query; without one, the endpoint describes itself.", {"type": "string"})
    dataset = [
        parameter("default-graph-uri", "query", "Graphs that make up the default graph.", graphs),
        parameter("named-graph-uri", "query", "Graphs that GRAPH can name.", graphs),
        parameter("timeout", "query", "Seconds that it may take.", {"type": "number", "exclusiveMinimum": 0}),
        parameter("format", "query", "The format, in place of the Accept header.", {"type": "string"}, example="json"),
    ]
    form = {
        "type": "object",
        "required": ["query"],
        "properties": {"query": {"type": "string"}, "default-graph-uri": graphs, "named-graph-uri": graphs},
    }
    bodies = {protocol.FORM: {"schema": form}, protocol.QUERY: {"schema": {"type": "string"}}}
    said = {"tags": ["SPARQL"], "responses": responses({"200": answer((*_RESULTS, *_GRAPHS, HTML))})}
    example = {"example": "ASK { ?twinning cd:twin city:leeds }"}
    return {
        "get": {"operationId": "query", "summary": summary, "parameters": [query | example, *dataset], **said},
        "post": {
            "operationId": "query-by-post",
            "summary": "Answer a query that is sent in the body.",
            "parameters": dataset,
            "requestBody": {"required": True, "content": bodies},
            **said,
        },
    }
