"""The addresses under which clients reach the service."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import g, request

from kg.rdf import namespaces as ns

_LOOPBACK = re.compile(r"(https?://)?(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?")


class Addresses:
    """The root of the addresses of a service, and those below it that it names itself."""

    def __init__(self, address: str, public_url: str) -> None:
        """Take where the server listens, and where clients reach it: roots without a slash at their end, or empty."""
        self._public_url = public_url
        self._listens_at = urlsplit(address).netloc

    def known_root(self) -> str:
        """Return the root of the addresses under which the client reaches this service, without a slash at its end.

        That is the public URL that the operator has set; else the host of the request, if it is a name of this machine
        or the address that the server listens on. Empty for another host, since a client can claim any.
        """
        if self._public_url:
            return self._public_url
        g.names_host = True
        host = request.host.lower()
        is_ours = host and (host == self._listens_at or _LOOPBACK.fullmatch(host))
        return f"{request.scheme}://{host}" if is_ours else ""

    def is_loopback(self) -> bool:
        """Return True if the client reaches this service on this machine only, where there is no TLS."""
        return _LOOPBACK.fullmatch(self.known_root()) is not None

    def root(self) -> str:
        """Return `known_root`, or where that is not sure the base of all IRIs, without a slash at its end."""
        return self.known_root() or ns.BASE.removesuffix("/")

    def sparql_endpoint(self) -> str:
        """Return the address of `/sparql` below the root."""
        return f"{self.root()}/sparql"
