"""Whose turn it is, without any server: places by lane, order among clients, bounds, and clients that give up."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any

import pytest

from kg.lanes import Lane
from kg.workers import BusyError
from server.turns import queue
from server.turns.queue import ClientUsage, ReplacedError, TooManyWaitingError, TurnQueue
from tests.support.loops import in_own_loop


def looped(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in an event loop."""

    @wraps(test)
    def run(**fixtures: Any) -> None:
        in_own_loop(partial(test, **fixtures))

    return run


FAST, SLOW = Lane.FAST, Lane.SLOW


class Clients:
    """How clients stand, as a test says: new ones have used nothing."""

    def __init__(self) -> None:
        self.used: dict[str, float] = defaultdict(float)
        self.slow: set[str] = set()
        self.looked_up = 0

    def __call__(self, client: str) -> ClientUsage:
        self.looked_up += 1
        return ClientUsage(self.used[client], client in self.slow)


def turns_of(clients: Clients, fast: int = 1, slow: int = 1, most: int = 100) -> TurnQueue:
    return TurnQueue({FAST: fast, SLOW: slow}, most, clients)


async def waiting(turns: TurnQueue, *clients: str, lane: Lane = FAST) -> tuple[list[asyncio.Task[None]], list[str]]:
    """Let clients wait in this order; they note their names when it is their turn."""
    served: list[str] = []

    async def wait(client: str) -> None:
        found = await turns.take(client, lane)
        served.append(client if found is lane else f"{client} {found}")

    tasks = [asyncio.ensure_future(wait(client)) for client in clients]
    await asyncio.sleep(0)
    return tasks, served


async def given_back(turns: TurnQueue, times: int, lane: Lane = FAST) -> None:
    for _ in range(times):
        turns.release(lane)
        for _ in range(5):
            await asyncio.sleep(0)


@looped
async def test_who_has_used_least_is_next_and_of_these_who_came_first() -> None:
    clients = Clients()
    clients.used.update(much=9.0, some=0.9, little=0.3)
    turns = turns_of(clients)
    await turns.take("first", FAST)
    _, served = await waiting(turns, "much", "some", "some", "little", "new", "other")
    await given_back(turns, 6)
    assert served == ["new", "other", "little", "some", "some", "much"]
    await given_back(turns, 1)
    await turns.take("last", FAST)


@looped
async def test_who_came_a_second_earlier_goes_before_who_used_less_than_a_second_less() -> None:
    clients = Clients()
    clients.used.update(a=0.004, much=3.0, b=0.001)
    turns = turns_of(clients)
    await turns.take("first", FAST)
    _, served = await waiting(turns, "a", "much")
    await asyncio.sleep(0.01)
    _, later = await waiting(turns, "b")
    await given_back(turns, 1)
    assert (served, later) == (["a"], [])
    await given_back(turns, 1)
    assert (served, later) == (["a"], ["b"])


@looped
async def test_what_a_client_uses_while_others_of_its_requests_wait_counts() -> None:
    clients = Clients()
    clients.used["b"] = 1.0
    turns = turns_of(clients)
    await turns.take("first", FAST)
    _, served = await waiting(turns, "a", "a", "a", "b")
    await given_back(turns, 1)
    clients.used["a"] = 10.0
    await given_back(turns, 3)
    assert served == ["a", "b", "a", "a"]


@looped
async def test_a_crowd_of_one_client_is_looked_up_once_and_not_each_of_it() -> None:
    clients = Clients()
    clients.used["b"] = 1.0
    turns = turns_of(clients)
    await turns.take("first", FAST)
    tasks, served = await waiting(turns, *"a" * 100, "b")
    clients.used["a"] = 1000.0
    clients.looked_up = 0
    await given_back(turns, 1)
    assert served == ["b"]
    assert clients.looked_up == 2
    for task in tasks:
        task.cancel()


@looped
async def test_each_lane_has_its_own_places() -> None:
    turns = turns_of(Clients(), fast=2)
    await turns.take("slow", SLOW)
    _, waiting_slow = await waiting(turns, "slow", "slower", lane=SLOW)
    for client in ("a", "b"):
        assert turns.try_take(turns.lane(client))
    _, waiting_fast = await waiting(turns, "c")
    await given_back(turns, 1)
    assert (waiting_fast, waiting_slow) == (["c"], [])
    await given_back(turns, 1, SLOW)
    assert (waiting_fast, waiting_slow) == (["c"], ["slow"])


@looped
async def test_a_client_whose_query_left_the_fast_lane_waits_in_the_slow_one_from_then_on() -> None:
    clients = Clients()
    turns = turns_of(clients)
    assert turns.lane("a") is FAST
    await turns.take("a", FAST)
    _, served = await waiting(turns, "a", "b")
    clients.slow.add("a")
    assert turns.lane("a") is SLOW
    await given_back(turns, 1)
    assert sorted(served) == ["a slow", "b"]


@looped
async def test_who_gives_up_is_passed_over_and_keeps_no_place() -> None:
    turns = turns_of(Clients())
    await turns.take("a", FAST)
    tasks, served = await waiting(turns, "b", "c")
    tasks[0].cancel()
    await given_back(turns, 1)
    assert served == ["c"]
    turns.release(FAST)
    await turns.take("d", FAST)


@looped
async def test_a_place_that_comes_as_its_client_leaves_goes_to_the_next() -> None:
    turns = turns_of(Clients())
    await turns.take("a", FAST)
    tasks, served = await waiting(turns, "b", "c")
    turns.release(FAST)
    tasks[0].cancel()
    await given_back(turns, 0)
    for _ in range(5):
        await asyncio.sleep(0)
    assert served == ["c"]


@looped
async def test_no_more_wait_than_there_is_room_for() -> None:
    turns = turns_of(Clients(), fast=0, most=8)
    tasks, _ = await waiting(turns, *"aabbccdd")
    for size in (0, queue.BYTES + 1):
        with pytest.raises(BusyError):
            await turns.take("e", FAST, size)
        tasks.pop().cancel()
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()


@looped
async def test_of_one_client_four_wait_and_more_are_refused_unless_they_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue, "EXCESS_SECONDS", 0)
    turns = turns_of(Clients(), fast=0, slow=0)
    tasks, served = await waiting(turns, *"aaaa")
    with pytest.raises(TooManyWaitingError, match="4 queries of yours wait already") as refused:
        await turns.take("a", SLOW)
    assert refused.value.retry_after == 1
    again = asyncio.ensure_future(turns.take("a", SLOW, again=True))
    tasks += (await waiting(turns, "b"))[0]
    for _ in range(5):
        await asyncio.sleep(0)
    assert not any(task.done() for task in [*tasks, again])
    await given_back(turns, 1, SLOW)
    assert await again is SLOW
    for task in tasks:
        task.cancel()
    assert served == []


@looped
async def test_more_requests_of_a_client_leave_room_for_those_of_others() -> None:
    turns = turns_of(Clients(), fast=0, most=5)
    tasks, _ = await waiting(turns, *"aaaaaaaaa")
    tasks += (await waiting(turns, "b"))[0]
    with pytest.raises(BusyError, match="as many queries as it can take"):
        await turns.take("c", FAST)
    for task in tasks:
        task.cancel()


@looped
async def test_nobody_waits_for_longer_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SECONDS", 0.01)
    turns = turns_of(Clients(), most=8)
    await turns.take("a", FAST)
    with pytest.raises(BusyError):
        await turns.take("b", FAST)
    turns.release(FAST)
    await turns.take("c", FAST)


@looped
async def test_a_wait_that_takes_long_is_watched_and_may_be_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "UNWATCHED_SECONDS", 0)
    turns = turns_of(Clients(), most=8)
    await turns.take("a", FAST)
    _, served = await waiting(turns, "b")
    with pytest.raises(asyncio.CancelledError):
        await turns.take("c", FAST, 0, lambda turn: turn.cancel())
    await given_back(turns, 1)
    assert served == ["b"]
    turns.release(FAST)
    await turns.take("d", FAST, 0, lambda turn: pytest.fail("it did not wait"))


@looped
async def test_pages_that_are_asked_for_with_bodies_take_no_more_than_the_bytes_of_all() -> None:
    turns = TurnQueue({FAST: 0, Lane.OWN: 0}, 9, Clients())
    part = queue.BYTES // 4
    asked = [asyncio.ensure_future(turns.take("one", Lane.OWN, part)) for _ in range(5)]
    asked += [asyncio.ensure_future(turns.take("other", lane)) for lane in (FAST, Lane.OWN)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    refused = [isinstance(task.exception(), BusyError) if task.done() else False for task in asked]
    assert refused == [*[False] * 4, True, False, False]
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)


@looped
async def test_of_what_an_editor_asks_the_newest_waits_and_that_not_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = TurnQueue({Lane.ASSIST: 1}, 100, Clients())
    await turns.take("somebody", Lane.ASSIST)
    (older, other, newer), served = await waiting(turns, "one", "other", "one", lane=Lane.ASSIST)
    with pytest.raises(ReplacedError):
        await older
    turns.release(Lane.ASSIST)
    turns.release(Lane.ASSIST)
    await asyncio.gather(other, newer)
    assert served == ["other", "one"]
    monkeypatch.setattr(queue, "ASSIST_SECONDS", 0.0)
    (late,), _ = await waiting(turns, "late", lane=Lane.ASSIST)
    with pytest.raises(BusyError):
        await late
