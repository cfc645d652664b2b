"""People and programs that may write: tokens, who is asking, and keys by which a request counts once.

See docs/decisions/tokens.md.
"""

from kg.accounts.database import Database
from kg.accounts.idempotency import IdempotencyKeys, request_digest
from kg.accounts.tokens import AccessToken, Authentication, InvalidTokenError, Role, Tokens

__all__ = [
    "AccessToken",
    "Authentication",
    "Database",
    "IdempotencyKeys",
    "InvalidTokenError",
    "Role",
    "Tokens",
    "request_digest",
]
