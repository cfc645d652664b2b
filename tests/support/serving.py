"""The service in this process: in a thread, over a real socket, or as a client that calls it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

from flask.testing import FlaskClient

from kg.store.data_folder import DataFolder
from kg.workers.pool import QueryLimits
from server import serve
from server.app import create_app
from server.service import Service
from server.settings import ServerOptions

Serving = Callable[..., AbstractContextManager[str]]

ALONE = QueryLimits(seconds=300, assist_seconds=300, workers=1)
"""One worker, and none to spare: each costs a second of a processor to start, and a test asks one thing at a time."""


@contextmanager
def served(folder: DataFolder, limits: QueryLimits = ALONE, **options: Any) -> Iterator[str]:
    """Serve a data folder with some limits (and fields of ServerOptions), and give the address."""
    quiet = ServerOptions(**{"log": "none", "client_seconds": 0, "stop_seconds": 1, **options})
    with (
        socket.create_server(("127.0.0.1", 0), backlog=512) as listening,
        serve.assembled_server(folder, limits, quiet) as server,
    ):
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, serve.SEND_BUFFER)  # as the command does
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def client(folder: DataFolder, limits: QueryLimits = ALONE, **settings: Any) -> Iterator[FlaskClient]:
    """Give a client of a service over a data folder, whose workers end with the block."""
    app = create_app(folder, limits, **settings)
    with closing(Service.of(app)):
        yield app.test_client()
