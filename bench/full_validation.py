"""How long full validation takes on the world: ours, which judges what can be wrong, against engines that judge all.

Run as `python -m bench.full_validation [TWINNINGS …]`, each a number of twinnings of the world with all that they name,
such as `200 2000`; the whole world is 17,400. The report is always part of it. Every engine is given the same triples
and the same shapes, and PATIENCE (see bench.validation), and must agree on the violations. A twentieth of the
twinnings is left with one party, so that there are some.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, serialize
from rich.console import Console
from rich.table import Table

from bench.validation import ACCOUNT_OF, PEERS, WIDTH, clocked, peer
from kg.building import sources
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import RDF
from kg.shacl import project_shapes
from kg.shacl.data_graph import in_memory
from kg.shacl.full import data_quads, project_judge

SIZES = (200, 17_400)
COLUMNS = "twinnings|triples|by|s|CPU s|ratio|violations".split("|")
_TWINNING, _TWIN = NamedNode(ns.CD + "Twinning"), NamedNode(ns.CD + "twin")


def part(twinnings: int) -> list[Quad]:
    """Return the data graph of the report and of so many twinnings of the world, with what they name."""
    report = data_quads(sources.load())
    world = data_quads(sources.load_apart(sources.folders(["world"])))
    by_subject, accounts = defaultdict(list), defaultdict(list)
    for quad in world:
        by_subject[quad.subject].append(quad)
        if quad.predicate == ACCOUNT_OF:
            accounts[quad.object].append(quad.subject)
    ahead = [quad.subject for quad in world if quad.predicate == RDF.type and quad.object == _TWINNING][:twinnings]
    taken = {quad for number, node in enumerate(ahead) if number % 20 == 0 for quad in _one_party(by_subject[node])}
    spared, kept = taken, set()
    while ahead:
        node = ahead.pop()
        if node in by_subject and node not in kept:
            kept.add(node)
            ahead += [*accounts[node], *(quad.object for quad in by_subject[node])]
    return [*report, *(quad for node in kept for quad in by_subject[node] if quad not in spared)]


def _one_party(quads: list[Quad]) -> list[Quad]:
    """Return the statement that a twinning is to lose."""
    return [quad for quad in quads if quad.predicate == _TWIN][:1]


def measured(twinnings: int) -> Iterator[tuple[str, ...]]:
    """Yield a row for each engine, ours first."""
    quads, judge, shapes = part(twinnings), project_judge(), project_shapes()
    ledger, (elapsed, spent) = clocked(lambda: judge.judge_all(in_memory(quads)))
    found = sum(finding.severity == "Violation" for finding in ledger)
    with tempfile.TemporaryDirectory() as folder:
        data, rules = Path(folder) / "data.nt", Path(folder) / "shapes.nt"
        triples = {quad.triple for quad in in_memory(quads)}
        serialize(triples, str(data), RdfFormat.N_TRIPLES)
        shapes.serialize(rules, format="nt", encoding="utf-8")
        size = f"{twinnings:,}", f"{len(triples):,}"
        yield *size, "ours", f"{elapsed:.1f}", f"{spent:.1f}", "1", f"{found:,}"
        for name in PEERS:
            theirs, times = peer(name, data, rules)
            said = "none" if theirs is None else f"{theirs:,}"
            yield *size, name, f"{times[0]:.1f}", f"{times[1]:.1f}", f"{times[0] / elapsed:,.0f}", said


def main() -> None:
    """Print a table of all sizes."""
    table = Table(title="Full validation, from triples in memory to findings")
    for name in COLUMNS:
        table.add_column(name, justify="left" if name == "by" else "right")
    for twinnings in map(int, sys.argv[1:]) if sys.argv[1:] else SIZES:
        for row in measured(twinnings):
            print(*row, sep="  ", file=sys.stderr, flush=True)
            table.add_row(*row)
    Console(width=WIDTH).print(table)


if __name__ == "__main__":
    main()
