"""The command `citykg work new`."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import option, report_errors
from kg.tables.works import lay_out


@click.group()
def work() -> None:
    """Lay out a work beside the report."""


@work.command()
@click.argument("folder", metavar="NAME", type=click.Path(path_type=Path))
@option("title", "Title of the work.  [default: its name]", default="")
@option("kind", "Its kind, of the vocabulary publication-kind.", default="report", show_default=True)
@report_errors
def new(folder: Path, title: str, kind: str) -> None:
    """Make the folder NAME with tables to fill; it builds as it is.

    The last part of NAME is the name of the work in all addresses.
    """
    for path in lay_out(folder, title, kind):
        click.echo(path)
    click.echo(f"Fill them, and build: citykg build --facts {folder}")
