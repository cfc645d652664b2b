"""Tell clients apart when shares and turns are counted: by the holder of a token, else by address."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

_PREFIX = 64
"""Bits of an IPv6 address that one household or machine is given; the rest it chooses as it likes (RFC 6177)."""
_MOST_HOLDERS = 10_000


@lru_cache(1_000)
def client_of_address(address: str) -> str:
    """Return the client that an address belongs to: itself, or the network of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address  # of a socket that has none
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), _PREFIX), strict=False))


class TokenHolders:
    """The clients that present a valid token, by a hash of the header field in which it comes.

    One that was found is remembered, since each query is asked for: whether it still is valid, the application says.
    """

    def __init__(self, find: Callable[[str], str | None] = lambda field: None) -> None:
        """Take what finds the client that presents a token, by the field Authorization; it may take a while."""
        self._find = find
        self._clients: OrderedDict[bytes, str] = OrderedDict()

    async def client(self, field: bytes | None, address: str) -> str:
        """Return the client of a request, by its field Authorization and its address."""
        if field is None:
            return client_of_address(address)
        digest = hashlib.sha256(field).digest()
        if digest not in self._clients:
            found = await asyncio.get_running_loop().run_in_executor(None, self._find, field.decode("latin-1"))
            if found is None:
                return client_of_address(address)
            self._clients[digest] = found
            if len(self._clients) > _MOST_HOLDERS:
                self._clients.popitem(last=False)
        return self._clients[digest]
