"""Put the service together."""

from __future__ import annotations

from flask import Flask

from kg.query_workers import Limits
from kg.snapshots import DataFolder
from server import (
    canned_queries,
    cors,
    descriptions,
    dumps,
    error_pages,
    graph,
    graphs,
    linked_data,
    operations,
    problems,
    sparql,
    terms,
)

DEFAULT_LIMITS = Limits()


def create_app(folder: DataFolder, limits: Limits = DEFAULT_LIMITS) -> Flask:
    """Return the service over a data folder, with limits on the queries of strangers.

    It opens the snapshot and starts its workers when a request first needs them; `graph.close(app)` stops them.
    """
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = True
    graph.attach(app, graph.Service(folder, limits))
    cors.allow(app)
    problems.register(app)
    for part in (
        sparql,
        graphs,
        canned_queries,
        linked_data,
        terms,
        descriptions,
        dumps,
        error_pages,
        operations,
    ):
        app.register_blueprint(part.blueprint)
    return app
