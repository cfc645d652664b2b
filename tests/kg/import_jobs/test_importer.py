"""Imports outlive who works on them: killed at any moment, taken up again, each becomes one change or none of it.

Run by itself, this file is the process that starts those who work: it has imported everything, and forks.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest

from kg.accounts.tokens import Role
from kg.building.backup import back_up, restore
from kg.building.verification import verify
from kg.curation.curation import CurationService
from kg.curation.gate import Gate
from kg.curation.refusals import NothingToChangeError
from kg.history.chain import History, Record
from kg.import_jobs.folder import ImportFolder
from kg.import_jobs.importer import Importer
from kg.import_jobs.job import Import, ImportLimits, ImportOverError, ImportRequest, ImportState, ImportStatus
from kg.jobs import Control
from kg.shortage import no_space_error, write_error
from kg.store import DataFolder, LockedError
from tests.kg.conftest import CITIES
from tests.support.council_list import MAPPING
from tests.support.cramped import Cramped
from tests.support.part import only, part_of_files
from tests.support.sleeping import Sleeping
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn

KILLS = by_tier(3, 5, 100)
SENT = MAPPING.encode()
HEAD = b"city_a,city_b,since\n"
ROWS = [f"{one},{other},2019\n".encode() for one in ("Jinan", "Qingdao") for other in ("York", "Oxford")]
QUIET = ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED, ImportState.WAITING


@pytest.fixture
def curation(own: DataFolder) -> Iterator[CurationService]:
    with CurationService(own) as curation:
        yield curation


@pytest.fixture
def importer(own: DataFolder, curation: CurationService) -> Iterator[Importer]:
    importer = Importer(own, curation)
    yield importer
    importer.close()


def asked(role: Role = Role.CURATOR, agent: str = "Ann") -> ImportRequest:
    return ImportRequest(agent, role, "twins.csv", "text/csv", "mine.yaml", "", "As the council lists it")


def queued(imports: ImportFolder, name: str, *rows: bytes, role: Role = Role.CURATOR, mapping: bytes = SENT) -> Import:
    """Leave an import as somebody does who dies once it is there."""
    table = io.BytesIO(HEAD + b"".join(rows))
    return imports.receive(name, asked(role), mapping, table, ImportStatus(ImportState.QUEUED, ImportFolder.now()))


def settled(importer: Importer, number: int) -> Import:
    """Return an import once nothing more is done about it."""
    patience = 600
    while (one := importer.get(number)).status.state not in QUIET and patience:
        patience -= 1
        time.sleep(0.05)
    return one


def test_imports_are_made_one_after_the_other_and_those_behind_are_told_so(importer: Importer) -> None:
    one, other = (
        importer.add(name, asked(), SENT, io.BytesIO(HEAD + row), is_dry_run=False, acknowledged=False)
        for name, row in (("one", ROWS[0]), ("other", ROWS[1]))
    )
    assert importer.as_dict(importer.get(other.number)).get("behind", 1) == 1
    changes = [settled(importer, number).status.change for number in (one.number, other.number)]
    assert changes == [1, 2]
    assert importer.add("one", asked(), SENT, io.BytesIO(b""), is_dry_run=False, acknowledged=False).number == 1


def test_a_guess_is_never_imported_unseen(importer: Importer) -> None:
    request = replace(asked(), mapping="", source="geonames", city="")
    table = io.BytesIO(b"City,Twin\nJinan,York\n")
    one = importer.add("guess", replace(request, city="Atlantis"), b"", table, is_dry_run=False, acknowledged=False)
    assert settled(importer, one.number).status.state is ImportState.FAILED
    importer.resume(one.number, acknowledged=False)
    failed = settled(importer, one.number)
    assert (failed.status.state, failed.status.is_dry_run) == (ImportState.FAILED, True)
    table.seek(0)
    other = importer.add("other", request, b"", table, is_dry_run=False, acknowledged=False)
    tried = settled(importer, other.number)
    assert (tried.status.state, tried.status.is_dry_run, tried.status.change) == (ImportState.DONE, True, None)
    importer.resume(other.number, acknowledged=False)
    assert settled(importer, other.number).status.change == 1


def test_what_was_left_is_taken_up(own: DataFolder, importer: Importer) -> None:
    """Whatever the step at which somebody died, and whatever he has left of it."""
    imports = ImportFolder(own.path)
    left = [queued(imports, f"import-{place}", row) for place, row in enumerate(ROWS)]
    states = (ImportState.QUEUED, ImportState.READING, ImportState.RECONCILING, ImportState.COMMITTING)
    for one, state in zip(left, states, strict=True):
        imports.save_status(one, ImportStatus(state, ImportFolder.now()))
        (one.path / "unfinished-plan").mkdir()
    (imports.path / "unfinished-import").mkdir()
    importer.start(print)
    assert [settled(importer, one.number).status.state for one in left] == [ImportState.DONE] * len(left)
    assert not list(imports.path.rglob("unfinished-*"))
    assert [record.id for record in History(own.path).records()] == [one.id for one in left]


def test_a_change_that_was_made_is_not_made_again(own: DataFolder, importer: Importer) -> None:
    one = importer.add("once", asked(), SENT, io.BytesIO(HEAD + ROWS[0]), is_dry_run=False, acknowledged=False)
    done = settled(importer, one.number)
    imports = ImportFolder(own.path)
    imports.save_status(done, ImportStatus(**{**vars(done.status), "state": ImportState.COMMITTING, "change": None}))
    importer.start(print)
    assert settled(importer, one.number).status.change == 1
    assert History(own.path).count() == 1


def test_a_proposal_that_was_made_is_not_made_again(
    own: DataFolder, curation: CurationService, importer: Importer
) -> None:
    one = queued(ImportFolder(own.path), "proposed", ROWS[0], role=Role.CONTRIBUTOR)
    importer.start(print)
    waiting = settled(importer, one.number)
    assert waiting.status.state is ImportState.WAITING
    left = ImportStatus(**{**vars(waiting.status), "state": ImportState.RECONCILING, "proposal": None})
    ImportFolder(own.path).save_status(waiting, left)
    importer.start(print)
    assert settled(importer, one.number).status.proposal == waiting.status.proposal
    assert curation.proposals.page().total == 1


def test_statements_that_are_not_those_that_were_shown_do_not_come_in(own: DataFolder, importer: Importer) -> None:
    tried = importer.add("try", asked(), SENT, io.BytesIO(HEAD + ROWS[0]), is_dry_run=True, acknowledged=False)
    file = settled(importer, tried.number).plan / "change.gz"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    importer.resume(tried.number, acknowledged=True)
    failed = settled(importer, tried.number).status
    assert failed.state is ImportState.FAILED
    assert failed.error is not None
    assert failed.error["detail"] == "imports/1/plan/change.gz is not as it was written."
    assert History(own.path).count() == 0


def test_more_rows_than_the_role_may_import_fail(own: DataFolder, curation: CurationService) -> None:
    importer = Importer(own, curation, ImportLimits(contributor_import_rows=2))
    for role, state in ((Role.CONTRIBUTOR, ImportState.FAILED), (Role.CURATOR, ImportState.DONE)):
        table = io.BytesIO(HEAD + b"".join(ROWS[:3]))
        one = importer.add(role, asked(role, role), SENT, table, is_dry_run=True, acknowledged=False)
        standing = settled(importer, one.number).status
        assert standing.state is state
        assert standing.error is None or "more than 2 rows" in standing.error["detail"]
    importer.close()


def test_another_process_that_works_on_them_is_not_disturbed(own: DataFolder, importer: Importer) -> None:
    settled(importer, importer.add("a", asked(), SENT, io.BytesIO(HEAD), is_dry_run=True, acknowledged=False).number)
    queued(ImportFolder(own.path), "b", ROWS[0])
    with CurationService(own) as curation:
        second, said = Importer(own, curation), list[str]()
        second.start(said.append)
        assert "another process" in said[0]
        with pytest.raises(LockedError):
            second.add("c", asked(), SENT, io.BytesIO(HEAD), is_dry_run=True, acknowledged=False)
        second.close()


def test_one_that_is_cancelled_while_its_rows_are_decided_leaves_nothing(
    own: DataFolder, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.import_jobs.importer.Planning", Sleeping)
    monkeypatch.setattr("kg.import_jobs.importer.SHORT", 0)
    one = importer.add("slow", asked(), SENT, io.BytesIO(HEAD + ROWS[0]), is_dry_run=False, acknowledged=False)
    behind = importer.add("next", asked(), SENT, io.BytesIO(HEAD + ROWS[1]), is_dry_run=False, acknowledged=False)
    while importer.as_dict(importer.get(one.number)).get("rows") != 1:
        time.sleep(0.02)
    assert importer.as_dict(importer.get(behind.number))["behind"] == 1
    importer.cancel(behind.number, "Ann")
    importer.cancel(one.number, "Ann")
    for number in (one.number, behind.number):
        assert settled(importer, number).status.state is ImportState.CANCELLED
    assert History(own.path).count() == 0


@pytest.mark.parametrize(
    ("role", "is_dry_run"),
    [(Role.CURATOR, True), (Role.CURATOR, False), (Role.CONTRIBUTOR, False)],
    ids=["a dry run", "nothing to change", "a proposal"],
)
def test_one_that_is_cancelled_once_its_rows_are_decided_is_neither_done_nor_proposed(
    curation: CurationService, importer: Importer, monkeypatch: pytest.MonkeyPatch, role: Role, is_dry_run: bool
) -> None:
    stand = importer.imports.save_status

    def cancelled_then(one: Import, standing: ImportStatus) -> Import:
        if standing.counts is not None and standing.state is ImportState.RECONCILING:
            importer.cancel(one.number, "Ann")
        return stand(one, standing)

    def nothing_to_change(*_: Any, **__: Any) -> Record:
        raise NothingToChangeError("The graph is so already.", "")

    monkeypatch.setattr(Gate, "commit", nothing_to_change)
    monkeypatch.setattr(importer.imports, "save_status", cancelled_then)
    table = io.BytesIO(HEAD + ROWS[0])
    one = importer.add("late", asked(role), SENT, table, is_dry_run=is_dry_run, acknowledged=False)
    assert settled(importer, one.number).status.state is ImportState.CANCELLED
    assert curation.proposals.page().total == 0


def test_one_whose_change_is_being_recorded_is_not_cancelled_any_more(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, refused = History.append, list[str]()

    def cancelled_before(history: History, record: Record) -> Record:
        with pytest.raises(ImportOverError) as raised:
            importer.cancel(1, "Ann")
        refused.append(raised.value.message)
        return append(history, record)

    monkeypatch.setattr(History, "append", cancelled_before)
    table = io.BytesIO(HEAD + ROWS[0])
    one = importer.add("made", asked(), SENT, table, is_dry_run=False, acknowledged=False)
    assert settled(importer, one.number).status.state is ImportState.DONE
    assert refused == ["Import 1 is being made as a change."]


def test_one_that_is_withdrawn_waits_for_the_gate_without_keeping_up_who_has_it(
    own: DataFolder, curation: CurationService, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the gate, to record an import, looks whether that was cancelled."""
    one = queued(ImportFolder(own.path), "mine", *ROWS, role=Role.CONTRIBUTOR)
    importer.start(print)
    assert settled(importer, one.number).status.state is ImportState.WAITING
    comes, withdraw = threading.Event(), CurationService.withdraw

    def withdrawn(*given: Any) -> Any:
        comes.set()
        return withdraw(*given)

    monkeypatch.setattr(CurationService, "withdraw", withdrawn)
    with ThreadPoolExecutor() as others:
        with curation.gate.holding():
            cancelled = others.submit(importer.cancel, one.number, "Ann")
            assert comes.wait(60)
            others.submit(importer._record, one, Control()).result(10)
        assert cancelled.result(60).status.state is ImportState.CANCELLED


@pytest.mark.slow
def test_a_full_disk_fails_it_with_a_sentence_and_it_is_tried_again(
    own: DataFolder, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = b"".join(b"Atlantis,York,2001\n" for _ in range(100))
    monkeypatch.setattr("kg.import_jobs.importer.SHORT", 0)
    with monkeypatch.context() as cramped:
        cramped.setattr("kg.import_jobs.importer.Planning", Cramped)
        one = importer.add(
            "full", asked(), SENT, io.BytesIO(HEAD + ROWS[0] + rows), is_dry_run=False, acknowledged=False
        )
        failed = settled(importer, one.number).status
    assert (failed.state, failed.counts) == (ImportState.FAILED, None)
    assert failed.error == {
        "detail": "imports/1 cannot be written: File too large. Nothing was imported.",
        "hint": "Try again once there is room.",
    }
    assert History(own.path).count() == 0
    importer.resume(one.number, acknowledged=False)
    assert settled(importer, one.number).status.change == 1


def test_how_far_it_has_come_is_remembered_where_it_cannot_be_written(
    own: DataFolder, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(one: Import, standing: ImportStatus) -> Import:
        raise write_error(one.path, no_space_error())

    with_room = importer.imports.save_status
    monkeypatch.setattr(importer.imports, "save_status", full)
    one = importer.add("full", asked(), SENT, io.BytesIO(HEAD + ROWS[0]), is_dry_run=True, acknowledged=False)
    assert settled(importer, one.number).status.state is ImportState.DONE
    assert ImportFolder(own.path).get(one.number).status.state is ImportState.QUEUED
    monkeypatch.setattr(importer.imports, "save_status", with_room)
    importer.resume(one.number, acknowledged=False)
    assert settled(importer, one.number).status.change == 1
    assert ImportFolder(own.path).get(one.number).status.change == 1


def test_a_backup_has_the_imports_with_what_waits_for_a_review(
    own: DataFolder, importer: Importer, tmp_path: Path
) -> None:
    one = queued(ImportFolder(own.path), "proposed", ROWS[0], role=Role.CONTRIBUTOR)
    importer.start(print)
    waiting = settled(importer, one.number)
    back_up(own, tmp_path / "backup.tar.gz")
    restored = DataFolder(tmp_path / "restored")
    restore(restored, tmp_path / "backup.tar.gz")
    with CurationService(restored) as curation:
        assert waiting.status.proposal is not None
        record = curation.accept(waiting.status.proposal, "Rita", acknowledged=False)
        assert (record.agent, record.reviewer, len(record.added)) == ("Ann", "Rita", waiting.status.statements)
        assert Importer(restored, curation).get(one.number).status.change == record.number


@pytest.mark.slow
def test_kills_at_any_moment_lose_nothing_and_leave_nothing_half(own: DataFolder, tmp_path: Path) -> None:
    moments = fresh_random("moments of the kills")
    imports = ImportFolder(own.path)
    one = queued(imports, "killed", *ROWS)
    with subprocess.Popen(
        [sys.executable, __file__, str(own.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdin is not None
        assert starter.stdout is not None
        for kill in range(KILLS):
            killed(starter.stdin, starter.stdout, moments.uniform(0, 2.5) if kill else 0)
            records = list(History(own.path).records())
            assert [record.id for record in records] in ([], [one.id])
            assert imports.get(one.number).status.state not in (ImportState.FAILED, ImportState.CANCELLED)
        starter.stdin.close()
    with CurationService(own) as curation:
        importer = Importer(own, curation)
        importer.start(print)
        done = settled(importer, one.number)
        importer.close()
    assert (done.status.state, done.status.change) == (ImportState.DONE, 1)
    (record,) = History(own.path).records()
    assert len(record.added) == done.status.statements
    with only(part_of_files(*CITIES)):
        assert [check for check in verify(own) if not check.passed] == []


def killed(orders: IO[str], told: IO[str], seconds: float) -> None:
    """Let a process work, and kill it after some seconds."""
    orders.write("work\n")
    orders.flush()
    worker = int(told.readline())
    time.sleep(seconds)
    os.kill(worker, signal.SIGKILL)
    assert told.readline() == "killed\n"


def start_workers(data: Path) -> None:
    """Start one for each line of standard input, one after the other, and say when it is dead."""
    for _ in sys.stdin:
        worker = os.fork()
        if worker == 0:
            folder = DataFolder(data)
            Importer(folder, CurationService(folder)).start(print)
            signal.pause()
        print(worker, flush=True)
        os.waitpid(worker, 0)
        print("killed", flush=True)


if __name__ == "__main__":
    start_workers(Path(sys.argv[1]))
