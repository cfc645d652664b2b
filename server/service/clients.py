"""The client of a request: its identity, its share of the workers' time, and its turn for a query."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import ClassVar

from flask import g, request
from werkzeug.http import parse_cookie

from kg.accounts import AccessToken, Authentication, Sessions
from kg.errors import DeskError
from kg.lanes import ClientTurn, Lane, OtherLaneError
from kg.recent_requests import RecentRequests
from server.front import Request
from server.service.rate_limit import QuerySeconds
from server.turns import TokenHolders, client_of_address

_FREE_REQUESTS = 5
"""Requests of an editor that are free of its client's share, a second, in each process."""


class Clients:
    """The clients of a service: holders of tokens, and addresses."""

    COOKIE: ClassVar = "citykg-desk"
    """The cookie of a session at the desk, which only that reads."""

    def __init__(self, share: QuerySeconds, authentication: Authentication, sessions: Sessions) -> None:
        """Take the shares of clients, common to all processes of the service, and what finds the holders of tokens."""
        self.holders = TokenHolders(self._find_holder)
        """Holders of tokens are clients of their own, wherever they ask from."""
        self.usage = share.usage
        self._share = share
        self._free = RecentRequests(_FREE_REQUESTS, 1)
        self._authentication = authentication
        self._sessions = sessions

    @contextmanager
    def charging(self) -> Iterator[None]:
        """Count the seconds of a block against the client's share. Raises TooManyQuerySecondsError if it is used up."""
        self.check_share()
        began = time.monotonic()
        try:
            yield
        finally:
            self.charge_function()(time.monotonic() - began)

    def check_share(self) -> None:
        """Raise TooManyQuerySecondsError if the client of the current request has used up its share."""
        self._share.check(self.current())

    def charge_function(self) -> Callable[[float], None]:
        """Return a function that counts seconds of a worker against the client's share; our own requests have none."""
        client = self.current()
        return partial(self._share.charge, client) if client else lambda seconds: None

    def charge_beyond_free(self) -> Callable[[float], None]:
        """Return a function that counts seconds for an editor, whose first requests in a second are free.

        Raises TooManyQuerySecondsError for a further one if the client has used up its share.
        """
        if not self._free.take(self.current()):
            return lambda seconds: None
        self.check_share()
        return self.charge_function()

    def turn(self, wanted: Lane) -> ClientTurn | None:
        """Return the turn of what a worker is to do for the current request; None where none was waited for.

        Raises OtherLaneError if the request has come by another lane than the one that is wanted; what wants the fast
        one may have come by the slow one.
        """
        lane: Lane | None = request.environ.get(Request.LANE)
        if lane is None:
            return None
        client = self.current()
        turn = ClientTurn(
            client,
            lane,
            partial(self._share.mark_slow, client),
            lambda: self._share.usage(client).is_slow,
            request.environ.get(Request.IS_GONE, lambda: False),
        )
        if lane is not wanted and (wanted, lane) != (Lane.FAST, Lane.SLOW):
            raise OtherLaneError(Lane.SLOW if wanted is Lane.FAST and turn.is_marked() else wanted)
        return turn

    @staticmethod
    def current() -> str:
        """Return the client of the current request; empty for requests of our own."""
        token: AccessToken | None = g.get("token")  # every one is looked at before the request is answered
        return client_of_address(request.remote_addr or "") if token is None else _token_client(token.id)

    @classmethod
    def presented_session(cls, field: str) -> str:
        """Return what a field Cookie presents as a session; "" without one, and where its bytes are not UTF-8."""
        with suppress(UnicodeDecodeError):
            return parse_cookie(field).get(cls.COOKIE, "")
        return ""

    def _find_holder(self, field: str) -> str | None:
        """Return the client of a field: a valid token that is soon found out, or the cookie of a session that lasts."""
        scheme, _, presented = field.partition(" ")
        with suppress(DeskError):
            if scheme.lower() == "bearer":
                found = self._authentication.find_holder(presented.strip())
                return _token_client(found) if found is not None else None
            token = self._sessions.find(self.presented_session(field), is_used=False)
            return _token_client(token.id) if token is not None else None
        return None


def _token_client(token_id: str) -> str:
    return f"token {token_id}"
