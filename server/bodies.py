"""The body of a request, read whole before anything works on it: within a size and a time, large ones in a file."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from typing import IO, Any

IN_MEMORY = 1 << 18
"""Bytes of a body up to which it stays in memory."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class BodyTooLargeError(Exception):
    """A body has more bytes than the limit."""


class BodyTooSlowError(Exception):
    """A body did not arrive in time."""


class ClientGoneError(Exception):
    """The client closed the connection before its body was complete."""


async def read(receive: Receive, announced: int | None, limit: int, seconds: float) -> IO[bytes]:
    """Return the body as a file at its start; `announced` is its Content-Length, if the client gave one.

    Raises BodyTooLargeError (before reading, if it is announced), BodyTooSlowError, ClientGoneError.
    """
    if announced is not None and announced > limit:
        raise BodyTooLargeError
    body = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 – whoever asked for it closes it
    try:
        async with asyncio.timeout(seconds):
            await _copy(receive, body, limit)
    except TimeoutError:
        body.close()
        raise BodyTooSlowError from None
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body


async def _copy(receive: Receive, body: IO[bytes], limit: int) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part, more = message.get("body", b""), message.get("more_body", False)
        size += len(part)
        if size > limit:
            raise BodyTooLargeError
        body.write(part)
