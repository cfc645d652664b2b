"""Is the service up, and what does it serve?"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template

from kg import catalogue
from server import graph

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """Say that the graph can be read, and which revision it is."""
    build, _ = graph.current()
    return jsonify(status="ok", revision=build.revision, quads=build.quads, built=build.built)


@blueprint.get("/")
def home() -> str:
    """Say what there is."""
    build, _ = graph.current()
    return render_template("home.html", build=build, queries=len(catalogue.canned_queries()))
