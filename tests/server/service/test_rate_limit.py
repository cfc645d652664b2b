"""The share of each client, by a clock that the test sets."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from server.service.rate_limit import QuerySeconds, TooManyQuerySecondsError

pytestmark = pytest.mark.drawn


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def test_a_client_has_its_share_again_a_minute_after_what_was_counted_first() -> None:
    clock = Clock()
    share = QuerySeconds(2.0, clock)
    share.charge("a", 1.5)
    clock.time += 40
    share.check("a")
    share.charge("a", 0.5)
    with pytest.raises(TooManyQuerySecondsError) as refused:
        share.check("a")
    assert refused.value.retry_after == 20
    share.check("b")
    clock.time += 20
    share.check("a")


def test_the_shortest_query_counts() -> None:
    share = QuerySeconds(0.003, Clock())
    for _ in range(3):
        share.check("a")
        share.charge("a", 0.0)
    with pytest.raises(TooManyQuerySecondsError):
        share.check("a")


def test_without_a_limit_nothing_is_refused() -> None:
    share = QuerySeconds(0, Clock())
    share.charge("a", 1e6)
    share.check("a")


def test_a_client_is_slow_for_a_minute_after_its_last_long_query_whatever_becomes_of_its_share() -> None:
    clock = Clock()
    share = QuerySeconds(2.0, clock)
    share.charge("a", 1.5)
    clock.time += 50
    share.mark_slow("a")
    assert share.usage("a") == (1.5, True)
    clock.time += 59
    assert share.usage("a") == (0.0, True)
    share.charge("a", 0.5)
    share.mark_slow("a")
    clock.time += 59
    assert share.usage("a") == (0.5, True)
    clock.time += 1
    assert share.usage("a") == (0.0, False)
    assert share.usage("b") == (0.0, False)


def test_without_a_limit_it_is_known_who_has_used_least() -> None:
    share = QuerySeconds(0, Clock())
    share.charge("a", 1e6)
    assert share.usage("a").seconds > share.usage("b").seconds


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[IO[bytes]]:
    with (tmp_path / "lock").open("wb") as file:
        yield file


def test_processes_that_are_forked_count_together(lock: IO[bytes]) -> None:
    times, processes = 2_000, 4
    share = QuerySeconds((times * processes + 1) * 0.01, lock=lock)

    def count() -> None:
        for _ in range(times):
            share.charge("a", 0.01)

    children = [_forked(count) for _ in range(processes)]
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    share.charge("a", 0.005)
    share.check("a")
    share.charge("a", 0.006)
    with pytest.raises(TooManyQuerySecondsError):
        share.check("a")


def test_what_one_process_marks_another_knows(lock: IO[bytes]) -> None:
    share = QuerySeconds(0, lock=lock)
    assert os.waitpid(_forked(lambda: share.mark_slow("a")), 0)[1] == 0
    assert (share.usage("a").is_slow, share.usage("b").is_slow) == (True, False)


def test_a_process_that_is_killed_while_it_counts_holds_up_nobody(lock: IO[bytes]) -> None:
    share = QuerySeconds(1.0, lock=lock)

    def count() -> None:
        while True:
            share.charge("a", 0.001)

    for _ in range(20):
        child = _forked(count)
        time.sleep(0.01)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        share.charge("b", 0.001)
    share.check("b")


def test_more_clients_than_there_is_room_for_are_forgotten_and_nobody_else_is_charged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.service.rate_limit._ROWS", 2)
    clock = Clock()
    share = QuerySeconds(1.0, clock)
    share.charge("first", 2.0)
    for number in range(1000):
        clock.time += 0.001
        share.charge(f"client {number}", 0.5)
    share.check("first")
    share.check("client 999")
    share.charge("client 999", 0.5)
    with pytest.raises(TooManyQuerySecondsError):
        share.check("client 999")


def _forked(work: Callable[[], object]) -> int:
    """Do something in a process that is forked from this one; return its id."""
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    finally:
        os._exit(1)
