"""Authentication: `Authorization: Bearer <token>` (RFC 6750); never in an address, since those end up in logs.

An invalid token is refused at every address. While tokens cannot be looked up, addresses that need none answer as if
none had been sent.

Pages with a form, which a browser without scripts has to be able to send, take the token as a password (RFC 7617), too.
A browser adds a password to whatever page sends the form, so that it has to come from ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, g, request

from kg.accounts import AccessToken, InvalidTokenError, Role
from kg.errors import CityKgError, DeskError
from kg.shortage import NoSpaceError
from server.service.services import service

_CHALLENGE = 'Bearer realm="citykg"'
_PASSWORD = 'Basic realm="citykg", charset="UTF-8"'
_BEARER = re.compile(r"bearer(?: +(.*))?", re.IGNORECASE | re.DOTALL)
_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_LOOKUP_FAILURES = (DeskError, NoSpaceError)
"""Errors that leave it open whether a token is valid."""


class TokenMissingError(CityKgError):
    """A request came without a token where one is needed."""

    title = "A token is needed"

    def __init__(self) -> None:
        page = "Where your browser asks for a password, give the token, with any name. " if _takes_password() else ""
        super().__init__(
            "This needs a token, and your request has none.",
            f"{page}Send a header 'Authorization: Bearer <token>', never a token in the address. The operator "
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


class CrossSiteFormError(CityKgError):
    """A form was sent by the page of another site, with the password that the browser has for this one."""

    title = "The form comes from another site"

    def __init__(self) -> None:
        super().__init__(
            "A page of another site has sent this form, so nothing was done.",
            "Send it from the page of this service, or with 'Authorization: Bearer <token>'.",
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

    name: str
    role: Role
    token_id: str
    seconds: float | None

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

    A password counts where a page takes one. A token that cannot be looked up counts as none, unless the address
    `needs_token`: that raises DeskError or NoSpaceError. Raises MalformedCredentialsError, CrossSiteFormError,
    InvalidTokenError, TooManyAttemptsError.
    """
    presented = _bearer()
    if presented is None and _takes_password():
        presented = _password()
        if presented is not None and _is_cross_site():
            g.depends_on_who_asks = True
            raise CrossSiteFormError
    if presented is None:
        return None
    g.depends_on_who_asks = True
    try:
        token = _identify(presented)
    except _LOOKUP_FAILURES:
        if needs_token:
            raise
        return None
    return Principal(token.name, token.role, token.id, token.seconds)


def require(role: Role, *, by_form: bool = False) -> Principal:
    """Return the holder of the request's token if their role covers `role`; `by_form` also accepts a password.

    Raises RoleNeededError, and what `principal` raises.
    """
    g.takes_password = by_form
    who = principal()
    if not who.role.covers(role):
        raise RoleNeededError(who, role)
    return who


def challenges(error: CityKgError) -> Iterator[str]:
    """Yield the fields WWW-Authenticate that go with an error (RFC 6750, section 3; RFC 7617)."""
    if isinstance(error, TokenMissingError):
        yield _CHALLENGE
    if isinstance(error, MalformedCredentialsError):
        yield f'{_CHALLENGE}, error="invalid_request"'
    if isinstance(error, InvalidTokenError):
        yield f'{_CHALLENGE}, error="invalid_token", error_description="{error.message}"'
    if isinstance(error, RoleNeededError):
        yield f'{_CHALLENGE}, error="insufficient_scope", scope="{error.role}"'
    if isinstance(error, (TokenMissingError, InvalidTokenError)) and (_takes_password() or _password() is not None):
        yield _PASSWORD


def _refuse_wrong_token() -> None:
    """Raise what `optional_principal` raises for an invalid token, at every address.

    So a client with a wrong token does not mistake the public answer for its own. Passwords are checked as well, since
    browsers send them with every page. If the token cannot be looked up, reading goes on.
    """
    if "Authorization" not in request.headers:
        return
    try:
        presented = _bearer() or _password()
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


def _password() -> str | None:
    """Return the password in the header of the request, None if it has none."""
    password = request.authorization.password if request.authorization else None
    return None if password is None else password.strip()


def _takes_password() -> bool:
    """Return True if the request is for a page with a form, so that a browser asks for the token as a password."""
    return bool(g.get("takes_password", False))


def _is_cross_site() -> bool:
    """Return True if a page of another site sent the request, as the browser says (Fetch Metadata; else RFC 6454)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host
