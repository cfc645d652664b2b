"""Results are kept for a client and a revision, within bounds, and made again where they are gone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import g
from flask.testing import FlaskClient
from pyoxigraph import Literal

from kg.results import KeptResult, ResultPart, ResultWriter, Selection
from kg.workers import QueryJob, WorkerResult
from server.service import Service
from server.service.results import Results

QUERY = "SELECT ?n { VALUES ?n { 1 2 3 } }"
Run = Callable[[], tuple[WorkerResult, float]]


@pytest.fixture
def results(client: FlaskClient, tmp_path: Path) -> Results:
    """The results of the service, in a folder of their own."""
    ours = Service.of(client.application)
    return Results(tmp_path, ours.revisions, ours.workers, ours.clients)


@pytest.fixture
def runs() -> list[str]:
    """The queries that were run."""
    return []


@pytest.fixture
def run(client: FlaskClient, runs: list[str]) -> Run:
    """Run the query in a worker."""
    pool = Service.of(client.application).workers

    def run() -> tuple[WorkerResult, float]:
        runs.append(QUERY)
        job = QueryJob(pool.pool().examine(QUERY), ResultWriter.MEDIA_TYPE)
        return pool.pool().run(job), 0.5

    return run


@contextmanager
def asked_by(client: FlaskClient, address: str = "192.0.2.1") -> Iterator[None]:
    with client.application.test_request_context("/sparql", environ_base={"REMOTE_ADDR": address}):
        yield


def file_of(kept: KeptResult) -> Path:
    assert isinstance(kept.content, Path)
    return kept.content


def numbers(kept: KeptResult) -> list[int]:
    rows = kept.rows(Selection("n", descending=True), ResultPart()).found.rows
    return [int(term.value) for (term,) in rows if isinstance(term, Literal)]


def test_a_result_is_run_once_and_read_by_all_processes(
    client: FlaskClient, results: Results, run: Run, runs: list[str], tmp_path: Path
) -> None:
    with asked_by(client):
        assert numbers(results.result([QUERY], run)) == [3, 2, 1]
        ours = Service.of(client.application)
        other = Results(tmp_path, ours.revisions, ours.workers, ours.clients).result([QUERY], run)
        assert (numbers(other), other.seconds, len(runs)) == ([3, 2, 1], 0.5, 1)
        results.result([QUERY], run, anew=True)
        assert len(runs) == 2


def test_another_query_revision_or_client_has_a_result_of_its_own(
    client: FlaskClient, results: Results, run: Run, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with asked_by(client):
        results.result([QUERY], run)
        results.result([QUERY, True], run)
        monkeypatch.setattr(results._revisions, "snapshot_path", lambda: Path("another"))
        results.result([QUERY], run)
        monkeypatch.undo()
    with asked_by(client, "192.0.2.2"):
        results.result([QUERY], run)
    assert len(runs) == 4


def test_a_result_is_kept_for_the_revision_that_answered(
    client: FlaskClient, results: Results, run: Run, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine with an older copy of the graph may answer, in the midst of a request."""

    def lagging() -> tuple[WorkerResult, float]:
        answer = run()
        monkeypatch.setattr(results._revisions, "snapshot_path", lambda: Path("older"))
        return answer

    with asked_by(client):
        results.result([QUERY], lagging)
        monkeypatch.undo()
        results.result([QUERY], run)
    assert len(runs) == 2


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:2_000])])
def test_a_result_that_is_gone_or_damaged_is_made_again(
    client: FlaskClient, results: Results, run: Run, runs: list[str], spoil: Callable[[Path], object]
) -> None:
    with asked_by(client):
        kept = results.result([QUERY], run)
        spoil(file_of(kept))
        assert numbers(kept) == [3, 2, 1]
        assert (numbers(results.result([QUERY], run)), len(runs)) == ([3, 2, 1], 2)


def test_a_result_that_cannot_be_written_is_read_once_all_the_same(
    client: FlaskClient, results: Results, run: Run, runs: list[str]
) -> None:
    results.folder.write_text("in the place of the folder")
    with asked_by(client):
        for times in (1, 2):
            kept = results.result([QUERY], run)
            assert (numbers(kept), kept.is_in_file, len(runs)) == ([3, 2, 1], False, times)
        results.folder.unlink()
        assert results.result([QUERY], run).is_in_file


def test_folders_that_another_process_removes_meanwhile_are_no_error(
    client: FlaskClient, results: Results, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty, scan, draft = results.folder / "of-another-client", os.scandir, tempfile.NamedTemporaryFile
    empty.mkdir(parents=True)
    removed: list[Path] = []

    def remove(folder: Path) -> None:
        folder.rmdir()
        removed.append(folder)

    def scan_late(folder: Path) -> Any:
        if folder == empty:
            remove(folder)
        return scan(folder)

    def draft_late(*, dir: Path, delete: bool) -> Any:
        if len(removed) == 0:
            remove(dir)
        return draft(dir=dir, delete=delete)

    monkeypatch.setattr(os, "scandir", scan_late)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", draft_late)
    with asked_by(client):
        kept = results.result([QUERY], run)
        assert (numbers(kept), kept.is_in_file) == ([3, 2, 1], True)
    assert removed == [file_of(kept).parent, empty]


def test_a_result_is_kept_for_fifteen_minutes(client: FlaskClient, results: Results, run: Run, runs: list[str]) -> None:
    with asked_by(client):
        old = file_of(results.result([QUERY], run))
        long_ago = old.stat().st_mtime - Results.SECONDS - 1
        os.utime(old, (long_ago, long_ago))
        results.result([QUERY, "another"], run)
        assert not old.exists()
        results.result([QUERY], run)
    assert len(runs) == 3


def test_the_oldest_go_first_of_a_client_and_of_all(
    client: FlaskClient, results: Results, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Results, "MOST_BYTES_OF_CLIENT", 2 * Results.LEAST_BYTES)
    monkeypatch.setattr(Results, "MOST_BYTES", 3 * Results.LEAST_BYTES)

    def keep(address: str, *names: str) -> list[Path]:
        with asked_by(client, address):
            return [file_of(results.result([name], run)) for name in names]

    def there(paths: list[Path]) -> list[bool]:
        return [path.exists() for path in paths]

    first = keep("192.0.2.1", "a", "b", "c")
    assert there(first) == [False, True, True]
    second = keep("192.0.2.2", "a", "b")
    assert (there(first), there(second)) == ([False, False, True], [True, True])


def test_requests_of_a_revision_that_is_gone_say_so(client: FlaskClient) -> None:
    gone = client.get("/sparql", query_string={"query": QUERY, "at": "0123456789ab.7"}, headers={"Accept": "text/html"})
    assert gone.status_code in {400, 404, 410}
    assert "0123456789ab.7" in gone.text
    assert not g
