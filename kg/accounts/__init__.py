"""People and programs that may write: access tokens, sessions, and idempotency keys.

See docs/decisions/tokens.md.
"""

from kg.accounts.database import Database
from kg.accounts.idempotency import IdempotencyKeys
from kg.accounts.sessions import Sessions
from kg.accounts.tokens import AccessToken, Authentication, InvalidTokenError, Role, Tokens
