"""The program of a worker process: `python -m kg.programs.query SNAPSHOT MEMORY_BYTES`.

It opens a read-only snapshot, gives up files, sockets and memory beyond its share, and answers requests from standard
input on standard output (kg.frames) until its input ends: queries, and readings by our own functions
(kg.programs.reading_table). A request names its snapshot. The program may die at any request; its pool
(kg.workers.pool) replaces it.
"""

from __future__ import annotations

import ctypes
import gc
import json
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolution,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse_query_results,
    serialize,
)

from kg.errors import DamageError, DataFolderError, QueryError
from kg.frames import send
from kg.history import HistoryGraph
from kg.names.name_index import Revision, reading_revision
from kg.programs import reading_table, row_counters, sandbox
from kg.programs.exchange import GRACE, Frame, LimitError, error_frame, evaluate_to_frame, requests, starting
from kg.publish.questions import PreparedQuestion, names_in, prepare
from kg.queries import Question, canned_queries, check_queries
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_TYPES, RESULT_TYPES, ResultFormat
from kg.rdf.labels import NamesOf, display_names
from kg.rdf.rows import FirstRows
from kg.rdf.snapshots import clear_snapshot_caches
from kg.rdf.xml_escape import XmlText
from kg.results import ResultWriter
from kg.sparql import Emptiness, Hint, KnownTerms, Query
from kg.sparql.evaluation import Answer, Dataset, Unions, write_rows

if TYPE_CHECKING:
    from kg.evidence import Evidence, EvidenceFinder

Row = TypeVar("Row", Triple, QuerySolution)

_PART_BYTES = 1 << 16
_COUNT_SECONDS = 1.0  # seconds for which rows are counted that a page does not show
_TAKEN_SHARE = 0.6  # of the seconds of a query: rows that come later are not kept
_NAMING_SECONDS = 2.0  # for the names by which a kept result is filtered
_NAMED_AT_ONCE = 200
_LONG_SECONDS = 1.0  # seconds of a reading that went over the whole graph, and took memory for that
_BYTES_OF_QUAD = 400  # in a store in memory
_SHARE_OF_UNIONS = 8  # one part in so many of a worker's memory is for unions that are kept
_SCANNED_FOR_PREFIXES = 10_000
_MOST_OPEN = 4
"""The most snapshots that stay open: a graph of several works has a store for each scope."""
_ABOUT_EVIDENCE = ns.BASE + "docs/evidence"
_REBUILD = "Ask again. If it stays so: `citykg build` makes the store anew from the files and the history."


class Sink:
    """The output of the engine: it counts rows and bytes, enforces limits, escapes for XML, and sends parts."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._job = job
        media_type = job.get("media_type", "")
        table = RESULT_TYPES.get(media_type)
        self._rows = row_counters.counter(media_type) if table and table.engine else None
        self._xml = XmlText() if media_type.endswith("xml") else None
        self._size = 0
        self._began = time.monotonic()
        self._buffer = bytearray()
        self.has_result = False
        """True if the answer has a row or a triple, or is true."""

    def write(self, data: bytes) -> int:
        """Take the next bytes. Raises LimitError, or QueryError for a character that XML cannot hold."""
        taken = len(data)
        if self._xml is not None:
            data = self._xml.escape(data)
        self._size += len(data)
        if self._size > self._job["result_bytes"]:
            raise LimitError("result_bytes", f"more than {self._job['result_bytes']:,} bytes")
        if self._rows is not None:
            self.check_rows(self._rows(data))
        self._buffer += data
        if len(self._buffer) >= _PART_BYTES:
            self.flush_parts()
        return taken

    def flush(self) -> None:
        """Do nothing: the engine calls it, but parts are sent when they are full."""

    def check_rows(self, rows: int) -> None:
        """Raise LimitError if there are more rows, or triples of a graph, than the job allows."""
        self.has_result = self.has_result or rows > 0
        if rows > self._job["rows"]:
            raise LimitError("rows", f"more than {self._job['rows']:,} rows")

    def may_count(self) -> Callable[[int], bool]:
        """Return a predicate that allows counting one more row: up to the limit, and for a short time."""
        until = time.monotonic() + min(_COUNT_SECONDS, self._job["seconds"] / 2)
        return lambda rows: rows < self._job["rows"] and (rows % 1_000 != 0 or time.monotonic() < until)

    def may_take(self) -> Callable[[int], bool]:
        """Return a predicate that allows keeping one more row: always as many as a page shows, others for a time."""
        until = self._began + self._job["seconds"] * _TAKEN_SHARE
        return lambda rows: rows < FirstRows.MOST or rows % 100 != 0 or time.monotonic() < until

    def flush_parts(self) -> None:
        """Send the buffer as a part."""
        send({"kind": "part"}, bytes(self._buffer))
        self._buffer.clear()

    def rest(self) -> bytes:
        """Return the rest of the buffer, which goes with the last frame: a small answer is one frame."""
        return bytes(self._buffer)


class OpenSnapshot:
    """A snapshot open for reading, with its caches from one request to the next."""

    def __init__(self, path: str, most_quads: int) -> None:
        """Open it. Raises DataFolderError."""
        self.path = path
        try:
            self.store = Store.read_only(path)
        except RuntimeError as error:  # as the engine raises where a file is not as it was written
            raise DamageError(Path(path), str(error)) from error
        except OSError as error:
            raise DataFolderError(
                "The snapshot cannot be opened: {cause}", _REBUILD, place=Path(path), cause=str(error)
            ) from error
        self.unions = Unions(self.store, most_quads)
        self.known_terms = KnownTerms(self.store)
        self.revision = revision_of_snapshot(Path(path), self.store)
        self.objections: Sequence[dict[str, str]] = ()
        """The objections to the rows of the last answer, for JSON, if it has any."""

    @cached_property
    def sources(self) -> EvidenceFinder:
        """The sources of statements; made on demand, since reading the rules takes time and memory."""
        from kg.evidence import EvidenceFinder  # noqa: PLC0415 – most workers never need it

        return EvidenceFinder(self.store, self.unions)

    def answer(self, asked: dict[str, Any], sink: Sink) -> list[Hint]:
        """Write the answer to a query; return hints on what may be wrong with it."""
        dataset = dataset_of(asked)
        if asked["explain"]:
            return self._explain(asked, dataset, sink)
        if asked.get("evidence"):
            return self._answer_with_evidence(asked, dataset, sink)
        if asked["given"] is not None:
            self.write(parse_query_results(asked["given"], QueryResultsFormat.JSON), asked, sink)
            return []
        answer, undefined = self.unions.evaluate(asked["query"], dataset)
        self.write(answer, asked, sink)
        return [*self.hints(asked, sink.has_result), *KnownTerms.unknown_function_hints(undefined)]

    def prepare(self, asked: dict[str, Any]) -> PreparedQuestion:
        """Check the values of a canned query, and put its text into the request. Raises BadValueError."""
        is_page = asked["media_type"] in (FirstRows.MEDIA_TYPE, ResultWriter.MEDIA_TYPE)
        with reading_revision(self.store, self.revision, partial(starting, asked)):
            prepared = prepare(self.store, asked["question"], is_page)
        question = Question.from_json({**asked["question"], "values": prepared["values"]})
        asked["query"] = question.runnable_text()
        return prepared

    def write(self, answer: Answer | Iterator[Triple], asked: dict[str, Any], sink: Sink) -> None:
        """Write an answer; for a page its first rows, with labels for the things in them."""
        if asked["media_type"] == ResultWriter.MEDIA_TYPE and isinstance(answer, QuerySolutions):
            return self._write_result(answer, sink)
        if asked["media_type"] != FirstRows.MEDIA_TYPE:
            return write(answer, asked["media_type"], sink, partial(display_names, self.store))
        found = FirstRows.of(cast(Answer, answer), sink.may_count())
        sink.has_result = bool(found.count or found.truth)
        sink.write(replace(found, display_names=names_in(self.store, found, asked["lists"])).as_json())
        return None

    def _write_result(self, answer: QuerySolutions, sink: Sink, evidence: Evidence | None = None) -> None:
        """Write an answer as a result to be kept, with its evidence if it is asked for. Raises QueryError."""
        names = [variable.value for variable in answer.variables]
        if len(names) > ResultWriter.MOST_COLUMNS:
            raise QueryError(f"The result has {len(names):,} columns.", f"Name {ResultWriter.MOST_COLUMNS:,} at most.")
        writer = ResultWriter(names)
        writer.take((tuple(row[name] for name in names) for row in answer), sink.may_take())
        sink.has_result = len(writer) > 0
        called = self._names_in_time(writer.iris)
        if evidence is None:
            sink.write(writer.as_bytes(called))
        else:
            writer.is_whole = writer.is_whole and not evidence.more
            sink.write(writer.as_bytes(called, evidence.beside, list(map(asdict, evidence.rows))))

    def _names_in_time(self, iris: Sequence[str]) -> dict[str, str]:
        """Return the names of IRIs, of the first ones if there are so many that all would take long."""
        names: dict[str, str] = {}
        until = time.monotonic() + _NAMING_SECONDS
        for start in range(0, len(iris), _NAMED_AT_ONCE):
            if time.monotonic() > until:
                break
            names |= display_names(self.store, iris[start : start + _NAMED_AT_ONCE])
        return names

    def hints(self, asked: dict[str, Any], found: bool) -> list[Hint]:
        """Return the hints on a query that has `found` something or not."""
        if asked["hints"] == "never":
            return []
        query = Query(asked["query"], "", original_text=asked["written"])
        with reading_revision(self.store, self.revision, partial(starting, asked)):
            return self.known_terms.query_hints(query, names=asked["hints"] == "always" or not found)

    def _answer_with_evidence(self, asked: dict[str, Any], dataset: Dataset | None, sink: Sink) -> list[Hint]:
        """Write the answer to a SELECT with its evidence; return hints, also on parts that have no evidence."""
        from kg.evidence import Gap  # noqa: PLC0415 – as above

        is_kept = asked["media_type"] == ResultWriter.MEDIA_TYPE
        most = ResultWriter.MOST_ROWS if is_kept else asked["rows"]
        found, undefined = self.sources.find(asked["query"], dataset, most)
        self.objections = found.objections
        if is_kept:
            answer = parse_query_results(json.dumps(found.answer), QueryResultsFormat.JSON)
            self._write_result(cast(QuerySolutions, answer), sink, found)
        else:
            sink.check_rows(len(found.rows) + found.more)
            table = parse_query_results(found.with_columns(), QueryResultsFormat.JSON)
            write(table, asked["media_type"], sink, partial(display_names, self.store))
        gaps = [Hint(Gap.in_one_line(found.gaps), _ABOUT_EVIDENCE, "evidence")] if found.gaps else []
        return [*self.hints(asked, bool(found.rows)), *KnownTerms.unknown_function_hints(undefined), *gaps]

    def _explain(self, asked: dict[str, Any], dataset: Dataset | None, sink: Sink) -> list[Hint]:
        """Write why a query has no answer."""

        def ask(text: str) -> Answer:
            return self.unions.evaluate(text, dataset)[0]

        with reading_revision(self.store, self.revision, partial(starting, asked)):
            found = Emptiness.find(asked["query"], asked["explain"], ask, self.known_terms)
        sink.write(json.dumps(found and found.as_json()).encode())
        return []

    def read(self, asked: dict[str, Any], sink: Sink) -> None:
        """Write the result of one of our own functions."""
        began = time.monotonic()
        with reading_revision(self.store, self.revision, partial(starting, asked)):
            reading_table.read(self.store, asked["reading"], asked["arguments"], cast(BinaryIO, sink))
        if time.monotonic() - began > _LONG_SECONDS:
            _release_memory()


def dataset_of(asked: dict[str, Any]) -> Dataset | None:
    """Return the dataset of a request: the graphs that it names, else those of the query itself, if any."""
    given = Dataset(tuple(asked["default_graphs"]), tuple(asked["named_graphs"]))
    return given if given.default_graphs or given.named_graphs else Dataset.from_query(asked["query"])


def main() -> int:
    """Answer requests until standard input ends."""
    memory_bytes = int(sys.argv[2])
    most_quads = memory_bytes // (_SHARE_OF_UNIONS * _BYTES_OF_QUAD)
    try:
        opened = OpenSnapshot(sys.argv[1], most_quads)
    except DataFolderError as error:
        return _report_failure(error)
    if sandbox.CLOSES_FILES:
        _preload(opened)
    gc.freeze()  # all objects so far stay: a collection that skips them saves 25 ms
    sandbox.enter(memory_bytes)
    send({"kind": "ready"})
    kept = {_folder_of(opened.path): opened}
    del opened
    for asked, _ in requests():
        signal.setitimer(signal.ITIMER_REAL, asked["seconds"] + GRACE)
        folder = _folder_of(asked["snapshot"])
        found = kept.pop(folder, None)
        if found is None or found.path != asked["snapshot"]:
            del found  # close the old one before the new one takes memory
            clear_snapshot_caches()
            gc.collect()  # its cycles
            _release_memory()
            try:
                found = OpenSnapshot(asked["snapshot"], most_quads)
            except DataFolderError as error:
                return _report_failure(error)
        kept[folder] = found
        if len(kept) > _MOST_OPEN:
            del kept[next(iter(kept))]
        send(*evaluate_to_frame(partial(_answer, found, asked), "reading" if "reading" in asked else "query"))
        signal.setitimer(signal.ITIMER_REAL, 0)
    return 0


_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # only glibc has it


def _release_memory() -> None:
    """Return memory to the system that Python has freed, in some milliseconds: the C library keeps it for later."""
    if _trim is not None:
        _trim(0)


def _preload(opened: OpenSnapshot) -> None:
    """Read the files that are otherwise read on demand, on machines where no file can be opened later."""
    canned_queries()
    check_queries()
    opened.sources.read_rules()


def _folder_of(snapshot: str) -> str:
    """Return the folder of the snapshots of a store, of which one is open at a time."""
    return snapshot.rpartition("/")[0]


def _report_failure(error: DataFolderError) -> int:
    """Report why a snapshot cannot be opened, and return the exit status."""
    message, _ = error_frame(error)
    send({**message, "kind": "failed"})
    return 1


def _answer(opened: OpenSnapshot, asked: dict[str, Any]) -> Frame:
    """Write the answer as parts and return its last frame, with hints."""
    sink = Sink(asked)
    hints: list[Hint] = []
    prepared = None
    opened.objections = ()
    if asked.get("evidence"):
        with starting(asked):
            opened.sources.read_rules()
    if "reading" in asked:
        opened.read(asked, sink)
    else:
        prepared = opened.prepare(asked) if asked["question"] else None
        hints = opened.answer(asked, sink)
    said = {
        "hints": [hint.as_json() for hint in hints],
        "objections": list(opened.objections),
        "prepared": prepared,
    }
    return {"kind": "end", **said}, sink.rest()


def write(answer: Answer | Iterator[Triple], media_type: str, sink: Sink, names_of: NamesOf) -> None:
    """Serialise the answer. Raises QueryError when the media type does not fit the form of the query."""
    output = cast(BinaryIO, sink)  # the engine needs no more than write and flush
    table = RESULT_TYPES.get(media_type)
    if not isinstance(answer, QuerySolutions | QueryBoolean):
        if media_type in GRAPH_TYPES:
            return _write_graph(answer, GRAPH_TYPES[media_type], sink, output)
    elif table is not None and (table.booleans or isinstance(answer, QuerySolutions)):
        return _write_table(answer, table, sink, output, names_of)
    raise QueryError(f"{media_type} does not fit the form of the query.", "Graphs go as RDF, tables as results.")


def _write_graph(answer: Iterable[Triple], engine_format: RdfFormat, sink: Sink, output: BinaryIO) -> None:
    """Write a graph with the prefixes that occur in it, or in its beginning if it is large."""
    answer = iter(answer)
    first = list(islice(answer, _SCANNED_FOR_PREFIXES))
    iris = "".join(map(str, first))
    used = {prefix: iri for prefix, iri in ns.PREFIXES.items() if f"<{iri}" in iris}
    prefixes = None if engine_format == RdfFormat.JSON_LD else used
    serialize(_check_rows(chain(first, answer), sink), output, engine_format, prefixes=prefixes)


def _write_table(
    answer: QuerySolutions | QueryBoolean, table: ResultFormat, sink: Sink, output: BinaryIO, names_of: NamesOf
) -> None:
    if isinstance(answer, QueryBoolean):
        sink.has_result = bool(answer)
    if table.engine is not None:
        answer.serialize(output, table.engine)
    elif isinstance(answer, QuerySolutions):
        names = [variable.value for variable in answer.variables]
        write_rows(table, names, _check_rows(answer, sink), output, names_of)


def _check_rows(rows: Iterable[Row], sink: Sink) -> Iterator[Row]:
    for count, row in enumerate(rows, start=1):
        sink.check_rows(count)
        yield row


_SCOPES = "scopes"


def revision_of_snapshot(snapshot: Path, store: Store) -> Revision | None:
    """Return the revision of an open snapshot, None if it has no description of its build."""
    try:
        build = json.loads(snapshot.with_suffix(".json").read_text(encoding="utf-8"))
        folder = snapshot.parents[3]  # <data>/builds/<name>/snapshots/7
        data = folder.parents[3] if folder.parent.name == _SCOPES else folder  # <data>/builds/<name>/scopes/report
        return HistoryGraph(store).revision(data, build["content_hash"], build["changes"])
    except (OSError, ValueError, KeyError, IndexError):
        return None


if __name__ == "__main__":
    sys.exit(main())
