"""What the commands print for people: tables on a terminal, the same without colour elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click
from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kg import namespaces as ns
from kg.catalogue import CannedQuery
from kg.querying import Answer
from kg.validation import Report

if TYPE_CHECKING:
    from kg.building import Summary

PLAIN_WIDTH = 400


def _console() -> Console:
    """Return a console that fits the terminal; a file or a pipe gets wide lines that nothing cuts."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


def print_summary(summary: Summary) -> None:
    """Print what a build made."""
    table = Table(title="Built", title_justify="left")
    table.add_column("graphs")
    table.add_column("quads", justify="right")
    for family, count in summary.quads_by_family.items():
        table.add_row(family, str(count))
    console = _console()
    console.print(table)
    hints = 0
    for result in summary.report.results:
        if result.severity == "Info":
            hints += 1
        else:
            console.print(str(result), markup=False, soft_wrap=True)
    if hints:
        console.print(
            f"{hints} hint{'' if hints == 1 else 's'}; `citykg validate FILE` shows those of a file.", markup=False
        )
    build = summary.build
    console.print(
        f"The facts conform. {build.quads} quads, {build.inferred} of them inferred. Content {build.content_hash}",
        soft_wrap=True,
    )


def print_catalogue(queries: Iterable[CannedQuery]) -> None:
    """Print the canned queries by topic."""
    table = Table(title="Canned queries", title_justify="left")
    for name in ("topic", "name", "question", "parameters"):
        table.add_column(name, overflow="fold", no_wrap=name == "name")
    for query in queries:
        taken = ", ".join(f"{p.name}={p.example}" for p in query.parameters)
        table.add_row(query.topic, query.name, query.summary, taken)
    _console().print(table)


def print_answer(answer: Answer) -> None:
    """Print an answer: a table for SELECT, a word for ASK, N-Triples for a graph."""
    if isinstance(answer, QueryBoolean):
        click.echo("true" if answer else "false")
    elif isinstance(answer, QuerySolutions):
        _print_rows(answer)
    else:
        for triple in answer:
            click.echo(f"{triple} .")


def _print_rows(solutions: QuerySolutions) -> None:
    names = [variable.value for variable in solutions.variables]
    table = Table()
    for name in names:
        table.add_column(name, overflow="fold")
    for row in solutions:
        table.add_row(*(_cell(row[name]) for name in names))
    console = _console()
    console.print(table)
    console.print(f"{table.row_count} rows" if table.row_count != 1 else "1 row")


def _cell(term: object) -> Text:
    if isinstance(term, NamedNode):
        return Text(ns.compact(term.value))
    return Text("" if term is None else str(getattr(term, "value", term)))


def print_report(report: Report) -> None:
    """Print a validation report, one result a line with its place, and the verdict."""
    for result in report.results:
        click.echo(str(result))
        if result.message_zh:
            click.echo(f"    {result.message_zh}")
    click.echo("conforms" if report.conforms else f"does not conform: {len(report.results)} results")
