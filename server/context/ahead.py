"""What takes long is made before somebody asks for it: the code of all pages, and answers that go over the whole graph.

It asks as a client would, once a revision. The answers are thrown away, since each client wants them in a form of its
own; what the application keeps to make them (checksums, counts) is there from then on.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Sequence

from flask import Flask
from werkzeug.test import Client

from kg.store import DataFolder

_SHORTEST_REST = 1.0
_RESTS = 20.0
"""How much longer than it has asked it rests: a graph that changes all the time costs a twentieth of a processor."""


class Ahead:
    """Asks an application for some addresses, of each revision anew, from `start` on until it is closed."""

    def __init__(self, app: Flask, folder: DataFolder, addresses: Sequence[str]) -> None:
        """Take the addresses in the order in which they are asked for."""
        self._app = app
        self._folder = folder
        self._addresses = addresses
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._rounds, daemon=True, name="ahead")

    def start(self) -> None:
        """Begin the first round."""
        self._thread.start()

    def close(self) -> None:
        """End it once the present answer is there."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _rounds(self) -> None:
        for name in self._app.jinja_env.list_templates():
            if self._closing.is_set():
                return
            self._app.jinja_env.get_template(name)
        asked = None
        rest = 0.0
        while not self._closing.wait(rest):
            current, began = self._folder.changed_at(), time.monotonic()
            if current != asked:
                self._ask()
            if asked is None:  # what is there by now stays: a collection that looks at it holds up a page by 0.1 s
                gc.collect()
                gc.freeze()
            asked = current
            rest = max(_SHORTEST_REST, _RESTS * (time.monotonic() - began))

    def _ask(self) -> None:
        client = Client(self._app)
        for address in self._addresses:
            if not self._closing.is_set():
                client.get(address).close()
