"""The program of a worker process: `python -m kg.query_worker SNAPSHOT MEMORY_BYTES`.

It opens a read-only snapshot, gives up files, sockets and memory beyond its share, and answers one job after the other
from standard input to standard output (kg.query_frames) until its input ends. It may die at any query; its pool
(kg.query_workers) replaces it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, BinaryIO, TypeVar, cast

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QuerySolution,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from kg import geojson, query_frames, query_rows, query_sandbox, querying
from kg import namespaces as ns
from kg.errors import QueryError
from kg.formats import GRAPH_FORMATS, RESULT_FORMATS, ResultFormat
from kg.query_guard import Dataset, stated_dataset
from kg.unions import Unions, needs_union
from kg.xml_text import XmlText

Row = TypeVar("Row", Triple, QuerySolution)

GRACE = 1.0
"""Seconds after the deadline at which a worker ends itself, should its pool be gone."""

_PART = 1 << 16
_BYTES_OF_QUAD = 400  # in a store in memory
_SHARE_OF_UNIONS = 8  # one part in so many of a worker's memory is for unions that are kept
_SCANNED_FOR_PREFIXES = 10_000
_GRAPH = {fmt.media_type: fmt.engine for fmt in GRAPH_FORMATS}
_TABLE = {fmt.media_type: fmt for fmt in RESULT_FORMATS}


class _LimitError(Exception):
    def __init__(self, limit: str, reached: str) -> None:
        super().__init__(limit)
        self.limit = limit
        self.reached = reached


class _Sink:
    """What the engine writes into: counts, refuses what a limit or XML forbids, and sends parts on."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._job = job
        table = _TABLE.get(job["media_type"])
        self._rows = query_rows.counter(job["media_type"]) if table and table.engine else None
        self._xml = XmlText() if job["media_type"].endswith("xml") else None
        self._size = 0
        self._kept = bytearray()

    def write(self, data: bytes) -> int:
        """Take the next bytes. Raises _LimitError, or QueryError for a character that XML cannot hold."""
        taken = len(data)
        if self._xml is not None:
            data = self._xml.escaped(data)
        self._size += len(data)
        if self._size > self._job["result_bytes"]:
            raise _LimitError("result_bytes", f"more than {self._job['result_bytes']:,} bytes")
        if self._rows is not None:
            self.check_rows(self._rows(data))
        self._kept += data
        if len(self._kept) >= _PART:
            self.flush_parts()
        return taken

    def flush(self) -> None:
        """Do nothing: the engine flushes, parts go when they are full."""

    def check_rows(self, rows: int) -> None:
        """Raise _LimitError when there are more rows, or triples of a graph, than the job allows."""
        if rows > self._job["rows"]:
            raise _LimitError("rows", f"more than {self._job['rows']:,} rows")

    def flush_parts(self) -> None:
        """Send what is kept."""
        _send({"kind": "part"}, bytes(self._kept))
        self._kept.clear()


def main() -> int:
    """Answer jobs until standard input ends."""
    snapshot, memory_bytes = sys.argv[1], int(sys.argv[2])
    most_quads = memory_bytes // (_SHARE_OF_UNIONS * _BYTES_OF_QUAD)
    store = _opened(snapshot)
    if store is None:
        return 1
    unions = Unions(store, most_quads)
    query_sandbox.enter(memory_bytes)
    _send({"kind": "ready"})
    while True:
        try:
            job, text = query_frames.unpack(_read)
        except EOFError:
            return 0
        if "snapshot" in job:
            del store, unions  # so that the old one is closed before the new one takes memory
            store = _opened(job["snapshot"])
            if store is None:
                return 1
            unions = Unions(store, most_quads)
            _send({"kind": "ready"})
            continue
        signal.setitimer(signal.ITIMER_REAL, job["seconds"] + GRACE)
        _send(_answer(store, unions, text.decode(), job))
        signal.setitimer(signal.ITIMER_REAL, 0)


def _opened(snapshot: str) -> Store | None:
    """Open a snapshot, or say why it cannot be opened."""
    try:
        return Store.read_only(snapshot)
    except OSError as error:
        _send({"kind": "failed", "message": str(error)})
        return None


def _answer(store: Store, unions: Unions, text: str, job: dict[str, Any]) -> dict[str, Any]:
    """Write the answer as parts and return the frame that ends it."""
    try:
        sink = _Sink(job)
        _write(_run(store, unions, text, job), job["media_type"], sink)
        sink.flush_parts()
    except querying.QuerySyntaxError as error:
        place = {"line": error.line, "column": error.column}
        return {"kind": "syntax", "message": error.message, "hint": error.hint, **place}
    except QueryError as error:
        return {"kind": "refused", "message": error.message, "hint": error.hint}
    except _LimitError as error:
        return {"kind": "limit", "limit": error.limit, "reached": error.reached}
    except MemoryError:
        return {"kind": "limit", "limit": "memory", "reached": ""}
    except (OSError, ValueError, RuntimeError):
        return {"kind": "refused", "message": "The engine could not evaluate the query.", "hint": ""}
    return {"kind": "end"}


def _run(store: Store, unions: Unions, text: str, job: dict[str, Any]) -> querying.Answer:
    given = Dataset(tuple(job["default_graphs"]), tuple(job["named_graphs"]))
    dataset = given if given.default_graphs or given.named_graphs else stated_dataset(text)
    if dataset is None:
        return querying.run(store, text)
    union = needs_union(dataset)
    try:
        return (unions.of(dataset) if union else store).query(
            text,
            base_iri=ns.BASE,
            prefixes=ns.PREFIXES,
            default_graph=[DefaultGraph()] if union else [NamedNode(iri) for iri in dataset.default_graphs],
            named_graphs=[NamedNode(iri) for iri in dataset.named_graphs],
        )
    except SyntaxError:
        return querying.run(Store(), text)  # raises the same error with its place in words


def _write(answer: querying.Answer, media_type: str, sink: _Sink) -> None:
    """Serialise the answer. Raises QueryError when the media type does not fit the form of the query."""
    output = cast(BinaryIO, sink)  # the engine needs no more than write and flush
    table = _TABLE.get(media_type)
    if isinstance(answer, QueryTriples):
        if media_type in _GRAPH:
            return _write_graph(answer, _GRAPH[media_type], sink, output)
    elif table is not None and (table.booleans or isinstance(answer, QuerySolutions)):
        return _write_table(answer, table, sink, output)
    raise QueryError(f"{media_type} does not fit the form of the query.", "Graphs go as RDF, tables as results.")


def _write_graph(answer: QueryTriples, engine_format: RdfFormat, sink: _Sink, output: BinaryIO) -> None:
    """Declare only prefixes that occur; of a large graph the beginning decides which."""
    first = list(islice(answer, _SCANNED_FOR_PREFIXES))
    iris = "".join(map(str, first))
    used = {prefix: iri for prefix, iri in ns.PREFIXES.items() if f"<{iri}" in iris}
    prefixes = None if engine_format == RdfFormat.JSON_LD else used
    serialize(_counted(chain(first, answer), sink), output, engine_format, prefixes=prefixes)


def _write_table(answer: QuerySolutions | QueryBoolean, table: ResultFormat, sink: _Sink, output: BinaryIO) -> None:
    if table.engine is not None:
        answer.serialize(output, table.engine)
    elif isinstance(answer, QuerySolutions):
        geojson.write([variable.value for variable in answer.variables], _counted(answer, sink), output)


def _counted(rows: Iterable[Row], sink: _Sink) -> Iterator[Row]:
    for count, row in enumerate(rows, start=1):
        sink.check_rows(count)
        yield row


def _read(size: int) -> bytes:
    """Return exactly `size` bytes of standard input. Raises EOFError when it ends before."""
    parts = []
    while size:
        part = os.read(0, size)
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _send(message: dict[str, Any], body: bytes = b"") -> None:
    rest = memoryview(query_frames.pack(message, body))
    while rest:
        rest = rest[os.write(1, rest) :]


if __name__ == "__main__":
    sys.exit(main())
