"""Who is asking: `Authorization: Bearer <token>` (RFC 6750), and no other way, since addresses end up in logs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Flask, Response, g, request

from kg.accounts import InvalidTokenError, Role
from kg.errors import CityKgError
from server.context.services import service

_CHALLENGE = 'Bearer realm="citykg"'
_BEARER = re.compile(r"bearer(?: +(.*))?", re.IGNORECASE | re.DOTALL)
_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class TokenMissingError(CityKgError):
    """A request came without a token where one is needed."""

    title = "A token is needed"

    def __init__(self) -> None:
        super().__init__(
            "This needs a token, and your request has none.",
            "Send a header 'Authorization: Bearer <token>', never a token in the address. The operator "
            "makes tokens with: citykg token create",
        )


class MalformedCredentialsError(CityKgError):
    """The Authorization header says Bearer, and no token in the form of RFC 6750 follows."""

    title = "The Authorization header does not fit"

    def __init__(self) -> None:
        super().__init__(
            "The Authorization header says Bearer, and what follows is not one token.",
            "Send one header of the form 'Authorization: Bearer <token>'.",
        )


class RoleNeededError(CityKgError):
    """The role of the client does not cover what was asked; `role` is the one that does."""

    title = "Another role is needed"

    def __init__(self, who: Principal, role: Role) -> None:
        super().__init__(
            f"This needs the role {role}; {who.name} has the role {who.role}.",
            "Propose the change instead, or ask the operator for a token with that role.",
        )
        self.role = role


@dataclass(frozen=True)
class Principal:
    """Who asks. `seconds` is how long a query of theirs may take; None: as long as anybody's."""

    name: str
    role: Role
    token_id: str
    seconds: float | None


def protect(app: Flask) -> None:
    """Say of the answers of an app that depend on who asks that nobody may keep them."""
    app.after_request(_keep_nowhere)


def principal() -> Principal:
    """Return who asks. Raises TokenMissingError, and what `optional_principal` raises."""
    g.depends_on_who_asks = True
    who = optional_principal()
    if who is None:
        raise TokenMissingError
    return who


def optional_principal() -> Principal | None:
    """Return who asks; None without a token, also where the header is for another scheme than Bearer.

    Raises MalformedCredentialsError, InvalidTokenError, TooManyAttemptsError, DeskError.
    """
    match = _BEARER.fullmatch(request.headers.get("Authorization", "").strip())
    if match is None:
        return None
    g.depends_on_who_asks = True
    presented = match[1] or ""
    if not _B64TOKEN.fullmatch(presented):
        raise MalformedCredentialsError
    token = service.authentication.identify(presented, request.remote_addr or "")
    return Principal(token.name, token.role, token.id, token.seconds)


def require(role: Role) -> Principal:
    """Return who asks, if their role covers one. Raises RoleNeededError, and what `principal` raises."""
    who = principal()
    if not who.role.covers(role):
        raise RoleNeededError(who, role)
    return who


def challenge(error: CityKgError) -> str | None:
    """Return the WWW-Authenticate header that goes with an error (RFC 6750, section 3); None if none does."""
    if isinstance(error, TokenMissingError):
        return _CHALLENGE
    if isinstance(error, MalformedCredentialsError):
        return f'{_CHALLENGE}, error="invalid_request"'
    if isinstance(error, InvalidTokenError):
        return f'{_CHALLENGE}, error="invalid_token", error_description="{error.message}"'
    if isinstance(error, RoleNeededError):
        return f'{_CHALLENGE}, error="insufficient_scope", scope="{error.role}"'
    return None


def _keep_nowhere(response: Response) -> Response:
    if "depends_on_who_asks" in g:
        response.headers["Cache-Control"] = "no-store"
    return response
