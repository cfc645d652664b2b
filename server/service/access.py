"""Authentication: `Authorization: Bearer <token>` (RFC 6750); never in an address, since those end up in logs.

An invalid token is refused at every address. While tokens cannot be looked up, addresses that need none answer as if
none had been sent.

People sign in at the desk (server.desk); nothing else takes a session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from flask import Flask, g, request

from kg.accounts import AccessToken, InvalidTokenError, Role
from kg.errors import CityKgError, DeskError
from kg.shortage import NoSpaceError
from server.service.services import service

_BEARER = re.compile(r"bearer(?: +(.*))?", re.IGNORECASE | re.DOTALL)
_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_LOOKUP_FAILURES = (DeskError, NoSpaceError)
"""Errors that leave it open whether a token is valid."""


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
    """The holder of a token. `seconds` is how long a query of theirs may take; None means the general limit."""

    CHALLENGE: ClassVar = 'Bearer realm="citykg"'
    """The field WWW-Authenticate where there is no token."""

    name: str
    role: Role
    token_id: str
    seconds: float | None

    @classmethod
    def of(cls, token: AccessToken) -> Principal:
        """Return the holder of a token."""
        return cls(token.name, token.role, token.id, token.seconds)

    def refuse_without(self, role: Role) -> None:
        """Raise RoleNeededError if the holder's role does not cover a role."""
        if not self.role.covers(role):
            raise RoleNeededError(self, role)

    @staticmethod
    def attach(app: Flask) -> None:
        """Refuse wrong tokens at all addresses of an app, those that need none among them."""
        app.before_request(_refuse_wrong_token)


def principal() -> Principal:
    """Return the holder of the request's token. Raises TokenMissingError, and what `optional_principal` raises."""
    g.depends_on_who_asks = True
    who = optional_principal(needs_token=True)
    if who is None:
        raise TokenMissingError
    return who


def optional_principal(*, needs_token: bool = False) -> Principal | None:
    """Return the holder of the request's token; None without one, or if the scheme is another than Bearer.

    A token that cannot be looked up counts as none, unless the address `needs_token`: that raises DeskError or
    NoSpaceError. Raises MalformedCredentialsError, InvalidTokenError, TooManyAttemptsError.
    """
    presented = _bearer()
    if presented is None:
        return None
    g.depends_on_who_asks = True
    try:
        return Principal.of(_identify(presented))
    except _LOOKUP_FAILURES:
        if needs_token:
            raise
        return None


def require(role: Role) -> Principal:
    """Return the holder of the request's token if their role covers `role`.

    Raises RoleNeededError, and what `principal` raises.
    """
    who = principal()
    who.refuse_without(role)
    return who


def challenges(error: CityKgError) -> Iterator[str]:
    """Yield the fields WWW-Authenticate that go with an error (RFC 6750, section 3)."""
    if error.title == TokenMissingError.title:
        yield Principal.CHALLENGE
    if isinstance(error, MalformedCredentialsError):
        yield f'{Principal.CHALLENGE}, error="invalid_request"'
    if isinstance(error, InvalidTokenError):
        yield f'{Principal.CHALLENGE}, error="invalid_token", error_description="{error.message}"'
    if isinstance(error, RoleNeededError):
        yield f'{Principal.CHALLENGE}, error="insufficient_scope", scope="{error.role}"'


def _refuse_wrong_token() -> None:
    """Raise what `optional_principal` raises for an invalid token, at every address.

    So a client with a wrong token does not mistake the public answer for its own. If the token cannot be looked up,
    reading goes on.
    """
    if "Authorization" not in request.headers:
        return
    try:
        presented = _bearer()
        if presented is not None:
            _identify(presented)
    except _LOOKUP_FAILURES as error:
        g.not_looked_up = error
    except CityKgError:
        g.depends_on_who_asks = True
        raise


def _identify(presented: str) -> AccessToken:
    """Return whose token the request has, which is looked up once. Raises as Authentication.identify does."""
    if "not_looked_up" in g:
        raise g.not_looked_up
    if "token" not in g:
        g.token = service.authentication.identify(presented, request.remote_addr or "")
    token: AccessToken = g.token
    return token


def _bearer() -> str | None:
    """Return the token in the header of the request, None if that is for another scheme.

    Raises MalformedCredentialsError.
    """
    match = _BEARER.fullmatch(request.headers.get("Authorization", "").strip())
    if match is None:
        return None
    if not _B64TOKEN.fullmatch(match[1] or ""):
        raise MalformedCredentialsError
    return match[1]
