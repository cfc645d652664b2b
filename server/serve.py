"""The service in one process, or a part of it in each of several (server.supervisor).

uvicorn listens, the front reads and sends, the application answers in threads.
"""

from __future__ import annotations

import gc
import resource
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from kg.lanes import Lane
from kg.store import DataFolder
from kg.workers import QueryLimits
from server.app import create_app
from server.front import AccessLog, Bounds, Front, server_of
from server.linked_data import warm_documents
from server.service import CacheWarmer, Service, SharedState
from server.settings import ServerOptions

UNQUEUED_THREADS = 8
"""Threads for requests that are not queued: changes by holders of tokens."""
REQUESTS_READ_AHEAD = 2
"""Requests that are read while all workers have one, so that none waits for its next in the fast lane."""
SPARE_FILES = 512
"""Open files beside those of connections."""
GC_THRESHOLDS = (4_000, 2, 250)
"""Objects more than were let go of after which Python looks for cycles among them, and how often it looks further.

All requests wait meanwhile. So it usually looks at few objects, and seldom at all that is cached: by default Python
does that once in some thousand requests.
"""
SEND_BUFFER = 1 << 18
"""Bytes that the kernel holds for a client. Left to itself it takes 4 MB, and a slow, steady reader seems to stall."""
WARMED_ADDRESSES = (
    *("/", "/search?q=city", "/doc/twinning"),
    *("/doc", "/ontology.html"),
    *("/healthz/queries", "/dataset.html", "/dataset.ttl", "/dumps/SHA256SUMS"),
)
"""Addresses that load what pages share (workers, canned queries, the index of names), then those that take a second."""


@dataclass(frozen=True)
class ProcessRole:
    """The role of a process: the state that it shares, and the socket of the writer, if that is another process.

    The writer makes changes, works on imports, and looks after the snapshots.
    """

    shared: SharedState | None = None
    writer: Path | None = None


SINGLE_PROCESS = ProcessRole()
"""The only process, which does everything."""


def run(
    listening: Sequence[socket.socket],
    folder: DataFolder,
    limits: QueryLimits,
    options: ServerOptions,
    part: ProcessRole = SINGLE_PROCESS,
) -> None:
    """Serve a data folder on listening sockets until SIGTERM or SIGINT; requests that have begun are finished."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)  # each connection is an open file
    wanted = max(soft, options.connections + SPARE_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    for one in listening:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # once it has stopped, uvicorn raises the signal again
    assembling = assembled_server(
        folder, limits, options, _root_address(listening[0]), warmed=WARMED_ADDRESSES, part=part
    )
    with assembling as server, suppress(KeyboardInterrupt):
        gc.set_threshold(*GC_THRESHOLDS)
        gc.freeze()  # what is there by now stays
        server.run(sockets=list(listening))


@contextmanager
def assembled_server(
    folder: DataFolder,
    limits: QueryLimits,
    options: ServerOptions,
    address: str = "",
    *,
    warmed: Sequence[str] = (),
    part: ProcessRole = SINGLE_PROCESS,
) -> Iterator[uvicorn.Server]:
    """Put a server over a data folder together; all that it has started is stopped at the end.

    `address` is shown to commands that find the folder locked. `warmed` are the addresses that are requested ahead for
    each revision, followed by the documents; without any, nothing is made ahead.
    """
    app = create_app(
        *(folder, limits, options.client_seconds, address, options.public_url),
        import_limits=options.imports,
        shared=part.shared,
    )
    service = Service.of(app)
    _connect_remotes(service, options, limits)
    log = AccessLog(options.log)
    front = Front(
        *(app, folder, _bounds(options, limits), (service.metrics.count_request, log)),
        usage=service.clients.usage,
        holders=service.clients.holders,
        writer=part.writer,
        count_refusal=service.metrics.count_refusal,
    )
    service.metrics.count_queue(front.waiting_count)
    if part.writer is None:
        service.curation.settle()
        service.watch.start(log.write_message)
        service.importer.start(log.write_message)
    if service.questions.engines is not None:
        service.questions.engines.start(log.write_message, follow=part.writer is None)
    if part.shared is not None:
        service.metrics.start(service.workers.state)
    is_maker = part.writer is None and options.ahead_bytes > 0
    ahead = CacheWarmer(
        *(app, front, folder, [one for one in warmed if not front.forwards(one)]),
        host=urlsplit(address).netloc,
        documents=partial(warm_documents, app, options.ahead_bytes) if is_maker else tuple,
        note=service.metrics.note_documents_ahead,
    )
    if warmed:
        ahead.start()
    try:
        with log.capturing(app.name, "server.front", "uvicorn", "kg"):
            yield server_of(front, options.stop_seconds, most_connections=options.connections)
    finally:
        front.close()
        ahead.close()
        service.close()


def _bounds(options: ServerOptions, limits: QueryLimits) -> Bounds:
    return Bounds(
        threads=UNQUEUED_THREADS,
        lanes={
            Lane.FAST: limits.workers + REQUESTS_READ_AHEAD,
            Lane.SLOW: max(1, limits.workers - 1),
            Lane.ASIDE: limits.workers,
            Lane.OWN: limits.workers + REQUESTS_READ_AHEAD,
            Lane.ASSIST: limits.workers,
        },
        queue=limits.queue,
        body_bytes=options.body_bytes,
        upload_bytes=max(options.curator_import_bytes, options.contributor_import_bytes),
        body_seconds=options.body_seconds,
        ready_bytes=options.ready_bytes,
    )


def _connect_remotes(service: Service, options: ServerOptions, limits: QueryLimits) -> None:
    """Give a service the endpoints that SERVICE may ask, and the engines that hold a copy; their code is optional."""
    if options.services:
        from kg.federation import RemoteEndpoints  # noqa: PLC0415 – an optional package

        service.endpoints = RemoteEndpoints(options.services)
    if options.engine:
        from kg.engines import Engine, Engines  # noqa: PLC0415 – an optional package

        engines = [Engine(*addresses, user=user, password=word) for *addresses, user, word in options.engines]
        service.questions.engines = Engines(engines, service.folder, limits)


def _root_address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
