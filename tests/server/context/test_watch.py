"""A snapshot that is damaged while it is served is told, by whatever an operator looks at."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest

from kg.store import DataFolder
from server.context.watch import Watch
from server.front import AccessLog
from tests.support.command import Eventually
from tests.support.http import send
from tests.support.serving import Serving


@pytest.fixture
def own(folder: DataFolder, tmp_path: Path) -> DataFolder:
    """A copy of the real graph."""
    shutil.copytree(folder.path, tmp_path / "data")
    return DataFolder(tmp_path / "data")


def damage(folder: DataFolder) -> Path:
    build = folder.current()
    assert build is not None
    table = max(folder.snapshot(build).glob("*.sst"), key=lambda path: path.stat().st_size)
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    return table


def test_damage_that_comes_while_it_serves_is_told_once_and_until_it_is_gone(own: DataFolder) -> None:
    watch, told = Watch(own), []
    watch._tell = told.append
    watch.look()
    assert (watch.damaged(), told) == ([], [])
    table = damage(own)
    watch.look()
    watch.look()
    assert watch.damaged() == [table.parent]
    (line,) = told
    assert str(table.relative_to(own.path)) in line
    assert "citykg build" in line
    shutil.rmtree(table.parent)
    assert watch.damaged() == []


def test_a_service_says_that_it_is_not_ready_and_counts_what_is_damaged(
    own: DataFolder, serving_folder: Serving, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def tell(log: AccessLog, message: str, request_id: str = "") -> None:
        if not request_id:  # what a request met is told, too
            told.append(message)

    monkeypatch.setattr(AccessLog, "tell", tell)
    table = damage(own)
    with serving_folder(own) as address:
        eventually(lambda: send(address, "/readyz").status, 503)
        problem = send(address, "/readyz").members
        assert table.name in problem["detail"]
        assert "citykg build" in problem["hint"]
        assert str(own.path) not in json.dumps(problem)
        assert b"citykg_snapshots_damaged 1.0" in send(address, "/metrics").body
        assert [table.name in line for line in told] == [True]


def test_the_log_has_a_line_for_people_and_one_for_programs() -> None:
    for log_format, read in (("text", str), ("json", lambda line: json.loads(line)["message"])):
        stream = io.StringIO()
        AccessLog(log_format, stream).tell("Damaged")
        assert read(stream.getvalue().rstrip()).endswith("Damaged")
