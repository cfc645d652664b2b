"""One load on one server by wrk (Debian package `wrk`): so many connections, each asking again once it is answered."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.servers import Server

NUMBER = "@n@"
TIMEOUT = "60s"
_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Call:
    """Requests by GET for paths in turn. NUMBER in a path stands for a number that differs in each request.

    Any other status than `status` is an error.
    """

    paths: tuple[str, ...]
    accept: str
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200

    @property
    def example(self) -> str:
        """The first path, with a number."""
        return self.paths[0].replace(NUMBER, "1")


@dataclass(frozen=True)
class Measured:
    """What a load showed. `errors` are answers of another status, and connections that broke or timed out."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_ms: float
    """Milliseconds of processor time that each request cost the server."""


def put(server: Server, call: Call, connections: int, seconds: int, first: int) -> Measured:
    """Put a load on a server; numbers in paths count up from `first`. Raises CalledProcessError if wrk fails."""
    fields = [("Accept", call.accept), *call.headers]
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    command += ["--timeout", TIMEOUT, "--script", str(_SCRIPT)]
    command += [part for name, value in fields for part in ("--header", f"{name}: {value}")]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as paths:
        paths.write("\n".join(call.paths) + "\n")
        paths.flush()
        command += [server.address, "--", paths.name, str(first), str(call.status)]
        before = server.cpu_seconds()
        ran = subprocess.run(command, capture_output=True, check=True, text=True)
    found = json.loads(ran.stderr.rpartition("\n")[2])
    spent = server.cpu_seconds() - before
    return Measured(**found, cpu_ms=spent * 1000 / max(1, found["requests"]))
