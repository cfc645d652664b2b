"""The queue of requests, which wait without a thread until a place in their lane is free.

Each lane (kg.lanes) has some places. A request waits as if it had come as many seconds later as its client has used of
the workers' time in its minute, so that no client delays others by many requests, or long ones; and only a few queries
of one client may wait.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kg.lanes import Lane
from kg.workers import BusyError

SECONDS = 10.0
"""Seconds that a request waits at most."""
UNWATCHED_SECONDS = 0.1
"""Seconds before the connection of a client that waits is watched, which costs more than a short wait saves."""
BYTES = 64 << 20
"""Bytes of bodies of all requests that wait."""
MOST_WAITING = 4
"""Requests of one client that wait so long, but for pages and documents."""
ASSIST_SECONDS = 0.2
"""Seconds that a request for help to an editor waits at most: by then the next letter is typed."""
EXCESS_SECONDS = 1.0
"""Seconds that further ones wait to be among them: if they were refused at once, they would come again at once."""


class ClientUsage(NamedTuple):
    """The workers' time that a client has used, in seconds, and whether its queries begin in the slow lane."""

    seconds: float = 0.0
    is_slow: bool = False


class TooManyWaitingError(BusyError):
    """A client has as many queries waiting as it may have."""

    title = "Too many of your queries wait"

    def __init__(self) -> None:
        super().__init__(1, f"{MOST_WAITING} queries of yours wait already, and no more of one client may.")


class ReplacedError(Exception):
    """A newer request for the same editor has taken the place of one that waited, whose answer is no longer needed."""


TurnFuture = asyncio.Future[Lane]
WaitObserver = Callable[[TurnFuture], object]


@dataclass(eq=False)
class _WaitingRequest:
    """A request that has waited since `arrived`, by the clock of the loop.

    `used` is what its client had used when that was last looked up.
    """

    client: str
    arrived: float
    used: float
    turn: TurnFuture

    @property
    def due(self) -> float:
        """The time by which requests are ordered: that of its arrival, plus the seconds that its client had used.

        Were clients compared by their use alone, one of many equal ones that has used a few milliseconds more would
        wait until each of the others has caught up.
        """
        return self.arrived + self.used


class TurnQueue:
    """Places in each lane, and room for `most` requests that wait. For use in one event loop."""

    def __init__(self, places: Mapping[Lane, int], most: int, usage: Callable[[str], ClientUsage]) -> None:
        """Take how many places there are, and what says how a client stands."""
        self._free = dict(places)
        self._lines: dict[Lane, list[_WaitingRequest]] = {lane: [] for lane in places}
        self._most = most
        self._usage = usage
        self._bytes = 0

    def waiting_count(self) -> int:
        """Return how many requests wait; any thread may ask."""
        return sum(map(len, self._lines.values()))

    def lane(self, client: str) -> Lane:
        """Return the lane in which a query of a client begins."""
        return Lane.SLOW if self._usage(client).is_slow else Lane.FAST

    def try_take(self, lane: Lane) -> bool:
        """Take a place if one is free, and return whether it was; give it back by `release`."""
        is_free = self._free[lane] > 0
        self._free[lane] -= is_free
        return is_free

    async def take(
        self, client: str, lane: Lane, size: int = 0, watch: WaitObserver | None = None, *, again: bool = False
    ) -> Lane:
        """Wait for a place; return its lane, to which it is to be given back. `size` is the bytes of the body.

        A request that had a place in another lane comes `again`, and is not refused for how many wait. `watch` is
        called if that takes long, with what it may cancel to give up the wait; that raises CancelledError. Raises
        BusyError, and ReplacedError in the lane of editors.
        """
        if self.try_take(lane):
            return lane
        if lane is Lane.ASSIST:
            self._replace_older(client)
        seconds, refusal = self._wait_limit(client, lane, size) if not again else (SECONDS, _busy_error())
        loop = asyncio.get_running_loop()
        waiting = _WaitingRequest(client, loop.time(), self._usage(client).seconds, loop.create_future())
        self._lines[lane].append(waiting)
        self._bytes += size
        timers = [loop.call_later(seconds, _refuse, waiting.turn, refusal)]
        if watch is not None:
            timers.append(loop.call_later(UNWATCHED_SECONDS, watch, waiting.turn))
        try:
            return await waiting.turn
        except BaseException:
            turn = waiting.turn
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.release(turn.result())  # the place came at the last moment
            else:
                self._leave(waiting)
            raise
        finally:
            for timer in timers:
                timer.cancel()
            self._bytes -= size

    def release(self, lane: Lane) -> None:
        """Give a place to the request whose turn it is, if any waits for that lane."""
        self._free[lane] += 1
        self._serve(lane)

    def _serve(self, lane: Lane) -> None:
        """Give the places that are free in a lane to those in its line."""
        line = self._lines[lane]
        while line and self._free[lane]:
            first = min(line, key=lambda one: one.due)
            used, is_slow = self._usage(first.client)
            if lane is Lane.FAST and is_slow:
                line.remove(first)
                self._lines[Lane.SLOW].append(first)
                self._serve(Lane.SLOW)
            elif used > first.used:
                for one in line:  # of a crowd of one client each would be looked up in turn
                    one.used = used if one.client == first.client else one.used
            else:
                line.remove(first)
                if not first.turn.done():
                    self._free[lane] -= 1
                    first.turn.set_result(lane)

    def _wait_limit(self, client: str, lane: Lane, size: int) -> tuple[float, BusyError]:
        """Return for how long a request waits, and with which error it is refused then. Raises BusyError.

        A class of readers may have one address: for pages without a body as many of a client wait as want to.
        """
        if lane is Lane.OWN and not size:
            return SECONDS, _busy_error()
        if lane is Lane.ASSIST and self._bytes + size <= BYTES:
            return ASSIST_SECONDS, BusyError(1)
        queued = (self._lines[other] for other in self._lines if other not in (Lane.OWN, Lane.ASSIST))
        waiting = Counter(one.client for line in queued for one in line)
        if waiting[client] >= MOST_WAITING:
            return EXCESS_SECONDS, TooManyWaitingError()
        if sum(min(count, MOST_WAITING) for count in waiting.values()) >= self._most or self._bytes + size > BYTES:
            raise _busy_error()
        return SECONDS, _busy_error()

    def _replace_older(self, client: str) -> None:
        """Refuse what waits for an editor of a client: its newest letter counts."""
        for one in self._lines[Lane.ASSIST]:
            if one.client == client:
                _refuse(one.turn, ReplacedError())

    def _leave(self, waiting: _WaitingRequest) -> None:
        for line in self._lines.values():
            if waiting in line:
                line.remove(waiting)


def _refuse(turn: TurnFuture, error: BusyError | ReplacedError) -> None:
    if not turn.done():
        turn.set_exception(error)


def _busy_error() -> BusyError:
    return BusyError(math.ceil(SECONDS))
