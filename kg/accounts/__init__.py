"""People and programs that may write: tokens, who is asking, and keys by which a request counts once.

See docs/decisions/tokens.md.
"""

from kg.accounts.database import Database
from kg.accounts.idempotency import IdempotencyKeys, digest
from kg.accounts.tokens import Authentication, InvalidTokenError, Role, Token, Tokens

__all__ = ["Authentication", "Database", "IdempotencyKeys", "InvalidTokenError", "Role", "Token", "Tokens", "digest"]
