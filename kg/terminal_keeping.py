"""What the commands that keep a data folder print for people: checks, changes, and what was folded."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from pyoxigraph import NamedNode, Quad
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kg import namespaces as ns
from kg.folding import Folded
from kg.history import Record
from kg.terminal import PLAIN_WIDTH
from kg.verification import Check


def _console() -> Console:
    """Return a console that fits the terminal; a file or a pipe gets wide lines that nothing cuts."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


def print_checks(checks: Sequence[Check]) -> None:
    """Print checks as a table, what to do about those that failed, and the verdict."""
    table = Table(title="Verified", title_justify="left")
    for name in ("check", "verdict", "found"):
        table.add_column(name, overflow="fold")
    for check in checks:
        verdict = Text("good", "green") if check.passed else Text("WRONG", "bold red")
        table.add_row(Text(check.name), verdict, Text(check.found))
    _console().print(table)
    failed = [check for check in checks if not check.passed]
    for hint in dict.fromkeys(check.hint for check in failed):
        click.echo(hint)
    click.echo(f"{len(failed)} of {len(checks)} checks failed." if failed else "All is as it should be.")


def print_history(records: Sequence[Record]) -> None:
    """Print changes as a table, in their order."""
    if not records:
        click.echo("There are no changes.")
        return
    table = Table(title="Changes", title_justify="left")
    for name in ("number", "at", "by", "what", "summary", "added", "removed"):
        table.add_column(name, overflow="fold", justify="right" if name in ("number", "added", "removed") else "left")
    for record in records:
        by = record.agent if record.reviewer is None else f"{record.agent}, accepted by {record.reviewer}"
        kind = record.kind if record.reverts is None else f"{record.kind} of {record.reverts}"
        added, removed = len(record.added), len(record.removed)
        cells = (record.number, record.at, by, kind, record.summary, added, removed)
        table.add_row(*(Text(str(cell)) for cell in cells))
    _console().print(table)


def print_change(record: Record) -> None:
    """Print one change: its words, and each statement added or removed below its graph."""
    console = _console()
    said = {
        "by": record.agent,
        "accepted by": record.reviewer,
        "at": record.at,
        "kind": record.kind,
        "takes back": record.reverts,
        "source": record.source,
        "hash": record.hash,
    }
    console.print(Text(f"Change {record.number}: {record.summary}", "bold"), soft_wrap=True)
    for name, value in said.items():
        if value is not None:
            console.print(Text(f"  {name}: {value}"), soft_wrap=True)
    for warning in record.acknowledged:
        console.print(Text(f"  acknowledged: {warning}", "yellow"), soft_wrap=True)
    for sign, colour, quads in (("-", "red", record.removed_quads()), ("+", "green", record.added_quads())):
        for quad in sorted(quads, key=lambda quad: (str(quad.graph_name), str(quad))):
            console.print(Text(f"{sign} {_in_words(quad)}", colour), soft_wrap=True)


def print_folded(folded: Folded) -> None:
    """Print which files were written, and what to do with them."""
    for file in folded.files:
        click.echo(str(file))
    click.echo(
        f"{folded.statements} statements, up to change {folded.changes}. To make them part of the files: put all of "
        "the directory into kg/facts/curated, and build."
    )


def _in_words(quad: Quad) -> str:
    terms = (quad.subject, quad.predicate, quad.object)
    triple = " ".join(ns.compact(term.value) if isinstance(term, NamedNode) else str(term) for term in terms)
    graph = quad.graph_name
    return f"{triple}  ({graph.value.removeprefix(ns.BASE) if isinstance(graph, NamedNode) else graph})"
