"""The command `citykg build`, apart from those that read, which need neither rdflib nor pyshacl."""

from __future__ import annotations

from pathlib import Path

import click

from kg.building import build as build_into
from kg.building import check_build
from kg.cli import output
from kg.cli.options import data_option, option, report_errors, showing_progress, works_options
from kg.measures import require_igraph
from kg.rdf.scopes import with_default_works
from kg.store import DataFolder


@click.command()
@works_options
@option("measures", "Compute what `citykg measure` does, too.", "measured", is_flag=True)
@option("check", "Say whether the facts conform, as a build does, and write nothing.", is_flag=True)
@data_option
@report_errors
def build(data: Path, works: tuple[str, ...], measured: bool, check: bool) -> None:
    """Load, validate and infer; write the store and its snapshot.

    The graph holds both reports and what --with, --facts and --measures name, nothing else.
    """
    works = with_default_works(works)
    if check:
        with showing_progress() as progress:
            report = check_build(DataFolder(data), progress, works)
        output.print_remarks(report)
        click.echo("The facts conform. Nothing is written.")
        return
    if measured:
        require_igraph()  # told before the minutes that a build may take
    with showing_progress() as progress:
        summary = build_into(DataFolder(data), progress, works, measured=measured)
    output.print_summary(summary)
