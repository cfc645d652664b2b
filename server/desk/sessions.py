"""The session of a browser at the desk: its cookie, whose it is, and the refusal of forms that other sites send.

The cookie is sent to the desk only, and read nowhere else; so all other pages are the same for everybody.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, abort, g, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from kg.accounts import AccessToken, Role
from kg.errors import CityKgError
from server.service import Principal, service

ROOT = "/desk"
SIGN_IN = f"{ROOT}/sign-in"

_WAY = re.compile(rf"{ROOT}(?!.*/\.\.)(/[\w./-]*)?(\?[\w=&%.~+:/-]*)?", re.ASCII)
_MOST_KEPT = 200_000
"""Bytes of a form up to which what is written in it is kept while one signs in; of files none are."""


class CrossSiteFormError(CityKgError):
    """A form was not sent by a page of this service, as far as the browser says."""

    title = "The form comes from another site"

    def __init__(self) -> None:
        super().__init__(
            "This form was not sent by a page of this service, so nothing was done.",
            "Open the desk and send the form there. Programs send 'Authorization: Bearer <token>' to the API.",
        )


def attach(app: Flask) -> None:
    """Let the templates of an app name who has signed in, as `desk`, and the root of their links."""
    app.context_processor(_shown)


def desk_blueprint(name: str) -> Blueprint:
    """Return a blueprint for addresses of the desk: kept by no cache, and nothing that other sites send is read."""
    blueprint = Blueprint(name, __name__)
    blueprint.before_request(_guard)
    return blueprint


def holder(*, is_used: bool = True) -> Principal | None:
    """Return who has signed in, None without a session that lasts; a script that asks by itself does not use it.

    Raises DeskError.
    """
    token = service.sessions.find(_presented(), is_used=is_used)
    return None if token is None else Principal.of(token)


def signed_in(role: Role, *, is_used: bool = True) -> Principal:
    """Return who has signed in, if their role covers `role`; else the answer is the form to sign in.

    Raises RoleNeededError, DeskError.
    """
    who = holder(is_used=is_used)
    if who is None:
        abort(_sign_in_response())
    g.desk = who
    who.refuse_without(role)
    return who


def begin(response: Response, token: AccessToken) -> None:
    """Begin a session, which takes the place of the one that the browser had. Raises DeskError."""
    service.sessions.end(_presented())
    presented = service.sessions.begin(token.id)
    response.set_cookie(
        service.clients.COOKIE, presented, path=ROOT, secure=needs_tls(), httponly=True, samesite="Strict"
    )


def end(response: Response) -> None:
    """End the session of the browser. Raises DeskError."""
    service.sessions.end(_presented())
    response.delete_cookie(service.clients.COOKIE, path=ROOT, secure=needs_tls(), httponly=True, samesite="Strict")


def needs_tls() -> bool:
    """Return True if browsers keep the cookie where they have come by TLS only."""
    return not service.addresses.is_loopback()


def way_back(said: str) -> str:
    """Return an address of the desk, or the desk itself for any other text."""
    return said if _WAY.fullmatch(said) else ROOT


def sent_fields() -> list[tuple[str, str]]:
    """Return the fields of the form that the current request sends, in which there is text; of a longer one none.

    They come back in the answer, which anybody may ask for.
    """
    if (request.content_length or 0) > _MOST_KEPT and request.mimetype != "multipart/form-data":
        return []
    with suppress(RequestEntityTooLarge):
        return [(name, value) for name, value in request.form.items(multi=True) if value.strip()]
    return []


def _sign_in_response() -> Response:
    """Return the way to the form; where a form was sent, the form to sign in, which keeps what was written."""
    if request.method in ("GET", "HEAD"):
        way = request.full_path if request.query_string else request.path
        return Response(status=303, headers={"Location": f"{SIGN_IN}?{urlencode({'to': way_back(way)})}"})
    page = render_template("desk/sign_in.html", to=way_back(request.path), kept=sent_fields(), is_again=True)
    return Response(page, 401, {"WWW-Authenticate": Principal.CHALLENGE}, mimetype="text/html")


def _guard() -> None:
    """Keep caches off, and raise CrossSiteFormError for what was not sent by a page of ours."""
    g.depends_on_who_asks = True
    if request.method not in ("GET", "HEAD", "OPTIONS") and not _is_own_form():
        raise CrossSiteFormError


def _is_own_form() -> bool:
    """Return True if a page of this service sent the request, by all that the browser says of it.

    That is Sec-Fetch-Site (Fetch Metadata) and Origin (RFC 6454); every browser of today says one of them.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return False
    own = {f"{scheme}://{request.host}" for scheme in ("http", "https")} | {service.addresses.known_root()}
    return site in (None, "same-origin") and (origin is None or origin in own)


def _shown() -> dict[str, Any]:
    who: Principal | None = g.get("desk")
    is_form = who is not None and request.method == "POST"
    return {"desk": who, "root": ROOT if who is not None else "", "written": sent_fields() if is_form else []}


def _presented() -> str:
    return service.clients.presented_session(request.headers.get("Cookie", ""))
