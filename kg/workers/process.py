"""A process that works on what a stranger sent, as seen by the one that asks: frames both ways, until a deadline.

Its program has given up sockets, writing, and memory beyond its share (kg.programs.sandbox). It may die at any text.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from typing import Any, NamedTuple

from kg import frames
from kg.errors import CityKgError

VERIFY = "If it happens again, tell the operator, who sees by `citykg verify` whether the graph on disk is damaged."

_OUT_OF_MEMORY = (b"memory allocation of", b"bad_alloc", b"MemoryError")
_OUT_OF_STACK = b"overflowed its stack"


class WorkerLostError(CityKgError):
    """A worker ended while it had something to do, for a reason that lies outside it as far as can be seen."""

    title = "A worker was lost"


class Ending(NamedTuple):
    """How a process ended: its exit status (negative: the signal), and the end of what it said on standard error."""

    status: int
    said: bytes

    @property
    def used_up(self) -> str | None:
        """What it had too little of, memory or nesting; None if it did not die of that."""
        if any(words in self.said for words in _OUT_OF_MEMORY):
            return "memory"
        if _OUT_OF_STACK in self.said or self.status == -signal.SIGSEGV:
            return "nesting"
        return None

    def lost(self, what: str) -> WorkerLostError:
        """Return the error for whoever sent `what` the process was at."""
        return WorkerLostError(f"The process that had the {what} ended (status {self.status}).", f"Try again. {VERIFY}")


class WorkerProcess:
    """A process that is asked over pipes. `deadline` is a time of time.monotonic, and may be set anew."""

    def __init__(self, program: str, *arguments: object, deadline: float) -> None:
        """Start a program, the name of a module."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", program, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={name: os.environ[name] for name in ("PATH", "PYTHONPATH", "TMPDIR") if name in os.environ},
            start_new_session=True,  # an interrupt at the terminal is for the server, which ends the process
        )
        self.pid = self._process.pid
        self.deadline = deadline
        self._input, self._output, self._errors = (
            pipe.fileno() for pipe in (self._process.stdin, self._process.stdout, self._process.stderr) if pipe
        )
        os.set_blocking(self._input, False)
        self._ended: Ending | None = None

    def kill(self) -> None:
        """Kill the process, and let whoever waits for its answer find out."""
        self._process.kill()

    def alive(self) -> bool:
        """Tell whether the process runs."""
        return self._process.poll() is None

    def send(self, request: dict[str, Any], body: bytes) -> None:
        """Send a frame. Raises EOFError if the process is gone, TimeoutError."""
        rest = memoryview(frames.pack(request, body))
        while rest:
            self._await(self._input, select.POLLOUT)
            try:
                rest = rest[os.write(self._input, rest) :]
            except BrokenPipeError:
                raise EOFError from None

    def receive(self) -> tuple[dict[str, Any], bytes]:
        """Return the next frame. Raises EOFError if the process is gone, TimeoutError."""
        return frames.unpack(self._read)

    def stop(self) -> Ending:
        """Kill the process if it lives; return how it ended."""
        if self._ended is not None:
            return self._ended
        self._process.kill()
        status = self._process.wait()
        os.set_blocking(self._errors, False)
        try:
            said = os.read(self._errors, 1 << 16)
        except BlockingIOError:
            said = b""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()
        self._ended = Ending(status, said)
        return self._ended

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            self._await(self._output, select.POLLIN)
            part = os.read(self._output, size)
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _await(self, pipe: int, event: int) -> None:
        poll = select.poll()
        poll.register(pipe, event)
        if not poll.poll(max(0.0, self.deadline - time.monotonic()) * 1000):
            raise TimeoutError
