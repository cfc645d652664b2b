"""The graph that the current request reads, and the workers that run strangers' queries on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import cast

from flask import Flask, Response, current_app, g, request
from pyoxigraph import Store

from kg import curating
from kg.judgements import Judgement
from kg.query_workers import Limits, PoolState, QueryPool, Result
from kg.snapshots import Build, DataFolder, Reader
from kg.submissions import Submission
from server.curation import Curation
from server.past_revisions import PastRevisions
from server.rate_limits import QuerySeconds


class Service:
    """A data folder being served: its current snapshot, and a pool of workers over that snapshot."""

    def __init__(self, folder: DataFolder, limits: Limits, share: QuerySeconds, address: str = "") -> None:
        self.limits = limits
        self.share = share
        self.folder = folder
        self._reader = Reader(folder)
        self._lock = threading.Lock()
        self._pool: tuple[Build, QueryPool] | None = None
        self._past = PastRevisions(folder, limits)
        self.curation = Curation(folder, address)

    def current(self) -> tuple[Build, Store]:
        """Return build and store. Raises DataFolderError if nothing is built."""
        return self._reader.current()

    def at(self, revision: str) -> tuple[Build, Store]:
        """Return build and store of a revision that is kept. Raises BadValueError, RevisionGoneError."""
        return self._past.at(revision)

    def pool(self, build: Build) -> QueryPool:
        """Return the workers over the newest build that was asked for; they start, and move, when first needed."""
        with self._lock:
            if self._pool is None:
                self._pool = build, QueryPool(self.folder.snapshot(build), self.limits)
            elif (build.name, build.changes) > (self._pool[0].name, self._pool[0].changes):
                self._pool[1].swap(self.folder.snapshot(build))
                self._pool = build, self._pool[1]
            return self._pool[1]

    def build_of(self, snapshot: Path) -> Build:
        """Return which build with how many changes a snapshot is of."""
        return self.folder.build_of(snapshot)

    def pool_at(self, build: Build) -> QueryPool:
        """Return a worker over a revision of the past."""
        return self._past.pool(build)

    def changed_at(self) -> object:
        """Return what changes whenever another build becomes current."""
        return self.folder.changed_at()

    def state(self) -> PoolState | None:
        """Return what the workers do; None before they are first needed."""
        with self._lock:
            return self._pool[1].state() if self._pool else None

    def store_bytes(self) -> int:
        """Return the bytes of the current snapshot on disk."""
        build, _ = self.current()
        return sum(path.stat().st_size for path in self.folder.snapshot(build).rglob("*") if path.is_file())

    def close(self) -> None:
        """Stop the workers, and give up writing."""
        with self._lock:
            if self._pool is not None:
                self._pool[1].close()
                self._pool = None
        self._past.close()
        self.curation.close()


def attach(app: Flask, service: Service) -> None:
    """Let an app serve a data folder, and name the revision on every answer that read it."""
    app.extensions["citykg"] = service
    app.after_request(_name_revision)


def close(app: Flask) -> None:
    """Stop what an app keeps running beside itself."""
    cast(Service, app.extensions["citykg"]).close()


def current() -> tuple[Build, Store]:
    """Return build and store that a request reads: the current ones, or those of the revision `at`.

    Raises DataFolderError if nothing is built; BadValueError and RevisionGoneError for a revision.
    """
    if "graph" not in g:
        wanted = request.args.get("at")
        g.graph = _service().at(wanted) if wanted else _service().current()
    return cast(tuple[Build, Store], g.graph)


def pool() -> QueryPool:
    """Return the workers over the build that the current request reads."""
    build = current()[0]
    return _service().pool_at(build) if request.args.get("at") else _service().pool(build)


def answered_from(result: Result) -> None:
    """Name the revision from which a worker answered: a change may have come since the request began."""
    _, store = current()
    if result.snapshot is not None:
        g.graph = _service().build_of(result.snapshot), store


def curation() -> Curation:
    """Return how the graph is changed."""
    return _service().curation


def newest() -> tuple[Build, Store]:
    """Return build and store as they are now, which may be newer than what the request began with."""
    return _service().current()


def folder() -> DataFolder:
    """Return the data folder."""
    return _service().folder


def moved_to(build: Build) -> None:
    """Name the revision that the current request has made."""
    g.graph = build, _service().current()[1]


def judged(submission: Submission) -> Judgement:
    """Return what a submission would do to the graph that is read. Raises ConflictError."""
    return curating.judge(submission, current()[1], curation().validation().judge)


@contextmanager
def charged() -> Iterator[None]:
    """Count the seconds of a block against the client's share. Raises TooManyQuerySecondsError if that is used up."""
    count, began = charge(), time.monotonic()
    try:
        yield
    finally:
        count(time.monotonic() - began)


def charge() -> Callable[[float], None]:
    """Return what counts seconds against the client's share. Raises TooManyQuerySecondsError if that is used up."""
    share, client = _service().share, request.remote_addr or ""
    share.check(client)
    return partial(share.charge, client)


def limits() -> Limits:
    """Return the limits of queries."""
    return _service().limits


def _service() -> Service:
    return cast(Service, current_app.extensions["citykg"])


def _name_revision(response: Response) -> Response:
    if "graph" in g:
        response.headers["X-Revision"] = current()[0].revision
    return response
