"""The commands `citykg token create | list | revoke`."""

from __future__ import annotations

from pathlib import Path

import click

from kg.accounts import Database, Role, Tokens
from kg.cli import output
from kg.cli.options import data_option, option, report_errors


@click.group()
def token() -> None:
    """Let people propose and make changes, by name and role."""


@token.command()
@click.argument("name")
@option(
    "role",
    "A contributor proposes changes; a curator also makes them and decides on proposals.",
    required=True,
    type=click.Choice([str(role) for role in Role]),
)
@option(
    "seconds",
    "Seconds that a query with this token may take; otherwise as many as anybody's.",
    envvar="CITYKG_TOKEN_SECONDS",
    type=float,
)
@option(
    "days",
    "Days for which the token is valid, up to 3650; otherwise until it is revoked.",
    envvar="CITYKG_TOKEN_DAYS",
    type=int,
)
@data_option
@report_errors
def create(name: str, role: str, seconds: float | None, days: int | None, data: Path) -> None:
    """Make a token for NAME, which the public history will show, and print it once."""
    click.echo(Tokens(Database(data)).create(name, Role(role), seconds, days))
    output.print_use_of_token(days)


@token.command("list")
@data_option
@report_errors
def list_tokens(data: Path) -> None:
    """List the tokens, without their secrets: until when each is valid, and the day of its last use."""
    database = Database(data)
    tokens = Tokens(database).all()
    if tokens:
        output.print_tokens(tokens, database.now())
    else:
        click.echo(f"There are no tokens in {data}. Make one: citykg token create alice --role curator")


@token.command()
@click.argument("name")
@data_option
@report_errors
def revoke(name: str, data: Path) -> None:
    """Make the token of NAME useless, at once, also for a running server."""
    revoked = Tokens(Database(data)).revoke(name)
    click.echo(f"The token of {revoked.name} is revoked.")
