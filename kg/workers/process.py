"""A worker process as seen by its parent: frames both ways, until a deadline.

Its program has given up sockets, writing, and memory beyond its share (kg.programs.sandbox). It may die at any text.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any, ClassVar, NamedTuple

from kg import frames, greenlets
from kg.errors import CityKgError

VERIFY = "If it happens again, tell the operator, who sees by `citykg verify` whether the graph on disk is damaged."

_OUT_OF_MEMORY = (b"memory allocation of", b"bad_alloc", b"MemoryError")
_OUT_OF_STACK = b"overflowed its stack"
_ENVIRONMENT = ("PATH", "PYTHONPATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""The environment variables that a process gets; the last two are for the one that asks other endpoints."""
_AT_ONCE = 1 << 16
"""Bytes that are read at a time, which is what a pipe holds."""


class WorkerLostError(CityKgError):
    """A worker died during a task, for an external reason as far as can be seen."""

    title = "A worker was lost"
    may_be_damage = True


class Ending(NamedTuple):
    """The end of a process: its exit status (negative: the signal), and the end of its standard error."""

    status: int
    stderr: bytes

    @property
    def exhausted_resource(self) -> str | None:
        """The resource that it ran out of, memory or nesting; None for other causes."""
        if any(words in self.stderr for words in _OUT_OF_MEMORY):
            return "memory"
        if _OUT_OF_STACK in self.stderr or self.status == -signal.SIGSEGV:
            return "nesting"
        return None

    def lost_error(self, what: str) -> WorkerLostError:
        """Return the error for the client whose task (`what`) was lost."""
        return WorkerLostError(f"The process that had the {what} ended (status {self.status}).", f"Try again. {VERIFY}")


class WorkerProcess:
    """A process that answers requests over pipes. `deadline` is a time of time.monotonic, and may be changed."""

    in_own_session: ClassVar = True
    """True if it has its own session. It never gets an interrupt from the terminal, which is for the server."""

    def __init__(self, program: str, *arguments: object, deadline: float) -> None:
        """Start a program, the name of a module."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", program, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            start_new_session=self.in_own_session,
            process_group=None if self.in_own_session else 0,
        )
        self.pid = self._process.pid
        self.deadline = deadline
        self._input, self._output, self._errors = (
            pipe.fileno() for pipe in (self._process.stdin, self._process.stdout, self._process.stderr) if pipe
        )
        os.set_blocking(self._input, False)
        os.set_blocking(self._output, False)
        os.set_blocking(self._errors, False)
        self._answering = greenlets.Readable(self._output)
        self._taking, self._received = bytearray(_AT_ONCE), bytearray()
        self._stderr = b""
        self._ended: Ending | None = None

    def kill(self) -> None:
        """Kill the process; `receive` then raises EOFError."""
        self._process.kill()

    def alive(self) -> bool:
        """Return True if the process runs."""
        return self._process.poll() is None

    def on_deadline(self) -> None:
        """Raise TimeoutError at the deadline, or set another one."""
        raise TimeoutError

    def send(self, request: dict[str, Any], body: bytes) -> None:
        """Send a frame. Raises EOFError if the process is gone, TimeoutError."""
        rest = memoryview(frames.pack(request, body))
        while rest:
            try:
                rest = rest[os.write(self._input, rest) :]
            except BlockingIOError:
                if not greenlets.wait_until_ready(self._input, self.deadline - time.monotonic(), to_write=True):
                    self.on_deadline()
            except BrokenPipeError:
                raise EOFError from None

    def receive(self) -> tuple[dict[str, Any], bytes]:
        """Return the next frame. Raises EOFError if the process is gone, TimeoutError."""
        return frames.unpack(self._read)

    def read_errors(self) -> None:
        """Read its standard error, and keep the end: it would block on a full pipe."""
        with suppress(BlockingIOError):
            while written := os.read(self._errors, _AT_ONCE):
                self._stderr = (self._stderr + written)[-_AT_ONCE:]

    def stop(self) -> Ending:
        """Kill the process if it is alive; return how it ended."""
        if self._ended is not None:
            return self._ended
        self._process.kill()
        status = self._process.wait()
        self.read_errors()
        for pipe in (self._process.stdin, self._process.stderr):
            if pipe:
                pipe.close()
        if self._process.stdout:
            self._answering.close(self._process.stdout.close)
        self._ended = Ending(status, self._stderr)
        return self._ended

    def _read(self, size: int) -> bytes:
        while len(self._received) < size:
            is_ready = self._answering.wait(self.deadline - time.monotonic())
            try:
                count = os.readv(self._output, (self._taking,))  # what has come in time, though a busy loop looks late
            except BlockingIOError:
                if not is_ready:
                    self.on_deadline()
                continue
            if not count:
                raise EOFError
            self._received += memoryview(self._taking)[:count]
        taken = bytes(memoryview(self._received)[:size])
        del self._received[:size]
        return taken
