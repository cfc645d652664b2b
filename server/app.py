"""Put the service together."""

from __future__ import annotations

from flask import Flask

from kg.import_jobs import ImportLimits
from kg.store import DataFolder
from kg.workers import QueryLimits
from server import (
    curation,
    dataset,
    desk,
    graph_store,
    linked_data,
    model_context,
    openapi,
    queries,
    reconciliation,
    report,
    scopes,
    site,
    sparql,
    web,
)
from server.service import Principal, Service, SharedState

DEFAULT_LIMITS = QueryLimits()
DEFAULT_IMPORT_LIMITS = ImportLimits()


def create_app(
    folder: DataFolder,
    limits: QueryLimits = DEFAULT_LIMITS,
    client_seconds: float = 0,
    address: str = "",
    public_url: str = "",
    *,
    import_limits: ImportLimits = DEFAULT_IMPORT_LIMITS,
    shared: SharedState | None = None,
) -> Flask:
    """Return the service over a data folder, with limits on the queries of strangers.

    `client_seconds` is how many seconds of queries one client may have a minute; 0 sets no limit. `address` is shown
    to those who find the folder locked by the service; `public_url` is where clients reach it (Addresses.known_root);
    `import_limits` are how much one may import at a time; `shared` is what the service has in common with others over
    the same folder.

    It opens the snapshot and starts its workers when a request first needs them; `Service.of(app).close()` stops them.
    """
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Chinese is for readers, too
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False  # the redirect to one slash would name the host that the request claims
    service = Service(folder, limits, client_seconds, address, public_url, import_limits=import_limits, shared=shared)
    service.attach(app)
    Principal.attach(app)
    web.attach(app)
    scopes.attach(app)
    desk.attach(app)
    for package in (
        sparql,
        queries,
        report,
        graph_store,
        linked_data,
        curation,
        desk,
        dataset,
        site,
        reconciliation,
        model_context,
        openapi,
    ):
        for blueprint in package.blueprints:
            app.register_blueprint(blueprint)
    return app
