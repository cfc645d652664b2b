"""Requests of each client are counted for some seconds."""

from __future__ import annotations

import pytest

from kg import recent_requests
from kg.recent_requests import RecentRequests


def test_each_client_may_have_so_many_within_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(recent_requests.time, "monotonic", lambda: now[0])
    recent = RecentRequests(2, 60)
    assert recent.take("ann") == 0
    now[0] += 10
    assert [recent.take(one) for one in ("ann", "ann", "ann", "bob")] == [0, 50, 50, 0]
    now[0] += 50  # the first is over, and those that were refused do not count
    assert [recent.take("ann"), recent.take("ann")] == [0, 10]
