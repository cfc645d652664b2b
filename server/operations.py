"""Is the service up, can it answer, what has it done, and what does it serve?"""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, request

from kg import catalogue
from kg.formats import RESULT_FORMAT
from kg.query_workers import Job
from server import graph, metrics
from server.wsgi_calls import ROUTE

blueprint = Blueprint("operations", __name__)


def attach(app: Flask, numbers: metrics.Metrics) -> None:
    """Let an app publish the numbers, and name the rule of the address of each request to whoever counts."""
    app.extensions["citykg.metrics"] = numbers
    app.after_request(_name_route)


def numbers(app: Flask) -> metrics.Metrics:
    """Return the numbers that an app publishes."""
    return cast(metrics.Metrics, app.extensions["citykg.metrics"])


@blueprint.get("/healthz")
def health() -> Response:
    """Say that the graph can be read, and which revision it is."""
    build, _ = graph.current()
    return _never_kept(jsonify(status="ok", revision=build.revision, quads=build.quads, built=build.built))


@blueprint.get("/readyz")
def readiness() -> Response:
    """Say that the workers answer; what they raise if they do not becomes the answer (503)."""
    graph.pool().run(Job("ASK {}", RESULT_FORMAT["json"].media_type))
    build, _ = graph.current()
    return _never_kept(jsonify(status="ready", revision=build.revision))


@blueprint.get("/metrics")
def collected() -> Response:
    """Return the numbers of the service in Prometheus's text format."""
    return _never_kept(Response(numbers(current_app).written(), content_type=metrics.CONTENT_TYPE))


@blueprint.get("/")
def home() -> str:
    """Say what there is."""
    build, _ = graph.current()
    return render_template("home.html", build=build, queries=len(catalogue.canned_queries()))


def _never_kept(response: Response) -> Response:
    response.cache_control.no_store = True
    return response


def _name_route(response: Response) -> Response:
    request.environ[ROUTE] = request.url_rule.rule if request.url_rule else ""
    return response
