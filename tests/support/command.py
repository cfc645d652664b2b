"""The real command as a process of its own, and what the tests ask of it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.http import Answer, send

PLAIN = b"ASK { ?t cd:twin city:leeds }"
PLAIN_ANSWER = b'{"head":{},"boolean":true}'


SOON = 15.0
"""Seconds in which an answer begins on the slowest machine, and within which nothing that holds others up ends."""

SERVE = """
from kg.cli.main import main
from kg.rdf import scopes
from server import serve

serve.WARMED_ADDRESSES = ()
scopes.DEFAULT_WORKS = ()
main()
"""
"""`citykg`, but a server that only does what it is asked, on the graph that it is given, which may be the report alone.
What it asks itself (test_warming.py) takes longer than most tests, and a worker from those that are counted and killed,
at a moment of its own; a build with the default works would take longer still."""


class Command:
    """A `citykg serve` of its own. All its processes, and no others, have its folder for temporary files in common."""

    def __init__(self, data: Path, folder: Path, settings: dict[str, object]) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self._log = folder / "log"
        self._log.touch()
        said_before = len(self.log())
        stated = {"data": data, "port": 0, "client_seconds": 0, "processes": 1, **settings}
        variables = {f"CITYKG_{name.upper()}": str(value) for name, value in stated.items()}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE, "serve"],
                stdout=log,
                stderr=log,
                env={**os.environ, "TMPDIR": str(self.temporary), **variables},
            )
        self._said_before = said_before
        self.address = ""

    def wait(self) -> None:
        """Wait until it serves."""
        while not (found := re.search(r"Serving on (http://\S+?)/ ", self.log()[self._said_before :])):
            assert self.process.poll() is None, self.log()
            time.sleep(0.01)
        self.address = found[1]

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def connect(self, seconds: float = 30) -> socket.socket:
        """Open a connection on which nothing may take longer than so many seconds."""
        place = urlsplit(self.address)
        return socket.create_connection((place.hostname, place.port), timeout=seconds)

    def send(
        self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None, seconds: float = 30
    ) -> Answer:
        """Send a query (POST direct unless the headers say otherwise), or GET without a body."""
        direct = {"Content-Type": "application/sparql-query"} if body is not None else {}
        method = "GET" if body is None else "POST"
        return send(
            self.address, path, method=method, body=body, headers={**direct, **(headers or {})}, seconds=seconds
        )

    def answers_at_once(self) -> None:
        """Assert that a plain query is answered rightly, and does not wait until others have ended."""
        answer = self.send("/sparql", PLAIN, seconds=SOON)
        assert (answer.status, answer.body) == (200, PLAIN_ANSWER)

    def exchange(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send bytes as they stand; return status, headers and body, wherever a reader may see the end of a line.

        A connection that is cut off counts as 400.
        """
        received = self.sent_and_received(request)
        if not received:
            return 400, {}, b""
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = re.split(r"[\r\n\x0b\x85]+", head.decode("latin-1"))
        headers = {name.strip().lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        return int(first.split()[1]), headers, body

    def sent_and_received(self, request: bytes) -> bytes:
        """Send bytes and return what comes until the server closes; what is malformed may end in a reset."""
        received = b""
        with self.connect(seconds=20) as client:
            with suppress(ConnectionError):
                client.sendall(request)
            with suppress(ConnectionError):
                while part := client.recv(1 << 16):
                    received += part
        return received

    def processes(self) -> dict[int, bytes]:
        """Return the command lines of its processes, workers and what else it started included."""
        mark = f"TMPDIR={self.temporary}".encode()
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (path / "environ").read_bytes().split(b"\0"):
                    found[int(path.name)] = (path / "cmdline").read_bytes()
        return found

    def workers(self) -> list[int]:
        return sorted(pid for pid, line in self.processes().items() if b"kg.programs.query" in line)

    def others(self) -> set[int]:
        """Return its processes but workers; one that is about to become a worker is among them."""
        return {pid for pid, line in self.processes().items() if b"kg.programs.query" not in line}

    def files(self) -> list[str]:
        """Return its temporary files, also those that have no name any more; folders do not count."""
        named = [str(path) for path in self.temporary.rglob("*") if not path.is_dir()]
        opened: list[str] = []
        for pid in self.processes():
            for handle in Path(f"/proc/{pid}/fd").glob("*"):
                with suppress(OSError):
                    opened.append(os.readlink(handle))
        nameless = [path for path in opened if path.startswith(str(self.temporary)) and path.endswith("(deleted)")]
        return sorted(named + nameless)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Stop it as a process manager does."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


Start = Callable[..., Command]
Running = Callable[..., AbstractContextManager[Command]]
Eventually = Callable[[Callable[[], object], object], None]
Unharmed = Callable[[Command], AbstractContextManager[None]]
