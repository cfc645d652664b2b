"""How many requests the service has answered, and in which time."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from server.front import Answer, Request

_KNOWN_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"}
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The numbers of one running service; `registry` holds them for Prometheus."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "citykg_requests",
            "Requests answered, by rule of the address, method, status, and whether the answer was ready.",
            ["route", "method", "status", "ready"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "citykg_request_seconds",
            "Seconds from the head of a request until its answer stands, by rule of the address.",
            ["route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def count(self, request: Request, answer: Answer, seconds: float, ready: bool) -> None:
        """Count an exchange. No label is of a client's making, so that their number stays bounded."""
        method = request.method if request.method in _KNOWN_METHODS else "other"
        route = answer.route or "none"
        self._requests.labels(route, method, str(answer.status), "yes" if ready else "no").inc()
        self._seconds.labels(route).observe(seconds)
