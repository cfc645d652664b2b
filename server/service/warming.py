"""Warms the caches for each revision: answers that read the whole graph, and the documents about things.

First the templates of all pages are compiled and the ready documents brought up to the revision, then some addresses
are asked for, then the documents about things are made that are not ready (kg.publish.ready_documents). What the
front keeps ready of pages, clients get as it is; of the rest they have what the application keeps to make it, such as
checksums.
One answer is made at a time, in a thread that rests after each for several times as long as it has taken.
"""

from __future__ import annotations

import gc
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from flask import Flask

from kg.errors import CityKgError
from kg.store import DataFolder
from server.front import Front

_SHORTEST_PAUSE = 1.0
"""Seconds between checks for another revision, once all is made.

It waits as long at the start, so that the first requests have the processor.
"""
_PAUSE_FACTOR = 20.0
"""The pause after an answer, in multiples of its time, while there are requests: a twentieth of a processor."""
_PAUSE_FACTOR_WHEN_IDLE = 3.0
"""The same while there are no requests."""
_IDLE_SECONDS = 1.0
"""Seconds since the last request after which the service counts as idle."""

_ACCEPT_GZIP = (b"accept-encoding", b"gzip")
"""The header field by which browsers accept gzip; a program that reads data may not send it."""


class CacheWarmer:
    """Makes answers anew for each revision, from `start` on until it is closed."""

    def __init__(
        self,
        app: Flask,
        front: Front,
        folder: DataFolder,
        addresses: Sequence[str],
        *,
        host: str = "",
        documents: Callable[[], Iterable[int]] = tuple,
        note: Callable[[int], object] = int,
    ) -> None:
        """Take the addresses in the order in which they are asked for, of a host.

        `documents` makes those of the present revision, one with each number that it yields, of how many are ready; it
        may raise CityKgError, errors of the engine, and sqlite3.Error. `note` learns these numbers, and 0 with each
        revision.
        """
        self._app = app
        self._front = front
        self._folder = folder
        self._addresses = addresses
        self._documents = documents
        self._note = note
        self._fields = [(b"host", host.encode())]
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="ahead")

    def start(self) -> None:
        """Begin the first round."""
        self._thread.start()

    def close(self) -> None:
        """End it once the present answer is there."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        asked, rest = None, _SHORTEST_PAUSE
        answers: Iterator[None] = iter(())
        while not self._closing.wait(rest):
            current, began = self._folder.current_stamp(), time.perf_counter()
            if current != asked:
                answers = self._steps(is_first=asked is None)
                asked = current
            has_made = next(answers, answers) is None
            rest = self._pause(time.perf_counter() - began) if has_made else _SHORTEST_PAUSE

    def _steps(self, *, is_first: bool) -> Iterator[None]:
        """Compile the templates at first, make what is made of a revision, and yield after each of them."""
        self._note(0)
        for name in self._app.jinja_env.list_templates() if is_first else ():
            self._app.jinja_env.get_template(name)
            yield
        documents = self._make_documents()
        yield from islice(documents, 1)
        for address in self._addresses:
            self._front.make_ready(address, [*self._fields, _ACCEPT_GZIP])
            yield
        if is_first:  # what is there by now stays: a collection that looks at it holds up a page by 0.1 s
            gc.collect()
            gc.freeze()
        yield from documents

    def _make_documents(self) -> Iterator[None]:
        """Make documents, and yield at first, once those that still hold are ready, and after each."""
        with suppress(CityKgError, sqlite3.Error, *DataFolder.ENGINE_ERRORS):
            for ready in self._documents():
                self._note(ready)
                yield

    def _pause(self, taken: float) -> float:
        return taken * (
            _PAUSE_FACTOR_WHEN_IDLE if self._front.seconds_since_request() > _IDLE_SECONDS else _PAUSE_FACTOR
        )
