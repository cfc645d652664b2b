"""Revisions of the past, for `?at=`: a few of them open at a time, each with a worker of its own once one is needed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace

from pyoxigraph import Store

from kg.query_workers import Limits, QueryPool
from kg.snapshots import Build, DataFolder

MOST_STORES = 4
MOST_POOLS = 2


class PastRevisions:
    """The snapshots that clients ask for by their revision. Safe for use by many threads."""

    def __init__(self, folder: DataFolder, limits: Limits) -> None:
        self._folder = folder
        self._limits = replace(limits, workers=1)
        self._lock = threading.Lock()
        self._stores: OrderedDict[str, tuple[Build, Store]] = OrderedDict()
        self._pools: OrderedDict[str, QueryPool] = OrderedDict()

    def at(self, revision: str) -> tuple[Build, Store]:
        """Return build and store of a revision. Raises BadValueError, RevisionGoneError."""
        with self._lock:
            if revision not in self._stores:
                build = self._folder.find(revision)
                self._stores[revision] = build, self._folder.open_at(build)
                if len(self._stores) > MOST_STORES:
                    self._stores.popitem(last=False)
            self._stores.move_to_end(revision)
            return self._stores[revision]

    def pool(self, build: Build) -> QueryPool:
        """Return the worker over a revision; that of the revision which was not asked for the longest makes room."""
        with self._lock:
            if build.revision not in self._pools:
                self._pools[build.revision] = QueryPool(self._folder.snapshot(build), self._limits)
                if len(self._pools) > MOST_POOLS:
                    self._pools.popitem(last=False)[1].close()
            self._pools.move_to_end(build.revision)
            return self._pools[build.revision]

    def close(self) -> None:
        """Stop the workers."""
        with self._lock:
            while self._pools:
                self._pools.popitem()[1].close()
