"""A disk that is full at any moment of a change: it is made, or recorded and told, or nothing, and never in between."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyoxigraph import Store

from kg.building.ledger_file import LedgerFile
from kg.building.verification import verify
from kg.curation.gate import Gate
from kg.errors import DataFolderError
from kg.history.chain import Record
from kg.shortage import ROOM_BYTES, NoSpaceError, WriteFailedError, refuse_without_room
from kg.store import data_folder
from kg.store.data_folder import DataFolder
from kg.store.live import LiveStore
from kg.store.staging.writer import StoreWriter
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn

Commit = Callable[[Gate, int], Record]
Patch = pytest.MonkeyPatch

ENGINE = "IO error: No space left on device: While appending to file: /srv/data/builds/1/store/000023.log"


def full(*_: object, **__: object) -> None:
    raise OSError(28, os.strerror(28))


def engine_full(*_: object, **__: object) -> None:
    raise OSError(ENGINE)


def sync_fails(number: int) -> Callable[[Patch], None]:
    """Let the disk be full from the sync with that number on: of the record, its folder, the snapshot, the current."""

    def install(patch: Patch) -> None:
        calls, sync = iter(range(1, 100)), os.fsync
        patch.setattr(os, "fsync", lambda file: sync(file) if next(calls) < number else full())

    return install


def fails_after(owner: type, method: str) -> Callable[[Patch], None]:
    def install(patch: Patch) -> None:
        whole = getattr(owner, method)

        def done(*arguments: object) -> None:
            whole(*arguments)
            engine_full()

        patch.setattr(owner, method, done)

    return install


def no_room(patch: Patch) -> None:
    little = SimpleNamespace(f_flag=0, f_bavail=1, f_frsize=ROOM_BYTES - 1)
    patch.setattr(os, "statvfs", lambda path: little)


MOMENTS: Mapping[str, tuple[Callable[[Patch], None], str]] = {
    "before anything": (no_room, "nothing"),
    "the record is written": (sync_fails(1), "nothing"),
    "the record gets its name": (lambda patch: patch.setattr(Path, "rename", full), "nothing"),
    "the folder of the history is synced": (sync_fails(2), "recorded"),
    "the engine writes": (lambda patch: patch.setattr(StoreWriter, "write", engine_full), "recorded"),
    "the engine has written": (fails_after(StoreWriter, "write"), "recorded"),
    "the engine makes the snapshot": (
        lambda patch: patch.setattr(DataFolder, "publish_snapshot", engine_full),
        "recorded",
    ),
    "the snapshot is described": (sync_fails(3), "recorded"),
    "the snapshot gets its checksums": (sync_fails(4), "recorded"),
    "the snapshot becomes current": (sync_fails(5), "recorded"),
    "it has become current": (lambda patch: patch.setattr(data_folder, "drop_old_snapshots", full), "made"),
    "the ledger is kept": (lambda patch: patch.setattr(Path, "write_text", full), "made"),
}


@contextmanager
def disk_full_when(moment: str, monkeypatch: Patch) -> Iterator[str]:
    install, outcome = MOMENTS[moment]
    with monkeypatch.context() as patch:
        install(patch)
        yield outcome


def refused(commit: Commit, gate: Gate, year: int) -> tuple[int | None, str]:
    """Return which change was recorded by one for which there is no room, and what is said of it.

    The error itself goes: as long as it is there, so is the store that the engine has given up.
    """
    with pytest.raises(NoSpaceError, match="No space left on device") as caught:
        commit(gate, year)
    return caught.value.change, caught.value.message


def visible(folder: DataFolder) -> int:
    build = folder.current()
    assert build is not None
    return build.changes


def drafts(folder: DataFolder) -> list[Path]:
    return [path for path in folder.path.rglob("*") if "draft" in path.name or path.name.startswith("unfinished")]


def test_whatever_the_moment_what_was_told_is_so_and_the_next_change_is_made(
    small: DataFolder, commit: Commit, monkeypatch: Patch
) -> None:
    moments = fresh_random("moments").sample(list(MOMENTS), by_tier(4, len(MOMENTS), len(MOMENTS)))
    with Gate(small) as gate:
        commit(gate, 2000)  # which also makes the folder of the history, and syncs what that is in
        for year, moment in enumerate(moments, 2001):
            before, key = gate.build.changes, f"id-{year}"
            with disk_full_when(moment, monkeypatch) as outcome:
                if outcome == "made":
                    assert commit(gate, year).number == before + 1 == visible(small), moment
                    continue
                recorded, message = refused(commit, gate, year)
                assert (recorded, visible(small)) == (before + 1 if outcome == "recorded" else None, before), moment
                assert ("Nothing was changed" in message) == (outcome == "nothing"), moment
            assert drafts(small) == [], moment
            made = gate.find_change(key)  # as when the same request comes again
            assert (made.number if made else None) == recorded, moment
            assert visible(small) == before + (made is not None), moment
            assert commit(gate, year).number == before + 1 == visible(small), moment
    checks = verify(small)
    assert all(check.passed for check in checks), checks
    assert visible(small) == 1 + len(moments)


def test_while_there_is_no_room_a_change_that_is_recorded_is_named_to_whoever_asks_again(
    small: DataFolder, commit: Commit, monkeypatch: Patch
) -> None:
    with Gate(small) as gate:
        with disk_full_when("the engine writes", monkeypatch):
            with pytest.raises(NoSpaceError, match="Change 1 is recorded"):
                commit(gate, 2001)
            with pytest.raises(NoSpaceError, match="Change 1 is recorded"):
                gate.find_change("id-2001")
            with pytest.raises(NoSpaceError, match="cannot be written"), gate.holding():
                pass
            assert gate.find_change("id-2002") is None
            assert gate.build.changes == visible(small) == 0
        LiveStore.finish_interrupted_write(small, gate.build)  # does nothing, since the gate has the lock
        assert (gate.find_change("id-2001") or pytest.fail("lost")).number == 1
    assert visible(small) == 1


def test_a_server_that_starts_on_a_full_disk_reads_on(small: DataFolder, commit: Commit, monkeypatch: Patch) -> None:
    with Gate(small) as gate, disk_full_when("the engine writes", monkeypatch), pytest.raises(NoSpaceError):
        commit(gate, 2001)
    with disk_full_when("the engine writes", monkeypatch):
        LiveStore.finish_interrupted_write(small, small.require_build())
        with pytest.raises(NoSpaceError):
            Gate(small)
        assert isinstance(small.open(), Store)
    LiveStore.finish_interrupted_write(small, small.require_build())
    assert visible(small) == 1


def test_a_disk_that_fails_otherwise_is_told_as_such(small: DataFolder, commit: Commit, monkeypatch: Patch) -> None:
    def broken(*_: object) -> None:
        raise OSError(5, os.strerror(5))

    with Gate(small) as gate:
        with monkeypatch.context() as patch:
            patch.setattr(StoreWriter, "write", broken)
            with pytest.raises(WriteFailedError, match=r"Input/output error\. Change 1 is recorded") as caught:
                commit(gate, 2001)
        assert not isinstance(caught.value, NoSpaceError)
        assert commit(gate, 2001).number == 1


def test_a_lock_needs_no_room_for_words(small: DataFolder, monkeypatch: Patch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with small.lock("http://127.0.0.1:1"), pytest.raises(DataFolderError, match="locked by another process"):
            Gate(DataFolder(small.path))


def test_a_ledger_that_cannot_be_kept_leaves_nothing(small: DataFolder, commit: Commit, monkeypatch: Patch) -> None:
    with Gate(small) as gate:
        with disk_full_when("the ledger is kept", monkeypatch):
            commit(gate, 2001)
        assert (LedgerFile(small).read(gate.build), drafts(small)) == (None, [])
        commit(gate, 2002)
        assert LedgerFile(small).read(gate.build) is not None


def test_what_cannot_be_written_is_not_said_to_be_full(tmp_path: Path, monkeypatch: Patch) -> None:
    with monkeypatch.context() as patch:
        no_room(patch)
        with pytest.raises(NoSpaceError, match="Nothing was changed"):
            refuse_without_room(tmp_path)
        read_only = SimpleNamespace(f_flag=os.ST_RDONLY, f_bavail=0, f_frsize=4096)
        patch.setattr(os, "statvfs", lambda path: read_only)
        with pytest.raises(WriteFailedError, match=r"Read-only file system. Nothing was changed") as refused:
            refuse_without_room(tmp_path)
        assert not isinstance(refused.value, NoSpaceError)
