"""The commands `citykg token create | list | revoke`, registered under the entry point group `citykg.commands`."""

from __future__ import annotations

from pathlib import Path

import click

from kg import terminal
from kg.cli import data_option, says_what_is_wrong
from kg.desk import Desk
from kg.tokens import Role, Tokens


@click.group()
def token() -> None:
    """Let people propose and make changes, by name and role."""


@token.command()
@click.argument("name")
@click.option(
    "--role",
    envvar="CITYKG_ROLE",
    required=True,
    type=click.Choice([str(role) for role in Role]),
    help="A contributor proposes changes; a curator also makes them and decides on proposals.",
)
@click.option(
    "--seconds",
    envvar="CITYKG_TOKEN_SECONDS",
    type=float,
    help="Seconds that a query with this token may take; otherwise as many as anybody's.",
)
@data_option
@says_what_is_wrong
def create(name: str, role: str, seconds: float | None, data: Path) -> None:
    """Make a token for NAME, which the public history will show, and print it once."""
    click.echo(Tokens(Desk(data)).create(name, Role(role), seconds))
    terminal.print_use_of_token()


@token.command("list")
@data_option
@says_what_is_wrong
def list_tokens(data: Path) -> None:
    """List the tokens, without their secrets."""
    tokens = Tokens(Desk(data)).all()
    if tokens:
        terminal.print_tokens(tokens)
    else:
        click.echo(f"There are no tokens in {data}. Make one: citykg token create alice --role curator")


@token.command()
@click.argument("name")
@data_option
@says_what_is_wrong
def revoke(name: str, data: Path) -> None:
    """Make the token of NAME useless, at once, also for a running server."""
    revoked = Tokens(Desk(data)).revoke(name)
    click.echo(f"The token of {revoked.name} is of no use any more.")
