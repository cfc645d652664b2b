"""Fixtures for the tests of canned questions over HTTP."""

from __future__ import annotations

import pytest

from kg.workers import QueryPool
from kg.workers.pool import Task
from kg.workers.result import WorkerResult


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What workers are given to do, in the order in which it is asked, as the operator sees it."""
    given: list[str] = []
    run = QueryPool.run

    def noted(pool: QueryPool, task: Task) -> WorkerResult:
        given.append(task.label)
        return run(pool, task)

    monkeypatch.setattr(QueryPool, "run", noted)
    return given
