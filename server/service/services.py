"""The service that an app is: the graph that requests read, the workers that read it for them, and the writing.

`service` stands for that of the current app, as Flask's `current_app` does.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from pyoxigraph import Triple
from werkzeug.local import LocalProxy

from kg.accounts import Authentication, Tokens
from kg.curation import Curation
from kg.evidence import EvidenceJob
from kg.imports import Importer, ImportLimits
from kg.lanes import Lane
from kg.publish import GraphDocument
from kg.publish.dataset import Dump, checksums, void_description
from kg.publish.questions import prepare
from kg.publish.ready.disk import ReadyDocuments
from kg.publish.reconcile import candidates, extend
from kg.queries import CannedQuery, Question, canned_queries
from kg.rdf import namespaces as ns
from kg.rdf.rows import FirstRows
from kg.rdf.scopes import EVERYTHING, WORLD
from kg.rdf.serialise import from_text
from kg.readings import Reading, TriplesReading, WrittenReading
from kg.running import RunningQueries
from kg.sparql import Query
from kg.store import Build, DataFolder, Snapshot
from kg.waiting import leave_loop
from kg.workers import PoolState, QueryJob, QueryLimits, QueryPool, WorkerResult
from server.service.clients import Clients
from server.service.metrics import Metrics
from server.service.rate_limit import QuerySeconds
from server.service.shared_state import SharedState
from server.service.snapshot_watch import SnapshotWatch

if TYPE_CHECKING:
    from kg.engines import Engines
    from kg.federation import RemoteEndpoints

EXTENSION = "citykg"
_LOOPBACK = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?")
LONGER = 6
"""Times the seconds and bytes of a query that what goes over the whole graph may take."""

_OF_THE_WHOLE: tuple[object, ...] = (Dump.write_file, checksums, void_description)
"""What goes over the whole graph: it waits among the queries of strangers, so as not to hold up what is quick."""
_OF_ANY_LENGTH: tuple[object, ...] = (candidates, extend, GraphDocument.write, GraphDocument.write_rows)
"""What takes as long as its client wants: it has a turn, as queries have."""

_OF_QUESTION = Query("", "SELECT")
"""In the place of a text that the worker makes."""

_DEFAULT_LIMITS = QueryLimits()
_DEFAULT_IMPORT_LIMITS = ImportLimits()

P = ParamSpec("P")
R = TypeVar("R")


class Service:
    """A data folder being served: what is current in it, the workers that read it, and how it is changed.

    Safe for use by many threads; to be closed.
    """

    def __init__(
        self,
        folder: DataFolder,
        limits: QueryLimits = _DEFAULT_LIMITS,
        client_seconds: float = 0,
        address: str = "",
        public_url: str = "",
        *,
        import_limits: ImportLimits = _DEFAULT_IMPORT_LIMITS,
        shared: SharedState | None = None,
    ) -> None:
        """Take a folder; `client_seconds` is the share of one client a minute.

        `address` is where the server listens, which others are shown; `public_url` where clients reach it. Both are
        roots without a slash at their end, empty if not known. `shared` is what it has in common with other processes.
        """
        shared = shared or SharedState(QuerySeconds(client_seconds))
        self.limits = limits
        self.client_seconds = client_seconds
        self.folder = folder
        self.curation = Curation(folder, address)
        self.importer = Importer(folder, self.curation, import_limits)
        """Works on imports; whoever serves starts it, so that it takes up those that are not over."""
        self.authentication = Authentication(Tokens(self.curation.database))
        self.metrics = Metrics(shared.metrics_folder, shared.process_number)
        self.documents = ReadyDocuments(folder)
        """The documents about things that are ready; who makes them is up to whoever serves."""
        self.endpoints: RemoteEndpoints | None = None
        """Those that SERVICE may ask; None where federation is off."""
        self.engines: Engines | None = None
        """Those that answer canned questions with a copy of the graph; None where there are none."""
        self.watch = SnapshotWatch(folder)
        """Compares the snapshots with their checksums; whoever serves starts it."""
        self.clients = Clients(shared.query_seconds, self.authentication)
        self._public_url = public_url
        self._listens_at = urlsplit(address).netloc
        self._lock = threading.Lock()
        self._queries = RunningQueries(folder.path)
        self._pool: QueryPool | None = None

    def attach(self, app: Flask) -> None:
        """Let an app be this service."""
        app.extensions[EXTENSION] = self

    @staticmethod
    def of(app: Flask) -> Service:
        """Return the service that an app is."""
        return cast(Service, app.extensions[EXTENSION])

    def current(self) -> Build:
        """Return which graph the current request reads: the current one, or that of the revision `at`.

        Raises DataFolderError if nothing is built; BadValueError and RevisionGoneError for a revision, and
        RevisionAheadError for one that has changes which the graph has not.
        """
        build: Build | None = g.get("build")
        if build is None:
            wanted, least = self.revision_asked(), self.least_asked()
            build = self.folder.find(wanted) if wanted else self.build()
            if least:
                build.require_changes_of(least)
            g.build = build
        return build

    def build(self) -> Build:
        """Return the current build, maybe newer than what the request began with. Raises DataFolderError."""
        return self.curation.reader.build()

    def read_at(self, revision: str, least: str) -> None:
        """Let the current request read revisions that it names elsewhere than in its address; empty for none."""
        g.revision_asked, g.least_asked = revision, least

    def revision_asked(self) -> str:
        """Return the revision that the current request asks for, empty for the present one."""
        stated: str | None = g.get("revision_asked")
        return request.args.get("at", "") if stated is None else stated

    def least_asked(self) -> str:
        """Return the revision that the answer to the current request has to hold, or a later one; empty if none."""
        stated: str | None = g.get("least_asked")
        return request.args.get("min-revision", "") if stated is None else stated

    def newest(self) -> Snapshot:
        """Return the current snapshot, open in this process: for the gate, which reads what changes rest upon.

        It may be newer than what the request began with. Raises DataFolderError if nothing is built.
        """
        return self.curation.reader.current()

    def snapshot(self) -> Path:
        """Return where the snapshot is that the current request reads."""
        return self.curation.reader.snapshot_in(g.get("scope", EVERYTHING), self.current())

    def answerable_queries(self) -> list[CannedQuery]:
        """Return the canned queries of whose works the graph lacks none."""
        loaded = self.current().works
        return [query for query in canned_queries().values() if not query.missing_works(loaded)]

    def unanswerable_queries(self) -> list[str]:
        """Return the IRIs of the canned queries that ask for works which the graph lacks."""
        loaded = self.current().works
        return [ns.QUERIES + query.name for query in canned_queries().values() if query.missing_works(loaded)]

    @contextmanager
    def in_scope(self, scope: str, works: Iterable[str] = ()) -> Iterator[None]:
        """Let the current request read a scope of the graph (kg.rdf.scopes) until the block ends.

        Raises WorkNotLoadedError for works that the graph lacks.
        """
        build = self.current()
        build.require([*works, *([WORLD] if scope == WORLD else [])])
        before, g.scope = g.get("scope", EVERYTHING), scope
        try:
            yield
        finally:
            g.scope = before

    def pool(self) -> QueryPool:
        """Return the workers, started when first needed. Raises what `current` does."""
        pool = self._pool
        if pool is None:
            leave_loop()
            with self._lock:
                if self._pool is None:
                    self._pool = QueryPool(self.snapshot(), self.limits, spare=True, queries=self._queries)
                pool = self._pool
        return pool

    def answer(self, text: str, media_type: str) -> WorkerResult:
        """Return the answer to a query of ours in a media type. Raises what QueryPool.run raises."""
        job = QueryJob(Query(text, "SELECT"), media_type, snapshot=self.snapshot(), canned=True)
        return self.pool().run(job)

    def ask(self, question: Question, media_type: str, *, shown: int | None = None) -> WorkerResult:
        """Return the answer to a canned question, whose values are checked by the worker that has it.

        What has become of these is `prepared`. With evidence each row has who says so; of this so many rows are `shown`
        as Evidence in JSON, or all in the media type. Raises BadValueError, TooManyQuerySecondsError, and what
        QueryPool.run raises.
        """
        self.clients.check_share()
        job = QueryJob(
            _OF_QUESTION,
            media_type,
            snapshot=self.snapshot(),
            canned=True,
            question=question,
            lists=question.query.passages,
            turn=self.clients.turn(Lane.ASIDE if question.evidence else Lane.FAST),
            report_seconds=self.clients.charge_function(),
        )
        if question.evidence:
            return self.pool().run(EvidenceJob.of(job, shown))
        of_engine = self._of_engine(self.engines, question, job) if self.engines is not None else None
        return of_engine or self.pool().run(job)

    def _of_engine(self, engines: Engines, question: Question, job: QueryJob) -> WorkerResult | None:
        """Return the answer of an engine, None where our workers are to answer; the answer says which, and why."""
        leave_loop()
        build = self.current()
        choice = "it asks the past" if self.revision_asked() else engines.choose(question, build, self.least_asked())
        if not isinstance(choice, str):
            prepared = self.read(prepare, question.as_json(), job.media_type == FirstRows.MEDIA_TYPE)
            found = engines.answer(choice, replace(question, values=prepared["values"]), job, self.pool())
            if isinstance(found, WorkerResult):
                g.answered_here_since = ""
                g.build = choice.build  # which the answer names, and is all that the rest of it reads
                if choice.build != build:
                    g.lags = True
                return replace(found, prepared=prepared)
            choice = found
        g.answered_here_since = choice
        return None

    def read(self, reading: Reading[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Return what a function returns for the graph that the request reads, which a worker calls.

        Raises what it raises, LimitReachedError, BusyError and WorkerLostError.
        """
        assert not named
        return cast(R, json.loads(self._read(reading, arguments).read_all()))

    def triples(self, reading: TriplesReading[P], *arguments: P.args, **named: P.kwargs) -> list[Triple]:
        """Return the triples that a function returns. Raises as `read` does."""
        assert not named
        return [quad.triple for quad in from_text(self._read(reading, arguments).read_all().decode())]

    def written(self, reading: WrittenReading[P], *arguments: P.args, **named: P.kwargs) -> WorkerResult:
        """Return what a function writes. Raises as `read` does."""
        assert not named
        return self._read(reading, arguments)

    def _read(self, reading: Reading[..., Any] | WrittenReading[...], arguments: tuple[Any, ...]) -> WorkerResult:
        times = LONGER if reading in _OF_THE_WHOLE else 1
        lane = Lane.SLOW if times > 1 else Lane.FAST if reading in _OF_ANY_LENGTH else None
        turn = self.clients.turn(lane) if lane else None
        spent = self.clients.charge_function()
        return self.pool().read(self.snapshot(), reading, *arguments, times=times, turn=turn, spent=spent)

    def reached_at(self) -> str:
        """Return the root of the addresses under which the client reaches this service, without a slash at its end.

        That is what the operator says; else the host of the request, if it is a name of this machine or the address
        that the server listens on. Empty for another host: whoever sends a request can claim any.
        """
        if self._public_url:
            return self._public_url
        g.names_host = True
        host = request.host.lower()
        is_ours = host and (host == self._listens_at or _LOOPBACK.fullmatch(host))
        return f"{request.scheme}://{host}" if is_ours else ""

    def root(self) -> str:
        """Return `reached_at`, or where that is not sure the base of all IRIs, without a slash at its end."""
        return self.reached_at() or ns.BASE.removesuffix("/")

    def endpoint(self) -> str:
        """Return the address of `/sparql` below the root."""
        return f"{self.root()}/sparql"

    def state(self) -> PoolState | None:
        """Return what the workers for queries do; None before they are first needed."""
        with self._lock:
            return self._pool.state() if self._pool is not None else None

    def snapshot_bytes(self) -> int:
        """Return the bytes of the current snapshot on disk."""
        snapshot = self.folder.snapshot(self.build())
        return sum(path.stat().st_size for path in snapshot.rglob("*") if path.is_file())

    def close(self) -> None:
        """Stop the workers and the watch, and give up writing."""
        self.watch.close()
        self.metrics.close()
        self.documents.close()
        self.importer.close()
        if self.engines is not None:
            self.engines.close()
        with self._lock:
            if self._pool is not None:
                self._pool.close()
            self._pool = None
        self.curation.close()


service = cast(Service, LocalProxy(lambda: current_app.extensions[EXTENSION]))
"""The service that the current app is."""
