"""Health, readiness and metrics of the service."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify

from kg.errors import CityKgError, DataFolderError
from kg.gazetteer import Gazetteer, GazetteerError
from kg.shortage import WriteFailedError
from kg.store import Build
from server.dataset import metrics
from server.service import service

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
    return _without_storing(Response(metrics.exposition(service), content_type=metrics.CONTENT_TYPE))


def _without_storing(response: Response) -> Response:
    response.cache_control.no_store = True
    return response
