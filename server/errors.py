"""The table of errors: the status of each kind, its page, and the problem details that name it (RFC 9457).

An error names its kind by its title (kg.errors). Ours are in errors.yaml; HTTP's own come from werkzeug.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.exceptions import default_exceptions

from kg import resources
from kg.errors import CityKgError

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class ErrorKind:
    """A kind of error: its title and status, what it means, and the way out of it."""

    title: str
    status: int
    meaning: str
    remedy: str


def slug(title: str) -> str:
    """Return the last part of the address of the page of a kind of error."""
    return title.lower().replace(" ", "-")


def problem(title: str, status: int, detail: str, **more: object) -> dict[str, object]:
    """Return the members of problem details; `more` are further ones, of which empty ones are left out."""
    members = {"type": f"/docs/errors/{slug(title)}", "title": title, "status": status, "detail": detail, **more}
    return {name: value for name, value in members.items() if value not in (None, "")}


def kind_of(error: CityKgError) -> ErrorKind:
    """Return the kind of an error."""
    return KINDS[slug(error.title)]


class PreconditionFailedError(CityKgError):
    """A condition that the request sets does not hold (RFC 9110, section 13.1)."""

    title = "A precondition failed"


class StartingError(CityKgError):
    """The service builds its graph."""

    title = "The service is starting"

    def __init__(self) -> None:
        super().__init__("The service builds its graph.", "Try again in a few seconds.")


def _kinds() -> dict[str, ErrorKind]:
    """Return all kinds of errors by slug: HTTP's own, and ours, which come first."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    stated: dict[int, dict[str, Any]] = resources.load_yaml(text)
    ours = (ErrorKind(title, status, **words) for status, kinds in stated.items() for title, words in kinds.items())
    plain = (error() for error in default_exceptions.values())
    http = (ErrorKind(e.name, e.code or 500, e.description or "", "The answer itself says more.") for e in plain)
    return {slug(kind.title): kind for kind in (*http, *ours)}


KINDS = _kinds()
