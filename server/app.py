"""Put the service together."""

from __future__ import annotations

from flask import Flask

from kg.query_workers import Limits
from kg.snapshots import DataFolder
from server import (
    access,
    canned_queries,
    changes,
    compression,
    cors,
    descriptions,
    dumps,
    error_pages,
    graph,
    graph_writes,
    graphs,
    linked_data,
    mementos,
    openapi,
    operations,
    problems,
    query_health,
    reviewing,
    security,
    sparql,
    terms,
    updates,
    validating,
)
from server.metrics import Metrics
from server.rate_limits import QuerySeconds

DEFAULT_LIMITS = Limits()


def create_app(
    folder: DataFolder, limits: Limits = DEFAULT_LIMITS, client_seconds: float = 0, address: str = ""
) -> Flask:
    """Return the service over a data folder, with limits on the queries of strangers.

    `client_seconds` is how many seconds of queries one client may have a minute; 0 sets no limit. `address` is told to
    whoever finds the folder locked by the service.

    It opens the snapshot and starts its workers when a request first needs them; `graph.close(app)` stops them.
    """
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Chinese is for readers, too
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False  # the redirect to one slash would name the host that the request claims
    service = graph.Service(folder, limits, QuerySeconds(client_seconds), address)
    graph.attach(app, service)
    access.attach(app, service.curation.desk)
    operations.attach(app, Metrics(service))
    cors.allow(app)
    compression.allow(app)
    mementos.allow(app)
    security.protect(app)
    problems.register(app)
    app.config[problems.FOLDER] = str(folder.path)
    for part in (
        sparql,
        graphs,
        graph_writes,
        validating,
        changes,
        reviewing,
        updates,
        canned_queries,
        query_health,
        openapi,
        linked_data,
        terms,
        descriptions,
        dumps,
        error_pages,
        operations,
    ):
        app.register_blueprint(part.blueprint)
    return app
