"""Health and readiness of the service, and the metrics that Prometheus collects at `/metrics`."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric

from kg.errors import CityKgError, DataFolderError
from kg.gazetteer import Gazetteer, GazetteerError
from kg.shortage import WriteFailedError
from kg.store import Build
from server.service import Service, service

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


blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """Say that the graph can be read, and which revision it is."""
    build = service.revisions.current()
    return _without_storing(jsonify(status="ok", revision=build.revision, quads=build.quads, built=build.built))


class NotReadyError(CityKgError):
    """Changes cannot be made at the moment; reading goes on."""

    title = "Changes cannot be made"


@blueprint.get("/readyz")
def readiness() -> Response:
    """Say that the workers answer and that changes can be made, and which do not count; else why not (503)."""
    service.workers.pool().try_out(service.revisions.snapshot_path())
    build = service.revisions.current()
    service.folder.integrity.refuse_known_damage(build)
    try:
        service.curation.refuse_unwritable()
    except DataFolderError as error:
        is_of_disk = isinstance(error, WriteFailedError)
        hint = "The operator: docs/operating/full-disk.md says what to do." if is_of_disk else error.hint
        why = f"Reading goes on, but changes cannot be made. {error.public_message(service.folder.path)}"
        raise NotReadyError(why, hint) from error
    return _without_storing(
        jsonify(
            status="ready",
            revision=build.revision,
            gazetteer=_gazetteer(),
            **_withheld_changes(build),
            **_engines(build),
        )
    )


def _withheld_changes(build: Build) -> dict[str, Any]:
    """Return the changes that do not count, each with why; nothing where all do."""
    return {"withheld": [asdict(one) for one in build.withheld]} if build.withheld else {}


def _gazetteer() -> str | None:
    """Return the version of the gazetteer, null where there is none, or what is wrong with it."""
    try:
        gazetteer = Gazetteer.open(service.folder.path)
        return None if gazetteer is None else gazetteer.version
    except GazetteerError as error:
        return error.public_message(service.folder.path)


def _engines(build: Build) -> dict[str, Any]:
    """Return the state of each engine that has a copy of the graph, in order; empty if there are none.

    A service whose engines are behind or gone is ready: its own workers answer.
    """
    if service.questions.engines is None:
        return {}
    copies = [standing._asdict() for standing in service.questions.engines.state(build)]
    return {"engines": [{name: said for name, said in copy.items() if said != ""} for copy in copies]}


@blueprint.get("/metrics")
def prometheus_metrics() -> Response:
    """Return the numbers of the service in Prometheus's text format."""
    return _without_storing(Response(exposition(service), content_type=CONTENT_TYPE))


def _without_storing(response: Response) -> Response:
    response.cache_control.no_store = True
    return response
