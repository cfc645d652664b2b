"""Headers of every answer: who may read and keep it, what a browser may do with it, and when it was so.

Fetch standard (CORS): pages of other origins may read this service, since all of it is open to read. Content Security
Policy Level 3 (W3C): browsers take styles and scripts from our own files alone. RFC 7089
(Memento): an answer of the past says when the graph was as it shows it, and where its present is.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from flask import Flask, Response, g, request
from werkzeug.http import http_date

from server.context import service
from server.web.negotiation import vary

_CONSTANT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Location, ETag, Link, Location, Retry-After, X-Request-ID, X-Revision",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",  # the data are there for pages of others, too
}


def attach(app: Flask) -> None:
    """Add the headers to every answer of an app."""
    app.after_request(_tell_preflight)
    app.after_request(_name_no_type_of_nothing)
    app.after_request(_say_when)
    app.after_request(_say_what_it_depends_on)
    app.after_request(_add_constant)


def _tell_preflight(response: Response) -> Response:
    """Say to a page of another origin which methods and headers it may use."""
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = (
            "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-Modified-Since, If-None-Match"
        )
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def _name_no_type_of_nothing(response: Response) -> Response:
    """Take the type off an answer that has no content by its kind (RFC 9110, section 8.3); Flask gives it to all."""
    has_none = request.method == "OPTIONS" or response.status_code in (201, 204)
    if has_none and not response.is_streamed and not response.get_data():
        del response.headers["Content-Type"]
    return response


def _say_when(response: Response) -> Response:
    """Date what is answered for `?at=`; lead to the same revision where the answer leads on."""
    revision = service.revision_asked()
    if revision and response.status_code in (301, 303):
        response.headers["Location"] = _at(response.headers["Location"], revision)
    if not revision or response.status_code not in (200, 304):
        return response
    build = service.current()
    at = datetime.fromisoformat(build.changed)
    response.headers["Memento-Datetime"] = http_date(at)
    response.headers.add("Link", f'<{_present()}>; rel="original"')
    location = response.headers.get("Content-Location")
    if location is not None:
        response.headers["Content-Location"] = _at(location, revision)
    return response


def _at(address: str, revision: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'at': revision})}"


def _present() -> str:
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "at"]
    return request.path + (f"?{urlencode(others)}" if others else "")


def _say_what_it_depends_on(response: Response) -> Response:
    """Say of an answer that depends on who asks that nobody may keep it, and of one that names our host that it does.

    The host is part of what caches go by (RFC 9111, section 4.1), but some that stand before a service leave it out.
    """
    if "depends_on_who_asks" in g:
        response.headers["Cache-Control"] = "no-store"
    if "names_host" in g:
        vary(response, "Host")
    return response


def _add_constant(response: Response) -> Response:
    """Add what is the same in all answers, unless one has something else in its place."""
    stated = {name.lower() for name, _ in response.headers}
    for name, value in _CONSTANT.items():
        if name.lower() not in stated:
            response.headers.add(name, value)
    return response
