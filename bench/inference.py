"""A change of 20 triples followed by the rules, against all inference anew: `python -m bench inference [QUADS …]`.

On the report's graph, and on synthetic ones of about so many stated and inferred quads (100,000 and 850,000 unless
others are given), each opened from disk as a curator's change meets it. Both sides in the same run.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store
from rich.console import Console
from rich.table import Table

from bench import synthetic
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import RDF
from kg.rules import UnionChanges, inference
from kg.store import DataFolder
from tests.support.turtle import node

SIZES = (100_000, 850_000)
CHANGES = 300
QUADS_OF_A_CITY = 16
"""What is stated of it and follows, its share of a twinning included."""

Change = tuple[set[Quad], set[Quad]]


def changes(store: Store, number: int) -> list[Change]:
    """Return changes of 20 triples: a new twinning, a new membership, and an account of a relation withdrawn."""
    draw = random.Random(2016)
    cities = sorted(_subjects(store, "cd:City"), key=str)
    networks = sorted(_subjects(store, "cd:CityNetwork"), key=str)
    accounts = sorted(_subjects(store, "cd:Account"), key=str)
    return [
        _change(store, n, draw.sample(cities, 2), draw.choice(networks), draw.choice(accounts)) for n in range(number)
    ]


def _subjects(store: Store, kind: str) -> set[NamedNode]:
    found = store.quads_for_pattern(None, RDF.type, node(kind), DefaultGraph())
    return {quad.subject for quad in found if isinstance(quad.subject, NamedNode)}


def _change(store: Store, number: int, cities: list[NamedNode], network: NamedNode, account: NamedNode) -> Change:
    graph = NamedNode(ns.GRAPH + "curated/new")
    twinning, membership = node(f"twinning:new-{number}"), node(f"membership:new-{number}")
    one, other = node(f"account:new-twinning-{number}"), node(f"account:new-membership-{number}")
    statements: list[tuple[NamedNode, str, NamedNode | Literal]] = [
        (twinning, "rdf:type", node("cd:Twinning")),
        (twinning, "cd:twin", cities[0]),
        (twinning, "cd:twin", cities[1]),
        (twinning, "skos:prefLabel", Literal(f"Twinning {number}", language="en")),
        (membership, "rdf:type", node("cd:Membership")),
        (membership, "cd:member", cities[0]),
        (membership, "cd:network", network),
        (membership, "skos:prefLabel", Literal(f"Membership {number}", language="en")),
        (other, "cd:role", node("role:member")),
    ]
    for said, relation in ((one, twinning), (other, membership)):
        statements += [
            (said, "rdf:type", node("cd:Account")),
            (said, "cd:accountOf", relation),
            (said, "cd:statedIn", node("publication:this-report")),
            (said, "cd:status", node("status:current")),
        ]
    added = {Quad(subject, node(predicate), value, graph) for subject, predicate, value in statements}
    withdrawn = sorted(store.quads_for_pattern(account, None, None, None), key=str)
    stated = [quad for quad in withdrawn if quad.graph_name not in (DefaultGraph(), graphs.INFERRED)]
    return added, set(stated[: 20 - len(added)])


def _seconds(task: Callable[[], object]) -> float:
    began = time.perf_counter()
    task()
    return time.perf_counter() - began


def row(store: Store) -> tuple[str, ...]:
    """Measure one store."""
    prepared = UnionChanges(store)
    took = [_seconds(partial(prepared.of, store, *change)) for change in changes(store, CHANGES)]
    stated = [quad for quad in store if quad.graph_name not in (DefaultGraph(), graphs.INFERRED)]
    in_full = _seconds(lambda: list(graphs.set_union([*stated, *inference.infer(stated)])))
    cuts = statistics.quantiles(took, n=20)
    quads = sum(1 for quad in store if quad.graph_name != DefaultGraph())
    return (
        f"{quads:,}",
        f"{cuts[9] * 1000:.2f}",
        f"{cuts[18] * 1000:.2f}",
        f"{in_full * 1000:,.0f}",
        f"{in_full / cuts[9]:,.0f}",
    )


@click.command()
@click.argument("sizes", nargs=-1, type=click.IntRange(0), metavar="[QUADS …]")
def main(sizes: Sequence[int]) -> None:
    """Print one row for each graph: that of the report, and synthetic ones of about so many quads."""
    table = Table(title="graph/inferred and the default graph after a change of 20 triples", title_justify="left")
    for name in ("quads", "p50 ms", "p95 ms", "in full ms", "ratio"):
        table.add_column(name, justify="right")
    for size in [0, *(sizes or SIZES)]:
        with tempfile.TemporaryDirectory() as path:
            folder = DataFolder(Path(path))
            synthetic.build(folder, max(0, size - 27_000) // QUADS_OF_A_CITY)
            table.add_row(*row(folder.open()))
    Console(width=100).print(table)
