"""The process in which the operations of one update are parsed and evaluated, as seen by the one that asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from kg import query_frames
from kg.errors import CityKgError
from kg.query_workers import LimitReachedError, Limits, WorkerLostError
from kg.update_errors import UpdateError

_OUT_OF_MEMORY = (b"memory allocation of", b"bad_alloc", b"MemoryError")
_OUT_OF_STACK = b"overflowed its stack"
_HINT = "Change less at a time, and add patterns that connect the parts of the WHERE."


class UpdateProcess:
    """A process over one snapshot (kg.update_worker), killed at the deadline; to be closed."""

    def __init__(self, snapshot: Path, limits: Limits, deadline: float) -> None:
        """Start it; `deadline` is a time of time.monotonic. Of the limits, `memory_bytes` counts."""
        self._memory_bytes = limits.memory_bytes
        self._deadline = deadline
        seconds = max(0.0, deadline - time.monotonic())
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kg.update_worker", str(snapshot), str(limits.memory_bytes), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={name: os.environ[name] for name in ("PATH", "PYTHONPATH", "TMPDIR") if name in os.environ},
            start_new_session=True,  # an interrupt at the terminal is for the server
        )
        self._timer = threading.Timer(seconds, self._process.kill)
        self._timer.daemon = True
        self._timer.start()

    def __enter__(self) -> UpdateProcess:
        """Return the process itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process."""
        self.close()

    def close(self) -> None:
        """End the process and wait until it is gone."""
        self._timer.cancel()
        self._process.kill()
        self._process.communicate()

    def ask(self, request: dict[str, Any], text: str) -> tuple[dict[str, Any], bytes]:
        """Return the answer to a request. Raises LimitReachedError, UpdateError and WorkerLostError."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(query_frames.pack(request, text.encode()))
            self._process.stdin.flush()
            message, body = query_frames.unpack(self._read)
        except (EOFError, BrokenPipeError):
            raise self._cause_of_death() from None
        if message["kind"] == "limit":
            raise LimitReachedError(message["limit"], message["reached"] or self._memory(), _HINT)
        if message["kind"] == "refused":
            raise UpdateError(message["message"], message["hint"])
        return message, body

    def _read(self, size: int) -> bytes:
        assert self._process.stdout
        data = self._process.stdout.read(size)
        if len(data) < size:
            raise EOFError
        return data

    def _cause_of_death(self) -> CityKgError:
        """Say why the process is gone, from the clock, its exit status and its last words."""
        late = time.monotonic() >= self._deadline
        assert self._process.stderr
        said = self._process.stderr.read()
        status = self._process.wait()
        if any(words in said for words in _OUT_OF_MEMORY):
            return LimitReachedError("memory", self._memory(), _HINT)
        if _OUT_OF_STACK in said or status == -signal.SIGSEGV:
            return LimitReachedError("nesting", "as deep as the stack allows", "Write it with fewer braces inside.")
        if late:
            return LimitReachedError("seconds", "the deadline has passed", _HINT)
        return WorkerLostError(f"The process that had the update ended (status {status}).", "Try again.")

    def _memory(self) -> str:
        return f"{self._memory_bytes >> 20:,} MiB"
