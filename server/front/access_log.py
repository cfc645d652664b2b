"""The log on standard error, a line for each request and each message: words for a terminal, JSON for programs.

No text of a client can pass for a line or colour a terminal: paths are written as JSON strings in ASCII, and of the
other lines of a message, such as a traceback, each is set in.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import ClassVar, TextIO

from server.front.messages import Answer, Request


class AccessLog:
    """An observer of exchanges (Front) that writes a line for each."""

    FORMATS: ClassVar = ("auto", "text", "json", "none")

    def __init__(self, log_format: str, stream: TextIO = sys.stderr) -> None:
        """Take a format of FORMATS; `auto` is text on a terminal, else JSON; `none` leaves out requests."""
        self._is_text = log_format == "text" or (log_format != "json" and stream.isatty())
        self._line = None if log_format == "none" else _text if self._is_text else _json
        self._stream = stream

    def __call__(self, request: Request, answer: Answer, seconds: float, ready: bool) -> None:
        """Write the line of an exchange."""
        if self._line is not None:
            self._write(self._line(request, answer, seconds, ready))

    def write_message(self, message: str, request_id: str = "") -> None:
        """Write a message about the service itself, or about the request of an id."""
        named = {"request_id": request_id} if request_id else {}
        if self._is_text:
            printable = "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in message)
            self._write(" ".join([_now(), *named.values(), printable.replace("\n", "\n    ")]))
        else:
            self._write(json.dumps({"time": _now(), **named, "message": message}))

    @contextmanager
    def capturing(self, *names: str) -> Iterator[None]:
        """Until the block ends, write what loggers of these names get: faults, each with its traceback."""
        handler, loggers = _LogHandler(self), [logging.getLogger(name) for name in names]
        for logger in loggers:
            logger.addHandler(handler)
        try:
            yield
        finally:
            for logger in loggers:
                logger.removeHandler(handler)

    def _write(self, line: str) -> None:
        with suppress(OSError):  # a full disk under the log must not stop reads
            self._stream.write(line + "\n")
            self._stream.flush()


class _LogHandler(logging.Handler):
    """Writes what loggers get; a record may have the attribute `request_id`."""

    def __init__(self, log: AccessLog) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message, and after it the traceback if it has one."""
        self._log.write_message(self.format(record), getattr(record, "request_id", ""))


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
