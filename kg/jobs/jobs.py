"""What takes longer than a request should: each job in a thread of its own, begun once at a time, with its progress.

That is known as long as the process lives. A job that has not come to its end by then has changed nothing; one that is
to be resumed has a folder (kg.jobs.folder), by which it is begun again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg.errors import CityKgError, unexpected_end
from kg.jobs.control import Control

Work = Callable[[Control], object]

Name = str | int

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobProgress:
    """How far a job has come that somebody began: which step, of how many; or what went wrong."""

    by: str
    step: str = "waiting for its turn"
    done: int = 0
    of: int = 0
    error: CityKgError | None = None

    def as_dict(self, data: Path) -> dict[str, Any]:
        """Return it for JSON; `data` is the data folder, whose place stays private."""
        if self.error is None:
            return {"step": self.step, "done": self.done, "of": self.of}
        described = {"title": self.error.title, "detail": self.error.public_message(data), "hint": self.error.hint}
        return {"error": described | self.error.details()}


class Jobs:
    """The jobs of a process, by name, or by the number of what they are about. Safe for many threads; to be closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._progress: dict[Name, JobProgress] = {}
        self._threads: dict[Name, threading.Thread] = {}
        self._again: set[Name] = set()
        self._closing = threading.Event()

    def find(self, name: Name | None) -> JobProgress | None:
        """Return how far a job is, or why it failed; None if it was not begun, or is done."""
        return None if name is None else self._progress.get(name)

    def begin(self, name: Name, work: Work, by: str = "", *, again: bool = False) -> JobProgress:
        """Begin a job, unless it is under way; return how far it is. What went wrong before is forgotten.

        One under way is begun `again` once it has ended, for what has come meanwhile.
        """
        with self._lock:
            if name in self._threads:
                if again:
                    self._again.add(name)
                return self._progress[name]
            thread = threading.Thread(target=self._run, args=(name, work), daemon=True)
            self._progress[name] = JobProgress(by)
            try:
                thread.start()
            except RuntimeError:  # there are too many
                del self._progress[name]
                raise
            self._threads[name] = thread
            return self._progress[name]

    def close(self) -> None:
        """Break off what is under way."""
        self._closing.set()
        for thread in [*self._threads.values()]:
            thread.join()

    def _run(self, name: Name, work: Work) -> None:
        def advance(step: str, done: int, of: int) -> None:
            self._progress[name] = replace(self._progress[name], step=step, done=done, of=of)

        while True:
            error = self._run_once(name, work, Control(advance, self._closing.is_set))
            with self._lock:
                if name in self._again and not self._closing.is_set():
                    self._again.discard(name)
                    continue
                del self._threads[name]
                known = self._progress.pop(name)
                if error is not None:
                    self._progress[name] = replace(known, error=error)
                return

    @staticmethod
    def _run_once(name: Name, work: Work, control: Control) -> CityKgError | None:
        """Do the work, and return the error that it ends in, if it does."""
        try:
            work(control)
        except CityKgError as error:
            return error
        except Exception:
            _LOGGER.exception("The work on %s has broken off.", name)
            return unexpected_end("It")
        return None
