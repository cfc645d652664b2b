"""Servers as processes: started, waited for, measured with all their children, stopped; ours by checkout.

A checkout is this one, or that of another commit beside it: the same command, by the other code.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import click

from tests.support import nginx

ROOT = Path(__file__).parent.parent
START_SECONDS = 120.0
STOP_SECONDS = 30.0
IDLE_TICKS = 3
_LOOK_SECONDS = 0.2
_PAUSE = 0.005
_TICKS = os.sysconf("SC_CLK_TCK")


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

    def megabytes(self) -> dict[int, float]:
        """Return the memory that each process of the server has now, by its id.

        A page that several share counts in each by its share (Pss of proc(5)), so that their sum is what is in use.
        """
        return {pid: _megabytes(pid) for pid in self._pids()}

    def settle(self) -> None:
        """Wait until it no longer works on what nobody waits for, at most START_SECONDS."""
        deadline = time.perf_counter() + START_SECONDS
        before, now = -IDLE_TICKS, self._ticks()
        while now - before >= IDLE_TICKS and time.perf_counter() < deadline:
            time.sleep(_LOOK_SECONDS)
            before, now = now, self._ticks()

    def cpu_seconds(self) -> float:
        """Return the processor time of all its processes so far, with those that have ended."""
        return self._ticks() / _TICKS

    def _ticks(self) -> int:
        return sum(map(_ticks, self._pids()))

    def _pids(self) -> tuple[int, ...]:
        return (self.pid, *_descendants(self.pid))


class Place(NamedTuple):
    """The folder and the environment in which a command runs."""

    folder: Path = Path()
    variables: Mapping[str, str] = os.environ


@dataclass(frozen=True)
class Checkout:
    """Our own code, or that of another commit."""

    name: str = "ours"
    folder: Path = ROOT

    @property
    def place(self) -> Place:
        """Where Python finds this code first: `python -m`, by which workers are started, looks in the folder."""
        folder = self.folder.resolve()
        return Place(folder, {**os.environ, "PYTHONPATH": str(folder)})

    def command(self, *arguments: str) -> list[str]:
        """Return a command of `citykg`."""
        return [str(Path(sys.executable).with_name("citykg")), *arguments]

    def run(self, *arguments: str) -> str:
        """Run `citykg`, and return what it prints. Raises ClickException if it fails."""
        ran = subprocess.run(
            self.command(*arguments),
            check=False,
            cwd=self.place.folder,
            env=self.place.variables,
            capture_output=True,
            text=True,
        )
        if ran.returncode:
            raise click.ClickException(f"{self.name}: citykg {' '.join(arguments)}\n{ran.stderr}")
        return ran.stdout.strip()

    def build(self, data: Path, works: Sequence[str] = ()) -> Path:
        """Build a data folder, with works beside the report, and return it."""
        self.run("build", "--data", str(data), *(f"--with={work}" for work in works))
        return data

    def curator(self, data: Path) -> str:
        """Return a new token that may change the graph."""
        return self.run("token", "create", "Bench", "--role", "curator", "--data", str(data))

    @contextmanager
    def serving(self, data: Path, *options: str, awaited: str = "/healthz") -> Iterator[Server]:
        """Run the service on a data folder, with no bound on one client's share, and with options of `citykg serve`."""
        port = free_port()
        place = ("--data", str(data), "--port", str(port), "--client-seconds", "0", "--log", "none")
        with running(self.name, self.command("serve", *place, *options), port, awaited, self.place) as server:
            yield server


def checkouts(before: Path | None) -> list[Checkout]:
    """Return this checkout, and the one of before if there is one."""
    return [Checkout(), *([Checkout("before", before)] if before else [])]


before_option = click.option(
    "--before",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A checkout of another commit, to measure turn about with this one.",
)


_HERE = Place()


@contextmanager
def running(name: str, command: Sequence[str], port: int, awaited: str, place: Place = _HERE) -> Iterator[Server]:
    """Run a server until the block ends; it begins once `awaited` (a path) answers 200.

    Raises ClickException, with the end of what it wrote to standard error, if it ends or does not answer in time.
    """
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=errors, cwd=place.folder, env=place.variables
        )
        try:
            while not _answers(port, awaited):
                if process.poll() is not None or time.perf_counter() - began > START_SECONDS:
                    errors.seek(0)
                    why = errors.read()[-2000:].decode(errors="replace")
                    raise click.ClickException(f"{name} does not answer {awaited}: {' '.join(command)}\n{why}")
                time.sleep(_PAUSE)
            yield Server(name, port, process.pid, time.perf_counter() - began)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def behind_nginx(server: Server, folder: Path) -> Iterator[Server]:
    """Run nginx before a server, as docs/operating configures it; a new folder takes its cache and its other files."""
    program = nginx.installed()
    assert program is not None
    folder.mkdir()
    listening = free_port()
    command = nginx.command(program, server.port, listening, folder)
    with running("nginx", command, listening, "/healthz") as proxy:
        yield proxy


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


def _descendants(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text(encoding="ascii").split()
        except FileNotFoundError:  # the thread has ended meanwhile
            continue
        for child in map(int, children):
            yield child
            yield from _descendants(child)


def _ticks(pid: int) -> int:
    """Return the processor time of a process and of its children that have ended (proc(5), fields 14 to 17)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):  # it counts for its parent from now on
        return 0
    return sum(map(int, stat.rpartition(")")[2].split()[11:15]))


def _megabytes(pid: int) -> float:
    stated = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    line = next(line for line in stated.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1024
