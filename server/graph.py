"""The graph that the current request reads, and the workers that run strangers' queries on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import cast

from flask import Flask, Response, current_app, g, request
from pyoxigraph import Store

from kg.query_workers import Limits, PoolState, QueryPool
from kg.snapshots import Build, DataFolder, Reader
from server.rate_limits import QuerySeconds


class Service:
    """A data folder being served: its current snapshot, and a pool of workers over that snapshot."""

    def __init__(self, folder: DataFolder, limits: Limits, share: QuerySeconds) -> None:
        self.limits = limits
        self.share = share
        self._folder = folder
        self._reader = Reader(folder)
        self._lock = threading.Lock()
        self._pool: tuple[str, QueryPool] | None = None

    def current(self) -> tuple[Build, Store]:
        """Return build and store. Raises DataFolderError if nothing is built."""
        return self._reader.current()

    def pool(self, build: Build) -> QueryPool:
        """Return the workers over a build; they start when first needed, and move when the build changes."""
        snapshot = self._folder.snapshot(build)
        with self._lock:
            if self._pool is None:
                self._pool = (build.name, QueryPool(snapshot, self.limits))
            elif self._pool[0] != build.name:
                self._pool[1].swap(snapshot)
                self._pool = (build.name, self._pool[1])
            return self._pool[1]

    def changed_at(self) -> object:
        """Return what changes whenever another build becomes current."""
        return self._folder.changed_at()

    def state(self) -> PoolState | None:
        """Return what the workers do; None before they are first needed."""
        with self._lock:
            return self._pool[1].state() if self._pool else None

    def store_bytes(self) -> int:
        """Return the bytes of the current snapshot on disk."""
        build, _ = self.current()
        return sum(path.stat().st_size for path in self._folder.snapshot(build).rglob("*") if path.is_file())

    def close(self) -> None:
        """Stop the workers."""
        with self._lock:
            if self._pool is not None:
                self._pool[1].close()
                self._pool = None


def attach(app: Flask, service: Service) -> None:
    """Let an app serve a data folder, and name the revision on every answer that read it."""
    app.extensions["citykg"] = service
    app.after_request(_name_revision)


def close(app: Flask) -> None:
    """Stop what an app keeps running beside itself."""
    cast(Service, app.extensions["citykg"]).close()


def current() -> tuple[Build, Store]:
    """Return build and store, the same ones throughout a request. Raises DataFolderError if nothing is built."""
    if "graph" not in g:
        g.graph = _service().current()
    return cast(tuple[Build, Store], g.graph)


def pool() -> QueryPool:
    """Return the workers over the build that the current request reads."""
    return _service().pool(current()[0])


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
