"""The worker processes that read the graph for requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

from cachetools import LRUCache
from pyoxigraph import Triple

from kg.greenlets import leave_loop
from kg.lanes import Lane
from kg.publish import GraphDocument
from kg.publish.dataset import Dump, checksums, void_description
from kg.publish.reconciliation_api import candidates, extend
from kg.rdf.serialise import from_text
from kg.readings import Reading, TriplesReading, WrittenReading
from kg.results import readings as of_results
from kg.rules import inferred_between
from kg.running import RunningQueries
from kg.workers import LimitReachedError, PoolState, QueryLimits, QueryPool, WorkerResult
from server.service.clients import Clients
from server.service.revisions import Revisions

LONGER = 6
"""Multiples of the seconds and bytes of a query that a reading of the whole graph may take."""

_OF_THE_WHOLE: tuple[object, ...] = (
    Dump.write_file,
    checksums,
    void_description,
    inferred_between,
    of_results.write_list,
)
"""Readings of the whole graph, or by all rules: they are queued in the slow lane, so as not to delay short ones."""
_OF_ANY_LENGTH: tuple[object, ...] = (
    candidates,
    extend,
    GraphDocument.write,
    GraphDocument.write_rows,
)
"""Readings whose length the client determines: they are queued as queries are."""

_SECONDS_OF_LOST = 1.0
"""Seconds that a text of an editor counts which has cost a worker: about those of its replacement."""

_KEPT_BYTES = 16 << 20
"""Bytes of the answers of workers that `read_once` and `triples_once` keep."""

P = ParamSpec("P")
R = TypeVar("R")


class _Kept(NamedTuple):
    """A value that was read, and the bytes in which it came."""

    value: Any
    size: int


class Workers:
    """The pool of workers, and what they read of the graph that the current request reads. To be closed."""

    def __init__(self, revisions: Revisions, clients: Clients, limits: QueryLimits, queries: RunningQueries) -> None:
        self._revisions = revisions
        self._clients = clients
        self._limits = limits
        self._queries = queries
        self._lock = threading.Lock()
        self._pool: QueryPool | None = None
        self._kept: LRUCache[tuple[object, ...], _Kept] = LRUCache(_KEPT_BYTES, getsizeof=attrgetter("size"))
        self._keeping = threading.Lock()

    def pool(self) -> QueryPool:
        """Return the workers, started when first needed. Raises what `Revisions.current` does."""
        pool = self._pool
        if pool is None:
            leave_loop()
            with self._lock:
                if self._pool is None:
                    self._pool = QueryPool(
                        self._revisions.snapshot_path(), self._limits, spare=True, queries=self._queries
                    )
                pool = self._pool
        return pool

    def read(self, reading: Reading[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Return what a function returns for the graph that the request reads, which a worker calls.

        Raises what it raises, LimitReachedError, BusyError and WorkerLostError.
        """
        assert not named
        return cast(R, json.loads(self._read(reading, arguments).read_all()))

    def read_once(self, reading: Reading[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Return what `read` does, kept for later requests of the same snapshot; it must not be changed."""
        assert not named
        return cast(R, self._once(json.loads, reading, arguments))

    def triples(self, reading: TriplesReading[P], *arguments: P.args, **named: P.kwargs) -> list[Triple]:
        """Return the triples that a function returns. Raises as `read` does."""
        assert not named
        return _triples(self._read(reading, arguments).read_all())

    def triples_once(self, reading: TriplesReading[P], *arguments: P.args, **named: P.kwargs) -> list[Triple]:
        """Return what `triples` does, kept for later requests of the same snapshot; it must not be changed."""
        assert not named
        return cast(list[Triple], self._once(_triples, reading, arguments))

    def write(self, reading: WrittenReading[P], *arguments: P.args, **named: P.kwargs) -> WorkerResult:
        """Return what a function writes. Raises as `read` does."""
        assert not named
        return self._read(reading, arguments)

    def _once(self, parse: Callable[[bytes], object], reading: Reading[..., Any], arguments: tuple[Any, ...]) -> object:
        """Return what a worker answers, parsed, and keep it by all that it depends on.

        The path of a snapshot names the build, the scope and the number of changes. A snapshot is never written again,
        and a server is stopped before a backup takes the place of its folder (docs/operating/keeping.md).
        """
        key = self._revisions.snapshot_path(), reading, json.dumps(arguments)
        with self._keeping:
            kept = self._kept.get(key)
        if kept is None:
            answer = self._read(reading, arguments).read_all()
            kept = _Kept(parse(answer), len(answer))
            if kept.size <= _KEPT_BYTES:
                with self._keeping:
                    self._kept[key] = kept
        return kept.value

    def _read(self, reading: Reading[..., Any] | WrittenReading[...], arguments: tuple[Any, ...]) -> WorkerResult:
        times = LONGER if reading in _OF_THE_WHOLE else 1
        lane = Lane.SLOW if times > 1 else Lane.FAST if reading in _OF_ANY_LENGTH else None
        turn = self._clients.turn(lane) if lane else None
        spent = self._clients.charge_function()
        return self.pool().read(
            self._revisions.snapshot_path(), reading, *arguments, times=times, turn=turn, spent=spent
        )

    def assist(self, reading: Reading[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Return what a function finds out for an editor, whose first requests in a second are free of its share.

        Raises as `read` does, LimitReachedError after a fraction of a second.
        """
        assert not named
        pool, charge = self.pool(), self._clients.charge_beyond_free()
        try:
            found = pool.assist(self._revisions.snapshot_path(), reading, *arguments, spent=charge)
        except LimitReachedError:
            self._clients.charge_function()(_SECONDS_OF_LOST)
            raise
        return cast(R, json.loads(found.read_all()))

    def state(self) -> PoolState | None:
        """Return what the workers for queries do; None before they are first needed."""
        with self._lock:
            return self._pool.state() if self._pool is not None else None

    def close(self) -> None:
        """Stop the workers."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()
            self._pool = None


def _triples(written: bytes) -> list[Triple]:
    return [quad.triple for quad in from_text(written.decode())]
