"""The graph with and without the twinnings of the world: `python -m bench.world`.

For each: seconds and memory of a build, memory of the server at rest, a change of twenty quads through the gate, and
the canned questions of the report over HTTP. The peer, in the same run: rdflib reads the same files and applies the
same rules, and pyshacl validates them, which it may not do within PATIENCE.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

import pyshacl
from rich.console import Console
from rich.table import Table

from bench.gate import commits
from bench.processes import free_port, running
from bench.tasks import peak_megabytes
from bench.validation import Changes, at
from kg.building import pipeline, sources
from kg.curation import Gate
from kg.queries import canned_queries
from kg.rdf.rdflib_terms import as_graph
from kg.rules import inference
from kg.shacl import full
from kg.store import DataFolder, Reader

SIDES: Mapping[str, tuple[str, ...]] = {"without the world": (), "with it": ("world",)}
PATIENCE = 600
CHANGES = 30


def ours(folder: str, *works: str) -> None:
    """Build, as `citykg build` does."""
    pipeline.build(DataFolder(Path(folder)), works=works)


def peer(_: str, *works: str) -> None:
    """Read the files, draw what follows and validate with rdflib and pyshacl; nothing is written."""
    quads = sources.load(sources.folders(works))
    graph, size = as_graph(full.data_quads(quads)), -1
    while len(graph) != size:
        size = len(graph)
        for rule in inference.rules().values():
            graph += graph.query(rule).graph or ()
    pyshacl.validate(as_graph(full.data_quads(quads)), shacl_graph=full.project_shapes(), inference="none")


def alone(task: str, folder: Path, works: Sequence[str]) -> dict[str, float] | None:
    """Return seconds and megabytes of a task in a process of its own; None if it takes too long."""
    command = [sys.executable, "-m", "bench.world", task, str(folder), *works]
    try:
        return dict(json.loads(subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE).stdout))
    except subprocess.TimeoutExpired:
        return None


def changes(folder: Path) -> list[float]:
    """Return the seconds that changes take through the gate, sorted; the first two, which read a lot, are left out."""
    data = DataFolder(folder)
    with Gate(data) as gate:
        made = commits(gate, Reader(data), Changes(sources.load(), seed=1))
        return sorted(steps["committed"] for _, steps in islice(made, 2, CHANGES + 2))


def served(folder: Path, works: Sequence[str]) -> tuple[float, list[float]]:
    """Return the megabytes of the server at rest, and the seconds of each canned question, asked once, sorted."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("citykg")), "serve", "--data", str(folder), "--port", str(port)]
    command += ["--client-seconds", "0", "--log", "none", *(f"--with={work}" for work in works)]
    with running("citykg", command, port, "/healthz") as server:
        server.settle()
        at_rest = sum(server.megabytes().values())
        questions = [query for query in canned_queries().values() if query.scope != "all"]
        addresses = [f"/queries/{query.name}.json?{urlencode(query.examples)}" for query in questions]
        return at_rest, sorted(_seconds(port, address) for address in addresses)


def _seconds(port: int, address: str) -> float:
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", address, headers={"Cache-Control": "no-cache"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200, f"{address}: {answer.status}"
    return time.perf_counter() - began


def measure(works: Sequence[str]) -> dict[str, float | None]:
    """Return what is measured of a graph, by its name with the unit."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "data"
        built, theirs = alone("ours", folder, works), alone("peer", folder, works)
        assert built is not None, f"no build within {PATIENCE} s"
        at_rest, questions = served(folder, works)
        committed = changes(folder)
    return {
        "build, s": built["seconds"],
        "build, MB": built["megabytes"],
        "rdflib and pyshacl, s": theirs and theirs["seconds"],
        "ratio: theirs to ours": theirs and theirs["seconds"] / built["seconds"],
        "server at rest, MB": at_rest,
        "change of 20 quads, p50 ms": at(committed, 0.5) * 1000,
        "change of 20 quads, p95 ms": at(committed, 0.95) * 1000,
        "question of the report, p50 ms": at(questions, 0.5) * 1000,
        "question of the report, slowest, ms": questions[-1] * 1000,
    }


def main() -> None:
    """Print a table of both graphs."""
    found = {side: measure(works) for side, works in SIDES.items()}
    table = Table("", *found)
    for name in next(iter(found.values())):
        values = (of[name] for of in found.values())
        table.add_row(name, *(f"over {PATIENCE} s" if value is None else f"{value:.1f}" for value in values))
    Console().print(table)


if __name__ == "__main__":
    if sys.argv[1:]:
        started = time.perf_counter()
        {"ours": ours, "peer": peer}[sys.argv[1]](*sys.argv[2:])
        print(json.dumps({"seconds": time.perf_counter() - started, "megabytes": peak_megabytes()}))
    else:
        main()
