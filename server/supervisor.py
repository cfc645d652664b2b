"""Several processes over one data folder: the writer, and readers beside it, each with a socket of its own.

They are forked from this process, which does nothing but look after them: one that dies is started anew on its socket,
where clients wait meanwhile; in the end the readers finish what they have begun, and then the writer. This process has
no thread and opens no store, neither of which lives through a fork; so a build is made in a process of its own, too.

See docs/decisions/web-server.md.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, NoReturn

from kg.errors import CityKgError
from kg.store import DataFolder, LiveStore
from kg.workers import QueryLimits
from server import serve
from server.front import AccessLog
from server.service import SharedState
from server.settings import ServerOptions

WRITER = 0
"""The number of the process that writes."""
_SIGNALS = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)
_SECONDS_BETWEEN_STARTS = 1.0
_MOST_FAILURES = 3
"""Times in a row that a process may end of itself before all is given up: what it lacks it lacks each time."""
_LEAST_WORKERS = 2
"""Workers of each process, unless the service may have but one: so one slow query holds up no other."""
_IN_MEMORY = Path("/dev/shm")


def run(listening: Sequence[socket.socket], folder: DataFolder, limits: QueryLimits, options: ServerOptions) -> None:
    """Serve a data folder by as many processes as there are sockets, until SIGTERM or SIGINT.

    Raises CityKgError if one of them does not start.
    """
    with _runtime_folder() as place, (place / "lock").open("wb") as lock, socket.socket(socket.AF_UNIX) as passed_on:
        passed_on.bind(str(place / "writer"))
        passed_on.listen(2048)
        (place / "numbers").mkdir()
        shared = SharedState.create(options.client_seconds, place / "numbers", lock)
        sockets = _Sockets(listening, passed_on, place / "writer")
        _Processes(sockets, shared, folder, *divide(limits, options, len(listening))).run()


def run_in_child(work: Callable[[], None]) -> int:
    """Run a function in a child process, which ends with this one; return its exit status."""
    outlives = _ParentWatch()
    pid = os.fork()
    if pid == 0:
        outlives.watch()
        _end_after(work)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def divide(limits: QueryLimits, options: ServerOptions, processes: int) -> tuple[QueryLimits, ServerOptions]:
    """Return the limits and options of each process, as its part of those of the service."""
    workers = max(min(limits.workers, _LEAST_WORKERS), limits.workers // processes)
    of_each = replace(limits, workers=workers, queue=limits.queue // processes)
    connections = -(-options.connections // processes)
    ready = options.ready_bytes // processes
    return of_each, replace(options, connections=connections, ready_bytes=ready)


@contextmanager
def _runtime_folder() -> Iterator[Path]:
    """A folder for files that the processes share, which no other user can enter.

    It is in memory where there is such a place, since numbers that are mapped cannot wait for room on a disk. And its
    path is short: the name of a socket has 108 bytes.
    """
    place = tempfile.mkdtemp(prefix="citykg-", dir=_IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None)
    try:
        yield Path(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


class _ParentWatch:
    """Lets children notice the end of this process, however it comes: a pipe of which only it has the other end."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()

    def watch(self) -> None:
        """Have this process, a child, ended as by SIGTERM when its parent ends."""
        os.close(self._write)
        threading.Thread(target=self._wait, daemon=True, name="parent").start()

    def _wait(self) -> None:
        os.read(self._read, 1)
        os.kill(os.getpid(), signal.SIGTERM)


class _Sockets(NamedTuple):
    """The sockets for clients, of each process by its number, and that on which readers pass requests to the writer."""

    listening: Sequence[socket.socket]
    writer: socket.socket
    writer_path: Path

    def take(self, number: int) -> list[socket.socket]:
        """Return those of a process, which is this one from now on, and close all others."""
        mine = [self.listening[number], *([self.writer] if number == WRITER else [])]
        for one in (*self.listening, self.writer):
            if one not in mine:
                one.close()
        return mine

    def close(self) -> None:
        """Let new clients in nowhere; a process that has a socket keeps it."""
        for one in (*self.listening, self.writer):
            one.close()


class _Processes:
    """The processes by their ids, looked after until a signal ends them."""

    def __init__(
        self, sockets: _Sockets, shared: SharedState, folder: DataFolder, limits: QueryLimits, options: ServerOptions
    ) -> None:
        self._sockets = sockets
        self._shared = shared
        self._folder, self._limits, self._options = folder, limits, options
        self._parent = os.getpid()
        self._outlives = _ParentWatch()
        self._tell = AccessLog(options.log).write_message
        self._running: dict[int, int] = {}
        self._started = [0.0] * len(sockets.listening)
        self._failures = [0] * len(sockets.listening)

    def run(self) -> None:
        """Start all and look after them until SIGTERM or SIGINT. Raises CityKgError if one of them does not start."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        gc.collect()
        gc.freeze()  # so that pages stay common to all
        try:
            while self._wait():
                self._reap()
        finally:
            self._stop()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _wait(self) -> bool:
        """Start absent processes that are due; wait until one ends or the next is due. Return True to go on."""
        absent = set(range(len(self._started))) - set(self._running.values())
        due = {number: self._started[number] + _SECONDS_BETWEEN_STARTS - time.monotonic() for number in absent}
        for number in sorted(number for number in absent if due[number] <= 0):
            self._start(number)
            del due[number]
        if due:
            got = signal.sigtimedwait(_SIGNALS, max(0.0, min(due.values())))
            return got is None or got.si_signo == signal.SIGCHLD
        return signal.sigwait(_SIGNALS) == signal.SIGCHLD

    def _start(self, number: int) -> None:
        is_again, self._started[number] = self._started[number] > 0, time.monotonic()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            self._outlives.watch()
            _end_after(lambda: self._serve(number, is_again))
        self._running[pid] = number

    def _serve(self, number: int, is_again: bool) -> None:
        """Be one of the processes: with a session of its own, so that Ctrl+C reaches only the supervisor."""
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        if number == WRITER and is_again:
            with suppress(CityKgError, *DataFolder.ENGINE_ERRORS):  # the client of the next change gets the message
                LiveStore.finish_interrupted_write(self._folder, self._folder.require_build())
        part = serve.ProcessRole(
            replace(self._shared, process_number=number), None if number == WRITER else self._sockets.writer_path
        )
        serve.run(self._sockets.take(number), self._folder, self._limits, self._options, part)
        if number == WRITER and os.getppid() != self._parent:  # which was killed
            shutil.rmtree(self._sockets.writer_path.parent, ignore_errors=True)

    def _reap(self) -> None:
        """Note which processes have ended. Raises CityKgError if one did so of itself too often."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid not in self._running:
                continue  # a worker of one that died, where this is the first process of a container
            number, code = self._running.pop(pid), os.waitstatus_to_exitcode(status)
            self._tell(f"Process {pid} ({_role(number)}) ended with status {code}; another one takes its place.")
            self._failures[number] = self._failures[number] + 1 if code > 0 else 0
            if self._failures[number] >= _MOST_FAILURES:
                words = f"The process of the {_role(number)} ended of itself {_MOST_FAILURES} times in a row."
                raise CityKgError(words, "What it said before tells why.")

    def _stop(self) -> None:
        """End the readers, then the writer, to which they pass on what they have begun; at a second Ctrl+C at once."""
        self._sockets.close()
        for is_writer in (False, True):
            for pid in self._alive(is_writer):
                os.kill(pid, signal.SIGTERM)
            while self._alive(is_writer):
                if signal.sigwait(_SIGNALS) == signal.SIGINT:
                    for pid in self._running:
                        os.kill(pid, signal.SIGKILL)

    def _alive(self, is_writer: bool) -> list[int]:
        """Return the ids of the writer, or of the readers, that have not ended."""
        for pid in list(self._running):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self._running[pid]
        return [pid for pid, number in self._running.items() if (number == WRITER) is is_writer]


def _role(number: int) -> str:
    return "writer" if number == WRITER else f"reader {number}"


def _end_after(work: Callable[[], None]) -> NoReturn:
    """Do something and end this process, a fork, which has no business with what its parent would do next."""
    status: object = 1
    try:
        work()
        status = 0
    except SystemExit as error:
        status = error.code
    except KeyboardInterrupt:
        status = 130
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)
