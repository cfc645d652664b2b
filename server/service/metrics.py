"""Counters of requests, their times, and gauges of the workers.

Where several processes answer, each counts in a file of its own (prometheus_client's multiprocess mode), which the next
process of the same number goes on with; what is collected is the sum.
"""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

from kg.workers import PoolState
from server.front import Answer, Request

_KNOWN_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"}
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_NOTE_INTERVAL = 1.0
"""Seconds from one note of what the workers do to the next, where another process may be asked for it."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # as many lines again, which no dashboard reads


class Metrics:
    """The numbers of one running service."""

    def __init__(self, folder: Path | None = None, process: int = 0) -> None:
        """Count in this process; or as the process of a number, in a folder that all of the service have in common."""
        if folder is not None:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
            values.ValueClass = values.MultiProcessValue(lambda: process)  # type: ignore[no-untyped-call]
        self._folder = folder
        self._registry = CollectorRegistry()
        self._replaced_before = 0
        self._in_line: Callable[[], int] = lambda: 0
        self._noting = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._requests = Counter(
            "citykg_requests",
            "Requests answered, by rule of the address, method, status, and whether the answer was ready.",
            ["route", "method", "status", "ready"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "citykg_request_seconds",
            "Seconds from the head of a request until its answer stands, by rule of the address.",
            ["route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._cached_metrics = cache(self._labelled_metrics)
        self._workers = self._gauge("citykg_workers", "Worker processes for queries.")
        self._busy = self._gauge("citykg_workers_busy", "Workers that have a query.")
        self._waiting = self._gauge("citykg_queries_waiting", "Queries and other requests that wait for a worker.")
        self._memory = self._gauge("process_resident_memory_bytes", "Bytes of memory of the processes that answer.")
        self._of_workers = self._gauge(
            "citykg_workers_resident_memory_bytes",
            "Bytes of memory of workers, and of what else these processes start.",
        )
        self._files = self._gauge("process_open_fds", "Files that the processes that answer have open.")
        self._most_files = self._gauge("process_max_fds", "Files that they may have open.")
        self._refusals = Counter(
            "citykg_refusals",
            "Requests refused or failed, by the kind of error: the last part of the address that explains it.",
            ["cause"],
            registry=self._registry,
        )
        self._ahead = self._gauge("citykg_documents_ahead", "Documents of the present revision that are made ahead.")
        self._replaced = Counter(
            "citykg_workers_replaced", "Workers that were killed or died.", registry=self._registry
        )

    def count_request(self, request: Request, answer: Answer, seconds: float, ready: bool) -> None:
        """Count an exchange. No label is of a client's making, so that their number stays bounded."""
        method = request.method if request.method in _KNOWN_METHODS else "other"
        requests, taken = self._cached_metrics(answer.route or "none", method, answer.status, ready)
        requests.inc()
        taken.observe(seconds)

    def count_refusal(self, cause: str) -> None:
        """Count an answer that is an error, by its kind (server.errors.slug)."""
        self._refusals.labels(cause).inc()

    def count_queue(self, waiting: Callable[[], int]) -> None:
        """Include in the waiting queries those queued before the workers; `waiting` returns their number."""
        self._in_line = waiting

    def start(self, workers: Callable[[], PoolState | None]) -> None:
        """Note what the workers do from now on, for the process that is asked for the numbers of all."""
        self._thread = threading.Thread(target=self._run, args=(workers,), daemon=True, name="metrics")
        self._thread.start()

    def close(self) -> None:
        """Note nothing more."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def note_workers(self, workers: PoolState) -> None:
        """Note what the workers of this process do."""
        with self._noting:
            self._workers.set(workers.workers)
            self._busy.set(workers.busy)
            self._waiting.set(workers.waiting + self._in_line())
            self._replaced.inc(workers.replaced - self._replaced_before)
            self._replaced_before = workers.replaced

    def note_process(self) -> None:
        """Note what memory and files this process and its workers have."""
        self._memory.set(resident_bytes(os.getpid()))
        self._of_workers.set(sum(map(resident_bytes, descendants(os.getpid()))))
        self._files.set(open_files())
        self._most_files.set(resource.getrlimit(resource.RLIMIT_NOFILE)[0])

    def note_documents_ahead(self, documents: int) -> None:
        """Note how many documents of the present revision this process has made ahead."""
        self._ahead.set(documents)

    def exposition(self) -> bytes:
        """Return the numbers of all processes in Prometheus's text format."""
        if self._folder is None:
            return generate_latest(self._registry)
        of_all = CollectorRegistry()
        MultiProcessCollector(of_all, str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(of_all)

    def _labelled_metrics(self, route: str, method: str, status: int, ready: bool) -> tuple[Counter, Histogram]:
        labelled = self._requests.labels(route, method, str(status), "yes" if ready else "no")
        return labelled, self._seconds.labels(route)

    def _run(self, workers: Callable[[], PoolState | None]) -> None:
        while not self._closing.wait(_NOTE_INTERVAL):
            self.note_process()
            if (state := workers()) is not None:
                self.note_workers(state)

    def _gauge(self, name: str, words: str) -> Gauge:
        return Gauge(name, words, registry=self._registry, multiprocess_mode="livesum")


def resident_bytes(pid: int) -> int:
    """Return the bytes of memory that a process has, those that it shares with others among them."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return 0


def open_files() -> int:
    """Return how many files this process has open."""
    with suppress(OSError):
        return len(os.listdir("/proc/self/fd"))
    return 0


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes that a process has started, and those that these have."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text(encoding="ascii").split()):
                yield child
                yield from descendants(child)
