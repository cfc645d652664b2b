"""Whose token is it? Slow for who guesses, fast for who has been here before.

A verification by argon2 takes tens of milliseconds and 64 MiB, as it should. So only one runs at a time, an address
that failed too often has to wait, and what was verified once is remembered, as the SHA-256 of the token, beside the
hash that it was verified against. Nothing else is remembered: role and revocation are read from the desk each time, so
that revoking takes effect at once in every process.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import secrets
import threading
import time

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from kg.errors import CityKgError
from kg.tokens import Token, Tokens, id_of

ATTEMPTS_A_MINUTE = 10


class InvalidTokenError(CityKgError):
    """A token that nobody has, or that was revoked."""


class TooManyAttemptsError(CityKgError):
    """Too many wrong tokens came from one address; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            f"More than {ATTEMPTS_A_MINUTE} wrong tokens came from your address within a minute.",
            f"Go on in {retry_after} seconds. A token that was accepted here before still is.",
        )
        self.retry_after = retry_after


class Authentication:
    """Tells whose token somebody presents. Safe for use by many threads."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._hasher = PasswordHasher()
        self._nobodys = _hash_of_nothing(self._hasher)
        self._verifying = threading.Lock()
        self._verified: dict[str, tuple[bytes, str]] = {}
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._share = RateLimitItemPerMinute(ATTEMPTS_A_MINUTE)

    def identify(self, presented: str, client: str) -> Token:
        """Return the token that somebody presents; `client` is the address that the request came from.

        Raises InvalidTokenError, TooManyAttemptsError, DeskError.
        """
        token_id = id_of(presented)
        token = self._tokens.find(token_id) if token_id else None
        if token is None or not self._is_remembered(token, presented):
            with self._verifying:
                token = self._verified_by_hash(token, presented, client)
        self._tokens.note_use(token)
        return token

    def _is_remembered(self, token: Token, presented: str) -> bool:
        digest, hashed = self._verified.get(token.id, (b"", ""))
        return hmac.compare_digest(digest, _digest(presented)) and hashed == token.hash and not token.revoked

    def _verified_by_hash(self, token: Token | None, presented: str, client: str) -> Token:
        """Compute a hash, for nobody's token as well, so that time does not tell which ids there are."""
        if token is not None and self._is_remembered(token, presented):
            return token  # another request verified it while this one waited
        self._check_attempts(client)
        matches = self._matches(token.hash if token else self._nobodys, presented)
        if token is not None and matches and not token.revoked:
            self._verified[token.id] = (_digest(presented), token.hash)
            return token
        self._limiter.hit(self._share, client)
        if token is not None and matches:
            raise InvalidTokenError("This token was revoked.", "Ask whoever runs the service for another one.")
        raise InvalidTokenError("Nobody has this token.", "Check that it was copied whole.")

    def _matches(self, hashed: str, presented: str) -> bool:
        try:
            return self._hasher.verify(hashed, presented)
        except VerificationError:
            return False

    def _check_attempts(self, client: str) -> None:
        if not self._limiter.test(self._share, client):
            reset = self._limiter.get_window_stats(self._share, client).reset_time
            raise TooManyAttemptsError(max(1, math.ceil(reset - time.time())))


def _digest(presented: str) -> bytes:
    return hashlib.sha256(presented.encode()).digest()


def _hash_of_nothing(hasher: PasswordHasher) -> str:
    """Return a hash that takes as long to compare with as any, and that no token has."""
    salt, value = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${value}"
