"""The program that queries one remote endpoint and then ends: `python -m kg.programs.fetch`.

It reads a frame (kg.frames) from standard input and writes one to standard output. It is a process of its own
so that the server can end it at the deadline, whether it waits for a name, a handshake, or one more byte.

The name is resolved once, and exactly these addresses are contacted, if all of them are public. It follows no redirect,
uses no proxy, caches nothing, and reads only an uncompressed JSON table (SPARQL 1.1 Query Results JSON).
"""

from __future__ import annotations

import resource
import signal
import ssl
import sys
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from http.client import HTTPException
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlencode

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolution, QuerySolutions
from pyoxigraph import parse_query_results as parse_results

from kg import frames
from kg.http_client import USER_AGENT, Connections, Reply, TooManyBytesError, resolve
from kg.rdf.formats import RESULT_FORMAT

Network = IPv4Network | IPv6Network

_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291, section 2.4, as allocated by IANA
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # RFC 6890, protocol assignments
            "192.88.99.0/24",  # RFC 7526, relays of 6to4
            "2001::/23",  # RFC 2928, with Teredo (RFC 4380), which carries an IPv4 address
            "2002::/16",  # RFC 3056, 6to4, which carries an IPv4 address
            "3fff::/20",  # RFC 9637, documentation
        ),
    )
)


def is_public(text: str) -> bool:
    """Return True if a text is a public unicast IP address.

    Loopback, private, link-local, shared, multicast, reserved and documentation ranges are not public; neither are IPv6
    addresses that embed an IPv4 address, except NAT64, where the embedded address decides. Raises ValueError for a text
    that is not an address. It goes by the IANA special-purpose registries as in `ipaddress`, with the ranges added that
    some versions of Python lack.
    """
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address in _NAT64:
        return is_public(str(IPv4Address(int(address) & 0xFFFF_FFFF)))
    if not address.is_global or address.is_multicast or address.is_reserved or _within(address, _NOT_PUBLIC):
        return False
    return isinstance(address, IPv4Address) or address in _GLOBAL_UNICAST


def is_within(text: str, networks: Sequence[str]) -> bool:
    """Return True if an IP address lies in one of the networks, such as 127.0.0.0/8."""
    return _within(ip_address(text), [ip_network(network) for network in networks])


def _within(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


_RESULTS_JSON = RESULT_FORMAT["json"].media_type
_MEMORY = 512 << 20
_GRACE = 1.0  # seconds
_HEADERS = {
    "Accept": _RESULTS_JSON,
    "Accept-Encoding": "identity",
    "Connection": "close",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": USER_AGENT,
}


class _EndError(Exception):
    """The query has no table as its answer; `frame` says why."""

    def __init__(self, kind: str, **details: Any) -> None:
        super().__init__(kind)
        self.frame = {"kind": kind, **details}


def main() -> int:
    """Answer the query on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    question, query = frames.receive()
    signal.setitimer(signal.ITIMER_REAL, question["seconds"] + _GRACE)  # in case the server is gone
    frames.send(*answer(question, query))
    return 0


def answer(question: dict[str, Any], query: bytes) -> tuple[dict[str, Any], bytes]:
    """Query the endpoint, and return a frame: rows, with the rows as its body, or failed, limit or unwritable."""
    try:
        rows = _parse_rows(_fetch(question, query), question)
    except _EndError as end:
        return end.frame, b""
    except ssl.SSLCertVerificationError as error:
        return _failure_frame(f"its certificate is not valid: {error.verify_message}"), b""
    except (OSError, HTTPException) as error:
        return _failure_frame(f"the connection failed ({type(error).__name__})"), b""
    return {"kind": "rows", "count": len(rows)}, "\n".join(rows).encode()


def _failure_frame(reason: str) -> dict[str, Any]:
    return {"kind": "failed", "reason": reason}


def _fetch(question: dict[str, Any], query: bytes) -> bytes:
    """Return the body of the answer. Raises _EndError, OSError and HTTPException."""
    body = urlencode({"query": query}).encode()
    seconds = question["seconds"] + _GRACE  # the server ends this program before that
    addresses = partial(_public_addresses, question["also_reachable"])
    with (
        closing(Connections(question["address"], addresses=addresses)) as connections,
        connections.exchange("POST", "", body, _HEADERS, seconds) as reply,
    ):
        _check(reply)
        try:
            return reply.read_all(question["bytes"])
        except TooManyBytesError as error:
            raise _EndError("limit", limit="result_bytes", reached=str(error)) from None


def _public_addresses(also_reachable: Sequence[str], host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises OSError, and _EndError if one of them is not public."""
    addresses = resolve(host, port)
    if not all(is_public(address) or is_within(address, also_reachable) for address in addresses):
        raise _EndError("failed", reason="its name leads to an address that is not public")
    return addresses


def _check(reply: Reply) -> None:
    """Raise _EndError unless this is a plain JSON table."""
    if 300 <= reply.status < 400:
        raise _EndError("failed", reason=f"it answers {reply.status}, and redirects are not followed")
    if reply.status != 200:
        raise _EndError("failed", reason=f"it answers {reply.status}")
    if reply.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _EndError("failed", reason="it sends a compressed answer, which was not asked for")
    if reply.headers.get_content_type() not in (_RESULTS_JSON, "application/json"):
        raise _EndError("failed", reason=f"it sends {reply.headers.get_content_type()} instead of {_RESULTS_JSON}")


def _parse_rows(body: bytes, question: dict[str, Any]) -> list[str]:
    """Return the solutions as rows of VALUES, for the variables of the query. Raises _EndError."""
    try:
        solutions = parse_results(body, QueryResultsFormat.JSON)
        if not isinstance(solutions, QuerySolutions):
            raise _EndError("failed", reason="it sends a truth value instead of a table")
        return _format_rows(solutions, question)
    except (SyntaxError, ValueError):
        raise _EndError("failed", reason="its answer is not well-formed") from None


def _format_rows(solutions: QuerySolutions, question: dict[str, Any]) -> list[str]:
    answered = [variable.value for variable in solutions.variables]
    if set(answered) - set(question["variables"]):
        raise _EndError("failed", reason="its answer has variables that were not asked for")
    columns = [name if name in answered else None for name in question["variables"]]
    rows: list[str] = []
    size = 0
    for solution in solutions:
        rows.append("(" + " ".join(_format_term(solution, name) for name in columns) + ")")
        size += len(rows[-1]) + 1  # with the line break
        if len(rows) > question["rows"]:
            raise _EndError("limit", limit="rows", reached=f"more than {question['rows']:,} rows")
        if size > question["bytes"]:
            raise _EndError("limit", limit="result_bytes", reached=f"more than {question['bytes']:,} bytes")
    return rows


def _format_term(solution: QuerySolution, name: str | None) -> str:
    """Return a value as SPARQL writes it. The parser has checked IRIs and language tags; `str` escapes the rest."""
    value = None if name is None else solution[name]
    if value is None:
        return "UNDEF"
    if isinstance(value, NamedNode | Literal):
        return str(value)
    raise _EndError("unwritable", what="blank nodes" if isinstance(value, BlankNode) else "triple terms")


if __name__ == "__main__":
    sys.exit(main())
