"""A name and a password for an engine, by the scheme that it demands: Digest (RFC 7616) or Basic (RFC 7617)."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Mapping
from email.message import Message
from urllib.request import (
    HTTPDigestAuthHandler,
    HTTPPasswordMgr,
    Request,
    parse_http_list,
    parse_keqv_list,
)


class _Known(HTTPPasswordMgr):
    """The one name and password, whatever the server calls its realm."""

    def __init__(self, user: str, password: str) -> None:
        super().__init__()
        self._pair = user, password

    def find_user_password(self, realm: str, authuri: str) -> tuple[str | None, str | None]:
        """Return them."""
        return self._pair


class Credentials:
    """A name and a password, sent only once a server demands them. Safe for use by many threads."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._basic = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
        self._digest = HTTPDigestAuthHandler(_Known(user, password))
        self._challenge: Mapping[str, str] = {}
        self._scheme = ""
        self._lock = threading.Lock()

    def learn(self, headers: Message) -> bool:
        """Read the challenges of an answer 401; return True if there is a name, and a scheme that is known here."""
        challenges = [challenge.partition(" ") for challenge in headers.get_all("WWW-Authenticate", ())]
        by_scheme = {scheme.lower(): rest for scheme, _, rest in challenges}
        scheme = next((name for name in ("digest", "basic") if name in by_scheme), "")
        if not self._user or not scheme:
            return False
        with self._lock:
            self._scheme = scheme
            self._challenge = parse_keqv_list([*filter(None, parse_http_list(by_scheme[scheme]))])
        return True

    def header(self, method: str, url: str) -> str | None:
        """Return the value of the header Authorization, None as long as no server has demanded one."""
        with self._lock:
            if self._scheme != "digest":
                return self._basic if self._scheme else None
            digest = self._digest.get_authorization(Request(url, method=method), self._challenge)
        return None if digest is None else f"Digest {digest}"
