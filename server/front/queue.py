"""Whose turn it is: requests that want a worker wait here, without a thread, until one of a few places is free.

The clients take turns (one of each in a round), so that one with many requests delays nobody but itself; none may have
more than a part of all that wait.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict, deque

from kg.workers import BusyError

SECONDS = 10.0
"""Seconds that a request waits at most."""
BYTES = 64 << 20
"""Bytes of bodies of all requests that wait."""
SHARE = 4
"""A client may have one part in so many of the requests that can wait, or ALWAYS if that is more."""
ALWAYS = 64


class Turns:
    """Places for `at_once` requests, and room for `most` that wait. For use in one event loop."""

    def __init__(self, at_once: int, most: int) -> None:
        self._free = at_once
        self._most = most
        self._clients: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._waiting = 0
        self._bytes = 0

    def take_free(self) -> bool:
        """Take a place if one is free, to be given back by `give_back`; nobody waits then. Say whether it was."""
        is_free = self._free > 0
        self._free -= is_free
        return is_free

    async def take(self, client: str, size: int) -> None:
        """Wait for a place; to be given back by `give_back`. `size` is the bytes of the body. Raises BusyError."""
        if self.take_free():
            return
        line = self._clients.get(client, ())
        if self._waiting >= self._most or len(line) >= max(self._most // SHARE, ALWAYS) or self._bytes + size > BYTES:
            raise BusyError(math.ceil(SECONDS))
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._clients.setdefault(client, deque()).append(turn)
        self._waiting += 1
        self._bytes += size
        try:
            async with asyncio.timeout(SECONDS):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.give_back()  # the place came at the last moment
            else:
                self._leave(client, turn)
            if isinstance(error, TimeoutError):
                raise BusyError(math.ceil(SECONDS)) from None
            raise
        finally:
            self._waiting -= 1
            self._bytes -= size

    def give_back(self) -> None:
        """Give a place to the first request of the client whose turn it is, if any waits."""
        while self._clients:
            client, line = self._clients.popitem(last=False)
            turn = line.popleft()
            if line:
                self._clients[client] = line
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _leave(self, client: str, turn: asyncio.Future[None]) -> None:
        line = self._clients.get(client)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._clients[client]
