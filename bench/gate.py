"""How long a change of twenty quads takes through the gate: validated, committed, and seen by a reader.

Run as `python -m bench.gate [SIZE …]`, sizes as in bench.validation; always on the report's own graph as well. The peer
is the same change without a gate, in the same run: one SPARQL update of the engine on a store of the same quads, and a
new snapshot opened. What the gate adds to that is validation, inference, the history with its two fsyncs, and the
bookkeeping of revisions.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from uuid import uuid4

from pyoxigraph import Quad, Store
from rich.console import Console
from rich.table import Table

from bench.validation import SIZES, TRIPLES_OF_REPORT, Changes, at, copies
from kg.curation import Gate, RefusedChangeError
from kg.curation.gate import Draft
from kg.rdf import graphs
from kg.rdf.change import Change
from kg.rules import infer
from kg.store import DataFolder, Reader
from kg.submissions import Submission

COMMITS = 100
COLUMNS = ("quads", "step", "p50 ms", "p95 ms", "ratio to no gate")


def prepared(size: int, folder: DataFolder) -> list[Quad]:
    """Write a built graph of a size into a folder; return the quads that it states."""
    quads = copies(max(1, round(size / TRIPLES_OF_REPORT)))
    everything = [*quads, *infer(quads)]
    with folder.locked():
        folder.write(chain(everything, graphs.set_union(everything)), "0" * 64, "", (len(everything), 0))
    return quads


def commits(gate: Gate, reader: Reader, changes: Changes) -> Iterator[tuple[Change, dict[str, float]]]:
    """Make changes, those drawn ones that conform; yield each with the seconds of each step."""
    while True:
        change = changes.draw()
        validating, _ = clocked(lambda change=change: gate.validation.verdict(gate._live.store, change, ()))
        sent = Submission(change)
        draft = Draft(uuid4().hex, "submit", sent, "Measured", "https://example.org/", "bench", acknowledged=True)
        try:
            committing, _ = clocked(lambda draft=draft: gate.commit(draft))
        except RefusedChangeError:
            continue
        reading, snapshot = clocked(reader.current)
        assert all(quad in snapshot.store for quad in change.added)
        yield change, {"validated": validating, "committed": committing, "seen by a reader": committing + reading}


def without_gate(store: Store, change: Change, folder: Path) -> float:
    """Return the seconds of the same change as one bare update, and its snapshot opened."""
    shutil.rmtree(folder, ignore_errors=True)
    rows = {"DELETE": change.removed, "INSERT": change.added}
    text = ";".join(
        f"{verb} DATA {{ {' '.join(f'GRAPH {q.graph_name} {{ {q.triple} }}' for q in quads)} }}"
        for verb, quads in rows.items()
    )

    def made() -> Store:
        store.update(text)
        store.backup(str(folder))
        return Store.read_only(str(folder))

    return clocked(made)[0]


def clocked(task: Callable[[], object]) -> tuple[float, object]:
    """Return the seconds that a task takes, and what it returns."""
    began = time.perf_counter()
    outcome = task()
    return time.perf_counter() - began, outcome


def measure(size: int) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a size."""
    with tempfile.TemporaryDirectory() as path:
        folder = DataFolder(Path(path) / "data")
        quads = prepared(size, folder)
        bare = Path(path) / "bare"
        shutil.copytree(_store(folder), bare)
        peer = Store(str(bare))
        times: dict[str, list[float]] = {}
        with Gate(folder) as gate:
            made = commits(gate, Reader(folder), Changes(quads, seed=size))
            for (change, steps), _ in zip(made, range(COMMITS), strict=False):
                steps["no gate"] = without_gate(peer, change, Path(path) / "snapshot")
                for step, seconds in steps.items():
                    times.setdefault(step, []).append(seconds)
        yield from _rows(f"{len(quads):,}", {step: sorted(taken) for step, taken in times.items()})


def _store(folder: DataFolder) -> Path:
    build = folder.current()
    assert build is not None
    return folder.snapshot(build)


def _rows(quads: str, times: dict[str, list[float]]) -> Iterator[tuple[str, ...]]:
    for step, taken in times.items():
        p50, p95 = at(taken, 0.5), at(taken, 0.95)
        yield quads, step, f"{p50 * 1000:.1f}", f"{p95 * 1000:.1f}", f"{p50 / at(times['no gate'], 0.5):.2f}"


def main() -> None:
    """Print a table of all sizes."""
    table = Table(title=f"{COMMITS} changes of twenty quads each, one after the other")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for size in (TRIPLES_OF_REPORT, *(map(int, sys.argv[1:]) if sys.argv[1:] else SIZES)):
        for row in measure(size):
            print(*row, sep="  ", file=sys.stderr, flush=True)
            table.add_row(*row)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
