"""Idempotency keys: a request that is sent again, because its answer was lost, counts once.

After the IETF draft "The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key-header). A key belongs
to the token that it came with, so that it never leads to the outcome of another client's request.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from kg.accounts.database import Database
from kg.errors import BadValueError, CityKgError

KEPT_DAYS = 7.0
_DAY = 24 * 60 * 60.0
_FORM = re.compile(r"[\x21-\x7e]{1,255}")


class KeyReusedError(CityKgError):
    """A key came again with a different request; `outcome` is that of the first one."""

    title = "The idempotency key was used before"

    def __init__(self, outcome: str) -> None:
        super().__init__(
            "The idempotency key came before with another request.", "Give each request that is new a new key."
        )
        self.outcome = outcome


class IdempotencyKeys:
    """The outcomes of requests with a key, kept for some days. `days` may be a fraction."""

    def __init__(self, database: Database, days: float = KEPT_DAYS) -> None:
        self._database = database
        self._seconds = days * _DAY

    @staticmethod
    def digest(*parts: bytes) -> str:
        """Return the digest that identifies a request: the SHA-256 of its parts, as address, media type and body."""
        whole = hashlib.sha256()
        for part in parts:
            whole.update(len(part).to_bytes(8, "big") + part)  # with lengths, or else parts could be cut elsewhere
        return whole.hexdigest()

    def recall(self, token_id: str, key: str, digest: str) -> str | None:
        """Return the outcome of a request, None if none is noted or it is too old.

        Raises KeyReusedError if the key came with a different request, BadValueError if it is not a valid key.
        """
        if not _FORM.fullmatch(key):
            raise BadValueError("The idempotency key is not valid.", "Give 1 to 255 ASCII characters without spaces.")
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT digest, outcome FROM idempotency_keys WHERE token_id = ? AND key = ? AND noted >= ?",
                (token_id, key, self._database.now(ago=self._seconds)),
            ).fetchone()
        if row is None:
            return None
        if row["digest"] != digest:
            raise KeyReusedError(row["outcome"])
        return str(row["outcome"])

    def remember(self, token_id: str, key: str, digest: str, outcome: str) -> None:
        """Note the outcome of a request, replacing an earlier one of the same request; drop outcomes that are too old.

        `outcome` is a text by which the caller finds the result again. Raises as `recall` does.
        """
        with self._database.writing() as connection:
            self.recall(token_id, key, digest)
            connection.execute("DELETE FROM idempotency_keys WHERE noted < ?", (self._database.now(ago=self._seconds),))
            connection.execute(
                "INSERT OR REPLACE INTO idempotency_keys (token_id, key, digest, outcome, noted)"
                " VALUES (?, ?, ?, ?, ?)",
                (token_id, key, digest, outcome, self._database.now()),
            )

    def free(self, token_id: str, key: str, digest: str, has_come_of: Callable[[str], bool]) -> None:
        """Free a key that came before with a different request, unless `has_come_of` accepts the outcome of that one.

        Raises BadValueError as `recall` does.
        """
        try:
            self.recall(token_id, key, digest)
        except KeyReusedError as error:
            if not has_come_of(error.outcome):
                with self._database.writing() as connection:
                    connection.execute(
                        "DELETE FROM idempotency_keys WHERE token_id = ? AND key = ? AND outcome = ?",
                        (token_id, key, error.outcome),
                    )
