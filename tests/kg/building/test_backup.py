import io
import json
import os
import shutil
import sqlite3
import tarfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kg.accounts import Sessions
from kg.accounts.database import Database
from kg.accounts.tokens import Tokens
from kg.building import backup as backup_module
from kg.building.backup import NotABackupError, back_up, restore
from kg.curation.gate import Gate
from kg.errors import CityKgError, DataFolderError
from kg.history.chain import History, Record
from kg.store.data_folder import DataFolder
from tests.support.damage import failures

pytestmark = pytest.mark.drawn

Commit = Callable[[Gate, int], Record]


@pytest.fixture
def backup(changed: DataFolder, tmp_path: Path) -> Path:
    back_up(changed, tmp_path / "backup.tar.gz")
    return tmp_path / "backup.tar.gz"


def test_a_restored_folder_is_the_same_and_can_be_changed(
    changed: DataFolder, backup: Path, commit: Commit, tmp_path: Path
) -> None:
    folder = DataFolder(tmp_path / "restored")
    made, replaced = restore(folder, backup)
    assert (made.changes, replaced) == (2, None)
    assert folder.current() == changed.current()
    assert set(folder.open()) == set(changed.open())
    assert list(History(folder.path).records()) == list(History(changed.path).records())
    assert [token.name for token in Tokens(Database(folder.path)).all()] == ["ann"]
    with Gate(folder) as gate:
        assert commit(gate, 2003).number == 3
    assert failures(folder) == []


def test_what_it_holds_is_for_its_owner_only(backup: Path, tmp_path: Path) -> None:
    restore(DataFolder(tmp_path / "restored"), backup)
    for path in (backup, tmp_path / "restored" / "desk.sqlite"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_backups_taken_while_a_server_writes_are_whole(small: DataFolder, commit: Commit, tmp_path: Path) -> None:
    stop = threading.Event()
    acknowledged: list[int] = []

    def write() -> None:
        with Gate(small) as gate:
            year = 1000
            while not stop.is_set():
                acknowledged.append(commit(gate, year).number)
                year += 1

    writer = threading.Thread(target=write)
    writer.start()
    taken = []
    try:
        for number in range(4):
            while (before := len(acknowledged)) < 2 * number + 1 and writer.is_alive():
                time.sleep(0.005)
            taken.append((before, back_up(small, tmp_path / f"{number}.tar.gz")))
    finally:
        stop.set()
        writer.join()
    assert taken[-1][0] >= 7
    for number, (before, made) in enumerate(taken):
        assert made.changes >= before
        folder = DataFolder(tmp_path / f"restored-{number}")
        restore(folder, tmp_path / f"{number}.tar.gz")
        build = folder.current()
        assert build is not None
        assert (build.changes, History(folder.path).count()) == (made.changes, made.changes)
    assert failures(folder) == []


def test_it_is_named_by_the_revision_that_a_restore_gives(
    changed: DataFolder, commit: Commit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = backup_module._copy_stores

    def with_a_change_after(folder: DataFolder, scratch: Path) -> Any:
        copied = stores(folder, scratch)
        with Gate(folder) as gate:
            commit(gate, 2003)
        return copied

    monkeypatch.setattr(backup_module, "_copy_stores", with_a_change_after)
    made = back_up(changed, tmp_path / "backup.tar.gz")
    restored, _ = restore(folder := DataFolder(tmp_path / "restored"), tmp_path / "backup.tar.gz")
    assert (made.changes, made.revision) == (3, changed.require_build().revision)
    assert restored == made
    assert folder.require_build().revision == made.revision
    assert failures(folder) == []


def test_a_folder_in_use_is_replaced_only_when_asked_and_then_kept_aside(
    changed: DataFolder, backup: Path, commit: Commit
) -> None:
    with Gate(changed) as gate:
        commit(gate, 2003)
    with pytest.raises(DataFolderError, match=r"is in use(.|\n)*--force"):
        restore(changed, backup)
    assert History(changed.path).count() == 3
    _, replaced = restore(changed, backup, force=True)
    assert replaced is not None
    assert History(changed.path).count() == 2
    assert failures(changed) == []
    assert failures(DataFolder(replaced)) == []
    assert History(replaced).count() == 3
    assert [token.name for token in Tokens(Database(replaced)).all()] == ["ann"]


def test_a_folder_that_somebody_writes_to_is_not_replaced(changed: DataFolder, backup: Path) -> None:
    with changed.lock("http://127.0.0.1:8000"), pytest.raises(DataFolderError, match="the server at http"):
        restore(changed, backup, force=True)
    assert failures(changed) == []


def test_a_restore_that_died_half_way_is_noticed_and_can_be_done_again(
    changed: DataFolder, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def dies(path: Path, target: Path) -> Path:
        if path.name == "history" and path.parent.name == "restored":
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", dies)
        with pytest.raises(KeyboardInterrupt):
            restore(changed, backup, force=True)
    for use in (changed.open, lambda: Gate(changed), lambda: back_up(changed, backup.with_name("other"))):
        with pytest.raises(DataFolderError, match=r"being restored(.|\n)*citykg restore FILE --force"):
            use()
    restore(changed, backup, force=True)
    assert failures(changed) == []


def rewritten(backup: Path, change: Callable[[Path], None], target: Path) -> Path:
    """Unpack a backup, change something, and pack it again."""
    aside = target.with_suffix(".d")
    with tarfile.open(backup) as tar:
        tar.extractall(aside, filter="data")
    change(aside)
    with tarfile.open(target, "w:gz") as tar:
        for path in sorted(aside.iterdir()):
            tar.add(path, path.name)
    return target


def lose_a_record(path: Path) -> None:
    (path / "history" / "00000001.json").unlink()


def lose_the_last_record(path: Path) -> None:
    (path / "history" / "00000002.json").unlink()


def alter_a_record(path: Path) -> None:
    record = path / "history" / "00000002.json"
    record.write_text(record.read_text().replace("ann", "eve"))


def lose_the_store(path: Path) -> None:
    shutil.rmtree(path / "builds")


def damage_the_store(path: Path) -> None:
    next(path.glob("builds/*/store/MANIFEST*")).write_bytes(b"x")


def damage_the_desk(path: Path) -> None:
    content = bytearray((path / "desk.sqlite").read_bytes())
    content[4096:8192] = os.urandom(4096)
    (path / "desk.sqlite").write_bytes(content)


def say_it_is_newer(path: Path) -> None:
    stated = json.loads((path / "backup.json").read_text())
    (path / "backup.json").write_text(json.dumps(stated | {"format": 99}))


def lose_its_name(path: Path) -> None:
    (path / "backup.json").unlink()


@pytest.mark.parametrize(
    "damage",
    [
        lose_a_record,
        lose_the_last_record,
        alter_a_record,
        lose_the_store,
        damage_the_store,
        damage_the_desk,
        say_it_is_newer,
        lose_its_name,
    ],
)
def test_a_damaged_backup_changes_nothing(
    changed: DataFolder, backup: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damaged = rewritten(backup, damage, tmp_path / "damaged.tar.gz")
    before = changed.current()
    with pytest.raises(NotABackupError, match="not a backup that can be restored"):
        restore(changed, damaged, force=True)
    assert changed.current() == before
    assert History(changed.path).count() == 2
    assert not (changed.path / "restored").exists()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_backup_that_was_cut_short_is_none(backup: Path, tmp_path: Path, share: float) -> None:
    content = backup.read_bytes()
    backup.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(NotABackupError):
        restore(DataFolder(tmp_path / "new"), backup)
    assert DataFolder(tmp_path / "new").current() is None


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "builds/../../outside", "lock", "history/link"])
def test_a_file_that_leads_out_of_the_folder_is_refused(backup: Path, tmp_path: Path, name: str) -> None:
    hostile = tmp_path / "hostile.tar.gz"
    with tarfile.open(hostile, "w:gz") as tar:
        member = tarfile.TarInfo(name)
        if name.endswith("link"):
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(member)
        else:
            member.size = 1
            tar.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(NotABackupError):
        restore(DataFolder(tmp_path / "new"), hostile)
    assert not list(tmp_path.glob("**/outside"))


def test_other_files_and_folders_are_told(changed: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no archive")
    with pytest.raises(NotABackupError, match="citykg backup"):
        restore(DataFolder(tmp_path / "new"), tmp_path / "text")
    with pytest.raises(CityKgError, match="No such file"):
        restore(DataFolder(tmp_path / "new"), tmp_path / "nothing")
    with pytest.raises(CityKgError, match="cannot be written"):
        back_up(changed, tmp_path / "nowhere" / "file")
    with pytest.raises(DataFolderError, match="citykg build"):
        back_up(DataFolder(tmp_path / "empty"), tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_a_history_that_is_not_whole_is_not_backed_up(changed: DataFolder, tmp_path: Path) -> None:
    (changed.path / "history" / "00000001.json").unlink()
    (tmp_path / "file").write_text("the last good one")
    with pytest.raises(DataFolderError, match="is missing"):
        back_up(changed, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "the last good one"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_no_session_outlives_a_restore(changed: DataFolder, tmp_path: Path) -> None:
    database = Database(changed.path)
    presented = Sessions(database).begin(Tokens(database).all()[0].id)
    assert Sessions(database).find(presented) is not None
    back_up(changed, tmp_path / "backup")
    assert Sessions(database).find(presented) is not None
    for folder in (DataFolder(tmp_path / "restored"), changed):
        restore(folder, tmp_path / "backup", force=True)
        assert Sessions(Database(folder.path)).find(presented) is None
        assert failures(folder) == []


def test_a_desk_in_use_is_copied_as_it_is_at_one_moment(changed: DataFolder, tmp_path: Path) -> None:
    writing = sqlite3.connect(changed.path / "desk.sqlite", isolation_level=None)
    writing.execute("BEGIN IMMEDIATE")
    writing.execute("UPDATE tokens SET name = 'half done'")
    back_up(changed, tmp_path / "backup")
    writing.execute("ROLLBACK")
    writing.close()
    restore(DataFolder(tmp_path / "restored"), tmp_path / "backup")
    assert [token.name for token in Tokens(Database(tmp_path / "restored")).all()] == ["ann"]
