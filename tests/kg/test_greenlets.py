"""Waiting in the thread of an event loop and in others: the same code, and in a loop others work meanwhile."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from itertools import chain

import pytest

from kg import greenlets
from kg.greenlets import NotInLoopError, Readable, WakeUp, leave_loop, run_in_loop, run_outside_loop, wait_until_ready
from tests.support.loops import in_own_loop

LONG = 60.0


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    try:
        yield read, write
    finally:
        os.close(read)
        os.close(write)


def both(function: Callable[[], object]) -> list[object]:
    """What a function returns in a thread of its own, and in a loop."""
    return [function(), in_own_loop(lambda: run_in_loop(function))]


def test_what_is_ready_and_what_is_not() -> None:
    with pipe() as (read, write):
        assert both(lambda: wait_until_ready(write, LONG, to_write=True)) == [True, True]
        assert both(lambda: wait_until_ready(read, 0.001)) == [False, False]
        assert both(lambda: wait_until_ready(read, -1)) == [False, False]
        os.write(write, b"x")
        assert both(lambda: wait_until_ready(read, LONG)) == [True, True]


def test_the_end_of_a_pipe_is_ready_to_be_read() -> None:
    read, write = os.pipe()
    os.close(write)
    assert both(lambda: wait_until_ready(read, LONG)) == [True, True]
    os.close(read)


def test_a_pipe_that_is_read_in_a_loop_in_a_thread_and_in_another_loop() -> None:
    with pipe() as (read, write):
        os.set_blocking(read, False)
        readable = Readable(read)

        def exchange() -> bytes:
            os.write(write, b"x")
            while readable.wait(LONG):
                with suppress(BlockingIOError):
                    return os.read(read, 9)
            return b""

        async def main() -> list[bytes]:
            loop = asyncio.get_running_loop()
            in_this_thread = [await run_in_loop(exchange), await run_in_loop(exchange)]
            in_another = await loop.run_in_executor(None, exchange)
            return [*in_this_thread, in_another, await run_in_loop(exchange)]

        assert [*in_own_loop(main), *in_own_loop(main), exchange()] == [b"x"] * 9
        assert not readable.wait(0)


def test_a_loop_is_not_told_again_and_again_of_what_nobody_reads() -> None:
    told: list[None] = []

    async def main(read: int, write: int) -> None:
        readable = Readable(read)
        come = readable._on_readable
        readable._on_readable = lambda: (told.append(None), come())  # type: ignore[assignment]
        assert not await run_in_loop(lambda: readable.wait(0.001))
        os.write(write, b"x")
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert len(told) == 1
        assert await run_in_loop(lambda: readable.wait(LONG))

    with pipe() as (read, write):
        in_own_loop(lambda: main(read, write))


@pytest.mark.parametrize("by_another_thread", [True, False])
def test_a_pipe_is_closed_once_no_loop_keeps_an_eye_on_it(by_another_thread: bool) -> None:
    """Else the loop would be told of the next file that gets its number, or refuse it."""

    async def main() -> bool:
        read, write = os.pipe()
        readable = Readable(read)
        assert not await run_in_loop(lambda: readable.wait(0.001))
        if by_another_thread:
            await asyncio.get_running_loop().run_in_executor(None, readable.close, lambda: os.close(read))
        else:
            readable.close(lambda: os.close(read))
        os.close(write)
        await asyncio.sleep(0.01)
        assert not asyncio.get_running_loop().remove_reader(read)
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(read)
        return True

    assert in_own_loop(main)


def test_a_pipe_is_closed_after_its_loop() -> None:
    with pipe() as (read, _):
        readable = Readable(read)
        assert not in_own_loop(lambda: run_in_loop(lambda: readable.wait(0.001)))
        closed: list[int] = []
        readable.close(lambda: closed.append(read))
        assert closed == [read]


def test_others_work_while_one_waits() -> None:
    """Each waits for what the one that begins after it writes, so that all have to be on their way at once."""
    pipes = [os.pipe() for _ in range(100)]

    def step(place: int) -> int:
        if place == len(pipes) - 1:
            os.write(pipes[place][1], b"x")
        assert wait_until_ready(pipes[place][0], LONG)
        os.write(pipes[place - 1][1], b"x")
        return place

    async def main() -> list[int]:
        return await asyncio.gather(*(run_in_loop(partial(step, place)) for place in range(len(pipes))))

    assert in_own_loop(main) == list(range(len(pipes)))
    for end in chain(*pipes):
        os.close(end)


def test_what_it_raises_arrives_and_the_next_one_is_called_as_if_nothing_were() -> None:
    async def main() -> list[object]:
        def fail() -> None:
            run_outside_loop(len, "x")
            raise LookupError("gone")

        with pytest.raises(LookupError, match="gone"):
            await run_in_loop(fail)
        with pytest.raises(ValueError, match="not"):
            await run_in_loop(lambda: run_outside_loop(int, "not a number"))
        return [await run_in_loop(lambda: 1), await run_in_loop(lambda: run_outside_loop(int, "2"))]

    assert in_own_loop(main) == [1, 2]


def test_each_has_its_own_context() -> None:
    said: ContextVar[str] = ContextVar("said", default="nothing")

    def say(word: str) -> str:
        before = said.get()
        said.set(word)
        run_outside_loop(len, word)
        return f"{before} {said.get()}"

    async def main() -> list[str]:
        return await asyncio.gather(*(run_in_loop(partial(say, word)) for word in "abc"))

    assert in_own_loop(main) == ["nothing a", "nothing b", "nothing c"]


def test_what_takes_long_leaves_the_loop_and_no_handler_of_exceptions_keeps_it() -> None:
    def long() -> str:
        try:
            leave_loop()
        except Exception:
            return "kept"
        return "done"

    assert long() == "done"
    with pytest.raises(NotInLoopError):
        in_own_loop(lambda: run_in_loop(long))


def test_what_blocks_is_done_in_another_thread() -> None:
    here = threading.get_ident()
    own, other = both(lambda: run_outside_loop(threading.get_ident))
    assert own == here
    assert other != here


@pytest.mark.parametrize("in_time", [True, False])
def test_a_turn_is_given_from_any_thread(in_time: bool) -> None:
    def wait() -> bool:
        turn = WakeUp()
        if in_time:
            threading.Thread(target=turn.set).start()
        return turn.wait(LONG if in_time else 0.001)

    assert both(wait) == [in_time, in_time]


def test_a_turn_is_given_by_another_that_the_same_loop_has_called() -> None:
    turns: list[WakeUp] = []

    def wait() -> bool:
        turns.append(WakeUp())
        return turns[-1].wait(LONG)

    def give() -> None:
        turns[-1].set()
        turns[-1].set()

    async def main() -> bool:
        waiting_one = asyncio.ensure_future(run_in_loop(wait))
        await asyncio.sleep(0)
        await run_in_loop(give)
        return await waiting_one

    assert in_own_loop(main)


def test_a_turn_that_is_given_late_hurts_nobody() -> None:
    turns: list[WakeUp] = []

    def wait() -> bool:
        turns.append(WakeUp())
        return turns[-1].wait(0.001)

    assert both(wait) == [False, False]
    for turn in turns:
        turn.set()


def test_who_is_cancelled_lets_go_of_what_it_holds_and_what_has_begun_elsewhere_is_finished() -> None:
    done: list[str] = []
    released = threading.Event()

    def slow() -> None:
        assert released.wait(LONG)
        done.append("finished")

    def hold(read: int) -> None:
        try:
            wait_until_ready(read, LONG)
        finally:
            done.append("let go")
            run_outside_loop(slow)

    async def main(read: int) -> None:
        task = asyncio.ensure_future(run_in_loop(lambda: hold(read)))
        await asyncio.sleep(0)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0.01)
        released.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    with pipe() as (read, _):
        in_own_loop(lambda: main(read))
    assert done == ["let go", "finished"]


def test_those_that_wait_are_used_again_and_only_few_are_kept() -> None:
    def wait(turns: list[WakeUp]) -> bool:
        turns.append(WakeUp())
        return turns[-1].wait(LONG)

    async def main(count: int) -> int:
        turns: list[WakeUp] = []
        tasks = [asyncio.ensure_future(run_in_loop(partial(wait, turns))) for _ in range(count)]
        await asyncio.sleep(0)
        for turn in turns:
            turn.set()
        assert all(await asyncio.gather(*tasks))
        return len(greenlets._idle.calls)

    greenlets._idle.calls.clear()
    assert in_own_loop(lambda: main(greenlets._MOST_IDLE + 10)) == greenlets._MOST_IDLE
    assert in_own_loop(lambda: run_in_loop(lambda: run_outside_loop(str, 1))) == "1"
