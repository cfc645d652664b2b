"""nginx in front of a server, with the configuration that docs/operating ships."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import Server, free_port, running
from tests.support import nginx


@contextmanager
def in_front_of(port: int, folder: Path) -> Iterator[Server]:
    """Run nginx before the server on a loopback port; an empty folder takes its cache and its other files.

    Raises LookupError if nginx is not installed or the shipped file lacks a line that has to be changed for this.
    """
    program = nginx.installed()
    if program is None:
        raise LookupError("nginx is not installed: apt-get install nginx-light")
    listening = free_port()
    with running("nginx", nginx.command(program, port, listening, folder), listening, "/healthz") as server:
        yield server
