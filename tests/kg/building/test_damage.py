"""Bits are flipped in files as they lie: what changes anything that can be read is found, and mended by a build."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kg.building import back_up, build, build_if_needed, restore, verify
from kg.building.backup import NotABackupError
from kg.curation.gate import Gate
from kg.errors import DataFolderError
from kg.history.records import Record
from kg.store import Build, Damage, DataFolder
from tests.support.tiers import by_tier

Commit = Callable[[Gate, int], Record]
LOST = ["table", "live CURRENT", "older table", "MANIFEST", "CURRENT"][: by_tier(2, 3, 5)]
BUILD = "Run `citykg build`: it makes the store anew from the files and the history."


@pytest.fixture
def written(changed: DataFolder) -> DataFolder:
    """A folder with two changes, the tables of whose snapshots are those of the live store, as they are in use."""
    assert current_table(changed).stat().st_nlink > 1
    return changed


def current(folder: DataFolder) -> Build:
    current = folder.current()
    assert current is not None
    return current


def current_table(folder: DataFolder) -> Path:
    """The largest table of the current snapshot."""
    return max(folder.snapshot(current(folder)).glob("*.sst"), key=lambda path: path.stat().st_size)


def flip(path: Path, place: int | None = None) -> None:
    """Flip a bit of a file in its place, in the middle if no other is given."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 if place is None else place)
        (byte,) = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte ^ 0x10]))


@contextmanager
def flipped(path: Path) -> Iterator[None]:
    flip(path)
    yield
    flip(path)


def failures(folder: DataFolder) -> dict[str, str]:
    return {check.name: check.hint for check in verify(folder) if not check.passed}


def files(folder: DataFolder) -> dict[str, list[Path]]:
    """What a flipped bit changes, by the check that finds it."""
    snapshot = folder.snapshot(current(folder))
    live = folder.live(current(folder))
    older = snapshot.with_name("1")
    of_snapshots = [path for path in [*snapshot.iterdir(), older / "CURRENT"] if path.stat().st_size]
    beside = [snapshot.with_suffix(".json"), snapshot.with_suffix(".sha256"), older.with_suffix(".json")]
    return {
        "history": sorted((folder.path / "history").glob("*.json")),
        "ledger": [live.parent / "ledger.json"],
        "live store": [*live.glob("MANIFEST-*"), live / "CURRENT"],
        "snapshots": [*sorted(of_snapshots), *beside],
    }


@pytest.mark.scaled
def test_a_flipped_bit_is_found_in_a_file_of_each_kind(written: DataFolder) -> None:
    tried = by_tier(1, 3, 100)
    for check, paths in files(written).items():
        for path in sorted(paths, key=lambda path: path.suffix != ".sst")[:tried]:
            with flipped(path):
                assert check in failures(written), path
    assert failures(written) == {}


@pytest.mark.scaled
@pytest.mark.parametrize("lost", LOST)
def test_the_command_that_is_named_puts_it_right(written: DataFolder, lost: str) -> None:
    snapshot = written.snapshot(current(written))
    flip(
        {
            "table": current_table(written),
            "older table": max(snapshot.with_name("0").glob("*.sst"), key=lambda path: path.stat().st_ino),
            "MANIFEST": next(snapshot.glob("MANIFEST-*")),
            "CURRENT": snapshot / "CURRENT",
            "live CURRENT": written.live(current(written)) / "CURRENT",
        }[lost]
    )
    assert set(failures(written).values()) == {BUILD}
    build(written)
    assert failures(written) == {}
    assert not list(written.path.rglob("*.dropped"))


def test_a_start_does_not_trust_a_damaged_snapshot_of_the_same_files(written: DataFolder) -> None:
    assert build_if_needed(written) is None
    flip(current_table(written))
    assert build_if_needed(written) is not None
    assert build_if_needed(written) is None
    assert failures(written) == {}


def test_nobody_writes_upon_damage_or_backs_it_up(written: DataFolder, tmp_path: Path) -> None:
    with flipped(current_table(written)):
        with pytest.raises(DataFolderError, match=r"is damaged: .*\.sst is not as it was written") as refused:
            Gate(written)
        assert refused.value.hint == BUILD
        with pytest.raises(DataFolderError, match="is damaged"):
            back_up(written, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
    back_up(written, tmp_path / "backup")


def test_a_backup_that_is_not_as_it_was_taken_is_not_restored(written: DataFolder, tmp_path: Path) -> None:
    back_up(written, tmp_path / "backup")
    with tarfile.open(tmp_path / "backup") as tar:
        tar.extractall(tmp_path / "altered", filter="data")
    flip(max((tmp_path / "altered").rglob("*.sst"), key=lambda path: path.stat().st_size))
    with tarfile.open(tmp_path / "again", "w:gz") as tar:
        for path in (tmp_path / "altered").iterdir():
            tar.add(path, path.name)
    folder = DataFolder(tmp_path / "restored")
    with pytest.raises(NotABackupError, match="is not as it was when the backup was taken"):
        restore(folder, tmp_path / "again")
    assert folder.current() is None
    restore(folder, tmp_path / "backup")
    assert failures(folder) == {}


def test_a_snapshot_keeps_the_checksums_of_tables_that_it_shares(written: DataFolder, commit: Commit) -> None:
    with flipped(current_table(written)), pytest.raises(DataFolderError):
        Gate(written)
    with Gate(written) as gate:
        table = current_table(written)
        flip(table, table.stat().st_size - 1)  # the foot, which the engine has read already
        damaged = table.name
        commit(gate, 2003)
    assert damaged in str([check.found for check in verify(written) if check.name == "snapshots"])


def test_a_snapshot_that_a_writer_drops_meanwhile_is_not_damaged(
    written: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = written.with_checksums()
    monkeypatch.setattr(DataFolder, "with_checksums", lambda folder: there)
    written.drop(there[0])
    assert list(Damage(written).by_snapshot()) == there[1:]
    assert not any(Damage(written).by_snapshot().values())
