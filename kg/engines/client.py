"""The client of an external engine, by the SPARQL 1.1 Protocol and the Graph Store HTTP Protocol.

An answer is whole or an error: one that breaks off, that the engine calls partial, or that takes more time or bytes
than it may is never returned as if it were whole. To leave an answer before its end closes the connection, which is
the only way to cancel a query in the standards.
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.message import Message
from functools import cached_property
from http.client import HTTPException, IncompleteRead
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType
from urllib.parse import urlencode, urljoin
from urllib.request import (
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    Request,
    parse_http_list,
    parse_keqv_list,
)

from pyoxigraph import (
    NamedNode,
    QueryResultsFormat,
    QuerySolution,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
    serialize,
)

from kg.engines.dialects import Dialect, Words, dialect_of
from kg.errors import BadValueError, CityKgError, shorten
from kg.http_client import USER_AGENT, Connections, Reply, TooManyBytesError, check_address
from kg.rdf.formats import GRAPH_FORMAT, RESULT_FORMAT
from kg.workers import LimitReachedError

MOST_BYTES = 256 << 20
"""Bytes of an answer that are read by default."""

_FORM = "application/x-www-form-urlencoded"
_TRIPLES = GRAPH_FORMAT["nt"].media_type
_ROWS = RESULT_FORMAT["json"].media_type
_OTHER_NAMES = {_ROWS: ("application/json",)}
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": USER_AGENT}
_PART = 1 << 16
_LESS = "Ask for less at a time: by limit and offset, or for other values."
_MOST_ERROR_BYTES = 2_000
"""Bytes of an error response that are read."""


class EngineFailedError(CityKgError):
    """The engine cannot be reached, or its answer is not usable. The same may succeed later, or elsewhere."""

    title = "The engine failed"

    def __init__(self, address: str, reason: str, hint: str = "Try again later.", *, status: int = 0) -> None:
        """Say why; the address is for the operator alone. `status` is that of its answer, if there is one."""
        super().__init__(f"The engine {address} {reason}.", hint)
        self.reason = reason
        self.status = status

    def public_message(self, data: Path) -> str:
        """Return the message without the address."""
        return f"The engine {self.reason}."


class EngineLateError(EngineFailedError):
    """The engine has not answered in time."""


class Credentials:
    """A name and a password, by the scheme that a server demands: Digest (RFC 7616) or Basic (RFC 7617).

    They are sent only once it does. Safe for use by many threads.
    """

    def __init__(self, address: str, user: str, password: str) -> None:
        """Take the address of a service of the server."""
        self._user = user
        passwords = HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, urljoin(address, "/"), user, password)
        self._basic = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
        self._digest = HTTPDigestAuthHandler(passwords)
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
        """Take the addresses of its services; one that is not given is not used. Sends no request.

        `dialect` is found out by the header Server of the first answer where it is not given. Raises BadValueError for
        what cannot be an address.
        """
        for address in filter(None, (query, update, graph_store)):
            check_address(address)
        self.address = query
        self.version = ""
        """The header Server of its last answer to a query: its name and version."""
        self._given = dialect
        self._query, self._update, self._graph_store = (
            Connections(address, Credentials(address, user, password)) for address in (query, update, graph_store)
        )

    @property
    def is_written(self) -> bool:
        """True if the address is known at which it takes updates."""
        return bool(self._update.url)

    @cached_property
    def dialect(self) -> Dialect:
        """The dialect of the engine. Raises EngineFailedError where it has to be asked and does not answer."""
        if self._given is not None:
            return self._given
        with self._exchange(self._query, "GET", urlencode({"query": "ASK {}"}), seconds=10) as reply:
            return dialect_of(reply.headers.get("Server", ""))

    def answer(self, text: str, data_set: Words = (), *, seconds: float, most_bytes: int = MOST_BYTES) -> str:
        """Return the whole answer to a SELECT as SPARQL results in JSON, unparsed.

        `data_set` is what the form says of it, as Dialect.data_set has it; without, all is asked. Raises
        LimitReachedError for more bytes, EngineFailedError.
        """
        with self._send_query(text, data_set, _ROWS, seconds) as reply:
            try:
                return reply.read_all(most_bytes).decode()
            except UnicodeDecodeError as error:
                raise EngineFailedError(self.address, "answers with what is not UTF-8") from error

    def rows(self, text: str, *, seconds: float) -> list[QuerySolution]:
        """Return the rows of a SELECT, few enough to be kept, whose text names the graph of each pattern.

        Raises as `answer`.
        """
        try:
            found = parse_query_results(self.answer(text, seconds=seconds), QueryResultsFormat.JSON)
            assert isinstance(found, QuerySolutions)
            try:
                return [*found]
            finally:
                del found  # only its own thread may free it, and the traceback of an error may outlive that
        except (SyntaxError, ValueError) as error:
            raise self._cut_off_error() from error

    def triples(self, text: str, *, seconds: float) -> Iterator[Triple]:
        """Yield the triples of a CONSTRUCT, once all have been received. Raises as `answer`."""
        with TemporaryFile() as file:
            with self._send_query(text, (), _TRIPLES, seconds) as reply:
                while part := reply.read(_PART):
                    file.write(part)
            file.seek(0)
            try:
                for quad in parse(file, RdfFormat.N_TRIPLES):
                    yield self.dialect.decode(quad.triple)
            except (SyntaxError, ValueError) as error:
                raise self._cut_off_error() from error

    def update(self, text: str, *, seconds: float) -> None:
        """Send an update. Raises EngineFailedError, after which it may have been carried out or not."""
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
        """Close idle connections."""
        for connections in (self._query, self._update, self._graph_store):
            connections.close()

    def _write(self, method: str, graph: NamedNode | None, triples: Iterable[Triple], seconds: float) -> None:
        body = serialize(map(self.dialect.encode, triples), format=RdfFormat.N_TRIPLES) or b""
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
    def _send_query(self, text: str, data_set: Words, accepted: str, seconds: float) -> Iterator[Reply]:
        """Give the answer to a query on its way, if it is one of the media type and not said to be a part."""
        body = urlencode([("query", text), *data_set, *self.dialect.timeout_parameters(seconds)]).encode()
        headers = {"Content-Type": _FORM, "Accept": accepted}
        with self._exchange(self._query, "POST", "", body, headers, seconds=seconds) as reply:
            self.version = reply.headers.get("Server", "")
            if said := self.dialect.partial_reason(reply.status, reply.headers):
                raise EngineFailedError(self.address, f"sent only a part of the answer: {said}")
            sent_type = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if sent_type not in (accepted, *_OTHER_NAMES.get(accepted, ())):  # such as a page of a proxy, maybe empty
                reason = f"answers with {shorten(sent_type) or 'no type'}, not with {accepted}"
                raise EngineFailedError(self.address, reason, status=reply.status)
            yield reply

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
        """Send a request and give its answer, if that is one. Raises EngineFailedError."""
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
            raise self._cut_off_error() from None
        except TooManyBytesError as error:
            raise LimitReachedError("result_bytes", str(error), _LESS) from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise EngineFailedError(connections.url, f"cannot be reached ({reason})") from error

    def _cut_off_error(self) -> EngineFailedError:
        return EngineFailedError(self.address, "breaks off in the middle of its answer")

    def _refusal(self, reply: Reply, address: str) -> EngineFailedError:
        """Return the error that a status stands for, with what the engine says in its first line."""
        said = _first_line(reply)
        if reply.status in (401, 403):
            return EngineFailedError(
                address,
                f"refuses the request with {reply.status}{said}",
                "Check its name and password (CITYKG_ENGINE_PASSWORD), and what that user may do there.",
            )
        what = "does not understand the query" if reply.status == 400 else f"answers {reply.status}"
        return EngineFailedError(address, f"{what}{said}", status=reply.status)


def _first_line(reply: Reply) -> str:
    """Return the first line of an error response, as the end of a sentence; none of an HTML page."""
    said = b""
    while len(said) < _MOST_ERROR_BYTES and (part := reply.read(_MOST_ERROR_BYTES)):
        said += part
    line = said.decode(errors="replace").strip().partition("\n")[0].strip()
    return f": {shorten(line)}" if line and not line.startswith("<") else ""
