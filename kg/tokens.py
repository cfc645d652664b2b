"""Tokens: who may propose and who may change, by name and role. The secret is shown once and stored hashed (argon2).

A token reads `cdk_<id>_<secret>`: the id finds its row, so that one hash is computed and not one for each token. It is
in the form that RFC 6750, section 2.1, lets a bearer token have.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

from argon2 import PasswordHasher

from kg.desk import Desk
from kg.errors import BadValueError, UnknownNameError

LONGEST_NAME = 64
MOST_SECONDS = 3600.0
_ID_BYTES = 6
_SECRET_BYTES = 32
_FORM = re.compile(r"cdk_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")


class Role(StrEnum):
    """What somebody may do."""

    CONTRIBUTOR = "contributor"
    """Proposes changes."""
    CURATOR = "curator"
    """Also makes changes, and accepts or refuses proposals."""

    def covers(self, needed: Role) -> bool:
        """Return whether this role may do what the other one may."""
        return self is Role.CURATOR or needed is Role.CONTRIBUTOR


@dataclass(frozen=True)
class Token:
    """What is known of a token; times are xsd:dateTime in UTC.

    `seconds` is how long a query of its holder may take; None: as long as anybody's. `last_used` is a day.
    """

    id: str
    name: str
    role: Role
    seconds: float | None
    created: str
    last_used: str | None
    revoked: str | None
    hash: str = field(repr=False)


def id_of(presented: str) -> str | None:
    """Return the id in a token that somebody presents; None if the text has not the form of one."""
    match = _FORM.fullmatch(presented)
    return match[1] if match else None


class Tokens:
    """The tokens of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def create(self, name: str, role: Role, seconds: float | None = None) -> str:
        """Make a token and return it, secret included; it cannot be had again.

        The name appears in the public history. It has to differ from those of tokens in use in more than case; the
        name of a revoked token may be given again, to the same person. Raises BadValueError.
        """
        name = _checked_name(name)
        if seconds is not None and not 0 < seconds <= MOST_SECONDS:
            raise BadValueError(
                f"{seconds:g} seconds cannot be what a query may take.", f"Give more than 0, up to {MOST_SECONDS:g}."
            )
        token_id = secrets.token_hex(_ID_BYTES)
        presented = f"cdk_{token_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        hashed = PasswordHasher().hash(presented)
        with self._desk.writing() as connection:
            if (other := _in_use(connection, name)) is not None:
                raise BadValueError(
                    f"There is a token named {other.name!r} already.",
                    f"Choose another name, or revoke that one first: citykg token revoke {other.name!r}",
                )
            connection.execute(
                "INSERT INTO tokens (id, hash, name, folded_name, role, seconds, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (token_id, hashed, name, _folded(name), role, seconds, self._desk.now()),
            )
        return presented

    def all(self) -> list[Token]:
        """Return all tokens, revoked ones included, in the order in which they were made."""
        with self._desk.reading() as connection:
            return [_token(row) for row in connection.execute("SELECT * FROM tokens ORDER BY created, rowid")]

    def find(self, token_id: str) -> Token | None:
        """Return the token with an id."""
        with self._desk.reading() as connection:
            row = connection.execute("SELECT * FROM tokens WHERE id = ?", (token_id,)).fetchone()
        return _token(row) if row else None

    def revoke(self, name: str) -> Token:
        """Make the token of a name useless, from now on and everywhere. Raises UnknownNameError."""
        with self._desk.writing() as connection:
            token = _in_use(connection, name)
            if token is None:
                rows = connection.execute("SELECT name FROM tokens WHERE revoked IS NULL")
                raise UnknownNameError("token in use", name, [row["name"] for row in rows])
            connection.execute("UPDATE tokens SET revoked = ? WHERE id = ?", (self._desk.now(), token.id))
        return token

    def note_use(self, token: Token) -> None:
        """Note that a token is used today; the desk is written to only when that is new."""
        today = self._desk.now()[:10]
        if token.last_used != today:
            with self._desk.writing() as connection:
                connection.execute("UPDATE tokens SET last_used = ? WHERE id = ?", (today, token.id))


def _in_use(connection: sqlite3.Connection, name: str) -> Token | None:
    statement = "SELECT * FROM tokens WHERE folded_name = ? AND revoked IS NULL"
    row = connection.execute(statement, (_folded(name),)).fetchone()
    return _token(row) if row else None


def _token(row: sqlite3.Row) -> Token:
    known = {name: row[name] for name in row.keys() if name != "folded_name"}  # noqa: SIM118 – a Row iterates values
    return Token(**{**known, "role": Role(row["role"])})


def _checked_name(name: str) -> str:
    normal = " ".join(unicodedata.normalize("NFC", name).split(" "))
    if not normal.isprintable() or normal != normal.strip() or not 0 < len(normal) <= LONGEST_NAME:
        raise BadValueError(
            f"{name!r} cannot be the name of a token.",
            f"Give 1 to {LONGEST_NAME} printable characters without spaces around them, such as 'alice'.",
        )
    return normal


def _folded(name: str) -> str:
    """Return what two names have in common that people would take for one (Unicode Standard, section 3.13)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
