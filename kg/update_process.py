"""The process in which the operations of one update are parsed and evaluated, as seen by the one that asks."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import Any

from kg.errors import CityKgError
from kg.query_workers import LimitReachedError, Limits, WorkerLostError
from kg.update_errors import UpdateError
from kg.worker_process import DeadlineError, WorkerProcess, used_up

_HINT = "Change less at a time, and add patterns that connect the parts of the WHERE."
_HINTS = {"nesting": "Write it with fewer braces inside."}


class UpdateProcess:
    """A process over one snapshot (kg.update_worker), killed at the deadline; to be closed."""

    def __init__(self, snapshot: Path, limits: Limits, deadline: float) -> None:
        """Start it; `deadline` is a time of time.monotonic. Of the limits, `memory_bytes` counts."""
        self._memory = f"{limits.memory_bytes >> 20:,} MiB"
        seconds = max(0.0, deadline - time.monotonic())
        self._process = WorkerProcess("kg.update_worker", snapshot, limits.memory_bytes, seconds, deadline=deadline)

    def __enter__(self) -> UpdateProcess:
        """Return the process itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process."""
        self._process.stop()

    def ask(self, request: dict[str, Any], text: str) -> tuple[dict[str, Any], bytes]:
        """Return the answer to a request. Raises LimitReachedError, UpdateError and WorkerLostError."""
        try:
            self._process.send(request, text.encode())
            message, body = self._process.receive()
        except DeadlineError:
            raise self._late() from None
        except EOFError:
            raise self._cause_of_death() from None
        if message["kind"] == "limit":
            raise LimitReachedError(message["limit"], message["reached"] or self._memory, _HINT)
        if message["kind"] == "refused":
            raise UpdateError(message["message"], message["hint"])
        return message, body

    def _cause_of_death(self) -> CityKgError:
        """Say why the process is gone, from its exit status, its last words, and the clock."""
        status, said = self._process.stop()
        lacking = used_up(status, said)
        if lacking is not None:
            reached = self._memory if lacking == "memory" else "as deep as the stack allows"
            return LimitReachedError(lacking, reached, _HINTS.get(lacking, _HINT))
        if time.monotonic() >= self._process.deadline:
            return self._late()
        return WorkerLostError(f"The process that had the update ended (status {status}).", "Try again.")

    def _late(self) -> LimitReachedError:
        return LimitReachedError("seconds", "the deadline has passed", _HINT)
