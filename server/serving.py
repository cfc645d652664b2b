"""The service in one process: uvicorn listens, the front reads and sends, the application answers in threads."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn

from kg.query_workers import Limits
from kg.remote_endpoints import RemoteEndpoints
from kg.snapshots import DataFolder
from server import access_log, graph, operations, sparql
from server.app import create_app
from server.connections import Connection
from server.exchanges import Answer, Request
from server.front import Bounds, Front, Observer
from server.ready_answers import ReadyAnswers
from server.settings import Conduct

SPARE_THREADS = 8
"""Threads for what needs no worker: documents, canned queries, health. All others may be waiting for one."""
SEND_BUFFER = 1 << 18
"""Bytes that the kernel holds for a client. Left to itself it takes 4 MB, and a slow, steady reader seems to stall."""


def run(listening: socket.socket, folder: DataFolder, limits: Limits, conduct: Conduct) -> None:
    """Serve a data folder on a listening socket until SIGTERM or SIGINT; requests that have begun are finished."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # once it has stopped, uvicorn raises the signal again
    with assembled(folder, limits, conduct, _address(listening)) as server, suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


@contextmanager
def assembled(folder: DataFolder, limits: Limits, conduct: Conduct, address: str = "") -> Iterator[uvicorn.Server]:
    """Put a server over a data folder together; all that it has started is stopped at the end.

    `address` is what commands are told that want to write to the folder meanwhile.
    """
    app = create_app(folder, limits, conduct.client_seconds, address)
    sparql.federate(app, RemoteEndpoints(conduct.services))
    bounds = Bounds(limits.workers + limits.queue + SPARE_THREADS, conduct.body_bytes, conduct.body_seconds)
    ready = ReadyAnswers(conduct.ready_bytes, folder.changed_at)
    front = Front(app, ready, bounds, _observer(operations.numbers(app).count, access_log.writer(conduct.log)))
    config = uvicorn.Config(
        front,
        http=Connection,
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        limit_concurrency=conduct.connections,
        timeout_graceful_shutdown=conduct.stop_seconds,
    )
    try:
        yield uvicorn.Server(config)
    finally:
        front.close()
        graph.close(app)


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _observer(count: Observer, write: access_log.Writer | None) -> Observer:
    def observe(request: Request, answer: Answer, seconds: float, ready: bool) -> None:
        count(request, answer, seconds, ready)
        if write is not None:
            write(request, answer, seconds, ready)

    return observe
