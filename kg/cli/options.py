"""Shared by commands: options, the reporting of errors, and the display of progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

import click

from kg.errors import CityKgError
from kg.findings import UnreadableError
from kg.rdf.scopes import with_default_works
from kg.shortage import is_shortage

if TYPE_CHECKING:
    from rich.progress import Progress

    from kg.store import DataFolder

P = ParamSpec("P")
Command = TypeVar("Command", bound=Callable[..., Any])


FILE_PATH = click.Path(dir_okay=False, path_type=Path)


def option(name: str, words: str, *declarations: str, **attributes: Any) -> Callable[[Command], Command]:
    """Give a command the option --name, whose value may come from the variable CITYKG_NAME as well."""
    attributes.setdefault("envvar", f"CITYKG_{name.upper().replace('-', '_')}")
    return click.option(*declarations, f"--{name}", help=words, **attributes)


data_option = option(
    "data",
    "Folder of the built graph.",
    default="data",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
)

ENGINE_OPTIONS = {
    "engine_password": ("TEXT", "The password for that; better by the variable, since others may see a command line."),
    "engine_user": ("USER", "Name by which the engine knows us."),
    "engine_graph_store": ("URL", "Address of its Graph Store Protocol, by which it is loaded."),
    "engine_update": ("URL", "Address at which it takes updates."),
}
"""By name the metavariable and help of the options besides --engine; the last comes first in the help."""


def works_options(command: Command) -> Command:
    """Give a command the options --with and --facts; it receives `works`, as `Build.works` names them."""

    @wraps(command)
    def run(*args: Any, shipped: tuple[str, ...], facts: tuple[Path, ...], **kwargs: Any) -> Any:
        works = (*shipped, *(str(path.resolve()) for path in facts))
        return command(*args, works=tuple(dict.fromkeys(works)), **kwargs)

    elsewhere = "Folder of a work from elsewhere, beside both reports; may be repeated. In a variable: colons between."
    here = "Work beside both reports, by its folder in kg/facts; may be repeated. In a variable: spaces between."
    run = option("facts", elsewhere, multiple=True, type=click.Path(path_type=Path))(run)
    return cast(Command, option("with", here, "shipped", multiple=True, metavar="NAME")(run))


def server_option(words: str, *, is_needed: bool = False) -> Callable[[Command], Command]:
    """Give a command the option --server; it receives `server`, None where the command works on the data folder."""
    return option("server", words, metavar="URL", required=is_needed)


def format_option(
    command: str, formats: Sequence[str], words: str, *, default: str = ""
) -> Callable[[Command], Command]:
    """Give a command the option --format, with its first format as the default; it receives `format_name`."""
    return option(
        "format",
        words,
        "format_name",
        envvar=f"CITYKG_{command}_FORMAT",
        default=default or formats[0],
        show_default=True,
        type=click.Choice(formats),
    )


def report_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Turn a foreseen error of a command into its message on standard error and exit code 1 (unreadable: 2)."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CityKgError as error:
            click.echo(str(error), err=True)
            sys.exit(2 if isinstance(error, UnreadableError) else 1)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            if not is_shortage(error):
                raise
            click.echo(f"{error}\nMake room there, and run the command again.", err=True)
            sys.exit(1)

    return run


@contextmanager
def showing_progress() -> Iterator[Callable[[str, int], None]]:
    """Show the steps of long work as a progress bar on a terminal, as plain lines elsewhere."""
    if not sys.stderr.isatty():
        yield lambda step, steps: click.echo(f"{step} …", err=True)
        return
    with _bar() as bar:
        task = bar.add_task("starting …", total=None)
        yield lambda step, steps: bar.update(task, total=steps, description=f"{step} …", advance=1)


def build_with_progress(folder: DataFolder, works: Sequence[str] | None) -> None:
    """Build if needed (kg.building), showing progress and a summary. Raises as a build.

    The graph has the default works, and `works` or, if these are None, those that it had: one that was built before a
    work became a default gets it.
    """
    from kg.building import build_if_needed  # noqa: PLC0415 – most commands build nothing

    current = folder.current()
    named = works if works is not None else current.works if current else ()
    with showing_progress() as progress:
        summary = build_if_needed(folder, progress, with_default_works(named))
    if summary is not None:
        from kg.cli.output import print_summary  # noqa: PLC0415 – tables of rich, which a start without a build spares

        print_summary(summary)


@contextmanager
def showing_rows() -> Iterator[Callable[[int, int | None], None]]:
    """Show the rows done as a progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    with _bar() as bar:
        task = bar.add_task("rows", total=None)
        yield lambda done, of: bar.update(task, total=of, completed=done)


def _bar() -> Progress:
    from rich.console import Console  # noqa: PLC0415 – for a terminal alone
    from rich.progress import Progress  # noqa: PLC0415

    return Progress(console=Console(stderr=True), transient=True)
