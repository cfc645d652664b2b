"""How long it takes to validate a change: ours, against full validation with pyshacl and with two engines in Rust.

Run as `python -m bench.validation [SIZE …]`, each size a number of triples, such as `100000 850000`; always on the
report's own graph as well. A larger graph is the report's graph several times over, each copy under its own names and
with its own order of passages; so every shape has work to do and the degrees of nodes stay real. A change copies a
relation with its accounts, or takes some statements out, or both: twenty quads, about half of the changes invalid.
All engines get the same shapes and the same graph as it would be after the change, and must agree on its violations.
A full validation is given PATIENCE seconds; one that takes longer is stopped, and counts as that long. Time is told as
it passes, and as the processor spends it on the task (CPU), which other work on the machine changes less.
"""

from __future__ import annotations

import math
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TypeVar

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, serialize
from rdflib import Graph
from rich.console import Console
from rich.table import Table

from kg.building import sources
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.graphs import is_validated
from kg.rules import infer
from kg.shacl import ChangeValidation, project_shapes
from kg.shacl.data_graph import belongs

TRIPLES_OF_REPORT = 16_300
SIZES = (100_000, 850_000)
CHANGES = 300
QUADS = 20
PATIENCE = 600
WIDTH = 130
COLUMNS = "triples|p50 ms|p95|CPU p50|p95|in full by|s|CPU s|ratio|CPU ratio|agree".split("|")

Outcome = TypeVar("Outcome")

ORDER = NamedNode(ns.CD + "order")
ACCOUNT_OF = NamedNode(ns.CD + "accountOf")

COUNT = """
def violations(graph):
    results = graph.objects(None, rdflib.SH.result)
    return sum(graph.value(result, rdflib.SH.resultSeverity) == rdflib.SH.Violation for result in results)
"""
PEERS = {
    "pyshacl-turbo": """
import sys, pyshacl_turbo, rdflib
from pyoxigraph import Store, RdfFormat
data = Store()
data.bulk_load(path=sys.argv[1], format=RdfFormat.N_TRIPLES)
shapes = rdflib.Graph().parse(sys.argv[2], format="nt")
def run():
    return violations(pyshacl_turbo.validate(data, shacl_graph=shapes, inference="none", allow_infos=True)[1])
""",
    "shacl-rust": """
import sys, shacl_rust
data, shapes = (open(path, encoding="utf-8").read() for path in sys.argv[1:])
def run():
    report = shacl_rust.validate(data, shapes, data_format="nt", shapes_format="nt")
    return sum("Violation" in str(result["severity"]) for result in report["results"])
""",
    "pyshacl": """
import sys, pyshacl, rdflib
data, shapes = (rdflib.Graph().parse(path, format="nt") for path in sys.argv[1:])
def run():
    return violations(pyshacl.validate(data, shacl_graph=shapes, inference="none", allow_infos=True)[1])
""",
}
CLOCK = """
import time
began, spent = time.perf_counter(), time.process_time()
found = run()
print(found, time.perf_counter() - began, time.process_time() - spent)
"""


def copies(number: int) -> list[Quad]:
    """Return all quads of the report, those of validated graphs so many times over; each copy is a world of its own."""
    quads = [quad for quad in sources.load() if quad.graph_name != graphs.SHAPES]
    facts = [quad for quad in quads if is_validated(quad.graph_name)]
    return [*quads, *(_renamed(quad, copy) for copy in range(1, number) for quad in facts)]


def _renamed(quad: Quad, copy: int) -> Quad:
    value = quad.object
    if quad.predicate == ORDER and isinstance(value, Literal):
        value = Literal(int(value.value) + 10_000 * copy)
    return Quad(_name(quad.subject, copy), quad.predicate, _name(value, copy), _name(quad.graph_name, copy))


def _name(term: object, copy: int) -> object:
    """Return a name in a copy: the number goes before the last part, of entities and graphs of passages only."""
    if not isinstance(term, NamedNode) or not term.value.startswith((ns.ID, ns.REPORT)):
        return term
    head, _, tail = term.value.rpartition("/")
    return NamedNode(f"{head}/copy{copy}-{tail}")


class Changes:
    """Random changes of twenty quads to a graph."""

    def __init__(self, quads: Iterable[Quad], seed: int) -> None:
        self._random = random.Random(seed)
        self._by_subject: dict[object, list[Quad]] = defaultdict(list)
        self._accounts: dict[object, list[object]] = defaultdict(list)
        for quad in quads:
            if is_validated(quad.graph_name):
                self._by_subject[quad.subject].append(quad)
            if quad.predicate == ACCOUNT_OF:
                self._accounts[quad.object].append(quad.subject)
        self._nodes = list(self._by_subject)
        self._relations = list(self._accounts)

    def draw(self) -> Change:
        """Return one: relations copied under new names until there are twenty quads, or ten and others taken out."""
        taken_out = self._random.choice((0, QUADS // 2))
        added: list[Quad] = []
        while len(added) < QUADS - taken_out:
            added += self._copy(self._random.choice(self._relations))
        removed = (self._random.choice(self._by_subject[self._random.choice(self._nodes)]) for _ in range(taken_out))
        return Change.of(added[: QUADS - taken_out], removed)

    def _copy(self, relation: object) -> Iterator[Quad]:
        group = [relation, *self._accounts[relation]]
        mark = self._random.randrange(10**6)
        names = {node: NamedNode(f"{node.value}-{mark}") for node in group}  # type: ignore[attr-defined]
        for node in group:
            for quad in self._by_subject[node]:
                yield Quad(names[node], quad.predicate, names.get(quad.object, quad.object), quad.graph_name)


Times = tuple[float, float]
"""As it passes, and as the processor spends it."""


def peer(name: str, data: Path, shapes: Path) -> tuple[int | None, Times]:
    """Return how many violations an engine finds, and the seconds that takes without reading files.

    None where it took too long; or where it refuses shapes or data, and then it has no time either.
    """
    command = [sys.executable, "-c", COUNT + PEERS[name] + CLOCK, str(data), str(shapes)]
    try:
        ran = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE, text=True)
    except subprocess.TimeoutExpired:
        return None, (PATIENCE, math.nan)
    except subprocess.CalledProcessError:
        return None, (math.nan, math.nan)
    found, *seconds = ran.stdout.split()[-3:]
    return int(found), (float(seconds[0]), float(seconds[1]))


def clocked(task: Callable[[], Outcome]) -> tuple[Outcome, Times]:
    """Return what a task returns, and the seconds it takes."""
    began, spent = time.perf_counter(), time.thread_time()
    outcome = task()
    return outcome, (time.perf_counter() - began, time.thread_time() - spent)


def measure(size: int) -> Table:
    """Return a table with a row for each engine; each row is also told as soon as it is there."""
    table = Table(title=f"{CHANGES} changes of {QUADS} quads, against full validation of the graph after the first")
    for name in COLUMNS:
        table.add_column(name, justify="left" if name == "in full by" else "right")
    shapes, validation = project_shapes(), ChangeValidation(project_shapes())
    with tempfile.TemporaryDirectory() as folder:
        quads = copies(max(1, round(size / TRIPLES_OF_REPORT)))
        store = _stored(quads, Path(folder) / "store")
        ledger, full = clocked(lambda: validation.standing(store))
        changes = Changes(quads, seed=size)
        drawn = [changes.draw() for _ in range(CHANGES)]
        judged = [clocked(lambda change=change: validation.verdict(store, ledger, change)) for change in drawn]
        assert not any(verdict.in_full for verdict, _ in judged)
        found = sum(finding.severity == "Violation" for finding in judged[0][0].ledger)
        files = Path(folder) / "data.nt", Path(folder) / "shapes.nt"
        triples = _write(store, drawn[0], shapes, *files)
        outcomes = chain([("ours", found, full)], ((name, *peer(name, *files)) for name in PEERS))
        for name, theirs, seconds in outcomes:
            row = f"{triples:,}", *_row([times for _, times in judged], name, seconds), _agreement(name, theirs, found)
            print(*row, sep="  ", file=sys.stderr, flush=True)
            table.add_row(*row)
    return table


def _row(ours: list[Times], name: str, full: Times) -> Iterator[str]:
    elapsed, spent = (sorted(times) for times in zip(*ours, strict=True))
    quantiles = [(at(times, 0.5), at(times, 0.95)) for times in (elapsed, spent)]
    yield from (f"{seconds * 1000:.1f}" for pair in quantiles for seconds in pair)
    yield name
    yield from (f"{seconds:.2f}" for seconds in full)
    yield from (f"{seconds / half:,.0f}" for seconds, (half, _) in zip(full, quantiles, strict=True))


def at(times: list[float], share: float) -> float:
    """Return the time within which a share of all stays; `times` are sorted."""
    return times[min(int(len(times) * share), len(times) - 1)]


def _agreement(name: str, theirs: int | None, found: int) -> str:
    if name == "ours":
        return ""
    if theirs is None:
        return "none"
    return "yes" if theirs == found else f"no: {theirs}, not {found}"


def _stored(quads: list[Quad], folder: Path) -> Store:
    """Return a store on disk as a build writes it."""
    everything = [*quads, *infer(quads)]
    store = Store(str(folder))
    store.bulk_extend(everything)
    store.bulk_extend(graphs.set_union(everything))
    store.optimize()
    return store


def _write(store: Store, change: Change, shapes: Graph, data_file: Path, shapes_file: Path) -> int:
    """Write the data graph as it would be after a change, and the shapes; return how many triples the graph has."""
    stated = {quad for quad in store if belongs(quad)} - change.removed | change.added
    triples = {quad.triple for quad in stated}
    serialize(triples, str(data_file), RdfFormat.N_TRIPLES)
    shapes.serialize(shapes_file, format="nt", encoding="utf-8")
    return len(triples)


def main() -> None:
    """Print a table for each size."""
    for size in (TRIPLES_OF_REPORT, *(map(int, sys.argv[1:]) if sys.argv[1:] else SIZES)):
        Console(width=WIDTH).print(measure(size))


if __name__ == "__main__":
    main()
