"""Change the graph through a running server, with a token: what commands do that name one with --server."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import uuid4

from kg import packing
from kg.curating import RefusedChangeError
from kg.errors import BadValueError, CityKgError
from kg.faults import Fault, RefusedSubmissionError
from kg.judgements import Judgement
from kg.submissions import Text

SECONDS = 120.0
"""Seconds for which an answer is waited for."""
ATTEMPTS = 3


class _NoRedirects(HTTPRedirectHandler):
    """Follows no redirect: the token is for the server that was named."""

    def redirect_request(self, *_: object) -> None:
        """Leave the answer as it is, an error."""


_OPENER = build_opener(_NoRedirects)


class RemoteError(CityKgError):
    """A server refused a request, or could not be reached."""


@dataclass(frozen=True)
class RemoteGate:
    """The gate of a server; `token` may be empty where none is needed."""

    address: str
    token: str = ""

    def post(self, path: str, words: Mapping[str, str], texts: Mapping[str, Text] | None = None) -> dict[str, Any]:
        """Send a request and return its answer.

        A request whose answer is lost is sent again under the same key, so that nothing is made twice. Raises
        RefusedSubmissionError, RefusedChangeError, RemoteError.
        """
        media_type, body = packing.packed(texts) if texts else ("application/x-www-form-urlencoded", b"")
        headers = {"Content-Type": media_type, "Accept": "application/json", "Idempotency-Key": uuid4().hex}
        return self._sent(Request(self._at(path, words), body, headers, method="POST"))

    def get(self, path: str, words: Mapping[str, str]) -> dict[str, Any]:
        """Ask for something and return the answer. Raises RemoteError."""
        return self._sent(Request(self._at(path, words), headers={"Accept": "application/json"}))

    def _at(self, path: str, words: Mapping[str, str]) -> str:
        stated = {name: value for name, value in words.items() if value}
        return f"{self.address.rstrip('/')}{path}?{urlencode(stated)}"

    def _sent(self, request: Request) -> dict[str, Any]:
        if urlsplit(request.full_url).scheme not in ("http", "https"):
            raise BadValueError(f"{self.address!r} is no address of a server.", "For example: http://127.0.0.1:8000")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with _OPENER.open(request, timeout=SECONDS) as answer:
                    return dict(json.loads(answer.read()))
            except HTTPError as error:
                raise _told(error) from error
            except ValueError as error:
                raise RemoteError(f"{self.address} does not answer as this service does.", "Check --server.") from error
            except (OSError, HTTPException) as error:
                if attempt == ATTEMPTS or isinstance(getattr(error, "reason", None), ConnectionRefusedError):
                    raise self._unreachable(error) from error
                time.sleep(attempt)
        raise AssertionError

    def _unreachable(self, error: Exception) -> RemoteError:
        reason = error.reason if isinstance(error, URLError) else error
        return RemoteError(f"{self.address} does not answer: {reason}", "Check --server, and whether it runs.")


def _told(error: HTTPError) -> CityKgError:
    """Return what a server says in its problem details (RFC 9457)."""
    try:
        said = json.loads(error.read())
    except (OSError, ValueError):
        said = {}
    message, hint = str(said.get("detail") or f"The server answers {error.code} {error.reason}."), said.get("hint", "")
    findings = [Fault(**finding) for finding in said.get("findings", ())]
    if error.code == 400 and findings:
        return RefusedSubmissionError(findings)
    if findings:
        return RefusedChangeError(message, hint, judgement_of(findings))
    return RemoteError(message, hint)


def judgement_of(findings: list[Fault]) -> Judgement:
    """Return the judgement that findings are of, as a server lists them."""
    by_state = {state: tuple(f for f in findings if f.state == state) for state in ("new", "mended", "standing")}
    return Judgement(by_state["new"], by_state["mended"], by_state["standing"])
