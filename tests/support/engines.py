"""Real engines that hold a copy of the graph: `oxigraph serve`, and Virtuoso as Debian has it.

An engine that is not known by its name is oxigraph, spoken to as the standards alone have it.
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kg.engines import Engine
from kg.engines.dialects import GENERIC

START_SECONDS = 60.0
OXIGRAPH = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
VIRTUOSO = shutil.which("virtuoso-t")
NEEDS_VIRTUOSO = pytest.mark.skipif(VIRTUOSO is None and not os.environ.get("CI"), reason="virtuoso-t is not installed")
"""CI installs it, and passes over nothing."""
KINDS = (
    "oxigraph",
    pytest.param("generic", marks=pytest.mark.slow),
    pytest.param("virtuoso", marks=[pytest.mark.slow, NEEDS_VIRTUOSO]),
)
USER, PASSWORD = "dba", "dba"
PLACES = {
    "oxigraph": ("/query", "/update", "/store"),
    "virtuoso": ("/sparql", "/sparql-auth", "/sparql-graph-crud-auth"),
}
"""Where they take queries, updates, and graphs."""
_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 20000
MaxDirtyBuffers = 12000
ServerThreads = 20
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 16
EnableRequestTrap = 0
[SPARQL]
{more}
"""


@dataclass
class RunningEngine:
    """An engine that runs, and may be killed and started again on the same port and folder."""

    kind: str
    folder: Path
    port: int
    more: tuple[str, ...] = ()
    """What the command line of oxigraph, or the section SPARQL of Virtuoso's configuration, says besides."""
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = self._virtuoso() if self.kind == "virtuoso" else self._oxigraph()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self.port):
            assert self.process.poll() is None, (self.folder / "log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def kill(self) -> None:
        """Kill it as a failing machine would."""
        self.process.kill()
        self.process.wait(timeout=START_SECONDS)

    def engine(self, *, user: str = USER, password: str = PASSWORD) -> Engine:
        """Return the client of it."""
        places = PLACES["virtuoso" if self.kind == "virtuoso" else "oxigraph"]
        addresses = (f"http://127.0.0.1:{self.port}{place}" for place in places)
        if self.kind == "virtuoso":
            return Engine(*addresses, user=user, password=password)
        return Engine(*addresses, dialect=GENERIC if self.kind == "generic" else None)

    def _oxigraph(self) -> list[str]:
        assert OXIGRAPH is not None
        bind = f"127.0.0.1:{self.port}"
        return [OXIGRAPH, "serve", "--location", str(self.folder / "store"), "--bind", bind, *self.more]

    def _virtuoso(self) -> list[str]:
        assert VIRTUOSO is not None
        (self.folder / "virtuoso.lck").unlink(missing_ok=True)  # of one that was killed
        ini = _INI.format(port=self.port, sql=_free_port(), more="\n".join(self.more))
        (self.folder / "virtuoso.ini").write_text(ini, encoding="utf-8")
        return [VIRTUOSO, "+configfile", "virtuoso.ini", "+foreground"]


@contextmanager
def running(kind: str, folder: Path, *more: str) -> Iterator[RunningEngine]:
    """Run an engine of a kind, `oxigraph`, `generic` or `virtuoso`, in an empty folder until the block ends."""
    found = RunningEngine(kind, folder, _free_port(), more)
    found.start()
    try:
        yield found
    finally:
        found.kill()


def graphs_in(engine: Engine) -> list[str]:
    """Return the IRIs of the named graphs that an engine holds, but those that are always there."""
    found = engine.rows("SELECT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph", seconds=START_SECONDS)
    return sorted({row["graph"].value for row in found} - engine.dialect.system)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)) as connection:
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            return False
        return True
