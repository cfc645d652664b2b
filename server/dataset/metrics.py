"""The metrics that Prometheus collects at `/metrics`: counts of requests, and the state of the service."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric

from kg.store import Build
from server.service import Service

if TYPE_CHECKING:
    from kg.engines import Engines

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(service: Service) -> bytes:
    """Return all numbers in Prometheus's text format. Raises DataFolderError if nothing is built."""
    state = CollectorRegistry()
    state.register(_StateCollector(service))
    service.metrics.note_process()
    if (workers := service.workers.state()) is not None:
        service.metrics.note_workers(workers)
    return service.metrics.exposition() + generate_latest(state)


class _StateCollector:
    """A collector of the present state of the service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterable[Metric]:
        """Yield the numbers."""
        build = self._service.revisions.newest_build()
        yield InfoMetricFamily("citykg_graph", "The graph that is served.", {"revision": build.revision})
        yield GaugeMetricFamily("citykg_quads", "Quads in named graphs.", build.quads)
        yield GaugeMetricFamily(
            "citykg_store_bytes", "Bytes of the snapshot on disk.", self._service.revisions.snapshot_bytes()
        )
        disk = os.statvfs(self._service.folder.path)
        free = disk.f_bavail * disk.f_frsize
        yield GaugeMetricFamily("citykg_disk_free_bytes", "Bytes free where the data folder is.", free)
        damaged = len(self._service.folder.integrity.all_known_damage())
        yield GaugeMetricFamily("citykg_snapshots_damaged", "Snapshots with a file that is not as written.", damaged)

        if self._service.questions.engines is not None:
            yield self._engine_lag(build, self._service.questions.engines)

    @staticmethod
    def _engine_lag(build: Build, engines: Engines) -> Metric:
        said = "Changes that the copy in an engine lacks; NaN where nothing is known of it, or it has to be loaded."
        behind = GaugeMetricFamily("citykg_engine_changes_behind", said, labels=["engine"])
        for number, standing in enumerate(engines.state(build), start=1):
            behind.add_metric([str(number)], math.nan if standing.behind is None else standing.behind)
        return behind

    def describe(self) -> Iterable[Metric]:
        """Yield nothing: the metrics depend on the build."""
        return ()
