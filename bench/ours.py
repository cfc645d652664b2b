"""Our own service, as a process of its own: `citykg`, and `citykg serve` beside its peers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.processes import Server, free_port, running

CITYKG = str(Path(sys.executable).with_name("citykg"))


@contextmanager
def serving(
    data: Path,
    *options: str,
    name: str = "ours",
    command: Sequence[str] = (CITYKG, "serve"),
    awaited: str = "/healthz",
) -> Iterator[Server]:
    """Run the service on a data folder, with no bound on one client's share, and with options of `citykg serve`."""
    port = free_port()
    place = ["--data", str(data), "--port", str(port), "--client-seconds", "0"]
    with running(name, [*command, *place, *options], port, awaited) as server:
        yield server


def curator(data: Path) -> str:
    """Return a new token that may change the graph."""
    command = [CITYKG, "token", "create", "Bench", "--role", "curator", "--data", str(data)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
