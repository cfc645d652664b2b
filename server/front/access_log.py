"""One line for each request on standard error: words for a terminal, JSON for programs that read logs.

No text of a client can break a line or colour a terminal: what a client chose is written as JSON strings in ASCII.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from typing import ClassVar, TextIO

from server.front.messages import Answer, Request


class AccessLog:
    """An observer of exchanges (Front) that writes a line for each."""

    FORMATS: ClassVar = ("auto", "text", "json", "none")

    def __init__(self, log_format: str, stream: TextIO = sys.stderr) -> None:
        """Take a format of FORMATS; `auto` is text on a terminal, else JSON; `none` writes nothing."""
        readable = log_format == "text" or (log_format == "auto" and stream.isatty())
        self._line = None if log_format == "none" else _text if readable else _json
        self._stream = stream

    def __call__(self, request: Request, answer: Answer, seconds: float, ready: bool) -> None:
        """Write the line of an exchange."""
        if self._line is not None:
            with suppress(OSError):  # a log on a full disk keeps nobody from reading
                self._stream.write(self._line(request, answer, seconds, ready) + "\n")
                self._stream.flush()

    def tell(self, message: str) -> None:
        """Write a line about the service itself."""
        if self._line is not None:
            line = f"{_now()} {message}" if self._line is _text else json.dumps({"time": _now(), "message": message})
            self._stream.write(line + "\n")
            self._stream.flush()


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
