"""The way to the desk from the addresses where forms were, for browsers; programs see nothing of it.

Who presents a token and prefers a page is led to the page of what was done, as ever.
"""

from __future__ import annotations

from flask import Flask, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from kg.errors import CityKgError
from server.desk.sessions import ROOT
from server.service import optional_principal
from server.web import AnswerType

_READ = ("imports.list_imports", "imports.show", "reviewing.list_proposals", "reviewing.show")
_WRITTEN = (
    *("imports.submit", "imports.commit", "imports.cancel"),
    *("reviewing.accept", "reviewing.refuse", "reviewing.withdraw"),
    "changes.revert",
)

_OF_BROWSERS = ("Origin", "Sec-Fetch-Site")
_DONE = (200, 201, 202)


class _LeadingError(CityKgError):
    """An error that leads to a page of the desk."""

    def __init__(self, message: str, page: str) -> None:
        super().__init__(message, "Programs send a header 'Authorization: Bearer <token>'.")
        self._page = page

    def details(self) -> dict[str, object]:
        """Return the address of the page."""
        return {"atDesk": self._page}


class SignInNeededError(_LeadingError):
    """A page is for holders of a token, who sign in at the desk."""

    title = "A token is needed"


class FormMovedError(_LeadingError):
    """A browser sent a form that is at the desk now."""

    title = "The form is at the desk"


def attach(app: Flask) -> None:
    """Lead browsers that ask an app for its former forms to the desk."""
    app.before_request(_lead)
    app.after_request(_lead_on)


def _lead() -> None:
    """Raise SignInNeededError, or FormMovedError, where a browser without a token reads, or sends a form."""
    is_form = request.endpoint in _WRITTEN and any(name in request.headers for name in _OF_BROWSERS)
    if not (is_form or request.endpoint in _READ) or optional_principal() is not None or not AnswerType.prefers_page():
        return
    page = _page_at_desk(request.path)
    g.depends_on_who_asks = True
    if is_form:
        raise FormMovedError("The forms that change the graph are at the desk now, so nothing was done.", page)
    raise SignInNeededError("This page is for holders of a token. Sign in at the desk to read it.", page)


def _lead_on(response: Response) -> AnyResponse:
    """Return the way to the page of what was done, for who prefers a page; else the answer itself."""
    if request.endpoint not in _WRITTEN or response.status_code not in _DONE or not AnswerType.prefers_page():
        return response
    return redirect(response.headers.get("Location") or request.path.rpartition("/")[0], 303)


def _page_at_desk(path: str) -> str:
    """Return the page of the desk that has the forms of an address."""
    of, *rest = path.removeprefix("/").split("/")
    number = f"/{rest[0].partition('.')[0]}" if rest else ""
    return f"{ROOT}/{of.partition('.')[0]}{number}{'/undo' if of == 'changes' else ''}"
