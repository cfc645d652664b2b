"""Put the service together."""

from __future__ import annotations

from flask import Flask

from kg.snapshots import DataFolder
from server import canned_queries, graph, linked_data, operations, problems, sparql


def create_app(folder: DataFolder) -> Flask:
    """Return the service over a data folder. It opens the snapshot when the first request needs it."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = True
    graph.attach(app, folder)
    problems.register(app)
    for part in (sparql, canned_queries, linked_data, operations):
        app.register_blueprint(part.blueprint)
    return app
