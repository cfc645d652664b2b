"""Has measures computed beside all else, since that takes longer than a request should: in a thread, once at a time.

How far it has come is known as long as the process lives. If that ends before they are there, those of before are.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kg.curation.gate import Gate
from kg.errors import CityKgError


class Measurer:
    """Computes measures when asked. Safe for use by many threads; to be closed."""

    def __init__(self, gate: Callable[[], Gate]) -> None:
        """Take what gives the writer of the folder."""
        self._gate = gate
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._step: dict[str, Any] = {}
        self._error: CityKgError | None = None

    def begin(self) -> None:
        """Begin to compute them, unless that is being done."""
        with self._lock:
            if self._thread is None:
                self._advance("waiting for its turn", 0, 0)
                self._error = None
                self._thread = threading.Thread(target=self._work, daemon=True, name="measures")
                self._thread.start()

    def told(self, data: Path) -> dict[str, Any]:
        """Return how far it is, for JSON: the step, or what went wrong; nothing else where nothing is being done.

        `data` is the data folder, which is not told.
        """
        with self._lock:
            if self._thread is not None:
                return self._step
            error = self._error
        if error is None:
            return {}
        return {"error": {"title": error.title, "detail": error.told(data), "hint": error.hint}}

    def close(self) -> None:
        """Break it off."""
        self._closing.set()
        thread = self._thread
        if thread is not None:
            thread.join()

    def _advance(self, step: str, done: int, of: int) -> None:
        self._step = {"step": step, "done": done, "of": of}

    def _work(self) -> None:
        wrong = None
        try:
            self._gate().measure(self._advance, self._closing.is_set)
        except CityKgError as error:
            wrong = error
        except Exception:
            traceback.print_exc()
            wrong = CityKgError("It broke off by a fault of the service.", "The operator finds it in the log.")
        with self._lock:
            self._thread, self._error = None, wrong
