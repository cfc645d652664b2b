"""The commands of curators: validate, submit, propose, proposals, accept, refuse, withdraw, revert.

They take the data folder's lock, or act through a running server with --server and the token in CITYKG_TOKEN.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from kg import curating, terminal
from kg.acting import Elsewhere, Here, Place
from kg.cli import data_option, says_what_is_wrong
from kg.curating import RefusedChangeError, Words
from kg.errors import BadValueError, CityKgError
from kg.faults import RefusedSubmissionError
from kg.proposals import State
from kg.remote_gate import RemoteGate
from kg.snapshots import DataFolder
from kg.submissions import Text, UnsupportedTypeError, media_type_of

Command = TypeVar("Command", bound=Callable[..., Any])

_file_path = click.Path(dir_okay=False, path_type=Path)
graph_option = click.option(
    "--graph",
    envvar="CITYKG_CURATED_GRAPH",
    default=curating.DRAFT,
    show_default=True,
    help="The graph that triples are for.",
)
removed_option = click.option(
    "--removed", envvar="CITYKG_REMOVED", type=_file_path, help="File with what is to be removed."
)
acknowledge_option = click.option(
    "--acknowledge", envvar="CITYKG_ACKNOWLEDGE", is_flag=True, help="Say that you have seen the warnings."
)


def place_options(command: Command) -> Command:
    """Give a command the options that say where it acts, and by whom; it receives `place`."""
    command = click.option(
        "--server",
        envvar="CITYKG_SERVER",
        metavar="URL",
        help="Act through this server, with the token in CITYKG_TOKEN.",
    )(command)
    return click.option(
        "--as",
        "person",
        envvar="CITYKG_AS",
        help="Your name in the history; else the one of your login. A server goes by the token.",
    )(data_option(command))


def words_options(command: Command) -> Command:
    """Give a command the options that say what a change is, and why."""
    for option in (
        acknowledge_option,
        graph_option,
        click.option("--source", envvar="CITYKG_SOURCE", required=True, help="IRI of the source."),
        click.option("--summary", envvar="CITYKG_SUMMARY", required=True, help="Why, in a sentence."),
        removed_option,
        click.argument("file", required=False, type=_file_path),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("files", nargs=-1, type=_file_path)
@removed_option
@graph_option
@click.option(
    "--format",
    "format_name",
    envvar="CITYKG_VALIDATE_FORMAT",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json", "ttl"]),
    help="Format of the report.",
)
@place_options
@says_what_is_wrong
def validate(files: tuple[Path, ...], removed: Path | None, graph: str, format_name: str, **where: Any) -> None:
    """Say what a change would do to the graph. Exit 0: conforms, 1: does not, 2: unreadable."""
    try:
        found = _place(**where).judge({str(file): _texts(file, None) for file in files}, _texts(None, removed), graph)
    except (RefusedSubmissionError, UnsupportedTypeError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    written = {"text": lambda: found.as_text().encode(), "json": found.as_json, "ttl": found.as_turtle}
    sys.stdout.buffer.write(written[format_name]())
    sys.exit(0 if found.conforms else 1)


@click.command()
@words_options
@place_options
@says_what_is_wrong
def submit(
    *, file: Path | None, removed: Path | None, summary: str, source: str, graph: str, acknowledge: bool, **where: Any
) -> None:
    """Make a change: add what FILE says, and take away what --removed says."""
    words = Words.checked(summary, source, acknowledge)
    with _findings_shown():
        terminal.print_change(_place(**where).submit(_some_texts(file, removed), graph, words))


@click.command()
@words_options
@place_options
@says_what_is_wrong
def propose(
    *, file: Path | None, removed: Path | None, summary: str, source: str, graph: str, acknowledge: bool, **where: Any
) -> None:
    """Propose a change, for a curator to accept or refuse."""
    words = Words.checked(summary, source, acknowledge)
    with _findings_shown():
        terminal.print_proposal(_place(**where).propose(_some_texts(file, removed), graph, words))


@click.command()
@click.option(
    "--state",
    envvar="CITYKG_STATE",
    type=click.Choice([str(state) for state in State]),
    help="Only those in this state.",
)
@place_options
@says_what_is_wrong
def proposals(state: str | None, **where: Any) -> None:
    """List the latest proposals."""
    terminal.print_proposals(_place(**where).proposals(state or ""))


@click.command()
@click.argument("number", type=int)
@acknowledge_option
@place_options
@says_what_is_wrong
def accept(number: int, acknowledge: bool, **where: Any) -> None:
    """Make the change that proposal NUMBER wants, if it still conforms."""
    with _findings_shown():
        terminal.print_change(_place(**where).accept(number, acknowledge))


@click.command()
@click.argument("number", type=int)
@click.option("--reason", envvar="CITYKG_REASON", required=True, help="What the proposer should know.")
@place_options
@says_what_is_wrong
def refuse(number: int, reason: str, **where: Any) -> None:
    """Refuse proposal NUMBER."""
    terminal.print_proposal(_place(**where).refuse(number, reason))


@click.command()
@click.argument("number", type=int)
@click.option("--reason", envvar="CITYKG_REASON", default="", help="What reviewers should know.")
@place_options
@says_what_is_wrong
def withdraw(number: int, reason: str, **where: Any) -> None:
    """Take back proposal NUMBER, which is your own."""
    terminal.print_proposal(_place(**where).withdraw(number, reason))


@click.command()
@click.argument("number", type=int)
@click.option("--summary", envvar="CITYKG_SUMMARY", default="", help="Why, in a sentence.")
@acknowledge_option
@place_options
@says_what_is_wrong
def revert(number: int, summary: str, acknowledge: bool, **where: Any) -> None:
    """Take change NUMBER back by another one."""
    with _findings_shown():
        told = _place(**where).revert(number, summary or f"Undo change {number}", acknowledge)
        terminal.print_change(told)


def _place(person: str | None, server: str | None, data: Path) -> Place:
    if server is None:
        return Here(DataFolder(data), person or getpass.getuser(), _say)
    return Elsewhere(RemoteGate(server, os.environ.get("CITYKG_TOKEN", "")))


def _say(step: str) -> None:
    click.echo(f"{step} …", err=True)


def _some_texts(file: Path | None, removed: Path | None) -> dict[str, Text]:
    texts = _texts(file, removed)
    if not texts:
        raise BadValueError("There is nothing to change.", "Name a FILE, or a file with --removed.")
    return texts


def _texts(file: Path | None, removed: Path | None) -> dict[str, Text]:
    named = {"added": file, "removed": removed}
    return {name: Text(_bytes_of(path), media_type_of(path)) for name, path in named.items() if path is not None}


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CityKgError(f"{path} cannot be read: {error.strerror}.", "Name a file that you may read.") from error


@contextmanager
def _findings_shown() -> Iterator[None]:
    """Show what was found in a change that was refused."""
    try:
        yield
    except RefusedChangeError as error:
        click.echo(error.judgement.as_text(), nl=False)
        raise
