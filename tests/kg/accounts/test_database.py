"""The file of tokens and proposals: private, durable, all or nothing, and clear about what hinders it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kg.accounts import database as database_module
from kg.accounts.database import SCHEMA_VERSION, Database
from kg.errors import DeskError

pytestmark = pytest.mark.drawn

INSERT = "INSERT INTO idempotency_keys VALUES ('t', ?, 'd', 'o', 'n')"


def keys(database: Database) -> set[str]:
    with database.reading() as connection:
        return {row["key"] for row in connection.execute("SELECT key FROM idempotency_keys")}


def test_nobody_else_can_read_it_nor_what_is_beside_it(tmp_path: Path) -> None:
    with Database(tmp_path).writing() as connection:
        connection.execute(INSERT, ("a",))
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"desk.sqlite": 0o600, "desk.sqlite-wal": 0o600, "desk.sqlite-shm": 0o600}


def test_what_is_committed_is_synced(tmp_path: Path) -> None:
    with Database(tmp_path).writing() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL


STORE_AND_TELL = """
import sys
from pathlib import Path
from kg.accounts.database import Database
database = Database(Path(sys.argv[1]))
for number in range(10**6):
    with database.writing() as connection:
        connection.execute("INSERT INTO idempotency_keys VALUES ('t', ?, 'd', 'o', 'n')", (str(number),))
    print(number, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", STORE_AND_TELL, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(100)]
    process.kill()
    told += process.stdout.read().split()
    process.stdout.close()
    process.wait()
    kept = keys(Database(tmp_path))
    assert set(told) <= kept
    assert len(kept) <= len(told) + 1  # one may have been committed and not told


def test_processes_may_make_it_and_write_to_it_at_the_same_time(tmp_path: Path) -> None:
    one = STORE_AND_TELL.replace("range(10**6)", "range(int(sys.argv[2]), int(sys.argv[2]) + 20)")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", one, str(tmp_path / "new"), str(start)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for start in range(0, 120, 20)
    ]
    errors = [process.communicate()[1] for process in processes]
    assert errors == [b""] * len(processes)
    assert keys(Database(tmp_path / "new")) == {str(number) for number in range(120)}


def test_threads_may_make_it_at_the_same_time(tmp_path: Path) -> None:
    together, made = threading.Barrier(8), []

    def make() -> None:
        for turn in range(25):
            together.wait(timeout=30)
            made.append(keys(Database(tmp_path / str(turn))))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [set()] * 200


def test_blocks_within_each_other_are_one_transaction(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with pytest.raises(ZeroDivisionError), database.writing():  # noqa: PT012 – what is undone has to be done first
        with database.writing() as connection:
            connection.execute(INSERT, ("inner",))
        assert keys(database) == {"inner"}
        raise ZeroDivisionError
    assert keys(database) == set()
    with database.writing() as connection:
        connection.execute(INSERT, ("later",))
    assert keys(database) == {"later"}


def test_readers_see_what_was_there_before_and_wait_for_nobody(tmp_path: Path) -> None:
    database, seen = Database(tmp_path), []
    with database.writing() as connection:
        connection.execute(INSERT, ("a",))
        reader = threading.Thread(target=lambda: seen.append(keys(database)))
        reader.start()
        reader.join()
        assert seen == [set()]
    assert keys(database) == {"a"}


def test_a_writer_that_waited_long_enough_is_told_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.01)
    with Database(tmp_path).writing():
        other = Database(tmp_path).writing()
        with pytest.raises(DeskError, match=r"locked(.|\n)*Another process is writing"), other:
            pass


@pytest.mark.parametrize("version", [2, SCHEMA_VERSION + 1], ids=["older than any release", "newer"])
def test_another_schema_is_refused_and_left_alone(tmp_path: Path, version: int) -> None:
    with Database(tmp_path).writing() as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(DeskError, match=r"another version(.|\n)*Update citykg"), Database(tmp_path).reading():
        pass


def test_what_is_no_database_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite").write_text("notes of mine, " * 100)
    with pytest.raises(DeskError, match=r"not a database(.|\n)*backup"), Database(tmp_path).writing():
        pass
    assert (tmp_path / "desk.sqlite").read_text().startswith("notes of mine")


def test_a_place_where_no_file_can_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", Path("/proc/none")):
        with pytest.raises(DeskError, match=r"cannot be made(.|\n)*--data"), Database(place).reading():
            pass
    (tmp_path / "desk.sqlite").mkdir()
    with pytest.raises(DeskError, match="unable to open"), Database(tmp_path).reading():
        pass


def test_errors_that_are_not_the_files_keep_their_names(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), Database(tmp_path).writing():
        raise PermissionError("the caller's own")
    with pytest.raises(sqlite3.IntegrityError), Database(tmp_path).writing() as connection:
        connection.execute(INSERT, (None,))


def test_times_sort_as_texts(tmp_path: Path) -> None:
    database = Database(tmp_path, clock=lambda: 1_000_000_000)
    assert database.now() == "2001-09-09T01:46:40Z"
    assert database.now(ago=86_400) == "2001-09-08T01:46:40Z"
