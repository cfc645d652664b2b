"""The servers that ours is measured beside: `oxigraph serve`, which the tests use too, and Virtuoso, of Debian's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.servers import Server, free_port, running


@contextmanager
def oxigraph(store: Path, awaited: str = "/") -> Iterator[Server]:
    """Run `oxigraph serve` on a copy of one of our stores."""
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("oxigraph")),
        "serve",
        "--location",
        str(store),
        "--bind",
        f"127.0.0.1:{port}",
    ]
    with running("oxigraph", command, port, awaited) as server:
        yield server


def has_virtuoso() -> bool:
    """Return whether Virtuoso and its client are there (Debian: virtuoso-opensource-7-bin)."""
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
