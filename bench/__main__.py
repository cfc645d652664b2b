"""Measure and print: `python -m bench`, and `python -m bench --help` for what else there is to measure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
from pyoxigraph import NamedNode, RdfFormat, serialize
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import ahead, analysis, endpoint, fairness, house, inference, memory, pages, readers, walk
from kg.building import pipeline
from kg.queries import canned_queries
from kg.rdf import graphs
from kg.store import DataFolder

PATIENCE = 20
WIDTH = 110


def run(side: str, task: str) -> dict[str, float] | str:
    """Return what a fresh process measured, or why there is nothing: it took too long, or it failed."""
    command = [sys.executable, "-m", "bench.tasks", side, task]
    try:
        ran = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"over {PATIENCE} s"
    except subprocess.CalledProcessError as error:
        return error.stderr.decode().strip().rpartition("\n")[2][:30]
    measured: dict[str, float] = json.loads(ran.stdout)
    return measured


def row(task: str) -> tuple[str, ...]:
    ours, peer = run("ours", task), run("peer", task)
    assert not isinstance(ours, str), f"{task}: {ours}"
    mine = f"{ours['seconds'] * 1000:.1f}", f"{ours['megabytes']:.0f}"
    if isinstance(peer, str):
        return task, mine[0], peer, "", mine[1], "", ""
    seconds, memory = peer["seconds"] / ours["seconds"], peer["megabytes"] / ours["megabytes"]
    theirs = f"{peer['seconds'] * 1000:.1f}", f"{peer['megabytes']:.0f}"
    return task, mine[0], theirs[0], f"{seconds:.1f}", mine[1], theirs[1], f"{memory:.1f}"


def prepare(data: Path) -> None:
    """Build once for all queries, and write the same quads for the peer."""
    pipeline.build(DataFolder(data))
    store = DataFolder(data).open()
    quads = (quad for quad in store if isinstance(quad.graph_name, NamedNode) and quad.graph_name != graphs.SHAPES)
    serialize(quads, str(data / "all.nq"), RdfFormat.N_QUADS)
    os.environ["BENCH_DATA"] = str(data)


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Measure and print; without a command, all tasks.

    Run by themselves: python -m bench.engines, .full_validation, .gate, .imports, .validation and .world.
    """
    if context.invoked_subcommand is None:
        context.invoke(tasks)


@main.command()
@click.argument("names", nargs=-1, metavar="[TASK …]")
def tasks(names: Sequence[str]) -> None:
    """Do tasks by our code and by a plain rdflib graph: build, validate, query:NAME; without names all of them."""
    names = names or ["build", "validate", *(f"query:{name}" for name in canned_queries())]
    table = Table(title="ours, against a plain rdflib graph in the same run (ratio: peer / ours)", title_justify="left")
    for name in ("task", "ours ms", "rdflib ms", "ratio", "ours MB", "rdflib MB", "ratio"):
        table.add_column(name, justify="left" if name == "task" else "right")
    with tempfile.TemporaryDirectory() as data:
        prepare(Path(data))
        for task in track(names, description="measuring"):
            table.add_row(*row(task))
    Console(width=WIDTH).print(table)


for command in (ahead, analysis, endpoint, fairness, house, inference, memory, pages, readers, walk):
    main.add_command(command.main, command.__name__.rpartition(".")[2])

if __name__ == "__main__":
    main(prog_name="python -m bench")
