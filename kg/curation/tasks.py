"""What takes longer than a request should: each in a thread of its own, begun once at a time; how far each has come.

That is known as long as the process lives. What has not come to its end by then is as if nobody had begun.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg.curation.advance import Advance, Cancelled
from kg.errors import CityKgError, broken_off

Work = Callable[[Advance, Cancelled], object]
"""Tells its steps, and asks whether it is still wanted."""

Name = str | int

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """How far something has come that somebody began: which step, of how many; or what went wrong."""

    by: str
    step: str = "waiting for its turn"
    done: int = 0
    of: int = 0
    error: CityKgError | None = None

    def as_dict(self, data: Path) -> dict[str, Any]:
        """Return it for JSON; `data` is the data folder, which is not told."""
        if self.error is None:
            return {"step": self.step, "done": self.done, "of": self.of}
        said = {"title": self.error.title, "detail": self.error.told(data), "hint": self.error.hint}
        return {"error": said | self.error.details()}


class Tasks:
    """Those of one process, by name, or by the number of what they are about. Safe for many threads; to be closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Name, Task] = {}
        self._threads: dict[Name, threading.Thread] = {}
        self._closing = threading.Event()

    def find(self, name: Name | None) -> Task | None:
        """Return how far one is, or why it was not done; None if nobody has begun it, or it is done."""
        return None if name is None else self._known.get(name)

    def begin(self, name: Name, work: Work, by: str = "") -> Task:
        """Begin one, unless it is being done; return how far it is. What went wrong before is forgotten."""
        with self._lock:
            if name not in self._threads:
                thread = threading.Thread(target=self._do, args=(name, work), daemon=True)
                self._known[name] = Task(by)
                try:
                    thread.start()
                except RuntimeError:  # there are too many
                    del self._known[name]
                    raise
                self._threads[name] = thread
            return self._known[name]

    def close(self) -> None:
        """Break off what is not done yet."""
        self._closing.set()
        for thread in [*self._threads.values()]:
            thread.join()

    def _do(self, name: Name, work: Work) -> None:
        def tell(step: str, done: int, of: int) -> None:
            self._known[name] = replace(self._known[name], step=step, done=done, of=of)

        wrong = None
        try:
            work(tell, self._closing.is_set)
        except CityKgError as error:
            wrong = error
        except Exception:
            _LOGGER.exception("The work on %s has broken off.", name)
            wrong = broken_off("It")
        with self._lock:
            del self._threads[name]
            known = self._known.pop(name)
            if wrong is not None:
                self._known[name] = replace(known, error=wrong)
