"""What the service has done so far, in numbers that Prometheus collects at `/metrics`."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

from server.exchanges import Answer, Request
from server.graph import Service

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_KNOWN_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"}
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The numbers of one running service."""

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry()
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
        self._registry.register(_State(service))

    def count(self, request: Request, answer: Answer, seconds: float, ready: bool) -> None:
        """Count an exchange. No label is of a client's making, so that their number stays bounded."""
        method = request.method if request.method in _KNOWN_METHODS else "other"
        route = answer.route or "none"
        self._requests.labels(route, method, str(answer.status), "yes" if ready else "no").inc()
        self._seconds.labels(route).observe(seconds)

    def written(self) -> bytes:
        """Return all numbers in Prometheus's text format."""
        return generate_latest(self._registry)


class _State:
    """What the service holds at the moment when it is asked."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterable[Metric]:
        """Yield the numbers."""
        build, _ = self._service.current()
        yield InfoMetricFamily("citykg_graph", "The graph that is served.", {"revision": build.revision})
        yield GaugeMetricFamily("citykg_quads", "Quads in named graphs.", build.quads)
        yield GaugeMetricFamily("citykg_store_bytes", "Bytes of the snapshot on disk.", self._service.store_bytes())
        workers = self._service.state()
        if workers is None:
            return
        yield GaugeMetricFamily("citykg_workers", "Worker processes for queries.", workers.workers)
        yield GaugeMetricFamily("citykg_workers_busy", "Workers that have a query.", workers.busy)
        yield GaugeMetricFamily("citykg_queries_waiting", "Queries that wait for a worker.", workers.waiting)
        yield CounterMetricFamily("citykg_workers_replaced", "Workers that were killed or died.", workers.replaced)

    def describe(self) -> Iterable[Metric]:
        """Yield nothing: what there is depends on what is built, which is not known yet."""
        return ()
