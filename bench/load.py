"""One load on one server by wrk (Debian package `wrk`): so many connections, each asking again once it is answered."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Server

NUMBER = "@n@"
TIMEOUT = "60s"
_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Call:
    """A request by GET. NUMBER in its path stands for a number that differs in each request.

    Numbers stay below `cycle` and then begin anew; 0 sets no bound. Any other status than `status` is an error.
    """

    path: str
    accept: str
    cycle: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200

    def at(self, number: int) -> str:
        """Return the path with a number."""
        return self.path.replace(NUMBER, str(number % self.cycle if self.cycle else number))


@dataclass(frozen=True)
class Measured:
    """What a load showed. `errors` are answers of another status, and connections that broke or timed out."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def is_installed() -> bool:
    """Tell whether wrk is there."""
    return shutil.which("wrk") is not None


def put(server: Server, call: Call, connections: int, seconds: int, first: int) -> Measured:
    """Put a load on a server; numbers in paths count up from `first`. Raises CalledProcessError if wrk fails."""
    fields = [("Accept", call.accept), *call.headers]
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    command += ["--timeout", TIMEOUT, "--script", str(_SCRIPT)]
    command += [part for name, value in fields for part in ("--header", f"{name}: {value}")]
    command += [server.address, "--", call.path, str(first), str(call.cycle), str(call.status)]
    ran = subprocess.run(command, capture_output=True, check=True, text=True)
    return Measured(**json.loads(ran.stderr.rpartition("\n")[2]))
