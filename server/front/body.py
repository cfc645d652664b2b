"""The body of a request, read whole before anything works on it: within a size and a time, large ones in a file."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from kg.errors import CityKgError
from kg.lanes import ClientGoneError
from kg.shortage import translating_shortage

IN_MEMORY = 1 << 18
"""Bytes of a body up to which it stays in memory."""
LINGER_SECONDS = 2.0
"""Seconds for which a refused body is still taken, and thrown away."""
LINGER_BYTES = 1 << 26
"""Bytes of it that are taken, so that a client which sends all before it reads gets the answer."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class BodyTooLargeError(CityKgError):
    """A body has more bytes than the limit."""

    title = "The body is too large"

    def __init__(self, limit: int, setting: str) -> None:
        hint = f"Send less at a time; the operator sets the limit by --{setting}."
        super().__init__(f"This service takes up to {limit:,} bytes.", hint)


class BodyTooSlowError(CityKgError):
    """A body did not arrive in time."""

    title = "The body came too slowly"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"It had not arrived after {seconds:g} seconds.", "Send it again.")


@dataclass(frozen=True)
class BodyLimit:
    """The most bytes of a body, the setting that says so, and the time in which it has to arrive."""

    bytes: int
    setting: str
    seconds: float


async def read(receive: Receive, announced: int | None, most: BodyLimit) -> IO[bytes]:
    """Return the body as a file at its start; `announced` is its Content-Length, if the client gave one.

    Raises BodyTooLargeError (before reading, if it is announced), BodyTooSlowError, NoSpaceError, ClientGoneError.
    """
    if announced is not None and announced > most.bytes:
        raise BodyTooLargeError(most.bytes, most.setting)
    body = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 – the caller closes it
    try:
        with translating_shortage(Path(tempfile.gettempdir())):
            async with asyncio.timeout(most.seconds):
                await _copy(receive, body, most)
    except TimeoutError:
        body.close()
        raise BodyTooSlowError(most.seconds) from None
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body


async def discard(receive: Receive) -> None:
    """Read and drop the rest of a body for a while, so that its sender gets to read the answer.

    Closing while parts of it are on their way resets the connection, answer and all (RFC 9112, section 9.6).
    """
    left = LINGER_BYTES
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while left > 0 and (message := await receive()).get("more_body", False):  # not where the client has gone
                left -= len(message.get("body", b""))


async def _copy(receive: Receive, body: IO[bytes], most: BodyLimit) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part, more = message.get("body", b""), message.get("more_body", False)
        size += len(part)
        if size > most.bytes:
            raise BodyTooLargeError(most.bytes, most.setting)
        body.write(part)
