"""The graph with and without the twinnings of the world: `python -m bench.world`.

For each: seconds and memory of a build, memory of the server at rest, a change of twenty quads through the gate, and
the canned questions over HTTP: those of the report, the same asked of all that is loaded, and those of the world, with
the slowest by name. The peer, in the same run: rdflib reads the same files and applies the
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
from bench.ours import serving
from bench.tasks import peak_megabytes
from bench.validation import Changes, at
from kg.building import pipeline, sources
from kg.curation.gate import Gate
from kg.queries import CannedQuery, canned_queries
from kg.rdf.rdflib_terms import as_graph
from kg.rdf.scopes import EVERYTHING, REPORT, WORLD
from kg.rules import inference
from kg.shacl import full
from kg.store import DataFolder, Reader

SIDES: Mapping[str, tuple[str, ...]] = {"without the world": (), "with it": (WORLD,)}
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


def questions(works: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the addresses of the canned questions by their names, for those of each kind that can be asked."""
    answerable = [query for query in canned_queries().values() if not query.lacking(works)]
    of_report = [query for query in answerable if query.scope == REPORT]
    kinds: dict[str, tuple[list[CannedQuery], dict[str, str]]] = {"question of the report": (of_report, {})}
    if works:
        kinds["the same, asked of all"] = of_report, {"scope": EVERYTHING}
        kinds["question of the world"] = [query for query in answerable if WORLD in query.works], {}
    return {
        kind: {query.name: f"/queries/{query.name}.json?{urlencode({**query.examples, **more})}" for query in asked}
        for kind, (asked, more) in kinds.items()
    }


def served(folder: Path, works: Sequence[str]) -> tuple[float, dict[str, dict[str, float]]]:
    """Return the megabytes of the server at rest, and of each kind of questions the seconds of each, asked once."""
    with serving(folder, "--log", "none", *(f"--with={work}" for work in works)) as server:
        server.settle()
        at_rest = sum(server.megabytes().values())
        return at_rest, {
            kind: {name: _seconds(server.port, address) for name, address in asked.items()}
            for kind, asked in questions(works).items()
        }


def of_questions(seconds: Mapping[str, Mapping[str, float]]) -> dict[str, float | str]:
    """Return the median of each kind of questions in milliseconds, and the slowest with its name."""
    found: dict[str, float | str] = {}
    for kind, by_name in seconds.items():
        slowest = max(by_name, key=by_name.__getitem__)
        found[f"{kind}, p50 ms"] = at(sorted(by_name.values()), 0.5) * 1000
        found[f"{kind}, slowest, ms"] = f"{by_name[slowest] * 1000:.1f} {slowest}"
    return found


def _seconds(port: int, address: str) -> float:
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", address, headers={"Cache-Control": "no-cache"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200, f"{address}: {answer.status}"
    return time.perf_counter() - began


def measure(works: Sequence[str]) -> dict[str, float | str | None]:
    """Return what is measured of a graph, by its name with the unit."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "data"
        built, theirs = alone("ours", folder, works), alone("peer", folder, works)
        assert built is not None, f"no build within {PATIENCE} s"
        at_rest, asked = served(folder, works)
        committed = changes(folder)
    return {
        "build, s": built["seconds"],
        "build, MB": built["megabytes"],
        "rdflib and pyshacl, s": None if theirs is None else theirs["seconds"],
        "ratio: theirs to ours": None if theirs is None else theirs["seconds"] / built["seconds"],
        "server at rest, MB": at_rest,
        "change of 20 quads, p50 ms": at(committed, 0.5) * 1000,
        "change of 20 quads, p95 ms": at(committed, 0.95) * 1000,
        **of_questions(asked),
    }


def main() -> None:
    """Print a table of both graphs."""
    found = {side: measure(works) for side, works in SIDES.items()}
    table = Table("", *found)
    for name in list(found.values())[-1]:  # with the world there is more to ask
        table.add_row(name, *(written(of.get(name, "")) for of in found.values()))
    Console().print(table)


def written(value: float | str | None) -> str:
    """Return a cell of the table."""
    if value is None:
        return f"over {PATIENCE} s"
    return value if isinstance(value, str) else f"{value:.1f}"


if __name__ == "__main__":
    if sys.argv[1:]:
        started = time.perf_counter()
        {"ours": ours, "peer": peer}[sys.argv[1]](*sys.argv[2:])
        print(json.dumps({"seconds": time.perf_counter() - started, "megabytes": peak_megabytes()}))
    else:
        main()
