"""Frames that a process and its parent exchange over pipes: a JSON object, followed by bytes.

Each frame begins with the two lengths, four bytes each, big-endian. Nothing is pickled.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from typing import Any

_LENGTHS = struct.Struct(">II")


def pack(message: dict[str, Any], body: bytes = b"") -> bytes:
    """Return a frame as bytes."""
    head = json.dumps(message).encode()
    return b"".join((_LENGTHS.pack(len(head), len(body)), head, body))


def unpack(read: Callable[[int], bytes]) -> tuple[dict[str, Any], bytes]:
    """Read a frame by `read`, which returns exactly as many bytes as asked or raises EOFError."""
    head, body = _LENGTHS.unpack(read(_LENGTHS.size))
    return json.loads(read(head)), read(body)


def send(message: dict[str, Any], body: bytes = b"") -> None:
    """Write a frame to standard output."""
    rest = memoryview(pack(message, body))
    while rest:
        rest = rest[os.write(1, rest) :]


def receive() -> tuple[dict[str, Any], bytes]:
    """Read a frame from standard input. Raises EOFError when that ends."""
    return unpack(_read)


def _read(size: int) -> bytes:
    """Return exactly `size` bytes of standard input. Raises EOFError when it ends before."""
    parts = []
    while size:
        part = os.read(0, size)
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
