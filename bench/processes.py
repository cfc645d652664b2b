"""Servers as processes: started, waited for, measured with all their children, stopped."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 120.0
STOP_SECONDS = 30.0
IDLE_TICKS = 3
_LOOK_SECONDS = 0.2
_PAUSE = 0.005


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time: of the processes that answer, and of their workers."""

    process: float
    worker: float

    def since(self, before: Cost, requests: int) -> Cost:
        """Return what each of so many requests has cost since another moment; what was none counts as one."""
        requests = max(1, requests)
        return Cost((self.process - before.process) / requests, (self.worker - before.worker) / requests)


@dataclass(frozen=True)
class Server:
    """A running server on a loopback port. `seconds` passed from its start to the first 200 of the awaited address."""

    name: str
    port: int
    pid: int
    seconds: float

    @property
    def address(self) -> str:
        """The root of the server, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def peak_megabytes(self) -> dict[int, float]:
        """Return the most memory that each process of the server had so far, by its id; shared pages count in each."""
        return {pid: _megabytes(pid, "status", "VmHWM") for pid in self._pids()}

    def megabytes(self) -> dict[int, float]:
        """Return the memory that each process of the server has now, by its id.

        A page that several share counts in each by its share (Pss of proc(5)), so that their sum is what is in use.
        """
        return {pid: _megabytes(pid, "smaps_rollup", "Pss") for pid in self._pids()}

    def settle(self) -> None:
        """Wait until it no longer works on what clients have given up, at most START_SECONDS."""
        deadline = time.perf_counter() + START_SECONDS
        before, now = -IDLE_TICKS, self._ticks()
        while now - before >= IDLE_TICKS and time.perf_counter() < deadline:
            time.sleep(_LOOK_SECONDS)
            before, now = now, self._ticks()

    def cost(self) -> Cost:
        """Return what all of it has cost so far."""
        ticks = {pid: _ticks(pid) / os.sysconf("SC_CLK_TCK") for pid in self._pids()}
        workers = sum(seconds for pid, seconds in ticks.items() if _is_worker(pid))
        return Cost(sum(ticks.values()) - workers, workers)

    def _ticks(self) -> int:
        return sum(map(_ticks, self._pids()))

    def _pids(self) -> tuple[int, ...]:
        return (self.pid, *_descendants(self.pid))


def _ticks(pid: int) -> int:
    """Return the processor time of a process so far, in clock ticks (proc(5), fields utime and stime)."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return sum(map(int, stat.rpartition(")")[2].split()[11:13]))


def _is_worker(pid: int) -> bool:
    return b"kg.programs." in Path(f"/proc/{pid}/cmdline").read_bytes()


@contextmanager
def running(name: str, command: Sequence[str], port: int, awaited: str) -> Iterator[Server]:
    """Run a server until the block ends; it begins once `awaited` (a path) answers 200.

    Raises RuntimeError if the server ends or does not answer in time. What it prints is discarded, as its log of
    requests may be long.
    """
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers(port, awaited):
            if process.poll() is not None or time.perf_counter() - began > START_SECONDS:
                raise RuntimeError(f"{name} does not answer {awaited}: {' '.join(command)}")
            time.sleep(_PAUSE)
        yield Server(name, port, process.pid, time.perf_counter() - began)
    finally:
        _stop(process)


def free_port() -> int:
    """Return a port of the loopback address that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _descendants(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text(encoding="ascii").split()
        except FileNotFoundError:  # the thread has ended meanwhile
            continue
        for child in map(int, children):
            yield child
            yield from _descendants(child)


def _megabytes(pid: int, file: str, field: str) -> float:
    stated = Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8")
    line = next(line for line in stated.splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) / 1024
