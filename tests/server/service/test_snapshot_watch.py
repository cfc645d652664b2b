"""What is damaged while it is served is said by whatever an operator looks at, and hurts nobody."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.accounts import Database, Role, Tokens
from kg.import_jobs.folder import ImportFolder
from kg.import_jobs.job import ImportRequest, ImportState, ImportStatus
from kg.rdf import namespaces as ns
from kg.store import DataFolder
from kg.workers import QueryLimits
from server.front import AccessLog
from server.service.snapshot_watch import SnapshotWatch
from tests.support.command import Eventually
from tests.support.damage import flip
from tests.support.http import send
from tests.support.serving import Serving

pytestmark = pytest.mark.drawn

LONDON = f"<{ns.ID}city/london>"
SENT = "/changes?summary=Named&source=https://example.org/s&graph=curated/test"
TURTLE = f'{LONDON} <http://www.w3.org/2004/02/skos/core#altLabel> "Londinium"@en .'
READS = (
    "/healthz",
    "/doc/city/london.ttl",
    "/doc/city/london.html",
    "/queries/coverage.csv",
    "/changes",
    "/dumps/default.nt",
)


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hourly look: what is found is found by others."""
    monkeypatch.setattr(SnapshotWatch, "start", lambda watch, tell: None)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the log says, but of what a request met."""
    lines: list[str] = []

    def tell(log: AccessLog, message: str, request_id: str = "") -> None:
        if not request_id:
            lines.append(message)

    monkeypatch.setattr(AccessLog, "write_message", tell)
    return lines


def table_of(folder: DataFolder) -> Path:
    return max(folder.snapshot(folder.require_build()).glob("*.sst"), key=lambda path: path.stat().st_size)


def test_damage_that_comes_while_it_serves_is_told_once_and_until_it_is_gone(small: DataFolder) -> None:
    watch, told = SnapshotWatch(small), list[str]()
    watch.check(told.append)
    assert (small.integrity.all_known_damage(), told) == ({}, [])
    flip(table := table_of(small))
    watch.check(told.append)
    watch.check(told.append)
    assert small.integrity.all_known_damage() == {table.parent: [table]}
    (line,) = told
    assert str(table.relative_to(small.path)) in line
    assert "citykg build" in line
    shutil.rmtree(table.parent)
    assert small.integrity.all_known_damage() == {}


def test_a_service_says_that_it_is_not_ready_and_counts_what_is_damaged(
    small: DataFolder, serving_folder: Serving, eventually: Eventually, told: list[str]
) -> None:
    flip(table := table_of(small))
    with serving_folder(small) as address:
        eventually(lambda: send(address, "/readyz").status, 503)
        problem = send(address, "/readyz").members
        assert table.name in problem["detail"]
        assert "citykg build" in problem["hint"]
        assert str(small.path) not in json.dumps(problem)
        assert b"citykg_snapshots_damaged 1.0" in send(address, "/metrics").body
        assert [table.name in line for line in told] == [True]


@pytest.mark.usefixtures("unwatched")
def test_damage_that_a_read_meets_is_told_as_well(small: DataFolder, serving_folder: Serving) -> None:
    for table in small.snapshot(small.require_build()).glob("*.sst"):
        table.write_bytes(bytes(table.stat().st_size))
    with serving_folder(small) as address:
        read = send(address, "/doc/city/london.ttl")
        ready = send(address, "/readyz")
        assert (read.status, ready.status) == (503, 503)
        assert ".sst is not as it was written" in read.members["detail"]
        assert ready.members["detail"] == read.members["detail"]


def files(folder: DataFolder) -> Iterator[Path]:
    """Yield files of all kinds that a server reads."""
    build = folder.require_build()
    for of_stores in (folder.snapshot(build), folder.live_store_path(build)):
        yield max(of_stores.glob("*.sst"), key=lambda path: path.stat().st_size)
        yield from (of_stores / "CURRENT", *of_stores.glob("MANIFEST-*"), *of_stores.glob("OPTIONS-*"))
    snapshot = folder.snapshot(build)
    yield from (snapshot.with_suffix(".json"), snapshot.with_suffix(".sha256"))
    yield from (folder.live_store_path(build).with_name(name) for name in ("ledger.json", "documents.sqlite"))
    yield from (path for path in (folder.path / "imports" / "1").rglob("*") if path.is_file())


@pytest.mark.usefixtures("unwatched")
def test_bits_that_flip_in_all_kinds_of_files_under_a_running_server_hurt_nobody(
    small: DataFolder, serving_folder: Serving
) -> None:
    token = Tokens(Database(small.path)).create("Ann", Role.CURATOR)
    imports, request = (
        ImportFolder(small.path),
        ImportRequest("Ann", Role.CURATOR, "t.csv", "text/csv", "m.yaml", "", "Why"),
    )
    imports.receive(
        "one", request, b"rows: twinnings", io.BytesIO(b"a,b\n"), ImportStatus(ImportState.DONE, imports.now())
    )
    limits = QueryLimits(seconds=5, memory_bytes=256 << 20)
    with serving_folder(small, limits) as address:
        before = {path: send(address, path) for path in READS}
        for path in {path.stat().st_ino: path for path in files(small) if path.exists()}.values():
            flip(path)
        assert send(address, "/readyz").status == 200  # nobody has looked since
        for path in READS:
            answer = send(address, path)
            assert answer.status == 503 or answer.body == before[path].body, path
            assert answer.status in (503, before[path].status)
        holder = {"Authorization": f"Bearer {token}"}
        read = send(address, "/imports/1", headers=holder)
        assert (read.status, "import.json is not as it was written" in read.members["detail"]) == (503, True)
        change = send(address, SENT, method="POST", body=TURTLE, headers={**holder, "Content-Type": "text/turtle"})
        ready = send(address, "/readyz")
        assert (change.status, ready.status) == (503, 503)
        assert "is not as it was written" in change.members["detail"]
        assert change.members["detail"] in ready.members["detail"]
        assert b"citykg_snapshots_damaged 1.0" in send(address, "/metrics").body


def test_the_log_has_a_line_for_people_and_one_for_programs() -> None:
    for log_format, read in (("text", str), ("json", lambda line: json.loads(line)["message"])):
        stream = io.StringIO()
        AccessLog(log_format, stream).write_message("Damaged")
        assert read(stream.getvalue().rstrip()).endswith("Damaged")
