"""Whose turn it is: requests that want a worker wait here, without a thread, until one of a few places is free.

The clients take turns (one of each in a round), so that one with many requests delays nobody but itself; none may have
more than a part of all that wait.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Callable

from kg.workers import BusyError

SECONDS = 10.0
"""Seconds that a request waits at most."""
UNWATCHED_SECONDS = 0.1
"""Seconds of waiting up to which it is not looked whether the client is still there: that costs more than it saves."""
BYTES = 64 << 20
"""Bytes of bodies of all requests that wait."""
SHARE = 4
"""A client may have one part in so many of the requests that can wait, or ALWAYS if that is more."""
ALWAYS = 64


Turn = asyncio.Future[None]
Watch = Callable[[Turn], object]


class Turns:
    """Places for `at_once` requests, and room for `most` that wait. For use in one event loop."""

    def __init__(self, at_once: int, most: int) -> None:
        self._free = at_once
        self._most = most
        self._clients: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._waiting = 0
        self._bytes = 0

    def take_free(self) -> bool:
        """Take a place if one is free, to be given back by `give_back`; nobody waits then. Say whether it was."""
        is_free = self._free > 0
        self._free -= is_free
        return is_free

    async def take(self, client: str, size: int, watch: Watch | None = None) -> None:
        """Wait for a place; to be given back by `give_back`. `size` is the bytes of the body. Raises BusyError.

        `watch` is called if that takes long, with what it may cancel to give up the wait; that raises CancelledError.
        """
        if self.take_free():
            return
        line = self._clients.get(client, ())
        if self._waiting >= self._most or len(line) >= max(self._most // SHARE, ALWAYS) or self._bytes + size > BYTES:
            raise BusyError(math.ceil(SECONDS))
        loop = asyncio.get_running_loop()
        turn: Turn = loop.create_future()
        self._clients.setdefault(client, deque()).append(turn)
        self._waiting += 1
        self._bytes += size
        timers = [loop.call_later(SECONDS, _refuse, turn)]
        if watch is not None:
            timers.append(loop.call_later(UNWATCHED_SECONDS, watch, turn))
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.give_back()  # the place came at the last moment
            else:
                self._leave(client, turn)
            raise
        finally:
            for timer in timers:
                timer.cancel()
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

    def _leave(self, client: str, turn: Turn) -> None:
        line = self._clients.get(client)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._clients[client]


def _refuse(turn: Turn) -> None:
    if not turn.done():
        turn.set_exception(BusyError(math.ceil(SECONDS)))
