"""The addresses of the answers of a canned query: in each format, and of the rows before and behind those asked for."""

from __future__ import annotations

from urllib.parse import urlencode

from pyoxigraph import QuerySolutions, Store

from kg import query_texts, querying
from kg.paging import Window
from server import query_catalogue
from server.query_requests import CannedRequest
from server.representations import HTML, Document, Link

LISTINGS = {"json": "application/json", "html": HTML, "ttl": "text/turtle"}
"""Media types of the catalogue, by suffix."""

_SERVICE = Link("service-desc", "/openapi.json", "application/json")
CATALOGUE = Document("/queries", (_SERVICE,))
_DESCRIBED = (*(Link("describedby", CATALOGUE.at(s), media_type) for s, media_type in LISTINGS.items()), _SERVICE)


def document(asked: CannedRequest) -> Document:
    """Return the addresses of the answer that is asked for."""
    return _document(asked, asked.window)


def turned(store: Store, asked: CannedRequest) -> dict[str, Document]:
    """Return the other pages of an answer that is asked for in pages, by relation: first, prev, next (RFC 8288).

    There is a next one only if it has rows.
    """
    limit, offset = asked.window.limit, asked.window.offset
    if not limit:
        return {}
    windows = {"first": Window(limit)}
    if offset > 0:
        windows["prev"] = Window(limit, max(0, offset - limit))
    if _has_rows(store, asked, offset + limit):
        windows["next"] = Window(limit, offset + limit)
    return {relation: _document(asked, window) for relation, window in windows.items()}


def _document(asked: CannedRequest, window: Window) -> Document:
    paged = {} if window.limit is None else {"limit": window.limit}
    paged |= {"offset": window.offset} if window.offset else {}
    return Document(query_catalogue.address(asked.query), _DESCRIBED, urlencode({**asked.values, **paged}))


def _has_rows(store: Store, asked: CannedRequest, offset: int) -> bool:
    first = querying.run(store, query_texts.write(asked.query, asked.values, Window(1, offset)))
    return isinstance(first, QuerySolutions) and next(first, None) is not None
