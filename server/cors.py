"""Let pages of other origins read this service (Fetch standard, CORS): all of it is open to read."""

from __future__ import annotations

from flask import Flask, Response, request

_EXPOSED = "Content-Location, ETag, Link, Location, Retry-After, X-Request-ID, X-Revision"


def allow(app: Flask) -> None:
    """Add the headers to every answer; a preflight also learns methods and headers."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = (
            "Accept, Authorization, Content-Type, Idempotency-Key, If-Match"
        )
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
