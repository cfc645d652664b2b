"""Calls of the WSGI application (PEP 3333): a request becomes an environment, what comes back an answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from itertools import starmap
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from werkzeug.wsgi import FileWrapper

from server.front.messages import ROUTE, Answer, Headers, Request

_BODY_FIELDS = (b"content-length", b"transfer-encoding")  # it has been read, and its length is known
_SERVER_FIELD = b"date"  # uvicorn says when it sends; an answer that is kept ready would say when it was made

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def call(application: Application, request: Request, body: IO[bytes] | None) -> Answer:
    """Return the application's answer; a file that it hands over stays a file, all else is read."""
    environ = _environ(request, body)
    status, fields = "", Headers()

    def start_response(said: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        nonlocal status, fields
        fields = [field for field in starmap(_field, headers) if field[0] != _SERVER_FIELD]
        status = said

    content = application(environ, start_response)
    sent = content.file if isinstance(content, FileWrapper) else _read(content)
    return Answer(int(status[:3]), fields, sent, environ.get(ROUTE, ""), environ.get(Answer.CAUSE, ""))


@lru_cache(1_000)
def _field(name: str, value: str) -> tuple[bytes, bytes]:
    """Return a header field as it is sent. Most are the same in all answers: those that are kept ready share them."""
    return name.lower().encode("latin-1"), value.encode("latin-1")


def _read(content: Iterable[bytes]) -> bytes:
    try:
        return b"".join(content)
    finally:
        getattr(content, "close", lambda: None)()


def _environ(request: Request, body: IO[bytes] | None) -> dict[str, Any]:
    scope = request.scope
    server, port = scope["server"] or ("localhost", 80)
    return {
        **_fields(request, body),
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": request.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body or BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        Request.ID: request.id,
        Request.LANE: request.lane,
        Request.IS_GONE: lambda: request.is_client_gone,
    }


def _fields(request: Request, body: IO[bytes] | None) -> dict[str, str]:
    """Return the header fields, without those that could pass for another one, and without the conditions on reading.

    Those on entity tags are examined by the front (RFC 9110, sections 13.1.1 and 13.1.2; If-Modified-Since beside
    If-None-Match does not count), so that the application makes whole answers, which can be kept.
    """
    fields = {}
    examined: tuple[bytes, ...] = ()
    if request.method in ("GET", "HEAD"):
        has_none_match = b"if-none-match" in request.fields
        examined = (b"if-match", b"if-none-match", *([b"if-modified-since"] if has_none_match else []))
    for name, value in request.fields.items():
        if b"_" not in name and name not in _BODY_FIELDS and name not in examined:
            key = name.decode("latin-1").upper().replace("-", "_")
            fields[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value.decode("latin-1")
    if body is not None:
        fields["CONTENT_LENGTH"] = str(body.seek(0, 2))
        body.seek(0)
    return fields
