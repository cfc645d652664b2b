"""Bodies that are made while they are sent: part by part, and never a whole answer that lacks its end."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterable, MutableMapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wsgi import FileWrapper

from kg.lanes import Lane
from kg.store import DataFolder
from server.front import Bounds, Front
from tests.support.loops import in_own_loop

BOUNDS = Bounds(2, dict.fromkeys(Lane, 2), 9, body_bytes=1000, upload_bytes=1000, body_seconds=1, ready_bytes=1 << 20)
HEAD = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "server": None, "client": ("::1", 1)}


class Made(io.BufferedIOBase):
    """Parts that are made when they are read; an error is raised in its place."""

    def __init__(self, parts: Iterable[bytes | Exception], sent: list[bytes]) -> None:
        self._parts = iter(parts)
        self._sent = sent
        self.read_after: list[int] = []

    def read(self, size: int | None = -1, /) -> bytes:
        self.read_after.append(len(self._sent))
        part = next(self._parts, b"")
        if isinstance(part, Exception):
            raise part
        return part


def served(body: Made, sent: list[bytes], folder: Path) -> None:
    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/csv")])
        return FileWrapper(body)

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body":
            sent.append(message["body"] if message.get("more_body") else b"END")

    front = Front(application, DataFolder(folder), BOUNDS, ())
    scope = {**HEAD, "path": "/doc/x.csv", "raw_path": b"/doc/x.csv", "query_string": b"", "headers": [(b"host", b"x")]}
    try:
        in_own_loop(partial(front, scope, receive, send))
    finally:
        front.close()


def test_each_part_is_made_once_the_one_before_is_sent(tmp_path: Path) -> None:
    sent: list[bytes] = []
    body = Made([b"one", b"two", b"three"], sent)
    served(body, sent, tmp_path)
    assert sent == [b"one", b"two", b"three", b"END"]
    assert body.read_after == [0, 1, 2, 3]
    assert body.closed


def test_what_fails_midway_has_no_end(tmp_path: Path) -> None:
    sent: list[bytes] = []
    body = Made([b"one", ValueError("a worker was lost")], sent)
    with pytest.raises(ValueError, match="a worker was lost"):
        served(body, sent, tmp_path)
    assert sent == [b"one"]
    assert body.closed
