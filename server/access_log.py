"""One line for each request on standard error: words for a terminal, JSON for programs that read logs.

No text of a client can break a line or colour a terminal: what a client chose is written as JSON strings in ASCII.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import TextIO

from server.exchanges import Answer, Request

FORMATS = ("auto", "text", "json", "none")

Writer = Callable[[Request, Answer, float, bool], None]


def writer(log_format: str, stream: TextIO = sys.stderr) -> Writer | None:
    """Return what writes a line of a format of FORMATS; `auto` is text on a terminal, else JSON. None: no lines."""
    if log_format == "auto":
        log_format = "text" if stream.isatty() else "json"
    if log_format == "none":
        return None
    line = _text if log_format == "text" else _json

    def write(request: Request, answer: Answer, seconds: float, ready: bool) -> None:
        stream.write(line(request, answer, seconds, ready) + "\n")
        stream.flush()

    return write


def _json(request: Request, answer: Answer, seconds: float, ready: bool) -> str:
    members = {
        "time": _now(),
        "request_id": request.id,
        "client": request.client,
        "method": request.method,
        "path": request.path,
        "route": answer.route,
        "status": answer.status,
        "milliseconds": round(seconds * 1000, 2),
        "ready": ready,
    }
    return json.dumps(members)


def _text(request: Request, answer: Answer, seconds: float, ready: bool) -> str:
    path = json.dumps(request.path)[1:-1]
    kept = " ready" if ready else ""
    return f"{_now()} {answer.status} {request.method} {path} {seconds * 1000:.1f} ms{kept}"


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
