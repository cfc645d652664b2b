"""What stands in the database and was not written by us is found: bits flipped anywhere, rows altered or taken out."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kg.accounts import Database, IdempotencyKeys, Role, Sessions, Tokens, seals
from kg.accounts.database import schema_statements
from kg.curation.proposals import NewProposal, Proposals
from tests.support.tiers import by_tier, fresh_random


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A database in which something of each kind was written, altered and replaced."""
    database = Database(tmp_path)
    tokens, proposals, keys = Tokens(database), Proposals(database), IdempotencyKeys(database)
    for name in ("ann", "bob", "cleo"):
        tokens.create(name, Role.CURATOR, 2.5 if name == "bob" else None)
    tokens.revoke("cleo")
    for number in range(4):
        proposals.add(new(f"Proposal {number}", b"<urn:a> <urn:b> <urn:c> . # 1\n" * 300))
    proposals.refuse(1, "ann", "No source")
    proposals.accept(2, "ann", 7)
    for outcome in ("first", "second"):
        keys.remember("token", "key", "digest", outcome)
    return database


def new(summary: str, body: bytes) -> NewProposal:
    return NewProposal("bob", summary, "https://example.org/", "urn:graph", "text/turtle", body, [{"severity": "Info"}])


def read(folder: Path) -> object:
    """All that can be read of a database, or that it cannot be."""
    with closing(sqlite3.connect(folder / "desk.sqlite")) as connection:
        tables = ("tokens", "proposals", "idempotency_keys", "sqlite_sequence")
        try:
            rows = [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
            by_name = connection.execute("SELECT id FROM tokens WHERE folded_name = 'ann'").fetchall()
            return rows, by_name, connection.execute("PRAGMA user_version").fetchone()
        except (sqlite3.DatabaseError, UnicodeError) as error:
            return str(error)


def test_what_was_written_is_whole(database: Database, tmp_path: Path) -> None:
    assert database.damage() == ""
    assert Database(tmp_path / "none").damage() == ""


@pytest.mark.scaled
def test_every_flipped_bit_that_changes_what_can_be_read_is_found(database: Database, tmp_path: Path) -> None:
    path, chance = tmp_path / "desk.sqlite", fresh_random("flipped bits")
    before, content = read(tmp_path), path.read_bytes()
    changed = 0
    for _ in range(by_tier(60, 200, 5_000)):
        altered = bytearray(content)
        place = chance.randrange(len(content))
        altered[place] ^= 1 << chance.randrange(8)
        path.write_bytes(altered)
        if read(tmp_path) != before:
            changed += 1
            assert database.damage(), place
    path.write_bytes(content)
    assert database.damage() == ""
    assert changed > 5


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE tokens SET role = 'curator', name = 'eve' WHERE name = 'ann'", "of tokens is not as it was written"),
        (
            "UPDATE proposals SET body = CAST(replace(body, '1', '2') AS BLOB) WHERE number = 3",
            "3 of proposals is not as it was",
        ),
        ("DELETE FROM proposals WHERE number = 3", "3 of proposals is gone"),
        ("DELETE FROM idempotency_keys", "token key of idempotency_keys is gone"),
        ("DELETE FROM seals WHERE of_row = '4'", "4 of proposals is not as it was written"),
        ("UPDATE sqlite_sequence SET seq = 9", "the number given last is [('proposals', 9)]"),
        ("ALTER TABLE tokens RENAME COLUMN last_used TO last_user", "its tables are not those that were made"),
    ],
)
def test_what_was_not_written_by_us_is_found(database: Database, tmp_path: Path, statement: str, found: str) -> None:
    with closing(sqlite3.connect(tmp_path / "desk.sqlite")) as connection:
        connection.execute(statement)
        connection.commit()
    assert found in database.damage()


@pytest.mark.parametrize("version", [3, 4], ids=["no sessions", "no notes"])
def test_an_older_database_is_read_and_widened_when_it_is_first_written_to(tmp_path: Path, version: int) -> None:
    with closing(sqlite3.connect(tmp_path / "desk.sqlite")) as connection:
        for statement in schema_statements(version):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("PRAGMA journal_mode = WAL")
        seals.seal_writes(connection)
        connection.execute(
            "INSERT INTO tokens VALUES ('0123456789ab', 'h', 'ann', 'ann', 'curator', NULL, '2026', NULL, NULL, NULL)"
        )
        connection.commit()
    database = Database(tmp_path)
    sessions = Sessions(database)
    assert database.damage() == ""
    assert version < 4 or sessions.find(f"0123456789ab_{'A' * 43}") is None
    found = sessions.find(sessions.begin("0123456789ab"))
    assert found is not None
    assert (found.name, database.damage()) == ("ann", "")
