"""How many processes answer where the operator does not say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.settings import ServerOptions, cores, processes_for


@pytest.mark.parametrize(("of", "processes"), [(1, 1), (2, 1), (3, 1), (4, 2), (6, 3), (16, 8), (64, 8)])
def test_half_as_many_as_cores_and_one_where_there_are_few(of: int, processes: int) -> None:
    assert processes_for(of) == processes


@pytest.mark.parametrize(("quota", "most"), [("max 100000", 64), ("250000 100000", 2), ("50000 100000", 1), ("", 64)])
def test_a_container_may_use_fewer_cores_than_the_machine_has(
    quota: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(64)))
    (tmp_path / "cpu.max").write_text(quota)
    assert cores(tmp_path / "cpu.max") == most
    assert cores(tmp_path / "none") == 64


def test_who_says_how_many_has_as_many() -> None:
    assert ServerOptions(processes=5).process_count == 5
