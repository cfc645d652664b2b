"""The measures (kg.measures): having them computed, and seeing how far that is."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from kg.accounts import Role
from kg.store import Build
from server.change_requests import ChangeRequest
from server.service import require, service

blueprint = Blueprint("measures", __name__)

ADDRESS = "/measures"
_NAME = "measures"  # among tasks


@blueprint.post(ADDRESS)
def compute() -> Response:
    """Have the measures of the present revision computed: 202, unless they are there."""
    require(Role.CURATOR)
    ChangeRequest.read(is_short=True)
    gate = service.curation.gate
    build = gate.build
    if build.measured == build.revision:
        return _status_response(build)
    service.curation.jobs.begin(_NAME, gate.measure)
    response = _status_response(build)
    response.status_code = 202
    response.headers["Location"] = ADDRESS
    return response


@blueprint.get(ADDRESS)
def status() -> Response:
    """Say of which revision the measures are, and how far those are that are being computed."""
    require(Role.CONTRIBUTOR)
    return _status_response(service.revisions.newest_build())


def _status_response(build: Build) -> Response:
    known = {"revision": build.revision, "measured": build.measured or None}
    task = service.curation.jobs.find(_NAME)
    return jsonify(known | (task.as_dict(service.folder.path) if task else {}))
