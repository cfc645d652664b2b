"""The servers that ours is measured beside, in a virtual environment of their own.

They are no dependencies of the project: rdflib-endpoint alone brings a dozen packages that nothing else needs, and
`oxigraph` is a server binary. The environment lies inside ours and goes with it (`make clean`). Virtuoso is a package
of Debian's.
"""

from __future__ import annotations

import shutil
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


def has_virtuoso() -> bool:
    """Tell whether Virtuoso and its client are there (Debian: virtuoso-opensource-7-bin)."""
    return bool(shutil.which("virtuoso-t") and shutil.which("isql-vt"))


@contextmanager
def virtuoso(triples: Path, graph: str, scratch: Path) -> Iterator[Server]:
    """Run Virtuoso on the triples of a file of N-Triples, which are the graph that it is asked about.

    Its configuration is one for two processors and 2 GB, in a new folder below `scratch`.
    """
    folder = scratch / "virtuoso"
    folder.mkdir()
    port, sql_port = free_port(), free_port()
    names = {"folder": folder, "triples": triples.parent, "port": port, "sql_port": sql_port, "graph": graph}
    configuration = folder / "virtuoso.ini"
    configuration.write_text(_VIRTUOSO.format(**names), encoding="utf-8")
    command = ["virtuoso-t", "+foreground", "+configfile", str(configuration)]
    with running("virtuoso", command, port, "/sparql?query=ASK%7B%7D") as server:
        load = f"ld_dir('{triples.parent}', '{triples.name}', '{graph}'); rdf_loader_run(); checkpoint;"
        client = ["isql-vt", f"localhost:{sql_port}", "dba", "dba", f"EXEC={load}"]
        subprocess.run(client, check=True, capture_output=True)
        yield server


_VIRTUOSO = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
MaxCheckpointRemap = 2000
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
DirsAllowed = {folder}, {triples}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
MaxQueryMem = 1G
ThreadsPerQuery = 2
AsyncQueueMaxThreads = 2
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 8
[SPARQL]
DefaultGraph = {graph}
ResultSetMaxRows = 1000000
MaxQueryExecutionTime = 120
"""
"""The buffers are what its manual gives for 2 GB."""


def _program(name: str) -> str:
    return str(_HOME / "bin" / name)
