"""Whose turn it is, without any server: places, order among clients, bounds, and clients that give up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any

import pytest

from kg.workers import BusyError
from server.front import queue
from server.front.queue import Turns
from tests.support.loops import in_own_loop


def looped(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in an event loop."""

    @wraps(test)
    def run(**fixtures: Any) -> None:
        in_own_loop(partial(test, **fixtures))

    return run


async def waiting(turns: Turns, *clients: str) -> tuple[list[asyncio.Task[None]], list[str]]:
    """Let clients wait in this order; they note their names when it is their turn."""
    served: list[str] = []

    async def wait(client: str) -> None:
        await turns.take(client, 0)
        served.append(client)

    tasks = [asyncio.ensure_future(wait(client)) for client in clients]
    await asyncio.sleep(0)
    return tasks, served


async def given_back(turns: Turns, times: int) -> None:
    for _ in range(times):
        turns.give_back()
        for _ in range(5):
            await asyncio.sleep(0)


@looped
async def test_clients_take_turns_whoever_has_most_requests() -> None:
    turns = Turns(1, 100)
    await turns.take("a", 0)
    _, served = await waiting(turns, "a", "a", "a", "b", "c", "b")
    await given_back(turns, 6)
    assert served == ["a", "b", "c", "a", "b", "a"]
    await given_back(turns, 1)
    await turns.take("d", 0)


@looped
async def test_who_gives_up_is_passed_over_and_keeps_no_place() -> None:
    turns = Turns(1, 100)
    await turns.take("a", 0)
    tasks, served = await waiting(turns, "b", "c")
    tasks[0].cancel()
    await given_back(turns, 1)
    assert served == ["c"]
    turns.give_back()
    await turns.take("d", 0)


@looped
async def test_a_place_that_comes_as_its_client_leaves_goes_to_the_next() -> None:
    turns = Turns(1, 100)
    await turns.take("a", 0)
    tasks, served = await waiting(turns, "b", "c")
    turns.give_back()
    tasks[0].cancel()
    await given_back(turns, 0)
    for _ in range(5):
        await asyncio.sleep(0)
    assert served == ["c"]


@looped
async def test_no_more_wait_than_there_is_room_for_nor_than_a_client_s_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "ALWAYS", 1)
    turns = Turns(0, 8)
    tasks, _ = await waiting(turns, "a", "a", "b", "b", "c", "c", "d", "d")
    with pytest.raises(BusyError):
        await turns.take("e", 0)
    for task in tasks[:4]:
        task.cancel()
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await turns.take("c", 0)
    with pytest.raises(BusyError):
        await turns.take("e", queue.BYTES + 1)
    for task in tasks:
        task.cancel()


@looped
async def test_nobody_waits_for_longer_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SECONDS", 0.01)
    turns = Turns(1, 8)
    await turns.take("a", 0)
    with pytest.raises(BusyError):
        await turns.take("b", 0)
    turns.give_back()
    await turns.take("c", 0)


@looped
async def test_a_wait_that_takes_long_is_watched_and_may_be_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "UNWATCHED_SECONDS", 0)
    turns = Turns(1, 8)
    await turns.take("a", 0)
    _, served = await waiting(turns, "b")
    with pytest.raises(asyncio.CancelledError):
        await turns.take("c", 0, lambda turn: turn.cancel())
    await given_back(turns, 1)
    assert served == ["b"]
    turns.give_back()
    await turns.take("d", 0, lambda turn: pytest.fail("it did not wait"))
