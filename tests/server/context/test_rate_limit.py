"""The share of each client, by a clock that the test sets."""

from __future__ import annotations

import pytest

from server.context.rate_limit import QuerySeconds, TooManyQuerySecondsError


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
