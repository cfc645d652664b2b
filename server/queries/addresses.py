"""The addresses of the answers of a canned query: in each format, and of the rows before and behind those asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from urllib.parse import urlencode

from kg.queries import CannedQuery, Question
from kg.rdf.formats import GRAPH_FORMATS, HTML, RESULT_FORMATS, SPARQL_QUERY, ResultFormat
from server.web import Document, Link

LISTINGS = {"json": "application/json", "html": HTML, **{fmt.suffix: fmt.media_type for fmt in GRAPH_FORMATS}}
"""Media types of the catalogue, by suffix."""
SUFFIXES = {fmt.suffix for fmt in RESULT_FORMATS} | {"html", "rq"}
"""Suffixes of an address: those of an answer, of its page, and of the text of the query."""
TITLES = {**{fmt.suffix: fmt.title for fmt in RESULT_FORMATS}, "rq": "SPARQL"}
"""What people call the formats, by suffix."""

_SERVICE = Link("service-desc", "/openapi.json", "application/json")
CATALOGUE = Document("/queries", (_SERVICE,), alternatives=LISTINGS)
_DESCRIBED = (*(Link("describedby", CATALOGUE.at(s), media_type) for s, media_type in LISTINGS.items()), _SERVICE)


def formats(query: CannedQuery) -> Mapping[str, str]:
    """Return the media types in which a query is to be had, by the suffix of the address."""
    return _by_suffix(query.formats)


@cache
def _by_suffix(tables: tuple[ResultFormat, ...]) -> Mapping[str, str]:
    return MappingProxyType({**{fmt.suffix: fmt.media_type for fmt in tables}, "html": HTML, "rq": SPARQL_QUERY})


def address(query: CannedQuery) -> str:
    """Return the address of a query, without a suffix."""
    return f"/queries/{query.name}"


def document(asked: Question) -> Document:
    """Return the addresses of the answer that is asked for."""
    return Document(address(asked.query), _DESCRIBED, urlencode(parameters(asked)), alternatives=formats(asked.query))


def parameters(asked: Question) -> dict[str, str]:
    """Return what the address of an answer has behind the question mark."""
    window = asked.row_range
    paged = {} if window.limit is None else {"limit": str(window.limit)}
    paged |= {"offset": str(window.offset)} if window.offset else {}
    scope = {"scope": asked.other_scope} if asked.other_scope else {}
    scope |= {"columns": chosen} if (chosen := asked.query.chosen_columns) else {}
    return {**asked.values, **scope, **paged, **({"evidence": "yes"} if asked.evidence else {})}


def example_document(query: CannedQuery, other_scope: str = "") -> Document:
    """Return the addresses of the answer of a query for its examples, where it needs values."""
    return document(Question(query, other_scope=other_scope).example())


def page_address(document: Document) -> str:
    """Return the address by which people know a document: without a suffix."""
    return document.address + (f"?{document.query}" if document.query else "")


def neighbours(asked: Question, *, more: bool) -> dict[str, Document]:
    """Return the other pages of an answer that is asked for in pages, by relation: first, prev, next (RFC 8288).

    There is a next one only if it has rows, `more` than those of this one.
    """
    return {relation: document(page) for relation, page in asked.pages().items() if more or relation != "next"}
