"""Query remote endpoints, only those that the operator has named.

Each query is sent by a process of its own (kg.programs.fetch), which ends at the deadline.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kg.errors import CityKgError, QueryError
from kg.http_client import check_address
from kg.workers import BusyError, LimitReachedError, WorkerProcess

MOST_BYTES = 4 << 20
"""Most bytes of an answer from an endpoint, and of its rows as VALUES."""

_AT_ONCE = 4
"""Most queries at the same time.

More are refused at once, since each occupies a thread of the server.
"""
_LESS = "Let the SERVICE clause ask for less: more patterns, FILTER, or a sub-SELECT with DISTINCT or LIMIT in it."


class EndpointFailedError(CityKgError):
    """An endpoint could not be reached in time, or did not answer with a table."""

    title = "Another endpoint failed"

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"The endpoint {address} failed: {reason}.",
            "Try again later, or write SERVICE SILENT to go on without it.",
        )


@dataclass(frozen=True)
class RemoteQuery:
    """A query for a remote endpoint and its limits.

    `variables` are the columns wanted; `seconds`, `rows` and `size` (bytes) are what is left of the limits of the whole
    query.
    """

    address: str
    query: str
    variables: tuple[str, ...]
    seconds: float
    rows: int
    size: int


@dataclass(frozen=True)
class RemoteRows:
    """An answer as rows of VALUES, each in parentheses, and their number."""

    rows: str
    count: int


class RemoteEndpoints:
    """The endpoints that may be queried. Safe for use by many threads.

    `also_reachable` are networks that count as public, such as 127.0.0.0/8. It is for tests and for programs that embed
    this library; no setting of the service sets it, since an endpoint beside the server would bypass its firewall.
    """

    def __init__(self, addresses: Sequence[str] = (), *, also_reachable: Sequence[str] = ()) -> None:
        for address in addresses:
            check_address(address)
        self.addresses = tuple(addresses)
        self._also_reachable = tuple(also_reachable)
        self._free = threading.BoundedSemaphore(_AT_ONCE)

    def ask(self, query: RemoteQuery) -> RemoteRows:
        """Return the answer to a query.

        Raises EndpointFailedError, LimitReachedError for rows and bytes, QueryError for an answer with blank nodes or
        triple terms, BusyError if too many queries are running, and ValueError for an address that is not on the list.
        """
        if query.address not in self.addresses:
            raise ValueError(query.address)
        if not self._free.acquire(blocking=False):
            raise BusyError(math.ceil(query.seconds))
        try:
            message, body = self._exchange(query)
        finally:
            self._free.release()
        if message["kind"] == "rows":
            return RemoteRows(body.decode(), message["count"])
        if message["kind"] == "limit":
            reached = f"{message['reached']} from {query.address}"
            raise LimitReachedError(message["limit"], reached, _LESS)
        if message["kind"] == "unwritable":
            raise QueryError(
                f"The answer of {query.address} holds {message['what']}, which VALUES cannot hold.",
                "Leave them out within the SERVICE clause, for example by FILTER(!isBlank(?x)).",
            )
        raise EndpointFailedError(query.address, message["reason"])

    def _exchange(self, query: RemoteQuery) -> tuple[dict[str, Any], bytes]:
        """Run the program that sends the query; a timeout and a crash count as failures of the endpoint."""
        asked = {
            "address": query.address,
            "variables": query.variables,
            "seconds": query.seconds,
            "rows": query.rows,
            "bytes": min(query.size, MOST_BYTES),
            "also_reachable": self._also_reachable,
        }
        process = WorkerProcess("kg.programs.fetch", deadline=time.monotonic() + query.seconds)
        try:
            process.send(asked, query.query.encode())
            return process.receive()
        except TimeoutError:
            raise EndpointFailedError(query.address, f"no answer within {query.seconds:.1f} seconds") from None
        except EOFError:
            raise EndpointFailedError(query.address, "its answer cannot be read") from None
        finally:
            process.stop()
