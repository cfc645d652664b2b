"""Access tokens: the name and the role of a holder. The secret is shown once and stored hashed.

A token reads `cdk_<id>_<secret>`: the id finds its row, so that one hash is computed and not one for each token. It has
a form that RFC 6750, section 2.1, allows for a bearer token. A secret of 256 bits cannot be guessed, so a fast hash,
SHA-256, is stored.

Role and revocation are read at each request, so that a revocation takes effect at once in every process.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
import sqlite3
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from kg.accounts.database import Database
from kg.errors import BadValueError, CityKgError, UnknownNameError
from kg.recent_requests import RecentRequests
from kg.shortage import NoSpaceError

LONGEST_NAME = 64
MOST_SECONDS = 3600.0
MOST_DAYS = 3650
ATTEMPTS_A_MINUTE = 10
"""Wrong tokens from one address."""
_SECONDS_A_DAY = 86_400
_ID_BYTES = 6
_SECRET_BYTES = 32
_FORM = re.compile(r"cdk_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")


_GET_ANOTHER = "Ask the operator for another one, who makes it with: citykg token create NAME --role ROLE --days DAYS"


class Role(StrEnum):
    """The rights of the holder of a token."""

    CONTRIBUTOR = "contributor"
    """Proposes changes."""
    CURATOR = "curator"
    """Makes changes, too, and accepts or refuses proposals."""

    def covers(self, needed: Role) -> bool:
        """Return True if this role includes another one."""
        return self is Role.CURATOR or needed is Role.CONTRIBUTOR


@dataclass(frozen=True)
class AccessToken:
    """A token as stored; times are xsd:dateTime in UTC.

    `seconds` is the time limit for queries of its holder, None for the common limit. `last_used` is a day. The token is
    valid until `expires`, or without end if that is None.
    """

    id: str
    name: str
    role: Role
    seconds: float | None
    created: str
    last_used: str | None
    revoked: str | None
    hash: str = field(repr=False)
    expires: str | None = None

    def has_expired(self, now: str) -> bool:
        """Return True if the token has expired at a given time."""
        return self.expires is not None and self.expires <= now


class InvalidTokenError(CityKgError):
    """A token that does not exist, was revoked, or has expired."""

    title = "The token is not valid"


class TooManyAttemptsError(CityKgError):
    """Too many wrong tokens came from one address; `retry_after` is in seconds."""

    title = "Too many wrong tokens"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            f"More than {ATTEMPTS_A_MINUTE} wrong tokens came from your address within a minute.",
            f"Go on in {retry_after} seconds. A right token is accepted meanwhile.",
        )
        self.retry_after = retry_after


class Tokens:
    """The tokens of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, role: Role, seconds: float | None = None, days: int | None = None) -> str:
        """Create a token, valid for some days or without end, and return it with its secret, which is not stored.

        The name appears in the public history. It must differ from the names of tokens in use in more than case; the
        name of a token that was revoked or has expired may be given again, to the same person. Raises BadValueError.
        """
        name = _normalise_name(name)
        if seconds is not None and not 0 < seconds <= MOST_SECONDS:
            raise BadValueError(
                f"A query cannot be allowed {seconds:g} seconds.",
                f"Give more than 0, up to {MOST_SECONDS:g}.",
            )
        if days is not None and not 0 < days <= MOST_DAYS:
            raise BadValueError(f"A token cannot be valid for {days} days.", f"Give 1 or more, up to {MOST_DAYS}.")
        expires = None if days is None else self._database.now(ago=-days * _SECONDS_A_DAY)
        token_id = secrets.token_hex(_ID_BYTES)
        presented = f"cdk_{token_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        with self._database.writing() as connection:
            self._refuse_name_in_use(connection, name)
            connection.execute(
                "INSERT INTO tokens (id, hash, name, folded_name, role, seconds, created, expires) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (token_id, _hash(presented), name, _fold_name(name), role, seconds, self._database.now(), expires),
            )
        return presented

    def _refuse_name_in_use(self, connection: sqlite3.Connection, name: str) -> None:
        """Raise BadValueError if a valid token has a name; one that has expired is revoked."""
        other = _find_in_use(connection, name)
        if other is None:
            return
        if not other.has_expired(self._database.now()):
            raise BadValueError(
                f"There is a token named {other.name!r} already.",
                f"Choose another name, or revoke that one first: citykg token revoke {other.name!r}",
            )
        self._revoke(connection, other)

    def all(self) -> list[AccessToken]:
        """Return all tokens, revoked ones included, oldest first."""
        with self._database.reading() as connection:
            return [_token(row) for row in connection.execute("SELECT * FROM tokens ORDER BY created, rowid")]

    def find(self, token_id: str) -> AccessToken | None:
        """Return the token with an id, None if there is none."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM tokens WHERE id = ?", (token_id,)).fetchone()
        return _token(row) if row else None

    def revoke(self, name: str) -> AccessToken:
        """Revoke the token with a name, at once and in every process. Raises UnknownNameError."""
        with self._database.writing() as connection:
            token = _find_in_use(connection, name)
            if token is None:
                rows = connection.execute("SELECT name FROM tokens WHERE revoked IS NULL")
                raise UnknownNameError("token in use", name, [row["name"] for row in rows])
            self._revoke(connection, token)
        return token

    def _revoke(self, connection: sqlite3.Connection, token: AccessToken) -> None:
        connection.execute("UPDATE tokens SET revoked = ? WHERE id = ?", (self._database.now(), token.id))

    def has_expired(self, token: AccessToken) -> bool:
        """Return True if a token has expired by now."""
        return token.has_expired(self._database.now())

    def note_use(self, token: AccessToken) -> None:
        """Note that a token is used today, once a day."""
        today = self._database.now()[:10]
        if token.last_used != today:
            with self._database.writing() as connection:
                connection.execute("UPDATE tokens SET last_used = ? WHERE id = ?", (today, token.id))


class Authentication:
    """Finds the tokens that clients present. Safe for use by many threads."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._wrong = RecentRequests(ATTEMPTS_A_MINUTE, 60)

    def identify(self, presented: str, client: str) -> AccessToken:
        """Return the token that a client presents; `client` is the client's address.

        Raises InvalidTokenError, TooManyAttemptsError, DeskError.
        """
        token = self._find(presented)
        if token is not None and not token.revoked and not self._tokens.has_expired(token):
            with suppress(NoSpaceError):  # reading goes on when the disk is full
                self._tokens.note_use(token)
            return token
        if wait := self._wrong.take(client):
            raise TooManyAttemptsError(math.ceil(wait))
        if token is not None:
            how = "was revoked" if token.revoked else f"ended at {token.expires}"
            raise InvalidTokenError(f"This token {how}.", _GET_ANOTHER)
        raise InvalidTokenError("This token does not exist.", "Check that it was copied completely.")

    def find_holder(self, presented: str) -> str | None:
        """Return the id of the valid token that a client presents, None for any other.

        Attempts are not counted, since the client learns nothing from it. Raises DeskError.
        """
        token = self._find(presented)
        return None if token is None or token.revoked or self._tokens.has_expired(token) else token.id

    def _find(self, presented: str) -> AccessToken | None:
        """Return the token whose secret a client presents, also one that was revoked or has ended."""
        match = _FORM.fullmatch(presented)
        token = self._tokens.find(match[1]) if match else None
        return token if token is not None and hmac.compare_digest(token.hash, _hash(presented)) else None


def _hash(presented: str) -> str:
    return "sha256$" + hashlib.sha256(presented.encode()).hexdigest()


def _find_in_use(connection: sqlite3.Connection, name: str) -> AccessToken | None:
    statement = "SELECT * FROM tokens WHERE folded_name = ? AND revoked IS NULL"
    row = connection.execute(statement, (_fold_name(name),)).fetchone()
    return _token(row) if row else None


def _token(row: sqlite3.Row) -> AccessToken:
    known = {name: row[name] for name in row.keys() if name != "folded_name"}  # noqa: SIM118 – a Row iterates values
    return AccessToken(**{**known, "role": Role(row["role"])})


def _normalise_name(name: str) -> str:
    normal = " ".join(unicodedata.normalize("NFC", name).split(" "))
    if not normal.isprintable() or normal != normal.strip() or not 0 < len(normal) <= LONGEST_NAME:
        raise BadValueError(
            f"{name!r} cannot be the name of a token.",
            f"Give 1 to {LONGEST_NAME} printable characters without spaces around them, such as 'alice'.",
        )
    return normal


def _fold_name(name: str) -> str:
    """Return the folded form of a name, equal for names that look the same (Unicode Standard, section 3.13)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
