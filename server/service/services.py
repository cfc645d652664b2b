"""The service that an app is: a data folder, what requests read of it, and how it is changed.

`service` stands for that of the current app, as Flask's `current_app` does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from werkzeug.local import LocalProxy

from kg.accounts import Authentication, Sessions, Tokens
from kg.curation import CurationService
from kg.gazetteer import FILE as GAZETTEER_FILE
from kg.import_jobs import Importer, ImportLimits
from kg.publish.ready_documents_file import ReadyDocuments
from kg.rdf import namespaces as ns
from kg.running import RunningQueries
from kg.store import DataFolder
from kg.workers import QueryLimits
from server.service.clients import Clients
from server.service.metrics import Metrics
from server.service.questions import Questions
from server.service.rate_limit import QuerySeconds
from server.service.results import Results
from server.service.revisions import Revisions
from server.service.shared_state import SharedState
from server.service.snapshot_watch import SnapshotWatch
from server.service.workers import Workers

if TYPE_CHECKING:
    from kg.federation import RemoteEndpoints


_LOOPBACK = re.compile(r"(https?://)?(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?")


class Addresses:
    """The root of the addresses of a service, and those below it that it names itself."""

    def __init__(self, address: str, public_url: str) -> None:
        """Take where the server listens, and where clients reach it: roots without a slash at their end, or empty."""
        self._public_url = public_url
        self._listens_at = urlsplit(address).netloc

    def known_root(self) -> str:
        """Return the root of the addresses under which the client reaches this service, without a slash at its end.

        That is the public URL that the operator has set; else the host of the request, if it is a name of this machine
        or the address that the server listens on. Empty for another host, since a client can claim any.
        """
        if self._public_url:
            return self._public_url
        g.names_host = True
        host = request.host.lower()
        is_ours = host and (host == self._listens_at or _LOOPBACK.fullmatch(host))
        return f"{request.scheme}://{host}" if is_ours else ""

    def is_loopback(self) -> bool:
        """Return True if the client reaches this service on this machine only, where there is no TLS."""
        return _LOOPBACK.fullmatch(self.known_root()) is not None

    def root(self) -> str:
        """Return `known_root`, or where that is not sure the base of all IRIs, without a slash at its end."""
        return self.known_root() or ns.BASE.removesuffix("/")

    def sparql_endpoint(self) -> str:
        """Return the address of `/sparql` below the root."""
        return f"{self.root()}/sparql"


EXTENSION = "citykg"

_DEFAULT_LIMITS = QueryLimits()
_DEFAULT_IMPORT_LIMITS = ImportLimits()


class Service:
    """A data folder being served, and its parts: each is a subject of its own.

    Safe for use by many threads; to be closed.
    """

    def __init__(
        self,
        folder: DataFolder,
        limits: QueryLimits = _DEFAULT_LIMITS,
        client_seconds: float = 0,
        address: str = "",
        public_url: str = "",
        *,
        import_limits: ImportLimits = _DEFAULT_IMPORT_LIMITS,
        shared: SharedState | None = None,
    ) -> None:
        """Take a folder; `client_seconds` is the share of one client a minute.

        `address` is where the server listens, which others are shown; `public_url` where clients reach it. Both are
        roots without a slash at their end, empty if not known. `shared` is what it has in common with other processes.
        """
        shared = shared or SharedState(QuerySeconds(client_seconds))
        self.limits = limits
        self.client_seconds = client_seconds
        self.folder = folder
        self.curation = CurationService(folder, address)
        self.importer = Importer(folder, self.curation, import_limits)
        """Works on imports; the server starts it, so that it resumes those that are not over."""
        self.authentication = Authentication(Tokens(self.curation.database))
        self.sessions = Sessions(self.curation.database)
        self.clients = Clients(shared.query_seconds, self.authentication, self.sessions)
        self.revisions = Revisions(folder, self.curation)
        self.workers = Workers(self.revisions, self.clients, limits, RunningQueries(folder.path))
        self.questions = Questions(folder, self.revisions, self.workers, self.clients)
        self.results = Results(folder.path, self.revisions, self.workers, self.clients)
        self.addresses = Addresses(address, public_url)
        self.documents = ReadyDocuments(folder)
        """The documents about things that are ready; the server makes them."""
        self.endpoints: RemoteEndpoints | None = None
        """Those that SERVICE may ask; None where federation is off."""
        self.metrics = Metrics(shared.metrics_folder, shared.process_number)
        self.watch = SnapshotWatch(folder)
        """Compares the snapshots with their checksums; the server starts it."""

    def gazetteer_path(self) -> str:
        """Return the path of the gazetteer, by which a worker opens it; empty if there is none."""
        path = self.folder.path / GAZETTEER_FILE
        return str(path) if path.exists() else ""

    def attach(self, app: Flask) -> None:
        """Let an app be this service."""
        app.extensions[EXTENSION] = self

    @staticmethod
    def of(app: Flask) -> Service:
        """Return the service that an app is."""
        return cast(Service, app.extensions[EXTENSION])

    def close(self) -> None:
        """Stop the workers and the watch, and give up writing."""
        self.watch.close()
        self.metrics.close()
        self.documents.close()
        self.importer.close()
        if self.questions.engines is not None:
            self.questions.engines.close()
        self.workers.close()
        self.curation.close()


service = cast(Service, LocalProxy(lambda: current_app.extensions[EXTENSION]))
"""The service that the current app is."""
