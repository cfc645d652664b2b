"""One engine of somebody else's, spoken to by the SPARQL 1.1 Protocol and the Graph Store HTTP Protocol.

What goes wrong is said in words. An answer is whole or an error: one that breaks off, that the engine calls partial, or
that takes more time or bytes than it may is never given out as if it were all. Whoever leaves an answer before its end
closes the connection, which is all that the standards have to cancel a query.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from http.client import HTTPException, IncompleteRead
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, cast
from urllib.parse import urlencode

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolution,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
    serialize,
)

from kg.addresses import check_address
from kg.engines.credentials import Credentials
from kg.engines.dialects import Dialect, Words, dialect_of
from kg.errors import BadValueError, CityKgError, QueryError, short
from kg.http_client import USER_AGENT, Connections, Reply
from kg.rdf.formats import GRAPH_FORMAT, RESULT_FORMAT
from kg.workers import LimitReachedError

Answered = QuerySolutions | QueryBoolean | Iterator[Triple]
"""Rows, a truth value, or triples; rows and triples are read as they come."""

MOST_BYTES = 256 << 20
"""Bytes of an answer that are read if nobody says otherwise."""

_FORM = "application/x-www-form-urlencoded"
_TRIPLES = GRAPH_FORMAT["nt"].media_type
_ROWS = RESULT_FORMAT["json"].media_type
_OTHER_NAMES = {_ROWS: ("application/json",)}
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": USER_AGENT}
_GRAPHS = ("CONSTRUCT", "DESCRIBE")
_PART = 1 << 16
_LESS = "Ask for less at a time: add patterns that connect its parts, or LIMIT."
_SAID = 2_000
"""Bytes of an error that are read for what the engine says of it."""


class EngineFailedError(CityKgError):
    """The engine cannot be reached, or its answer is of no use. The same may succeed later, or elsewhere."""

    title = "The engine failed"

    def __init__(self, address: str, reason: str, hint: str = "Try again later.", *, status: int = 0) -> None:
        """Say why; the address is for the operator alone. `status` is that of its answer, if there is one."""
        super().__init__(f"The engine {address} {reason}.", hint)
        self.reason = reason
        self.status = status

    def told(self, data: Path) -> str:
        """Return the message without the address."""
        return f"The engine {self.reason}."


class EngineLateError(EngineFailedError):
    """The engine has not answered in time."""


class EngineRefusedError(EngineFailedError):
    """The engine does not let this name and password do what was asked."""


class PartialAnswerError(EngineFailedError):
    """The engine has answered with a part of the answer."""


class Engine:
    """An engine and how to reach it. Safe for use by many threads."""

    def __init__(
        self,
        query: str,
        update: str = "",
        graph_store: str = "",
        *,
        user: str = "",
        password: str = "",
        dialect: Dialect | None = None,
    ) -> None:
        """Take the addresses of its services; one that is not given is not used. Contacts nobody.

        `dialect` is found out by the header Server of the first answer where it is not given. Raises BadValueError for
        what cannot be an address.
        """
        for address in filter(None, (query, update, graph_store)):
            check_address(address)
        self.address, self.user, self.password = query, user, password
        self._given = dialect
        self._query, self._update, self._graph_store = (
            Connections(address, Credentials(user, password)) for address in (query, update, graph_store)
        )

    @property
    def is_written(self) -> bool:
        """Whether the address is known at which it takes updates."""
        return bool(self._update.url)

    @cached_property
    def dialect(self) -> Dialect:
        """The dialect of the engine. Raises EngineFailedError where it has to be asked and does not answer."""
        if self._given is not None:
            return self._given
        with self._exchange(self._query, "GET", urlencode({"query": "ASK {}"}), seconds=10) as reply:
            return dialect_of(reply.headers.get("Server", ""))

    @contextmanager
    def evaluate(
        self,
        text: str,
        form: str,
        *,
        seconds: float,
        most_bytes: int = MOST_BYTES,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Iterator[Answered]:
        """Ask a query of a form (SELECT, ASK, CONSTRUCT, DESCRIBE), and give the answer, which is read as it comes.

        A data set, and all graphs where one is named by GRAPH, are given as Dialect.asked says. The answer is read
        within the block, for so many seconds from the start and so many bytes at most. Raises LimitReachedError for
        either, QueryError for a query that the engine does not understand, EngineFailedError: these also at any row.
        """
        sent, words = self.dialect.asked(text, default_graphs, named_graphs)
        try:
            with self._evaluated(sent, words, form, seconds, most_bytes) as answer:
                yield answer
        except EngineLateError:
            raise LimitReachedError("seconds", f"{seconds:g} seconds", _LESS) from None

    def rows(self, text: str, *, seconds: float) -> list[QuerySolution]:
        """Return the rows of a SELECT, few enough to be kept, whose text names the graph of each pattern.

        Raises as `evaluate`, but EngineFailedError for one that takes longer.
        """
        with self._evaluated(text, (), "SELECT", seconds, MOST_BYTES) as answer:
            assert isinstance(answer, QuerySolutions)
            return [*answer]

    def graphs(self, *, seconds: float) -> list[str]:
        """Return the IRIs of the named graphs that hold something and belong to the data set. Raises as `evaluate`."""
        found = self.rows("SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } }", seconds=seconds)
        names = (row["graph"] for row in found)
        return sorted({name.value for name in names if isinstance(name, NamedNode)} - self.dialect.hidden)

    def update(self, text: str, *, seconds: float) -> None:
        """Have an update made. Raises QueryError; EngineFailedError, after which it may have been made or not."""
        headers = {"Content-Type": _FORM, "Accept": "*/*"}
        body = urlencode({"update": text}).encode()
        with self._exchange(self._update, "POST", "", body, headers, seconds=seconds):
            pass

    def put(self, graph: NamedNode | None, triples: Iterable[Triple], *, seconds: float) -> None:
        """Let a graph, or the default graph, hold these triples and no others. Raises as `update`."""
        self._write("PUT", graph, triples, seconds)

    def add(self, graph: NamedNode | None, triples: Iterable[Triple], *, seconds: float) -> None:
        """Add triples to a graph, or to the default graph; some may be there after an error. Raises as `update`."""
        self._write("POST", graph, triples, seconds)

    def close(self) -> None:
        """Close the connections that are idle."""
        for connections in (self._query, self._update, self._graph_store):
            connections.close()

    def _write(self, method: str, graph: NamedNode | None, triples: Iterable[Triple], seconds: float) -> None:
        body = serialize(map(self.dialect.written, triples), format=RdfFormat.N_TRIPLES) or b""
        if not self._graph_store.url:
            self._write_by_updates(method, graph, body.decode().splitlines(keepends=True), seconds)
            return
        more = self.dialect.adding if method == "POST" else ()
        where = "&".join(["default" if graph is None else urlencode({"graph": graph.value}), urlencode(more)])
        headers = {"Content-Type": _TRIPLES, "Accept": "*/*"}
        with self._exchange(self._graph_store, method, where, body, headers, seconds=seconds):
            pass

    def _write_by_updates(self, method: str, graph: NamedNode | None, lines: Sequence[str], seconds: float) -> None:
        """Write where there is no Graph Store Protocol. Lines with blank nodes go in one update, whatever its size."""
        if method == "PUT":
            self.update("DROP SILENT DEFAULT" if graph is None else f"DROP SILENT GRAPH {graph}", seconds=seconds)
        blank = [line for line in lines if line.startswith("_:") or " _:" in line]
        rest = [line for line in lines if not (line.startswith("_:") or " _:" in line)]
        size = self.dialect.most_statements
        for some in (blank, *(rest[start : start + size] for start in range(0, len(rest), size))):
            data = "".join(some)
            inserted = data if graph is None else f"GRAPH {graph} {{\n{data}}}"
            if some:
                self.update(f"INSERT DATA {{\n{inserted}}}", seconds=seconds)

    @contextmanager
    def _evaluated(self, text: str, words: Words, form: str, seconds: float, most_bytes: int) -> Iterator[Answered]:
        body = urlencode([("query", text), *words, *self.dialect.limited(seconds)]).encode()
        accepted = _TRIPLES if form in _GRAPHS else _ROWS
        headers = {"Content-Type": _FORM, "Accept": accepted}
        with self._exchange(self._query, "POST", "", body, headers, seconds=seconds) as reply:
            if said := self.dialect.partial(reply.status, reply.headers):
                raise PartialAnswerError(self.address, f"has answered with a part of the answer: {said}")
            sent_type = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if sent_type not in (accepted, *_OTHER_NAMES.get(accepted, ())):  # such as a page of a proxy, maybe empty
                reason = f"answers with {short(sent_type) or 'no type'}, not with {accepted}"
                raise EngineFailedError(self.address, reason, status=reply.status)
            source = _Source(reply, self.dialect, most_bytes)
            with source.told():
                yield _parsed(source, form)

    @contextmanager
    def _exchange(
        self,
        connections: Connections,
        method: str,
        query: str,
        body: bytes = b"",
        headers: Mapping[str, str] = MappingProxyType({}),
        *,
        seconds: float,
    ) -> Iterator[Reply]:
        """Send a request and give its answer, if that is one. Raises QueryError, EngineFailedError."""
        if not connections.url:
            raise BadValueError("The engine has no address for that.", "Name it: --engine-update")
        try:
            with connections.exchange(method, query, body, {**_HEADERS, **headers}, seconds) as reply:
                if not 200 <= reply.status < 300:
                    raise self._refusal(reply, connections.url)
                yield reply
        except TimeoutError:
            raise EngineLateError(connections.url, f"does not answer within {seconds:g} seconds") from None
        except IncompleteRead:
            raise EngineFailedError(connections.url, "breaks off in the middle of its answer") from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise EngineFailedError(connections.url, f"cannot be reached ({reason})") from error

    def _refusal(self, reply: Reply, address: str) -> CityKgError:
        """Return the error that a status stands for, with what the engine says in its first line."""
        said = _first_line(reply)
        if reply.status in (401, 403):
            return EngineRefusedError(
                address,
                f"refuses the request with {reply.status}{said}",
                "Check its name and password (CITYKG_ENGINE_PASSWORD), and what that user may do there.",
            )
        if reply.status == 400:
            return QueryError(f"The engine does not understand the query{said}", "Another engine may: see its manual.")
        return EngineFailedError(address, f"answers {reply.status}{said}", status=reply.status)


class _Source:
    """The body of an answer as the parser reads it: mended, and no longer than it may be."""

    def __init__(self, reply: Reply, dialect: Dialect, most_bytes: int) -> None:
        self._reply = reply
        self._dialect = dialect
        self._most = most_bytes
        self._read = 0
        self._ready = b""
        self._begun = b""
        self._error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, `size` at most; none at the end, and after an error, which `told` raises."""
        try:
            while not self._ready and not self._reply.is_whole:
                self._fill()
        except (OSError, HTTPException, LimitReachedError) as error:
            self._error = error
            raise OSError("the answer ends here") from None
        size = len(self._ready) if size < 0 else size
        part, self._ready = self._ready[:size], self._ready[size:]
        return part

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raise what went wrong while the answer was read, in the place of what the parser makes of it."""
        try:
            yield
        except (SyntaxError, ValueError, OSError) as error:
            if self._error is not None:
                raise self._error from None
            if isinstance(error, SyntaxError | ValueError):
                raise IncompleteRead(b"") from error
            raise

    def _fill(self) -> None:
        part = self._reply.read(_PART)
        self._read += len(part)
        if self._read > self._most:
            raise LimitReachedError("result_bytes", f"more than {self._most:,} bytes", _LESS)
        if (mended := self._dialect.mended) is None:
            self._ready = part
            return
        lines, end, rest = (self._begun + part).rpartition(b"\n")
        if self._reply.is_whole:
            end, rest = end + rest, b""
        self._ready, self._begun = mended(lines + end), rest


def _parsed(source: _Source, form: str) -> Answered:
    file = cast(BinaryIO, source)  # the parser needs no more than read
    if form in _GRAPHS:
        return (quad.triple for quad in parse(file, RdfFormat.N_TRIPLES))
    answer = parse_query_results(file, QueryResultsFormat.JSON)
    if form == "ASK" and isinstance(answer, QuerySolutions):  # as Virtuoso does
        truth = next((row[0] for row in answer), None)
        return _boolean(isinstance(truth, Literal) and truth.value == "1")
    return answer


def _boolean(value: bool) -> QueryBoolean:
    answer = parse_query_results(json.dumps({"head": {}, "boolean": value}), QueryResultsFormat.JSON)
    assert isinstance(answer, QueryBoolean)
    return answer


def _first_line(reply: Reply) -> str:
    """Return what an engine says of an error, as the end of a sentence; a page for people is not repeated."""
    said = b""
    while len(said) < _SAID and (part := reply.read(_SAID)):
        said += part
    line = said.decode(errors="replace").strip().partition("\n")[0].strip()
    return f": {short(line)}" if line and not line.startswith("<") else ""
