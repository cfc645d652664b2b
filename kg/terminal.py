"""What the commands print for people: tables on a terminal, the same without colour elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click
from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kg import namespaces as ns
from kg.catalogue import CannedQuery
from kg.faults import Fault
from kg.querying import Answer

if TYPE_CHECKING:
    from kg.building import Summary
    from kg.tokens import Token

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


def print_tokens(tokens: Iterable[Token]) -> None:
    """Print what is known of tokens."""
    table = Table(title="Tokens", title_justify="left")
    for name in ("name", "role", "query seconds", "created", "last used", "revoked"):
        table.add_column(name, overflow="fold")
    for token in tokens:
        seconds = "" if token.seconds is None else f"{token.seconds:g}"
        cells = (token.name, token.role, seconds, token.created, token.last_used or "never", token.revoked or "")
        table.add_row(*map(Text, cells))
    _console().print(table)


def print_use_of_token() -> None:
    """Say, beside standard output, what to do with a token that was just printed there."""
    click.echo(
        "This is the token. Keep it now: it is not shown again. To use it:\n"
        "  read -rs CITYKG_TOKEN && export CITYKG_TOKEN    # paste it; nothing is shown\n"
        '  curl -H "Authorization: Bearer $CITYKG_TOKEN" http://127.0.0.1:8000/proposals',
        err=True,
    )


def print_change(told: dict[str, Any]) -> None:
    """Print that a change was made."""
    click.echo(
        f"Change {told['number']}: {told['summary']} ({told['added']} added, {told['removed']} removed). "
        f"The graph is at revision {told['revision']}."
    )


def print_proposal(told: dict[str, Any]) -> None:
    """Print how far a proposal has come, and what was found in it."""
    click.echo(f"Proposal {told['number']} ({told['state']}): {told['summary']}")
    for finding in told.get("findings", ()):
        click.echo(f"  {Fault(**finding)}")


def print_proposals(proposals: list[dict[str, Any]]) -> None:
    """Print a list of proposals."""
    if not proposals:
        click.echo("There are none.")
        return
    table = Table(title="Proposals", title_justify="left")
    names = ("number", "state", "submitted", "proposer", "summary", "reviewer", "reason", "change")
    for name in names:
        table.add_column(name, overflow="fold")
    for told in proposals:
        table.add_row(*(Text(str(told[name] or "")) for name in names))
    _console().print(table)
