"""Answers of the past say so (RFC 7089, Memento): when the graph was as they show it, and where its present is."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Flask, Response, request
from werkzeug.http import http_date

from server import graph


def allow(app: Flask) -> None:
    """Add the headers to what an app answers for `?at=`."""
    app.after_request(_say_when)


def _say_when(response: Response) -> Response:
    revision = request.args.get("at")
    if revision is None or response.status_code not in (200, 304):
        return response
    build, _ = graph.current()
    at = datetime.strptime(build.changed, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    response.headers["Memento-Datetime"] = http_date(at)
    response.headers.add("Link", f'<{_present()}>; rel="original"')
    location = response.headers.get("Content-Location")
    if location is not None:
        joint = "&" if "?" in location else "?"
        response.headers["Content-Location"] = f"{location}{joint}{urlencode({'at': revision})}"
    return response


def _present() -> str:
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "at"]
    return request.path + (f"?{urlencode(others)}" if others else "")
