"""The protocol over HTTP (Streamable HTTP): each message is answered for itself, in JSON, and no session is kept.

So any process of the service may answer it. A stream from the server (GET) is not offered, as the protocol allows. The
SDK speaks ASGI: a request is handed over to it in an event loop of its own, in the thread that answers it.
"""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from importlib import import_module
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request

from kg.errors import CityKgError
from server.front import Answer
from server.front import Request as Asked

blueprint = Blueprint("model_context", __name__)

_EXTENSION = "citykg-model-context"


class ToolsMissingError(CityKgError):
    """The packages for language models are not installed."""

    title = "The tools for language models are not installed"

    def __init__(self) -> None:
        super().__init__("This service has no tools for language models.", "Install them: pip install '.[mcp]'.")


@blueprint.post("/mcp")
def answer() -> Response:
    """Answer a message of a client of the Model Context Protocol.

    Raises ToolsMissingError, OtherLaneError, ClientGoneError.
    """
    server = mcp_server(current_app._get_current_object())  # type: ignore[attr-defined]
    import anyio  # noqa: PLC0415 – an optional package

    status, headers, body = anyio.run(_hand_over, server, _scope(), request.get_data(), request.environ)
    return Response(body, status, headers)


def mcp_server(app: Flask) -> Any:
    """Return the server of the SDK for a service, made once. Raises ToolsMissingError."""
    if _EXTENSION not in app.extensions:
        try:
            tools = import_module("server.model_context.tools")  # it needs optional packages
        except ImportError:
            raise ToolsMissingError from None
        logging.getLogger().addHandler(logging.NullHandler())  # or the SDK sets up logging for the whole process
        app.extensions[_EXTENSION] = tools.create_server(app)
    return app.extensions[_EXTENSION]


def _scope() -> dict[str, Any]:
    """Return the current request as ASGI has it."""
    fields = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": request.scheme,
        "path": "/mcp",
        "raw_path": b"/mcp",
        "query_string": b"",
        "root_path": "",
        "headers": fields,
        "client": (request.remote_addr or "", 0),
        "server": None,
    }


async def _hand_over(
    server: Any, scope: dict[str, Any], body: bytes, environ: dict[str, Any]
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, header fields and body of what the SDK answers; an error of a tool is left in the environment.

    Raises OtherLaneError, ClientGoneError.
    """
    from mcp.server.transport_security import TransportSecuritySettings  # noqa: PLC0415

    from server.model_context.tools import ToolRequest, current_request  # noqa: PLC0415

    open_to_all = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # all of it is open to read
    app = server.streamable_http_app(stateless_http=True, json_response=True, transport_security=open_to_all)
    started: dict[str, Any] = {}
    parts: list[bytes] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            parts.append(message.get("body", b""))

    asked = ToolRequest(scope["client"][0], environ.get(Asked.LANE), environ.get(Asked.IS_GONE, lambda: False))
    current_request.set(asked)
    async with app.router.lifespan_context(app):
        await app(scope, receive, send)
    if asked.interrupt is not None:
        raise asked.interrupt
    environ[Answer.CAUSE] = asked.cause
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in started["headers"]]
    return started["status"], headers, b"".join(parts)
