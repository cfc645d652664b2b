"""How long a change takes through the gate: validated as `POST /validate` does, committed, and seen by a reader.

Run as `python -m bench.gate [SIZE …]`, sizes as in bench.validation, or names of works such as `world`; always on the
report's own graph as well. A change is what users send: a new source, and a twinning of two cities that it states, in
twelve statements. The peer is the same change without a gate, in the same run: one SPARQL update of the engine on a
store of the same quads, and a new snapshot opened. What the gate adds to that is all checks, validation, inference, the
history with its two fsyncs, and the bookkeeping of revisions. Time is told as it passes, and for what runs in one
thread as the processor spends it (CPU), which other work on the machine changes less.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from uuid import uuid4

from pyoxigraph import Quad, Store
from rich.console import Console
from rich.table import Table

from bench.validation import SIZES, TRIPLES_OF_REPORT, Times, at, clocked, copies
from kg.building import sources
from kg.curation import Curation, RefusedChangeError
from kg.curation.draft import Draft
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.vocabulary import CD
from kg.rules import infer
from kg.store import DataFolder
from kg.submissions import Submission, Text, read

COMMITS = 100
COLUMNS = ("quads", "step", "p50 ms", "p95 ms", "CPU p50 ms", "ratio to no gate")


def prepared(what: str, folder: DataFolder) -> list[Quad]:
    """Write a built graph of a size, or of the report with a work, into a folder; return the quads that it states."""
    works = () if what.isdigit() else (what,)
    quads = [*sources.load(sources.folders(works))] if works else copies(max(1, round(int(what) / TRIPLES_OF_REPORT)))
    everything = [*quads, *infer(quads)]
    with folder.locked():
        folder.write(chain(everything, graphs.set_union(everything)), "0" * 64, "", (len(everything), 0))
    return quads


class Twinnings:
    """Changes as users send them: each a new source, and a twinning of two cities that it states."""

    def __init__(self, quads: Iterable[Quad], seed: int) -> None:
        self._random = random.Random(seed)
        self._cities = sorted({str(quad.subject)[1:-1] for quad in quads if quad.object == CD.City})

    def draw(self) -> Submission:
        """Return one, in twelve statements."""
        one, other = sorted(self._random.sample(self._cities, 2))
        number = self._random.randrange(10**9)
        source = f"source:bench-{number}"
        tie = f"twinning:{'-'.join(city.rpartition('/')[2] for city in (one, other))}"
        text = f"""{source} a cd:Source ; skos:prefLabel "List {number}"@en ; dcterms:title "List {number}"@en ;
              dcterms:rights "CC0"@en .
            {tie} a cd:Twinning ; skos:prefLabel "Twinning of {number}"@en ; cd:twin <{one}> , <{other}> .
            account:bench-{number} a cd:Account ; cd:accountOf {tie} ; cd:statedIn {source} ; cd:status status:current .
        """
        declared = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in ns.PREFIXES.items())
        return read([Text((declared + text).encode(), "text/turtle")], f"{ns.GRAPH}curated/bench", "bench")


def commits(curation: Curation, twinnings: Twinnings) -> Iterator[tuple[Change, dict[str, Times]]]:
    """Make changes, those drawn ones that conform; yield each with the seconds of each step."""
    while True:
        sent = twinnings.draw()
        _, validating = clocked(partial(curation.validation.report, sent))
        draft = Draft(uuid4().hex, "submit", sent, "Measured", "https://example.org/", "bench", acknowledged=True)
        try:
            _, committing = clocked(partial(curation.make, draft))
        except RefusedChangeError:
            continue
        snapshot, reading = clocked(curation.reader.current)
        assert all(quad in snapshot.store for quad in sent.change.added)
        seen = (committing[0] + reading[0], committing[1] + reading[1])
        yield sent.change, {"validated": validating, "committed": committing, "seen by a reader": seen}


def without_gate(store: Store, change: Change, folder: Path) -> Times:
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

    return clocked(made)[1]


def measure(what: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a size, or of the report with a work."""
    with tempfile.TemporaryDirectory() as path:
        folder = DataFolder(Path(path) / "data")
        quads = prepared(what, folder)
        bare = Path(path) / "bare"
        shutil.copytree(_store(folder), bare)
        peer = Store(str(bare))
        times: dict[str, list[Times]] = {}
        with Curation(folder) as curation:
            made = commits(curation, Twinnings(quads, seed=len(quads)))
            for (change, steps), _ in zip(made, range(COMMITS), strict=False):
                steps["no gate"] = without_gate(peer, change, Path(path) / "snapshot")
                for step, seconds in steps.items():
                    times.setdefault(step, []).append(seconds)
        yield from _rows(f"{len(quads):,}", times)


def _store(folder: DataFolder) -> Path:
    build = folder.current()
    assert build is not None
    return folder.snapshot(build)


def _rows(quads: str, times: dict[str, list[Times]]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each step; the first change is left out, which makes what later ones find made."""
    peers = sorted(taken for taken, _ in times["no gate"][1:])
    for step, taken in times.items():
        passed, spent = (sorted(values) for values in zip(*taken[1:], strict=True))
        figures = (at(passed, 0.5), at(passed, 0.95), at(spent, 0.5))
        ratio = at(passed, 0.5) / at(peers, 0.5)
        yield quads, step, *(f"{seconds * 1000:.1f}" for seconds in figures), f"{ratio:.2f}"


def main() -> None:
    """Print a table of all sizes."""
    table = Table(title=f"{COMMITS} changes, each a source and a twinning, one after the other")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for what in (str(TRIPLES_OF_REPORT), *(sys.argv[1:] or map(str, SIZES))):
        for row in measure(what):
            print(*row, sep="  ", file=sys.stderr, flush=True)
            table.add_row(*row)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
