"""What is measured: each task by our code (`ours`) and by a plain rdflib graph (`peer`), on the same files.

Run as `python -m bench.tasks SIDE TASK`: does the task once in a fresh process and prints seconds and memory as JSON.
Preparation that a task needs (such as loading, before a query) is done outside the clock.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyshacl
from rdflib import Dataset, URIRef

from kg.building import pipeline, sources
from kg.queries import find_query
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.formats import RESULT_FORMAT
from kg.rules import inference
from kg.shacl import Report, full, validate_quads
from kg.sparql.evaluation import execute
from kg.store import DataFolder

Timed = Callable[[], object]
RUNS_OF_A_QUERY = 3


def ours_build() -> Timed:
    """`citykg build` apart from full validation."""
    conforming = Report(())
    pipeline.validate_quads = lambda quads: conforming  # type: ignore[attr-defined,assignment]
    folder = DataFolder(Path(tempfile.mkdtemp()))
    return lambda: pipeline.build(folder)


def peer_build() -> Timed:
    """Parse the same files into an rdflib Dataset, apply the same rules, write N-Quads."""
    return lambda: _with_inferences(_dataset()).serialize(Path(tempfile.mkdtemp()) / "all.nq", format="nquads")


def ours_validate() -> Timed:
    """Validate as the build does, from quads to the report with files and lines."""
    quads = sources.load()
    full.project_shapes()
    return lambda: validate_quads(quads)


def peer_validate() -> Timed:
    """The same graphs in a plain rdflib Graph, and pyshacl on it."""
    data, shapes = full.as_graph(full.data_quads(sources.load())), full.project_shapes()
    return lambda: pyshacl.validate(data, shacl_graph=shapes, inference="none")


def ours_query(name: str) -> Timed:
    """One canned query for its example values, to its JSON, on the snapshot of a build."""
    store, text = DataFolder(prepared()).open(), find_query(name).text
    return lambda: execute.serialise(execute.run(store, text), RESULT_FORMAT["json"])


def peer_query(name: str) -> Timed:
    """The same query on the same quads in an rdflib Dataset in memory whose default graph is the union."""
    dataset, text = Dataset(default_union=True), find_query(name).text
    dataset.parse(prepared() / "all.nq", format="nquads")
    return lambda: dataset.query(text, initNs=ns.PREFIXES).serialize(format="json")


def prepared() -> Path:
    """The folder that holds one build, and its quads but those of the shapes as N-Quads; see bench.__main__."""
    return Path(os.environ["BENCH_DATA"])


def _dataset() -> Dataset:
    dataset = Dataset(default_union=True)
    for source in sources.source_files():
        if source.graph is None:
            dataset.parse(source.path, format="trig")
        elif source.graph != graphs.SHAPES:
            dataset.graph(URIRef(source.graph.value)).parse(source.path, format="turtle")
    return dataset


def _with_inferences(dataset: Dataset) -> Dataset:
    inferred = dataset.graph(URIRef(graphs.INFERRED.value))
    size = -1
    while len(inferred) != size:
        size = len(inferred)
        for rule in inference.rules().values():
            for triple in dataset.query(rule, initNs=ns.PREFIXES):
                inferred.add(triple)  # type: ignore[arg-type]
    return dataset


def measure(side: str, task: str) -> dict[str, float]:
    """Return the seconds of a task (the best of several for a query) and the process's peak memory in MB."""
    kind, _, name = task.partition(":")
    prepare = globals()[f"{side}_{kind}"]
    timed = prepare(name) if name else prepare()
    seconds = []
    for _ in range(RUNS_OF_A_QUERY if name else 1):
        began = time.perf_counter()
        timed()
        seconds.append(time.perf_counter() - began)
    return {"seconds": min(seconds), "megabytes": peak_megabytes()}


def peak_megabytes() -> float:
    """Return this process's own peak; getrusage would count what the parent held when it forked."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
