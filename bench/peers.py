"""The servers that ours is measured beside, in a virtual environment of their own.

They are no dependencies of the project: rdflib-endpoint alone brings a dozen packages that nothing else needs, and
`oxigraph` is a server binary. The environment lies inside ours and goes with it (`make clean`).
"""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import Server, free_port, running

PACKAGES = ("oxigraph==0.5.13", "rdflib-endpoint[cli]==0.6.3")
"""The version of oxigraph is that of pyoxigraph in requirements.lock: it opens a copy of our own store."""

_HOME = Path(sys.prefix) / "bench-peers"
_STAMP = _HOME / "installed"


def install() -> None:
    """Install the peers unless these versions are there. Raises CalledProcessError if pip fails."""
    wanted = "\n".join(PACKAGES)
    if _STAMP.is_file() and _STAMP.read_text(encoding="utf-8") == wanted:
        return
    venv.create(_HOME, clear=True, with_pip=True)
    subprocess.run([_program("pip"), "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
    _STAMP.write_text(wanted, encoding="utf-8")


@contextmanager
def oxigraph(store: Path, awaited: str) -> Iterator[Server]:
    """Run `oxigraph serve` on a store of its own."""
    port = free_port()
    command = [_program("oxigraph"), "serve", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    with running("oxigraph", command, port, awaited) as server:
        yield server


@contextmanager
def rdflib_endpoint(quads: Path) -> Iterator[Server]:
    """Run `rdflib-endpoint serve` on a file of N-Quads; its default graph is the union of the named ones."""
    port = free_port()
    command = [_program("rdflib-endpoint"), "serve", "--host", "127.0.0.1", "--port", str(port), str(quads)]
    with running("rdflib-endpoint", command, port, "/") as server:
        yield server


def _program(name: str) -> str:
    return str(_HOME / "bin" / name)
