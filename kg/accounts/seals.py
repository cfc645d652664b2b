"""Seals: a hash of each row of the database, which reveals a flipped bit.

SQLite checks the structure of its file, not the content of a cell. So each row of ours has an SHA-256 in the table
`seals`, written by triggers that belong to the connection, so that no statement can forget it.
"""

from __future__ import annotations

import hashlib
import sqlite3

SCHEMA = """CREATE TABLE seals (
        of_table TEXT NOT NULL,
        of_row TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (of_table, of_row)
    ) STRICT, WITHOUT ROWID"""

_KEYS = {
    "tokens": ("id",),
    "proposals": ("number",),
    "idempotency_keys": ("token_id", "key"),
    "proposal_notes": ("proposal", "position"),
}
"""The tables whose rows are sealed, with the columns of their keys; an older database lacks the last.

Sessions are not: they are written at each sign-in and forgotten within hours, and a damaged one fits no token.
"""

_Value = str | bytes | int | float | None


def seal_writes(connection: sqlite3.Connection) -> None:
    """Seal all rows that are written through a connection from now on."""
    _register_seal_function(connection)
    connection.execute("PRAGMA recursive_triggers = ON")  # so that a row that is replaced loses its seal
    for table, key in _sealed_tables(connection):
        columns = _column_list(connection, table, "NEW.")
        for event in ("INSERT", "UPDATE"):
            connection.execute(
                f"CREATE TEMP TRIGGER seal_{table}_{event} AFTER {event} ON main.{table} BEGIN INSERT OR REPLACE INTO"
                f" seals VALUES ('{table}', {_row_expression(key, 'NEW.')}, seal({columns})); END"
            )
        connection.execute(
            f"CREATE TEMP TRIGGER seal_{table}_DELETE AFTER DELETE ON main.{table} BEGIN DELETE FROM"
            f" seals WHERE of_table = '{table}' AND of_row = {_row_expression(key, 'OLD.')}; END"
        )


def find_damage(connection: sqlite3.Connection) -> str:
    """Return a description of the first damaged row, "" if all rows match their seals. Raises DatabaseError."""
    _register_seal_function(connection)
    sealed = {tuple(row[:2]): row[2] for row in connection.execute("SELECT of_table, of_row, sha256 FROM seals")}
    for table, key in _sealed_tables(connection):
        columns = _column_list(connection, table)
        for row, found in connection.execute(f"SELECT {_row_expression(key)}, seal({columns}) FROM {table}"):
            if sealed.pop((table, row), None) != found:
                return f"the row {row} of {table} is not as it was written"
    if sealed:
        table, row = min(sealed)
        return f"the row {row} of {table} is gone"
    given = connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
    last = connection.execute("SELECT 'proposals', max(number) FROM proposals HAVING count(*) > 0").fetchall()
    return "" if given == last else f"the number given last is {given}, that of the last proposal {last}"


def _sealed_tables(connection: sqlite3.Connection) -> list[tuple[str, tuple[str, ...]]]:
    there = {row[0] for row in connection.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'")}
    return [(table, key) for table, key in _KEYS.items() if table in there]


def _register_seal_function(connection: sqlite3.Connection) -> None:
    connection.create_function("seal", -1, _seal, deterministic=True)


def _row_expression(key: tuple[str, ...], of: str = "") -> str:
    """Return the SQL expression of the key of a row, as a text."""
    return " || ' ' || ".join(f"CAST({of}{column} AS TEXT)" for column in key)


def _column_list(connection: sqlite3.Connection, table: str, of: str = "") -> str:
    names = sorted(row[0] for row in connection.execute("SELECT name FROM pragma_table_info(?)", (table,)))
    return ", ".join(f"'{name}', {of}{name}" for name in names)


def _seal(*values: _Value) -> str:
    whole = hashlib.sha256()
    for value in values:
        part = value if isinstance(value, bytes) else repr(value).encode()
        whole.update(f"{type(value).__name__} {len(part)} ".encode() + part)
    return whole.hexdigest()
