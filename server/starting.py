"""Answers while the graph is built: the port is open before, so that a taken one is reported at once.

A process that only starts, as one does in the place of another that was killed, takes a second: its clients wait.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any

from server.errors import StartingError, kind_of, problem
from server.front import Answer, server_of

_RETRY_SECONDS = 5


@contextmanager
def refusing_requests(listening: Sequence[socket.socket]) -> Iterator[None]:
    """Answer requests on listening sockets with 503 and Retry-After until the block ends (RFC 9110, section 15.6.4).

    Clients that come later wait in the queues of the sockets, which stay open.
    """
    server = server_of(_refuse, stop_seconds=1)
    # uvicorn closes the sockets that it is given
    copies = [one.dup() for one in listening]
    thread = threading.Thread(target=server.run, args=(copies,), daemon=True, name="starting")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


async def _refuse(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    error = StartingError()
    kind = kind_of(error)
    body = json.dumps(problem(kind.title, kind.status, error.message, hint=error.hint)).encode()
    headers = {
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        "Retry-After": str(_RETRY_SECONDS),
        "Cache-Control": "no-store",
        "Connection": "close",
        **Answer.OF_ALL,
    }
    fields = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": kind.status, "headers": fields})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
