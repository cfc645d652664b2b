"""Sessions of people who have signed in with their token: short, hashed, bound to the token and ended with it.

What a browser is given reads `<id of the token>_<secret>`, with 256 bits of chance in the secret. What is stored is the
SHA-256 of it and of the token's own hash: so a row belongs to one token, names none, and cannot be used by readers of
the file. Backups have no sessions, hence a restore ends all of them.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
from contextlib import suppress

from kg.accounts.database import Database
from kg.accounts.tokens import AccessToken, Tokens
from kg.errors import DeskError
from kg.shortage import NoSpaceError

IDLE_MINUTES = 30
"""Minutes without a request after which a session has ended."""
LONGEST_HOURS = 8
"""Hours after which a session has ended in any case."""

_NOTED_SECONDS = 60  # so that not every request writes
_SECRET_BYTES = 32
_FORM = re.compile(r"([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_ALIVE = "began > ? AND used > ?"


class Sessions:
    """The sessions of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tokens = Tokens(database)

    def begin(self, token_id: str) -> str:
        """Begin a session of the holder of a token, and return what its browser is to present. Raises DeskError."""
        presented = f"{token_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        token = self._tokens.find(token_id)
        assert token is not None
        now = self._database.now()
        with self._database.writing() as connection:
            connection.execute(f"DELETE FROM sessions WHERE NOT ({_ALIVE})", self._earliest())
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?)", (_hash(presented, token), now, now))
        return presented

    def find(self, presented: str, *, is_used: bool = True) -> AccessToken | None:
        """Return the token of a session that has not ended, and note its use if it is one; None for anything else.

        A session ends with its token. Raises DeskError.
        """
        token = self._token_of(presented)
        if token is None or token.revoked or self._tokens.has_expired(token):
            return None
        key = _hash(presented, token)
        statement = f"SELECT used FROM sessions WHERE hash = ? AND {_ALIVE}"
        with self._database.reading() as connection:
            row = connection.execute(statement, (key, *self._earliest())).fetchone() if _has_table(connection) else None
        if row is None:
            return None
        if is_used and row["used"] <= self._database.now(ago=_NOTED_SECONDS):
            with suppress(DeskError, NoSpaceError), self._database.writing() as connection:  # it is a note only
                connection.execute("UPDATE sessions SET used = ? WHERE hash = ?", (self._database.now(), key))
        return token

    def end(self, presented: str) -> None:
        """End a session, if there is such a one. Raises DeskError."""
        token = self._token_of(presented)
        if token is not None:
            with self._database.writing() as connection:
                connection.execute("DELETE FROM sessions WHERE hash = ?", (_hash(presented, token),))

    @staticmethod
    def remove_all(copy: sqlite3.Connection) -> None:
        """Remove all sessions from a copy of a database."""
        if _has_table(copy):
            with copy:
                copy.execute("DELETE FROM sessions")

    def _token_of(self, presented: str) -> AccessToken | None:
        match = _FORM.fullmatch(presented)
        return self._tokens.find(match[1]) if match else None

    def _earliest(self) -> tuple[str, str]:
        """Return the times after which a session that is alive began, and was used."""
        return self._database.now(ago=LONGEST_HOURS * 3600), self._database.now(ago=IDLE_MINUTES * 60)


def _has_table(connection: sqlite3.Connection) -> bool:
    """Return True if there is a table of sessions; an older database gets it when first written to."""
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sessions'").fetchone() is not None


def _hash(presented: str, token: AccessToken) -> str:
    return hashlib.sha256(f"{presented} {token.hash}".encode()).hexdigest()
