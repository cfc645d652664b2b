"""The commands `citykg queries running | end`."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli import output
from kg.cli.options import data_option, report_errors
from kg.running import RunningQueries


@click.group()
def queries() -> None:
    """See which queries a running server has had for long, and end one."""


@queries.command()
@data_option
@report_errors
def running(data: Path) -> None:
    """List the queries that have been running for more than 200 ms, the longest first."""
    found = RunningQueries(data).all()
    if found:
        output.print_running(found)
    else:
        click.echo("No query has been running for long.")


@queries.command()
@click.argument("query", metavar="ID")
@data_option
@report_errors
def end(query: str, data: Path) -> None:
    """End the running query ID of the list, whose client gets 503 with the reason."""
    RunningQueries(data).end(query)
    click.echo(f"Query {query} ends in a moment.")
