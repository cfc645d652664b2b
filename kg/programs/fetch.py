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
from typing import Any
from urllib.parse import urlencode

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolution, QuerySolutions
from pyoxigraph import parse_query_results as parse_results

from kg import frames
from kg.http_client import USER_AGENT, Connections, Reply, TooManyBytesError, resolve
from kg.programs.public_addresses import is_public, is_within
from kg.rdf.formats import RESULT_FORMAT

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
